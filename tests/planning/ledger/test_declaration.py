"""A situation in TOML: what it says, and what is refused."""

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.planning.ledger.declaration import declared, read
from nextflop.planning.ledger.spend import budget

FULL = """
budget = "$50k"
trainer = "python train.py --params {params} --tokens {tokens}"

[compute]
chip = "H100"
mfu = 0.4
dollars_per_hour = 2.0

[[data]]
name = "web"
tokens = "25B"
domain = "prose"
quality = 0.9
origin = "own crawl"
date = "2026-09-01"

[[data]]
name = "books"
kind = "licensed"
tokens = "100B"
dollars_per_million = 1.0

[[data]]
name = "rephrased"
kind = "synthetic"
made_from = "web"
dollars_per_million = 0.06
saturation = 8
share = 0.3

[use]
queries = "100M"

[limits]
latency_ms = 10
most_epochs = 16

[[law]]
family = "chinchilla"
name = "ours"
values = { E = 1.8, A = 482, B = 2085, alpha = 0.35, beta = 0.37 }
weight = 2
"""


def test_everything_that_is_said_is_heard() -> None:
    said = declared(tomllib.loads(FULL))
    given = said.situation
    hour = 989.4e12 * 0.4 * 3600  # FLOP of an H100 at 40% of its bf16 peak
    assert given.flop == pytest.approx(50e3 / 2 * hour, rel=1e-3)
    assert given.flop_price == pytest.approx(2 / hour, rel=1e-3)
    assert [source.kind for source in given.sources] == ["owned", "licensed", "synthetic"]
    assert given.sources[1].price == pytest.approx(1e-6)
    assert given.use.tokens == pytest.approx(1e11)
    # 3.35 TB/s for 10 ms, two bytes a parameter.
    assert given.limits.largest == pytest.approx(3.35e12 * 0.01 / 2, rel=0.01)
    assert "10 ms a token" in given.limits.why["most_params"]
    assert {one.name: one.date for one in given.assumptions}["text: web"] == "2026-09-01"
    assert said.laws[0].weight == 2
    assert said.laws[0].constants.law.values["B"] == 2085
    assert said.trainer.startswith("python train.py")


def test_the_largest_model_is_what_time_memory_and_the_limit_allow() -> None:
    def largest(**limits: object) -> float:
        return declared({"budget": "1k H100-hours", "limits": limits}).situation.limits.largest

    assert largest(serving_chips=2, bytes_per_param=1) == pytest.approx(2 * 80e9, rel=0.1)
    assert largest(serving_chips=2, bytes_per_param=1, latency_ms=1e4) == largest(serving_chips=2, bytes_per_param=1)
    assert largest(latency_ms=10, most_params="1B") == 1e9
    assert largest(latency_ms=10, most_params="1T") == largest(latency_ms=10)
    with pytest.raises(InputError, match="bytes_per_param goes with"):
        largest(bytes_per_param=1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("$50k", "$0"), "not positive"),
        (("$50k", "-3e22"), "not positive"),
        (("$50k", "lots"), "is not an amount"),
        (('tokens = "25B"', 'tokens = "-25B"'), "tokens = -2.5e+10"),
        (('tokens = "25B"', 'tokns = "25B"'), "did you mean 'tokens'"),
        (("dollars_per_million = 1.0", "dollars_per_million = 0"), "costs nothing"),
        (("dollars_per_hour = 2.0", "dollars_per_hour = 0"), ""),
        (('chip = "H100"', 'chip = "H1000"'), "H100"),
        (("mfu = 0.4", "mfu = 1.4"), "no share of a peak"),
        (("latency_ms = 10", "latency_ms = 0"), "not positive"),
        (("most_epochs = 16", "most_epochs = 0.2"), "every token is seen once"),
        (("most_epochs = 16", "most_epochs = 0"), "every token is seen once"),
        (("{params}", "{nonsense}"), "setting of a run for the trainer 'nonsense': choose one of epochs, params"),
        (("{params}", "{param}"), "did you mean 'params'? Choose one of epochs, params, tokens, unique_tokens."),
        (("{params}", "{params:d}"), "has {params:d}, and a setting is filled in as it is: write {params}."),
        (("{params}", "{ params }"), "write {params}."),
        (("latency_ms = 10", "latency_ms = 10\nfewest_params = 1e12"), "contradict each other"),
        (('date = "2026-09-01"', 'date = "yesterday"'), "is not a date"),
        (("beta = 0.37", "betta = 0.37"), "give E, A, B, alpha, beta"),
        (('family = "chinchilla"', 'family = "chinchila"'), "did you mean"),
        (('made_from = "web"', 'made_from = "wb"'), "owned source that 'rephrased' is made from"),
        (('made_from = "web"', 'made_from = "books"'), "is made from 'books': choose one of web."),
        (("[use]\nqueries", "[[use]]\nqueries"), "is no table"),
    ],
)
def test_one_wrong_word_is_one_clear_sentence(change: tuple[str, str], says: str) -> None:
    assert change[0] in FULL
    with pytest.raises(InputError) as refused:
        declared(tomllib.loads(FULL.replace(*change)))
    assert says in str(refused.value)


def test_braces_that_are_no_settings_are_left_to_the_shell() -> None:
    said = """${HOME}/train '{"lr": 3e-4}' {a,b} --params {params} --epochs {epochs}"""
    assert declared({"budget": "1e22", "trainer": said}).trainer == said


def test_a_budget_in_money_needs_a_chip_and_a_deadline_may_be_tighter_than_the_budget() -> None:
    with pytest.raises(InputError, match="needs a chip"):
        declared({"budget": "$5M"})
    compute = {"chip": "H100", "mfu": 0.4, "dollars_per_hour": 2.0}
    late = declared({"budget": "$5M", "compute": compute, "limits": {"chips": 64, "deadline_days": 10}}).situation
    assert (late.budget, late.unit) == (5e6, "USD")  # money is not cut by time, for it buys text and serves too
    assert late.training == late.limits.most_training == pytest.approx(64 * 240 * 989.4e12 * 0.4 * 3600, rel=1e-3)
    assert "in 10 days" in late.limits.why["most_training"]
    with pytest.raises(InputError, match="needs the number of chips"):
        declared({"budget": "$5M", "compute": compute, "limits": {"deadline_days": 10}})


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("1e22", 1e22, "FLOP"),
        ("1e22 FLOP", 1e22, "FLOP"),
        ("$5M", 5e6, "USD"),
        ("5M USD", 5e6, "USD"),
        ("100k hours", 1e5, "chip-hours"),
        ("100k chip-hours", 1e5, "chip-hours"),
        ("2.5M H100-hours", 2.5e6, "chip-hours"),
        ("2^20 H100 SXM hours", 2.0**20, "chip-hours"),
    ],
)
def test_a_budget_is_read_as_people_write_it(text: str, amount: float, unit: str) -> None:
    assert budget(text)[:2] == (amount, unit)


def test_hours_of_a_chip_name_the_chip() -> None:
    named = declared({"budget": "1k H100-hours"})
    assert named.rate is not None
    assert named.rate.chip.name.startswith("H100")
    with pytest.raises(InputError, match="hours of A100 and the chip is H100"):
        declared({"budget": "1k A100-hours", "compute": {"chip": "H100"}})


@given(st.text(max_size=20))
def test_no_text_makes_a_budget_crash(text: str) -> None:
    with contextlib.suppress(InputError):
        assert budget(text).amount > 0


def test_a_file_that_is_none_or_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("budget = ")
    with pytest.raises(InputError, match="is no TOML"):
        read(tmp_path / "bad.toml")
