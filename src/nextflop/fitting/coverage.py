"""Counts in, coverage law out: maximum likelihood with many starts, and a bootstrap over problems in one batch."""

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.counts import Counts, resample
from nextflop.fitting.coverage_likelihood import Point, Terms
from nextflop.fitting.coverage_search import climb, steepness
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.laws.base import Law
from nextflop.laws.coverage import BetaBinomial, BothInflatedBetaBinomial, ZeroInflatedBetaBinomial

COUNT_LAWS = (ZeroInflatedBetaBinomial, BothInflatedBetaBinomial, BetaBinomial)
"""The laws that are fitted to counts."""

_CONVERGED = 1e-6  # where a result still counts as converged: rounding alone leaves 1e-8 at the edge of the box
_SAME = 0.01  # nats: two ends of a search this close are the same optimum
_ALMOST = 1.0  # nats: an optimum this close to the best fits almost as well
_TRADE_OFF = 1e8  # condition number from which coefficients trade off exactly, as far as these counts can show


def fit_coverage(
    counts: Counts,
    law: type[Law] = ZeroInflatedBetaBinomial,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    starts: int = 32,
) -> Fit:
    """Fits a coverage law to counts by maximum likelihood.

    The counts may have been stopped by any rule that looks only at the outcomes (`Counts.stopping`).

    The objective is the negative log-likelihood in nats of the outcomes in the order drawn, that is without the
    binomial coefficients, so that the objectives of two laws on the same counts compare. An atom of share 0 is an
    ordinary answer, a pool without problems that are never solved, or always, and does not make the status
    `at_bound`; μ or ν at the edge of the search does. The draws resample problems: an interval answers "what would
    other problems of this kind have shown", and with few problems it is too narrow, as bootstraps are.

    Args:
        counts: at least two problems, at least one correct sample.
        law: one of `COUNT_LAWS`: with an atom at 0, with atoms at 0 and 1, or without.
        draws: number of bootstrap draws over problems.
        seed: seed of the draws; two fits on the same problems with the same seed have paired draws.
        level: level of the intervals.
        starts: number of starting points of the search on the counts as given.

    Returns:
        The fit; its input is "samples", its response the share of problems solved.

    Raises:
        InputError: if there is one problem only, or one sample a problem, or a setting is out of range.
        FitError: if no sample was correct: nothing then tells a hard pool from an impossible one.
    """
    _check(counts, law, draws, level, starts)
    never, always = "pi" in law.parameters, "omega" in law.parameters
    terms = Terms.of(counts, np.ones((starts, len(counts))), never, always)
    ends, point = climb(_starting_points(terms, starts), terms)
    best = int(point.value.argmin())
    gap = point.value - point.value[best]
    certificate = Certificate(
        gradient=float(steepness(ends, point, terms)[best]),
        starts=starts,
        agreeing=float((gap < _SAME).mean()),
        condition=_condition(point, best),
    )
    status, notes = _status(ends, point, terms, best, certificate, law)

    weights = resample(counts, draws, seed).astype(np.float64)
    drawn, at = climb(np.tile(ends[best], (draws, 1)), Terms.of(counts, weights, never, always))
    usable = steepness(drawn, at, terms) < _CONVERGED
    return Fit(
        law=law(*map(float, _parameters(law, ends, point)[best])),
        status=status,
        objective=float(point.value[best]),
        objective_name="negative log-likelihood of the outcomes in the order drawn, in nats",
        draws=_parameters(law, drawn, at)[usable],
        failed_draws=int((~usable).sum()),
        certificate=certificate,
        runs=len(counts),
        runs_digest=counts.digest,
        ranges={"samples": (1.0, float(np.asarray(counts.samples).max()))},
        seed=seed,
        level=level,
        notes=notes,
    )


