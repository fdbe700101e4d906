"""What not knowing the law costs over all options, and which sizes cost hardly more than the best."""

import pytest
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, spread, stocked

from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.words import sizes


def torn() -> Plan:
    """Of a budget that one law would spend on repetition and the other on one epoch of a far larger model."""
    return plan([spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2, weight=2.0)], stocked(5e23, 25e9))


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
