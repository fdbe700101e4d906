"""Runs that were made to decide: belief moves by Bayes' rule, and the plan does what it said it would."""

import numpy as np
import pytest
from scipy.stats import norm
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, member, spread, stocked

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome
from nextflop.planning.ledger.decisive import Experiment
from nextflop.planning.ledger.members import weighed
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.seen import seen

SITUATION = stocked(1e22, 25e9)
NOISE = 0.01


def made(params: float, tokens: float, unique: float, loss: float) -> Runs:
    settings = {"params": params, "tokens": tokens, "unique_tokens": unique}
    return Runs({name: np.array([value]) for name, value in (settings | {"loss": loss}).items()})


def row(one: Experiment, loss: float) -> Runs:
    return made(one.params, one.tokens, one.unique_tokens, loss)


def test_weights_are_those_of_bayes() -> None:
    """Two laws without draws: the ratio of their weights is that of two normal densities."""
    rivals = weighed([member(MUENNIGHOFF)._replace(weight=0.75), member(PENALTY)._replace(weight=0.25)])
    setting = {"params": 1e9, "tokens": 3e10, "unique_tokens": 1e9}
    first, second = (float(law(**setting)) for law in (MUENNIGHOFF, PENALTY))
    after, verdict = seen(rivals, made(1e9, 3e10, 1e9, first + 0.01), NOISE, None)
    sigma = NOISE * (0.75 * first + 0.25 * second)
    off = [0.01 / sigma, (first + 0.01 - second) / sigma]
    odds = 3 * np.exp((off[1] ** 2 - off[0] ** 2) / 2)
    assert after[0].weight / after[1].weight == pytest.approx(odds)
    assert sum(one.weight for one in after) == pytest.approx(1)
    assert verdict.outcome is Outcome.passed
    tail = 0.75 * norm.sf(off[0]) + 0.25 * norm.sf(off[1])
    assert verdict.statistic == pytest.approx(2 * min(tail, 1 - tail))


def test_draws_are_kept_as_often_as_they_are_believed() -> None:
    """Of 4,000 draws of one law, what they foretell for the run itself has the posterior of a normal mean."""
    (law,) = weighed([spread(PENALTY, "penalty", 0, draws=4000)])
    setting = {"params": 1e9, "tokens": 3e10, "unique_tokens": 1e9}
    prior = np.asarray(law.law(**setting)).ravel()[1:]
    sigma, shown = 0.02 * prior.mean(), prior.mean() - prior.std()
    (after,), _ = seen([law], made(1e9, 3e10, 1e9, shown), 0.02, None)
    assert after.weight == pytest.approx(1)
    kept = np.asarray(after.law(**setting)).ravel()[1:]
    share = np.exp(-(((shown - prior) / np.hypot(sigma, 0.005 * prior.mean())) ** 2) / 2)
    assert len(kept) == len(prior)
    assert set(kept) <= set(prior)
    assert kept.mean() == pytest.approx((share @ prior) / share.sum(), rel=1e-4)
    assert kept.std() < prior.std()


@pytest.mark.parametrize("right", ["data-constrained", "overfit-penalty"])
def test_a_plan_that_has_seen_the_run_does_what_was_said_of_its_outcome(right: str) -> None:
    rivals = [spread(MUENNIGHOFF, "data-constrained", 0), spread(PENALTY, "overfit-penalty", 1)]
    before = plan(rivals, SITUATION, noise=NOISE)
    one = before.experiments[0]
    assert one.gain == pytest.approx(sum(part.probability * part.gain for part in one.answers), abs=2e-4)
    loss = one.foretold[right]
    answer = next(part for part in one.answers if part.low <= loss < part.high)
    after = plan(rivals, SITUATION, noise=NOISE, seen=row(one, loss))
    done, was = after.option(after.best).decision["epochs"], before.option(before.best).decision["epochs"]
    assert done == pytest.approx(answer.decision["epochs"], rel=0.2)
    assert abs(done - was) < 0.2 * was or answer.gain > 0
    assert after.verdicts[1].code == "plan_seen"
    # One more of what was made would be off by as much as the first.
    assert all(
        abs(np.log(other.params / one.params)) > np.log(2) for other in after.experiments if other.epochs == one.epochs
    )


def test_a_run_that_no_law_had_foretold_fails_and_is_said() -> None:
    rivals = weighed([member(MUENNIGHOFF), member(PENALTY)])
    after, verdict = seen(rivals, made(1e9, 3e10, 1e9, 9.0), NOISE, None)
    assert verdict.outcome is Outcome.fail
    assert verdict.statistic < 1e-6
    assert "a chance of less than 0.1%" in verdict.sentence
    assert sum(one.weight for one in after) == pytest.approx(1)


def test_a_table_without_what_the_laws_take_is_refused() -> None:
    table = Runs({"params": np.array([1e9]), "tokens": np.array([3e10]), "loss": np.array([2.0])})
    with pytest.raises(InputError, match="do not tell unique_tokens"):
        plan([member(PENALTY)], SITUATION, seen=table)
