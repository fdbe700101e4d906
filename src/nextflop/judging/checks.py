"""The checks that read a fit and its runs once; each is a function from them to a verdict."""

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit, Status
from nextflop.fitting.lower_bound import certify
from nextflop.judging.influence import influence
from nextflop.judging.verdict import Outcome, Verdict

_OPTIMUM = 1e-6  # of the gradient in its own units; the search aims at a tenth of it
_GROUND = 0.99  # of the objective; beyond a hundredth below, another optimum would be another answer
# Variance inflation: 10 is where textbooks begin to worry (a correlation of 0.95); at 100 (0.995) nine tenths of an
# input's spread follow the other's.
_INFLATED, _COLLINEAR = 10.0, 100.0
# Independent runs (or clusters of them) for each free parameter. In simulations of the Chinchilla law under squared
# loss, 90% intervals over clusters of six snapshots held the truth 80% of the time with 5 clusters, 82 to 88% with 12
# and 86 to 87% with 20.
_FEW, _TOO_FEW = 5.0, 2.0


def check(fit: Fit, runs: Runs) -> tuple[Verdict, ...]:
    """Asks of a fit whether it may be believed.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.

    Returns:
        One verdict a check, in the order in which a reader should meet them.

    Raises:
        InputError: if the runs are not those that were fitted.
    """
    if runs.digest != fit.runs_digest:
        raise InputError("These are not the runs that were fitted: give the same table, unchanged.")
    verdicts = [optimum(fit), bounds(fit)]
    if len(fit.law.inputs) > 1:
        verdicts.append(design(fit, runs))
    return (*verdicts, size(fit, runs), influence(fit, runs))


def optimum(fit: Fit) -> Verdict:
    """Whether the estimate is the optimum of its objective, and the only one."""
    found = fit.certificate
    reached = round(found.agreeing * found.starts)
    if found.gradient > _OPTIMUM:
        outcome, says = Outcome.fail, f"The gradient has not vanished ({found.gradient:.1e}): this is not the optimum."
    elif fit.status is Status.multimodal or reached < 2:
        outcome = Outcome.warn
        says = f"Only {reached} of {found.starts} searches reached this optimum, or another fits almost as well."
        if reached > 1:
            says = "Another optimum, far away, fits almost as well: the coefficients are one reading among several."
    else:
        outcome = Outcome.passed
        says = f"The gradient has vanished ({found.gradient:.1e}), and {reached} of {found.starts} searches ended here."
    return Verdict("optimum", "the optimum was found", outcome, found.gradient, _OPTIMUM, says)


def lowest(fit: Fit, runs: Runs) -> Verdict | None:
    """Whether other exponents could do better, by the bound over their whole box; None where there is no bound.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
    """
    share = certify(fit, runs).certificate.lower_bound
    if np.isnan(share):
        return None
    names = [name for name in fit.law.parameters if name not in fit.law.linear and name not in fit.method.pinned]  # type: ignore[union-attr]
    what, below = " and ".join(names), f"{1 - share:.1%}"
    if share >= _GROUND:
        outcome = Outcome.passed
        says = f"No {what} within the family's bounds give an objective more than {below} below this one."
    else:
        outcome = Outcome.warn
        says = f"Values of {what} with an objective up to {below} below this one are not ruled out."
    return Verdict("lower_bound", "no exponents do better", outcome, share, _GROUND, says)


def bounds(fit: Fit) -> Verdict:
    """Whether the data, rather than the bounds of the family, end every interval."""
    code, name = "bounds", "the data set every interval"
    pinned = fit.method.pinned if fit.method else {}
    estimate = {k: v for k, v in fit.estimate.items() if k not in pinned}
    limits = fit.law.parameters
    on = [k for k, v in estimate.items() if v.value <= limits[k].lower or v.value >= limits[k].upper]
    open_ended = [k for k, v in estimate.items() if v.low <= limits[k].lower or v.high >= limits[k].upper]
    either = sorted({*on, *open_ended})
    count = float(len(either))
    if on:
        says = f"The estimate of {', '.join(on)} sits on a bound of the family: the data do not hold it."
        return Verdict(code, name, Outcome.fail, count, 0.0, says)
    if open_ended:
        says = (
            f"The interval of {', '.join(open_ended)} runs up to a bound of the family: the data give it no end there."
        )
        return Verdict(code, name, Outcome.warn, count, 0.0, says)
    if fit.status is Status.at_bound:
        return Verdict(code, name, Outcome.fail, float("nan"), 0.0, " ".join(fit.notes))
    if not len(fit.draws):
        says = "Without draws there are no intervals: fit with draws to see their ends."
        return Verdict(code, name, Outcome.unknown, float("nan"), 0.0, says)
    return Verdict(code, name, Outcome.passed, 0.0, 0.0, "No estimate or interval reaches a bound of the family.")


def design(fit: Fit, runs: Runs) -> Verdict:
    """Whether the inputs were varied apart, so that their effects can be told apart."""
    names = fit.law.inputs
    columns = np.stack([runs[name] for name in names])
    logs = np.log(columns[:, (columns > 0).all(axis=0)])
    if logs.shape[1] < 2 or (np.ptp(logs, axis=1) == 0).any():
        says = "Too few runs have all inputs above 0 to see how the inputs go together."
        return Verdict("design", "inputs vary apart", Outcome.unknown, float("nan"), _INFLATED, says)
    correlations = np.corrcoef(logs)
    inflation = float(np.linalg.inv(correlations).diagonal().max()) if np.linalg.cond(correlations) < 1e14 else np.inf
    what = " and ".join(names)
    if inflation > _COLLINEAR:
        outcome, says = Outcome.fail, f"{what} change together in these runs: their effects cannot be told apart."
    elif inflation > _INFLATED:
        outcome, says = Outcome.warn, f"{what} change mostly together: their effects are hard to tell apart."
    else:
        outcome, says = Outcome.passed, f"{what} change apart (variance inflation {inflation:.3g})."
    return Verdict("design", "inputs vary apart", outcome, inflation, _INFLATED, says)


def size(fit: Fit, runs: Runs) -> Verdict:
    """Whether there are enough independent runs for the intervals to be believed."""
    pinned, cluster = (fit.method.pinned, fit.method.cluster) if fit.method else ({}, None)
    free = len(fit.law.parameters) - len(pinned)
    count = len(runs) if cluster is None else len(np.unique(runs[cluster]))
    each = count / free
    what = f"{count} {'runs' if cluster is None else 'clusters of runs'} for {free} free parameters"
    if each < _TOO_FEW:
        outcome, says = Outcome.fail, f"{what} are too few: the intervals promise more than they hold."
    elif each < _FEW:
        outcome, says = Outcome.warn, f"{what} are few: take the intervals as somewhat too narrow."
    else:
        outcome, says = Outcome.passed, f"There are {what}."
    return Verdict("size", "enough runs", outcome, each, _FEW, says)
