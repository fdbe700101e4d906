"""Ticks of logarithmic axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.report.axes import amount, log_ticks, padded, shown


@given(low=st.floats(1e-6, 1e20), ratio=st.floats(1.05, 1e12))
def test_ticks_lie_on_the_axis_in_order_and_there_are_neither_one_nor_too_many(low: float, ratio: float) -> None:
    ticks = log_ticks(low, low * ratio)
    assert 2 <= len(ticks) <= 10
    assert (np.diff(ticks) > 0).all()
    assert ticks[0] >= low * 0.999
    assert ticks[-1] <= low * ratio * 1.001


def test_decades_are_ticks_where_there_are_enough() -> None:
    assert log_ticks(1e6, 1e10).tolist() == [1e6, 1e7, 1e8, 1e9, 1e10]
    assert log_ticks(2.1, 3.5).tolist() == pytest.approx([2.2, 2.4, 2.6, 2.8, 3.0, 3.2, 3.4])


def test_flop_are_powers_of_ten_and_the_rest_is_as_people_write_it() -> None:
    assert [amount(value, "rl_flop") for value in (1e21, 3e9)] == ["10²¹", "3×10⁹"]
    assert amount(7e10, "params") == "70B"
    assert shown(1e11, "compute") == "1e11 FLOP"


def test_a_margin_is_a_share_of_the_decades_and_exists_for_a_single_value() -> None:
    assert padded([1.0, 1e4], 0.25) == pytest.approx((0.1, 1e5))
    low, high = padded([5.0])
    assert low < 5 < high