def _check(counts: Counts, law: type[Law], draws: int, level: float, starts: int) -> None:
    if law not in COUNT_LAWS:
        names = ", ".join(one.name for one in COUNT_LAWS)
        raise InputError(f"The law {law.name!r} has no likelihood of counts: give one of {names}.")
    if len(counts) < 2:
        raise InputError("Counts of 1 problem cannot show how problems differ: give at least two problems.")
    samples, correct = np.asarray(counts.samples), np.asarray(counts.correct)
    if samples.max() < 2:
        raise InputError("Counts of 1 sample a problem hold nothing but the mean: give at least two samples a problem.")
    if draws < 0 or starts < 1 or not 0 < level < 1:
        raise InputError(
            f"draws = {draws}, starts = {starts}, level = {level}: "
            "give draws ≥ 0, starts ≥ 1 and a level between 0 and 1."
        )
    if not correct.any():
        raise FitError(
            f"None of the {samples.sum()} samples of {len(counts)} problems was correct, so coverage at larger k "
            "cannot be known: draw more samples, or take easier problems."
        )


def _parameters(law: type[Law], theta: np.ndarray, point: Point) -> np.ndarray:
    """Rows of the law's parameters."""
    from scipy.special import expit

    columns = {
        "pi": point.shares[:, 0],
        "omega": point.shares[:, 1],
        "mu": expit(theta[:, 0]),
        "nu": np.exp(theta[:, 1]),
    }
    return np.column_stack([columns[name] for name in law.parameters])


def _starting_points(terms: Terms, starts: int) -> np.ndarray:
    """The pooled rate of the problems between, then points spread evenly over hard to easy and unlike to alike."""
    correct, drawn = ((weights @ values)[0] for weights, values in (terms.correct, terms.drawn))
    rate = np.clip(correct / max(drawn, 1.0), 1e-6, 1 - 1e-6)
    # Multiples of the plastic number's powers: the even spread in two dimensions, any number of points.
    spread = (0.5 + np.arange(1, starts)[:, None] * np.array([0.7548776662466927, 0.5698402909980532])) % 1
    corners = np.array([[-8.0, 5.0], np.log([0.03, 300.0])])
    return np.vstack([[np.log(rate / (1 - rate)), 0.0], corners[:, 0] + spread * (corners[:, 1] - corners[:, 0])])


def _condition(point: Point, best: int) -> float:
    """Condition number of the Hessian scaled to a unit diagonal, without the shares that are 0."""
    used = np.concatenate([[True, True], point.inner[best]])
    hessian = point.hessian[best][np.ix_(used, used)]
    scale = np.sqrt(np.abs(np.diag(hessian)))
    values = np.linalg.eigvalsh(hessian / np.outer(scale, scale)) if (scale > 0).all() else np.zeros(1)
    return float(values[-1] / values[0]) if values[0] > 0 else float("inf")


def _status(
    ends: np.ndarray, point: Point, terms: Terms, best: int, certificate: Certificate, law: type[Law]
) -> tuple[Status, tuple[str, ...]]:
    theta, (never, always), notes = ends[best], point.shares[best], []
    if "pi" in law.parameters and never == 0:
        notes.append("No atom of unsolvable problems is needed to describe these counts: its share is estimated as 0.")
    if "omega" in law.parameters and always == 0:
        notes.append("No atom of problems solved in every sample is needed: its share is estimated as 0.")
    edge = (theta <= terms.box[:, 0]) | (theta >= terms.box[:, 1])
    empty = bool(terms.between[0] == 0)
    if empty:
        notes.append("Every problem was solved in all of its samples or in none: mean and likeness are not known.")
    elif edge[0]:
        notes.append("Every sample of the problems that can be solved was correct: spread and mean have no upper end.")
    elif edge[1]:
        notes.append(
            "The problems that can be solved look equally hard: their likeness has no upper end."
            if theta[1] > 0
            else "Every problem looks always or never solved: the likeness of the problems has no lower end."
        )
    rivals = (steepness(ends, point, terms) < _CONVERGED) & (point.value - point.value[best] < _ALMOST)
    if certificate.gradient > _CONVERGED:
        status = Status.max_steps
    elif empty or edge.any():
        status = Status.at_bound
    elif certificate.condition > _TRADE_OFF:
        status = Status.ill_conditioned
    elif (np.abs(ends[rivals] - theta) > 1.0).any():
        status = Status.multimodal
    else:
        status = Status.converged
    return status, tuple(notes)
