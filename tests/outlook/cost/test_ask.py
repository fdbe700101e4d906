"""One question, one answer: what is refused, what is recorded, and what stands beside what."""

import dataclasses
import json
import math
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn

import nextflop as nf
from nextflop.errors import InputError
from nextflop.evidence.files import to_json
from nextflop.outlook.cost import Serve, Transformer, cost
from nextflop.outlook.cost.text import generated, texts, written
from nextflop.prices import Price, given

LLAMA_70B = Transformer(70e9, 80, 8192, shared=8, weights="fp8", cache="fp8")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "nothing to price"),
        ({"flop": -1e21}, "not positive"),
        ({"flop": 0}, "not positive"),
        ({"params": 7e9, "tokens": -1}, "number of tokens"),
        ({"tokens": 1e12}, "Tokens alone"),
        ({"flop": 1e21, "params": 7e9, "tokens": 1e12}, "given twice"),
        ({"flop": 1e21, "chip": "H101"}, "did you mean 'H100 SXM'"),
        ({"flop": 1e21, "mfu": 1.2}, "no share of a peak"),
        ({"flop": 1e21, "dollars_per_hour": 0}, "above 0"),
        ({"flop": 1e21, "electricity": 0.0}, "above 0"),
        ({"flop": 1e21, "development": 0.5}, "development multiple"),
        ({"flop": 1e21, "staff": 1.0}, "share of staff"),
        ({"flop": 1e21, "pue": 0.9}, "PUE"),
        ({"flop": 1e21, "chips": -8}, "number of chips"),
        ({"flop": 1e21, "level": 1.0}, "level"),
        ({"flop": 1e21, "at": "soon"}, "not a date"),
        ({"flop": 1e21, "at": "2024-01-01", "bought": "2025-01-01"}, "bought after the run began"),
        ({"flop": 1e21, "mfu": 0.4, "chips": 8, "days": 100}, "only one of the two"),
        ({"flop": 1e21, "chip": "TPU v7"}, "no 16-bit peak"),
        ({"chip_hours": 1.0, "flop": 1e21}, "times its bf16 peak"),
        ({"text_tokens": 0}, "tokens of text"),
        ({"flop": 1e21, "dollars_per_hour": Price("H100", 9.0, "USD", "kWh", "list", "2025", "x")}, "wanted per"),
    ],
)
def test_what_cannot_be_priced_is_one_sentence(asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        cost(**asked)


def test_every_price_that_was_used_is_in_the_answer_with_its_source_and_date() -> None:
    found = cost(flop=3.8e25, chips=16384, at="2026-11-25")
    told = json.loads(to_json(found.to_json()))
    assert {record["unit"] for record in told["records"]} == {"chip-hour", "chip in a server", "kWh"}
    for record in told["records"]:
        assert record["source"]
        assert record["date"]
        assert record["currency"] == "USD"
    assert told["chip"]["peaks"]["bf16"] == 989.4e12
    assert told["at"] == "2026-11-25"
    assert told["training"]["mfu"]["assumed"] is True


def test_a_price_file_goes_before_the_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(
        "item,value,currency,unit,commitment,date,source\nH100,1.75,USD,chip-hour,on-demand,2026-10-01,contract 7\n"
    )
    found = cost(flop=1e21, mfu=0.4, prices=path)
    assert found.training.method("cloud").dollars.value == pytest.approx(1.75 * 701.9, rel=1e-3)
    assert found.records[-1].source == "contract 7"


def test_serving_is_priced_at_a_batch_and_a_latency() -> None:
    slow = cost(serve=Serve(LLAMA_70B, chips=4), dollars_per_hour=2).served
    fast = cost(serve=Serve(LLAMA_70B, chips=4, latency=0.01), dollars_per_hour=2).served
    assert float(fast.point.seconds[0]) <= 0.01 < float(slow.point.seconds[0])
    assert fast.out.value > slow.out.value > slow.by_flop.value
    # Seconds of four chips, by hand.
    second = 4 * 2 / 3600
    assert fast.out.value == pytest.approx(second * float(fast.point.seconds[0]) / fast.serve.batch * 1e6)
    half = cost(serve=Serve(LLAMA_70B, chips=4, latency=0.01, busy=0.5), dollars_per_hour=2).served
    assert half.out.value == pytest.approx(2 * fast.out.value)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@drawn(st.floats(0.006, 0.2), st.floats(1.0, 10.0), st.floats(0.2, 1.0))
def test_a_looser_latency_and_busier_machines_never_cost_more(latency: float, looser: float, busy: float) -> None:
    def out(latency: float, busy: float) -> float:
        serve = Serve(LLAMA_70B, chips=4, latency=latency, busy=busy)
        return cost(serve=serve, dollars_per_hour=2, draws=0).served.out.value

    assert out(latency * looser, busy) <= out(latency, busy) * (1 + 1e-12)
    assert out(latency, 1.0) <= out(latency, busy)


def test_flop_with_parameters_tell_the_tokens() -> None:
    serve = Serve(Transformer(13e9, 40, 5120), written=2e12)
    by_flop = cost(flop=6 * 13e9 * 5.78e11, params=13e9, mfu=0.4, dollars_per_hour=2, serve=serve)
    by_tokens = cost(params=13e9, tokens=5.78e11, mfu=0.4, dollars_per_hour=2, serve=serve)
    assert by_flop.life.best.params.value == pytest.approx(by_tokens.life.best.params.value)


def test_reading_is_cheaper_than_writing_in_small_batches() -> None:
    found = cost(serve=Serve(LLAMA_70B, chips=4, batch=8), dollars_per_hour=2).served
    assert found.into.value < found.out.value / 5
    assert found.bound == "memory"


def test_the_life_of_a_model_stands_beside_the_cheapest_of_its_quality() -> None:
    serve = Serve(Transformer(13e9, 40, 5120), written=5e11, read=1.5e12)
    found = cost(params=13e9, tokens=5.78e11, mfu=0.4, dollars_per_hour=2, serve=serve, constants="hoffmann")
    assert found.life.best.saving.value == pytest.approx(0.174, abs=0.005)  # 13B and 2T tokens, Sardana & Frankle
    assert found.life.excess == pytest.approx(1 / (1 - 0.174) - 1, abs=0.01)
    assert found.life.best.law["name"] == "hoffmann"
    assert found.life_paid.best.serving_price > 1  # a FLOP of serving is dearer: it waits for memory
    assert found.life_paid.best.params.value < found.life.best.params.value
    assert found.served.life.value == pytest.approx(
        (5e11 * found.served.out.value + 1.5e12 * found.served.into.value) / 1e6
    )


def test_a_batch_that_does_not_fit_or_is_too_slow_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        cost(serve=Serve(LLAMA_70B, chips=4, batch=1e6))
    with pytest.raises(InputError, match="too slow"):
        cost(serve=Serve(LLAMA_70B, chips=4, batch=300, latency=0.01))
    with pytest.raises(InputError, match="0 or more"):
        Serve(LLAMA_70B, written=-1.0)
    with pytest.raises(InputError, match="above 0"):
        Serve(LLAMA_70B, latency=0.0)


def test_a_query_of_many_trials_is_mostly_traffic() -> None:
    found = cost(serve=Serve(Transformer(0.6e9, 28, 1024), trials=32, output=16000)).served
    flop, traffic = found.query
    assert flop > 2 * 0.6e9 * 32 * 16000
    assert traffic > 0.9
    assert math.isnan(cost(serve=Serve(LLAMA_70B)).served.query[0])


def test_synthetic_text_costs_six_cents_and_human_writing_six_thousand_dollars() -> None:
    assert generated(612 * 24, 486e9, 2.0) == pytest.approx(0.060, rel=0.01)
    assert written() == 6250.0
    kinds = {one.kind: one for one in texts(2.0, 1e9, given("licensed text", 40, "million tokens of text", "list"))}
    assert kinds["synthetic"].dollars == pytest.approx(60.4, rel=0.01)
    assert kinds["licensed"].dollars == 40_000
    assert kinds["human writing"].dollars == 6.25e6
    with pytest.raises(InputError, match="million tokens of text"):
        texts(2.0, 1e9, given("licensed text", 40, "kWh", "list"))


def test_text_is_priced_by_the_hour_that_is_paid() -> None:
    found = cost(text_tokens="1T", licensed=25, dollars_per_hour=4)
    assert [one.kind for one in found.texts] == ["synthetic", "licensed", "human writing"]
    assert found.texts[0].per_million == pytest.approx(0.121, rel=0.01)
    assert found.texts[1].dollars == 25e6
    assert found.training is None


def test_the_public_name_is_this_function_and_its_answer_is_frozen() -> None:
    found = nf.cost(flop=1e21, draws=0)
    assert isinstance(found, nf.Cost)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.level = 0.5
