"""Conversions between ways of counting."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop import accounting

AMOUNT = st.floats(min_value=1e-3, max_value=1e15)


def test_chinchilla_costs_what_gopher_cost() -> None:
    # 70B parameters on 1.4T tokens; Hoffmann et al. (arXiv:2203.15556) give Gopher's budget as 5.76e23, 2% apart.
    assert accounting.six_nd(70e9, 1.4e12) == pytest.approx(5.88e23, rel=1e-12)
    assert accounting.six_nd(70e9, 1.4e12) == pytest.approx(5.76e23, rel=0.03)


def test_six_nd_broadcasts() -> None:
    flop = accounting.six_nd(np.array([[1.0], [2.0]]), np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(flop, [[6.0, 60.0, 600.0], [12.0, 120.0, 1200.0]])


def test_a_multiply_add_is_two_flop() -> None:
    assert accounting.flop_from_macs(3.0) == 6.0
    assert accounting.macs_from_flop(6.0) == 3.0


def test_one_bit_a_byte_is_the_loss_of_a_coin_a_byte() -> None:
    assert accounting.bits_per_byte(math.log(2), 1.0) == pytest.approx(1.0, rel=1e-15)
    # The entropy of 4 equally likely bytes is 2 bits; as one token of 4 bytes that never surprises more, half a bit.
    assert accounting.bits_per_byte(math.log(4), 4.0) == pytest.approx(0.5, rel=1e-15)


@settings(deadline=None)
@given(AMOUNT, AMOUNT)
def test_every_conversion_has_its_inverse(amount: float, other: float) -> None:
    close = pytest.approx(amount, rel=1e-14)  # two roundings each way
    assert accounting.tokens_from_flop(accounting.six_nd(other, amount), other) == close
    assert accounting.macs_from_flop(accounting.flop_from_macs(amount)) == close
    assert accounting.nats_per_token(accounting.bits_per_byte(amount, other), other) == close
