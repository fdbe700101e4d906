"""Serving: counts against sums taken token by token, the two roofs, and what must rise and fall with what."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from nextflop.errors import InputError
from nextflop.outlook.cost.serving import Machine, Transformer, kinetics
from nextflop.prices import chip

LLAMA_70B = Transformer(70e9, 80, 8192, shared=8)
H100S = Machine(chip("H100"), 8)


def test_the_cache_of_llama_70b_is_a_third_of_a_megabyte_a_token() -> None:
    assert LLAMA_70B.cache_bytes == 2 * 80 * 1024 * 2  # 8 heads of 128 numbers, keys and values, two bytes


def test_attention_of_a_token_is_counted_head_by_head() -> None:
    heads, depth, context = 64, 128, 1000
    by_head = 80 * heads * (2 * depth * context + 2 * context * depth)
    assert LLAMA_70B.decode_flop(context) == 2 * 70e9 + by_head


def test_reading_a_prompt_is_writing_it_token_by_token() -> None:
    by_token = sum(LLAMA_70B.decode_flop(place + 0.5) for place in range(512))
    assert LLAMA_70B.prompt_flop(512) == pytest.approx(by_token)


def test_a_single_sequence_waits_for_the_weights() -> None:
    point = H100S.decode(LLAMA_70B, 1.0, np.array([1.0]))
    assert point.memory[0] == 1.0
    assert point.compute[0] < 0.01
    assert point.seconds[0] == pytest.approx(140e9 / (8 * 3350e9), rel=1e-3)  # 5.2 ms a token


def test_without_a_cache_the_roofs_meet_at_the_intensity_of_the_chip() -> None:
    bare = Transformer(70e9, 1, 1)
    peak, speed = chip("H100").peak("bf16"), chip("H100").bandwidth
    point = H100S.decode(bare, 1e-9, np.array([peak / speed]))  # FLOP a byte of weights = batch, in two-byte numbers
    assert point.compute[0] == pytest.approx(1)
    assert point.memory[0] == pytest.approx(1)


@given(
    st.floats(1e9, 1e12),
    st.integers(10, 150),
    st.integers(512, 20000),
    st.floats(100, 1e5),
    st.sampled_from([1.0, 8.0]),
)
def test_larger_batches_wait_longer_and_bring_more(
    params: float, layers: int, width: int, context: float, shared: float
) -> None:
    model = Transformer(params, float(layers), float(width), shared=shared)
    point = Machine(chip("H200"), 64).decode(model, context, np.geomspace(1, 1e4, 30))
    assert (np.diff(point.seconds) >= -1e-12 * point.seconds[1:]).all()
    assert (np.diff(point.tokens_per_second) >= -1e-9 * point.tokens_per_second[1:]).all()
    assert (np.maximum(point.compute, point.memory) == 1).all()


@given(st.floats(0.006, 0.5))
def test_the_batch_within_a_latency_is_the_largest_that_is(latency: float) -> None:
    batch = H100S.within(LLAMA_70B, 4096, latency)
    at, above = H100S.decode(LLAMA_70B, 4096, np.array([batch, batch + 1])).seconds
    assert at <= latency
    assert above > latency or batch == H100S.largest_batch(LLAMA_70B, 4096)


def test_a_latency_that_not_even_one_sequence_keeps_is_refused() -> None:
    with pytest.raises(InputError, match=r"5\.27 ms on 8 H100 SXM even for a single sequence"):
        H100S.within(LLAMA_70B, 4096, 0.005)


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(InputError, match="take 2 or more"):
        Machine(chip("H100"), 1).largest_batch(LLAMA_70B, 4096)
    assert H100S.largest_batch(LLAMA_70B, 4096) == np.floor((640e9 - 140e9) / (327680 * 4096))


def test_experts_are_read_by_those_tokens_that_ask_for_them() -> None:
    deepseek = Transformer(671e9, 61, 7168, active=37e9, weights="fp8", cache="bf16")
    assert deepseek.decode_flop(0) == 74e9
    assert deepseek.read_bytes(1) == pytest.approx(37e9)
    assert deepseek.read_bytes(1000) == pytest.approx(671e9)


def test_kinetics_is_a_sum_over_the_tokens_of_every_trial() -> None:
    params, cache, shared, trials, prompt, output, intensity = 8e9, 2 * 32 * 1024, 4.0, 16, 500, 2000, 562.5
    flop = traffic = 0.0
    for place in range(output):
        own = place + 0.5
        flop += trials * (2 * params + 2 * shared * cache * (prompt + own))
        traffic += 2 * cache * (prompt + trials * own)  # two bytes a number; the prompt once for all trials
    told = kinetics(params, cache, shared, trials, prompt, output, intensity)
    assert told == pytest.approx(flop + intensity * traffic, rel=1e-9)


def test_the_intensity_that_kinetics_gives_for_b200_is_that_of_its_record() -> None:
    assert chip("B200").peak("fp8") / chip("B200").bandwidth == 562.5


def test_a_small_model_looks_too_good_where_traffic_is_ignored() -> None:
    def dear(params: float, width: float, layers: float, intensity: float) -> float:
        return kinetics(params, 2 * layers * 1024, width / 1024, 32, 1000, 16000, intensity)

    without = dear(14e9, 5120, 40, 0.0) / dear(0.6e9, 1024, 28, 0.0)
    within = dear(14e9, 5120, 40, 562.5) / dear(0.6e9, 1024, 28, 562.5)
    assert within < without / 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"params": 0.0}, "number of parameters"),
        ({"width": -1.0}, "width"),
        ({"active": 1e12}, "active ones cannot be"),
        ({"weights": "fp7"}, "no number format"),
    ],
)
def test_a_model_that_cannot_be_is_refused(fields: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Transformer(**{"params": 70e9, "layers": 80.0, "width": 8192.0, **fields})


def test_a_machine_that_cannot_be_is_refused() -> None:
    for wrong in ({"chips": 0.0}, {"reach": 0.0}, {"reach": 1.5}):
        with pytest.raises(InputError):
            Machine(chip("H100"), **{"chips": 8.0, **wrong})
    with pytest.raises(InputError, match="no peak for fp8"):
        Machine(chip("A100"), 8).decode(Transformer(7e9, 32, 4096, weights="fp8"), 1000, np.array([1.0]))
