"""What not knowing the law costs over all options, and which sizes cost hardly more than the best."""

import numpy as np
import pytest
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, spread, stocked

from nextflop.planning.ledger.offered import programmes
from nextflop.planning.ledger.options import solve_option
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.ranking import lowest
from nextflop.planning.ledger.words import sizes
from nextflop.quantities import show


def torn() -> Plan:
    """Of a budget that one law would spend on repetition and the other on one epoch of a far larger model."""
    return plan([spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2, weight=8.0)], stocked(5e23, 25e9))


def test_not_knowing_costs_what_the_best_of_all_options_would_have_given() -> None:
    found = torn()
    once, often = found.option("once"), found.option("repeat")
    assert found.best == "once"
    assert often.decision["params"] == pytest.approx(once.decision["params"])  # the same allocation by another name
    assert often.regret == pytest.approx(once.regret)
    assert once.regret > 0.005  # not 0, though nothing can be chosen under the option itself
    assert found.regret.mean.min() == pytest.approx(once.regret)
    assert found.regret.safe < 0.9
    assert (
        f"not knowing the law costs {once.regret:.4f}, at most 0.01 with a probability of {found.regret.safe:.0%}"
        in (sizes(found))
    )


@pytest.mark.parametrize(("budget", "weight"), [(1e22, 3.0), (5e23, 2.0), (1e24, 1.0)])
def test_no_size_that_is_shown_costs_less_than_the_decision(budget: float, weight: float) -> None:
    """With most of the budget kept, too, where spending it all loses more than is counted under nearly every draw."""
    found = plan([spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2, weight=weight)], stocked(budget, 25e9))
    assert found.option(found.best).regret <= found.regret.mean.min() + 1e-9
    assert (found.option(found.best).decision["unspent"] > 0.8 * budget) == (budget > 1e22)


def test_every_range_of_sizes_that_are_as_good_is_told_and_a_much_smaller_one_first() -> None:
    # Between 45B and 163B the text is read a few times, which the penalty form forbids and one epoch of more does not.
    found = plan([spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2, weight=8.0)], stocked(8e22, 60e9))
    curve = found.regret
    inside = np.any([(low <= curve.params) & (curve.params <= high) for low, high in curve.within], axis=0)
    np.testing.assert_array_equal(inside, curve.mean <= curve.mean.min() + 0.01)
    assert [show(end) for ends in curve.within for end in ends] == ["11.1B", "44.6B", "163B", "242B"]
    said = sizes(found)
    assert said.startswith(
        "11.1B at 20.1 epochs is expected to lose 0.0084 more, at half the size. Any size from 11.1B"
    )
    assert "from 11.1B to 44.6B, or from 163B to 242B parameters is expected" in said
    assert found.to_json()["regret"]["within"] == [list(ends) for ends in curve.within]
    assert found.to_json()["regret"]["smaller"]["params"] == curve.within[0][0]


def test_the_curve_knows_the_size_of_one_epoch() -> None:
    found = torn()
    once = 5e23 / 6 / 25e9
    place = int(np.abs(found.regret.params - once).argmin())
    assert found.regret.params[place] == pytest.approx(once, rel=1e-12)
    assert found.regret.epochs[place] == pytest.approx(1)
    assert found.regret.mean[place] == pytest.approx(found.option("once").regret, rel=1e-6)


def test_at_every_size_no_more_is_spent_than_is_best() -> None:
    # Under a law that knows overfitting not every size can use the whole budget, though that of the decision can.
    law, given = spread(PENALTY, "p", 2), stocked(1e22, 25e9)
    found = plan([law], given)
    assert found.option(found.best).decision["unspent"] == 0
    curve, pool = found.regret, Pool((law,), worst=0.1)
    _, (_, problem) = programmes((law,), given)[0].popitem()
    solved = [solve_option("", "", one, pool) for one in (problem, problem.but(most_epochs=np.inf))]
    whole = law.law(params=curve.params, tokens=1e22 / 6 / curve.params, unique_tokens=25e9)
    all_spent = pool.mean(pool.regret(whole, lowest(solved)))
    assert (curve.mean <= all_spent + 1e-9).all()
    assert (curve.mean < all_spent - 0.005).any()
    assert (6 * curve.params * curve.tokens <= 1e22 * (1 + 1e-9)).all()
