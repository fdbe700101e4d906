"""Hours and dollars of a FLOP: the checked unit, and what does not fit together."""

import dataclasses

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from nextflop.errors import InputError
from nextflop.prices import MFU, Price, chip, price, rate


def test_1e21_flop_on_h100_take_702_hours_and_1404_dollars() -> None:
    paid = rate("H100", 0.4, 2.0)
    assert paid.hours(1e21) == pytest.approx(702, rel=0.01)
    assert paid.dollars(1e21) == pytest.approx(1404, rel=0.01)


def test_deepseek_v3_cost_what_its_hours_cost() -> None:
    told = price("H800", at="2025-01-01", provider=None, commitment="on-demand")
    cheapest = min(told.beside, key=lambda one: one.value)
    assert (cheapest.value, cheapest.date) == (2.0, "2024-12-27")
    assert 2.788e6 * cheapest.dollars == 5.576e6


@given(st.floats(0.05, 1), st.floats(0.1, 50), st.floats(0.1, 1), st.floats(1e15, 1e27))
def test_money_and_flop_turn_into_each_other(share: float, dollars: float, goodput: float, flop: float) -> None:
    paid = rate("H100", MFU(share, goodput=goodput), dollars)
    assert paid.flop(paid.dollars(flop)) == pytest.approx(flop)
    assert paid.dollars(flop) == pytest.approx(paid.hours(flop) * dollars)
    assert paid.dollars(2 * flop) == pytest.approx(2 * paid.dollars(flop))


def test_arrays_go_through() -> None:
    paid = rate("H100", 0.4, 2.0)
    np.testing.assert_allclose(paid.hours(np.array([1e20, 1e21])) * 2.0, paid.dollars(np.array([1e20, 1e21])))


def test_an_unmeasured_share_is_marked_as_assumed() -> None:
    assert rate("H100", None, 2.0).mfu == MFU(0.375, assumed=True)
    assert "assumed" in str(rate("H100", None, 2.0).mfu)


def test_energy_is_server_power_in_use_times_the_building() -> None:
    paid = rate("H100", 0.4, 2.0)
    assert paid.kwh(1e21) == pytest.approx(701.9 * 1.275 * 0.75 * 1.1, rel=1e-3)
    with pytest.raises(InputError, match="not public"):
        rate("TPU v5p", 0.4, 2.0).kwh(1e21)


def test_the_record_of_the_price_is_in_the_answer() -> None:
    paid = rate("H100", 0.4)
    assert paid.price == price("H100").price
    assert paid.to_json()["price"]["source"]
    assert paid.to_json()["mfu"]["number"] == "bf16"


def test_a_price_of_something_else_is_refused() -> None:
    whole = Price("H100 SXM", 3e4, "USD", "chip", "purchase", "2025-01-01", "shop")
    with pytest.raises(InputError, match="price of a chip-hour"):
        rate("H100", 0.4, whole)
    with pytest.raises(InputError, match="EUR"):
        rate("H100", 0.4, dataclasses.replace(whole, unit="chip-hour", currency="EUR"))
    with pytest.raises(InputError, match="above 0"):
        rate("H100", 0.4, 0.0)
    assert rate(chip("H100"), 0.4, 2.0).chip is chip("h100")
