"""What a gain is worth in compute: that much more of it, planned anew, brings as much."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.ledger.worlds import MUENNIGHOFF, member, stocked

from nextflop.planning.ledger import money, words
from nextflop.planning.ledger.equivalent import Compute
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Corpus

BOOKS = Corpus("books", 5e9, kind="licensed", price=1e-7)


def test_as_much_more_compute_brings_as_much() -> None:
    given_ = stocked(1e22, 15e9, flop_price=1e-18)
    given_ = given_.but(sources=(*given_.sources, BOOKS))
    found = plan([member(MUENNIGHOFF)], given_)
    best = found.option("buy books")
    assert best.gain.value > 0.005
    more = found.compute.flop(best.gain.value)
    richer = plan([member(MUENNIGHOFF)], given_.but(budget=1e22 + more))
    fall = found.option("repeat").outcome.value - richer.option("repeat").outcome.value
    assert fall == pytest.approx(best.gain.value, rel=0.03)
    record = found.to_json()["options"]
    (told,) = [one["as_compute"] for one in record if one["code"] == "buy books"]
    assert told == {"flop": more, "dollars": pytest.approx(more * 1e-18)}
    assert words.value(
        found
    ) == f"The gain of {best.gain.value:.3f} is worth as much as {money.dollars(more * 1e-18)} " + ("more of compute.")
    assert words.added(found) == "For that, buy 5B tokens of books for $500."


@given(st.floats(1e-6, 0.2), st.floats(1e-6, 0.2))
def test_more_gain_is_worth_more_compute(a: float, b: float) -> None:
    compute = Compute(1e22, {1.01: 0.0005, 2.0: 0.03, 10.0: 0.09}, np.nan)
    low, high = sorted((a, b))
    assert compute.flop(low) <= compute.flop(high)
    assert compute.flop(0.03) == pytest.approx(1e22)
    assert math.isinf(compute.flop(0.0901))
    assert compute.flop(-1.0) == compute.flop(0.0) == 0.0


def test_a_gain_that_no_compute_brings_says_so_and_money_is_told_where_there_is_a_price() -> None:
    falls = {1.01: 0.0005, 2.0: 0.03}
    assert money.as_much(0.04, Compute(1e22, falls, 1e-18)).startswith("more than any compute alone brings")
    assert money.as_much(0.03, Compute(1e22, falls, 1e-18)) == "as much as $10k more of compute"
    assert money.as_much(0.03, Compute(1e22, falls, np.nan)) == "as much as 1e22 FLOP more of compute"
    priced = stocked(1e22, 1e9, flop_price=1e-18)
    assert money.cost(4.77e19, priced) == "4.77e19 FLOP, $47.7 of compute"
    assert money.cost(4.77e19, priced.but(flop_price=None)) == "4.77e19 FLOP"
    assert money.dollars(3.06e-12) == "less than $0.001"
