"""A plan far beyond the runs says so, and what is best within their reach stands beside it."""

import numpy as np
import pytest
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, member, spread, stocked

from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Limits
from nextflop.planning.ledger.words import headline
from nextflop.report.plan_words import answer
from nextflop.report.plan_words import headline as title

RANGES = {"params": (7e6, 8.7e9), "tokens": (1e8, 9e11), "unique_tokens": (1e8, 1.8e11)}


def laws(weight: float = 8.0) -> list[Member]:
    found = [spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2, weight=weight)]
    return [one._replace(ranges=RANGES) for one in found]


def test_beyond_a_decade_the_headline_says_so_and_names_the_best_within() -> None:
    found = plan(laws(), stocked(5e23, 25e9))
    near = found.reach
    assert near is not None
    assert found.option(found.best).decision["params"] == pytest.approx(3.33e12, rel=0.01)
    assert near.decision["params"] <= 8.7e10 * (1 + 1e-9)
    assert near.decision["tokens"] <= 9e12 * (1 + 1e-9)
    assert "which is 2.6 decades beyond the runs in parameters: loss" in headline(found)
    assert "Within a decade of the runs the best is" in headline(found)
    assert (
        f"in the median of the draws loses {near.more.value:.3f} ({near.more.low:.3f} to {near.more.high:.3f}) more"
        in headline(found)
    )
    assert "2.6 decades beyond the runs in parameters" in title(found)
    assert any("Within a decade of the runs the best is" in sentence for sentence in answer(found))
    assert found.to_json()["reach"]["decision"] == near.decision
    torn = plan(laws(weight=6.0), stocked(5e23, 25e9))
    assert torn.reach is not None
    assert torn.reach.more.value < 0  # the mean is for the far one, and the median draw for the near one
    assert "in the median of the draws loses nothing more under most laws and draws (-" in headline(torn)


def test_no_plan_within_reach_is_expected_to_lose_less() -> None:
    members = laws()
    near = plan(members, stocked(5e23, 25e9)).reach
    limited = plan(members, stocked(5e23, 25e9, limits=Limits(most_params=8.7e10, most_tokens=9e12)))
    assert near is not None
    assert limited.reach is None
    assert near.decision == pytest.approx(limited.option(limited.best).decision, rel=1e-6)
    assert near.outcome == pytest.approx(limited.option(limited.best).outcome)


def test_tokens_are_kept_within_reach_too() -> None:
    members = [one._replace(ranges=RANGES | {"tokens": (1e8, 2e9)}) for one in laws()]
    found = plan(members, stocked(1e22, 25e9))
    assert found.reach is not None
    assert found.reach.decision["tokens"] == pytest.approx(2e10, rel=1e-6)
    assert "decades beyond the runs in tokens" in headline(found)


def test_within_a_decade_and_without_runs_nothing_is_said() -> None:
    for members in (laws(), [member(MUENNIGHOFF), member(PENALTY)]):
        found = plan(members, stocked(1e22, 25e9))
        assert found.reach is None
        assert "beyond the runs" not in headline(found)
        assert "guess" not in headline(found)


def test_where_the_limits_leave_nothing_within_reach_that_is_said() -> None:
    found = plan(laws(), stocked(5e23, 25e9, limits=Limits(fewest_params=1e12)))
    assert found.reach is None
    assert "the limits leave no plan within a decade of the runs" in headline(found)
    assert np.isfinite(found.option(found.best).outcome.value)
