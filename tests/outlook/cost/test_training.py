"""The three methods: the published formula and case, and what must follow from what."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from nextflop.errors import InputError
from nextflop.outlook.cost import cost
from nextflop.outlook.cost.amortised import acquisition, energy_per_hour, hardware_per_hour
from nextflop.outlook.cost.draws import between, interval
from nextflop.prices import MFU, Price, measured, price
from nextflop.prices import chip as find_chip

LLAMA = {  # arXiv:2407.21783, and the public table: 16,384 H100, 2,142 hours until 2024-07-23
    "chip_hours": 16384 * 2142.0,
    "flop": 3.8e25,
    "chips": 16384,
    "at": "2024-04-25",  # ninety days before it was published
    "bought": "2022-12-19",  # ninety days after H100
    "electricity": 0.0771,
    "pue": 1.1,
}


def test_the_published_formula_in_its_own_words() -> None:
    # Cottier et al.: P(0) · 10^(-0.14 age) · 0.14 · ln 10 / 8766 · (1 + 0.19/0.81).
    ours = hardware_per_hour(40000.0, 1.5)
    assert ours == pytest.approx(40000 * 10 ** (-0.14 * 1.5) * 0.14 * math.log(10) / 8766 * (1 + 0.19 / 0.81))
    assert energy_per_hour(1.275, 0.75, 1.1, 0.0771) == pytest.approx(0.0811, rel=1e-3)
    assert acquisition(41000.0, 16384) == pytest.approx(41000 * 16384 / 0.81)


def test_an_owned_chip_wears_away_to_nothing_and_not_further() -> None:
    hours = np.arange(0.0, 200.0) * 8766
    worn = np.trapezoid(hardware_per_hour(1.0, hours / 8766, network=0.0), hours)
    assert worn == pytest.approx(1.0, rel=2e-2)


@pytest.mark.parametrize(("dollars", "million"), [(33750.0, 38.8), (49000.0, 55.3)])
def test_llama_405b_by_the_published_formula(dollars: float, million: float) -> None:
    # To 4%: the ends were evaluated with another day of purchase, forty days later, which nobody printed.
    ours = cost(**LLAMA, purchase=dollars).training.method("amortised").dollars
    assert ours.value / 1e6 == pytest.approx(million, rel=0.04)
    later = cost(**{**LLAMA, "bought": "2023-01-28"}, purchase=dollars).training.method("amortised").dollars
    assert later.value / 1e6 == pytest.approx(million, rel=0.003)


def test_llama_405b_lies_inside_the_published_range() -> None:
    record = Price(
        "H100 SXM",
        41000.0,
        "USD",
        "chip in a server",
        "purchase",
        "2022-12-19",
        "between the two",
        low=33750,
        high=49000,
    )
    dollars = cost(**LLAMA, purchase=record).training.method("amortised").dollars
    assert 38.8e6 < dollars.value < 55.3e6
    # Epoch's own figure, which the formula must be able to give.
    assert dollars.low < 51.0e6 < dollars.high


def test_the_snapshot_prices_llama_405b_as_the_public_table_does() -> None:
    # $51.0M amortised, $896M to buy, in Cottier et al.'s table; nothing but hours and days is told here.
    told = {name: LLAMA[name] for name in ("chip_hours", "flop", "chips", "at", "bought")}
    found = cost(**told).training
    assert found.method("amortised").dollars.value == pytest.approx(51.0e6, rel=0.06)
    assert found.method("acquisition").dollars.value == pytest.approx(896e6, rel=0.01)


def test_the_rents_of_the_public_table_are_of_three_years_at_one_cloud() -> None:
    quote = price("H100", at="2025-03-31", commitment="3y", provider="Google Cloud")
    found = cost(chip_hours=LLAMA["chip_hours"], dollars_per_hour=quote.price).training
    assert found.method("cloud").dollars.value == pytest.approx(169.8e6, rel=0.01)  # for Llama 3.1-405B


def test_the_hours_that_were_paid_give_the_share_that_was_reached() -> None:
    found = cost(**LLAMA, purchase=41000.0).training
    assert found.mfu == measured(3.8e25, find_chip("H100"), 16384 * 2142.0)
    assert found.days == pytest.approx(2142 / 24)
    assert found.chip_hours == (
        16384 * 2142.0,
        pytest.approx(float("nan"), nan_ok=True),
        pytest.approx(float("nan"), nan_ok=True),
    )


def test_1e21_flop_on_h100_and_deepseek_v3() -> None:
    small = cost(flop=1e21, mfu=0.4, dollars_per_hour=2).training
    assert small.chip_hours.value == pytest.approx(702, rel=0.01)
    assert small.method("cloud").dollars.value == pytest.approx(1404, rel=0.01)
    deepseek = cost(chip_hours=2.788e6, chip="H800", dollars_per_hour=2).training
    assert deepseek.method("cloud").dollars.value == 5.576e6
    assert deepseek.mfu is None  # no FLOP, no share


def test_parameters_and_tokens_are_6nd() -> None:
    by_size = cost(params="405B", tokens="15.6T", mfu=0.4).training
    by_flop = cost(flop=6 * 405e9 * 15.6e12, mfu=0.4).training
    assert by_size.chip_hours == by_flop.chip_hours
    assert by_size.work.told == "6ND"


def test_the_shares_of_hardware_energy_and_staff_are_those_of_cottier() -> None:
    found = cost(**LLAMA, purchase=41000.0).training
    assert sum(part.value for part in found.shares.values()) == pytest.approx(1)
    for name, low, high in (("hardware", 0.47, 0.67), ("staff", 0.29, 0.49), ("energy", 0.02, 0.06)):
        assert low <= found.shares[name].value <= high, name
    assert found.whole.value == pytest.approx(
        found.method("amortised").dollars.value / (1 - found.shares["staff"].value)
    )


def test_the_development_multiplies_and_is_said_where_it_is_not() -> None:
    final = cost(flop=1e24, mfu=0.4)
    whole = cost(flop=1e24, mfu=0.4, development=10)
    assert whole.training.whole.value == pytest.approx(10 * final.training.whole.value)
    assert any("10%" in text for text in final.assumptions)
    assert not any("10%" in text for text in whole.assumptions)


def test_where_something_is_not_known_the_method_says_what() -> None:
    b200 = cost(flop=1e24, chip="B200", mfu=0.4, dollars_per_hour=5).training
    assert b200.method("amortised").dollars.value > 0  # the table has a price of a DGX B200
    assert math.isnan(b200.method("acquisition").dollars.value)
    assert "number of chips" in b200.method("acquisition").said
    b300 = cost(flop=1e24, chip="B300", mfu=0.4, purchase=50000).training
    assert "not public" in b300.method("amortised").said
    gaudi = cost(flop=1e24, chip="Gaudi2", mfu=0.4).training
    assert [math.isnan(method.dollars.value) for method in gaudi.methods] == [True, True, True]
    assert "no price of a chip-hour of Gaudi2" in gaudi.method("cloud").said
    assert math.isnan(gaudi.whole.value)


def test_an_unknown_share_makes_an_interval_and_a_known_one_none() -> None:
    assumed = cost(flop=1e24, dollars_per_hour=2).training
    assert assumed.mfu.assumed
    assert assumed.chip_hours.low < assumed.chip_hours.value < assumed.chip_hours.high
    told = cost(flop=1e24, dollars_per_hour=2, mfu=0.375).training
    assert told.chip_hours.value == pytest.approx(assumed.chip_hours.value)
    assert math.isnan(told.chip_hours.low)


def test_the_four_fields_of_the_share_count() -> None:
    base = cost(flop=1e24, mfu=MFU(0.3)).training.chip_hours.value
    assert cost(flop=1e24, mfu=MFU(0.3, goodput=0.5)).training.chip_hours.value == pytest.approx(2 * base)
    assert cost(flop=1e24, mfu=MFU(0.3, "fp8")).training.chip_hours.value == pytest.approx(base / 2, rel=1e-3)
    assert cost(flop=1e24, mfu=MFU(0.3, sparse=True)).training.chip_hours.value == pytest.approx(base / 2)
    with pytest.raises(InputError, match="hardware FLOP"):
        cost(flop=1e24, mfu=MFU(0.3, counted="hardware"))


@given(st.floats(1e18, 1e27), st.floats(1.01, 100))
def test_more_work_costs_more_by_every_method(flop: float, times: float) -> None:
    one, more = (cost(flop=work, mfu=0.4, days=30, draws=10).training for work in (flop, flop * times))
    for before, after in zip(one.methods, more.methods, strict=True):
        assert after.dollars.value == pytest.approx(times * before.dollars.value)


def test_draws_hold_the_share_between_the_ends_that_was_asked() -> None:
    values = between(np.random.default_rng(0), 200_000, 3.0, 2.0, 7.0)
    assert values[0] == 3.0
    assert np.mean(values[1:] < 2.0) == pytest.approx(0.05, abs=0.002)
    assert np.mean(values[1:] > 7.0) == pytest.approx(0.05, abs=0.002)
    assert np.median(values[1:]) == pytest.approx(3.0, rel=0.01)
    told = interval(values, 0.9)
    assert (told.value, told.low, told.high) == (3.0, pytest.approx(2.0, rel=0.02), pytest.approx(7.0, rel=0.02))


def test_the_same_seed_gives_the_same_cost() -> None:
    first, same, other = (cost(flop=1e24, seed=seed).training.whole for seed in (1, 1, 2))
    assert first == same
    assert first != other
    assert first.value == other.value
