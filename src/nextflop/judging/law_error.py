"""How far a law misses beyond its data, by a back-test: an error that all later runs share."""

from typing import Any

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting.objective import Objective
from nextflop.judging.backtest import Backtest, backtest
from nextflop.judging.smallest import gap_words
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law

_FOLDS, _DRAWS = 5, 200


def look_back(law: type[Law], train: Runs, axis: str, how: dict[str, Any]) -> Backtest | None:
    """The back-test of the runs before the cut; None where they leave no cut of their own."""
    try:
        return backtest(law, train, axis, folds=_FOLDS, draws=_DRAWS, **how)
    except FitError:
        return None


def miss(past: Backtest, reach: float, response: np.ndarray, objective: Objective) -> float:
    """The standard deviation of a miss that later runs share; 0 unless the back-test's intervals are too narrow.

    What the mean miss of a cut is more than its interval of a single run allows is the law's own; that of the middle
    cut counts. It is taken to grow with the distance, in logarithms of the axis.

    Args:
        past: the back-test.
        reach: the farthest later run over the last that is fitted, along the axis.
        response: of the runs that are fitted.
        objective: says in which unit the miss is wanted.
    """
    from scipy.stats import norm

    told = [fold for fold in past.folds if np.isfinite(fold.width) and 0 < fold.reach < np.inf]
    if past.verdicts[1].outcome not in {Outcome.warn, Outcome.fail} or not told or not 1 < reach < np.inf:
        return 0.0
    allowed = 2 * norm.ppf((1 + past.level) / 2)
    excess = [(fold.bias**2 - (fold.width / allowed) ** 2) / fold.reach**2 for fold in told]
    found = float(np.sqrt(max(float(np.median(excess)), 0.0)) * np.log10(reach))
    return found * float(np.median(np.abs(response))) if past.log and not objective.log else found


def law_verdict(past: Backtest, missed: float, log: bool) -> Verdict:
    """Whether the forecast had to be widened by what the law missed before."""
    code, name = "law_error", "the law foretold the earlier runs"
    coverage = past.verdicts[1]
    if missed > 0:
        says = (
            f"Before the cut: {coverage.sentence} The forecast carries an error of {gap_words(missed, log)} that all "
        )
        says += "later runs share."
        return Verdict(code, name, Outcome.warn, coverage.statistic, coverage.threshold, says)
    says = f"Before the cut: {coverage.sentence}"
    outcome = coverage.outcome
    if outcome in {Outcome.warn, Outcome.fail}:
        outcome = Outcome.warn
        says += " The misses are no larger than single runs scatter, so that the forecast needs no more for them."
    return Verdict(code, name, outcome, coverage.statistic, coverage.threshold, says)
