"""Weighted medians and intervals, beliefs that add up, and ties that go to the simpler."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, member

from nextflop.planning.ledger.members import Member, of_constants, weighed
from nextflop.planning.ledger.pooled import Pool, first_best, weighted


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    counts=st.lists(st.integers(0, 5), min_size=40, max_size=40),
)
def test_a_weight_is_as_good_as_that_many_copies(values: list[float], counts: list[int]) -> None:
    column, shares = np.array(values), np.array(counts[: len(values)], dtype=float)
    if not shares.sum():
        return
    copies = np.sort(np.repeat(column, shares.astype(int)))
    found = weighted(column, shares, 0.9)
    for place, share in zip(found, (0.5, 0.05, 0.95), strict=True):
        # The least value with that share of the copies at or below it.
        assert place == copies[max(int(np.ceil(share * len(copies) * (1 - 1e-12))) - 1, 0)]
    assert found.low <= found.value <= found.high


def test_rows_without_a_value_or_a_weight_do_not_count() -> None:
    found = weighted(np.array([1.0, np.nan, 3.0]), np.array([0.0, 1.0, 1.0]), 0.9)
    assert tuple(found) == (3, 3, 3)
    assert np.isnan(weighted(np.array([np.nan]), np.ones(1), 0.9).value)


def test_of_equals_the_first_is_best() -> None:
    values = [np.array([2.0, 2.0, 2.0]), np.array([2.0 - 1e-9, 1.9, 2.1])]
    assert first_best(values).tolist() == [0, 1, 0]


def test_beliefs_are_shared_over_draws_and_add_up() -> None:
    rows = np.tile(list(MUENNIGHOFF.values.values()), (5, 1))
    many = Member("many", type(MUENNIGHOFF).from_draws(rows), 3.0, {}, "a test")
    pool = Pool(weighed([many, member(PENALTY)]))
    assert pool.shares.tolist() == pytest.approx([0, 0.1875, 0.1875, 0.1875, 0.1875, 0.25])
    assert [part.stop - part.start for part in pool.parts] == [5, 1]
    assert pool.mean(np.array([9.0, 1, 1, 1, 1, 3])) == pytest.approx(0.75 + 0.75)


def test_constants_have_no_interval_of_their_own() -> None:
    pool = Pool((of_constants(PENALTY, "p", "a test"),))
    found = pool.of(0, np.array([2.0]))
    assert found.value == 2
    assert np.isnan(found.low)
