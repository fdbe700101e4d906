"""Counts in, coverage law out: maximum likelihood with many starts, and a bootstrap over problems in one batch.

For a problem with c of n samples correct the law gives the outcomes, in the order drawn, the probability

    π [c = 0] + (1 - π) B(a + c, b + n - c) / B(a, b),    a = μν, b = (1 - μ)ν.

Equal (n, c) share one term, so the log-likelihood of a bootstrap draw is a weighted sum over distinct counts and all
draws climb together. Given μ and ν the likelihood is concave in π, which is solved for on the way; what is left is a
Newton search in logit μ and log ν.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.counts import Counts, resample
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.laws.coverage import ZeroInflatedBetaBinomial, log_all_missed

# The box of the search. With ν = 100 n the counts vary by 1% more than those of equally hard problems, which fewer than
# 20,000 problems cannot show; below 1e-4 every problem is always or never solved. μ stays 2e-9 away from 0 and 1.
_LOGIT_MU = 20.0
_NU_LOW, _NU_HIGH_PER_SAMPLE = 1e-4, 100.0
_STEPS = 200
# Largest entry of the gradient, in nats per problem and unit of logit or logarithm.
_FLAT = 1e-9  # where the search stops
_CONVERGED = 1e-6  # where a result still counts as converged: rounding alone leaves 1e-8 at the edge of the box
_SAME = 0.01  # nats: two ends of a search this close are the same optimum
_ALMOST = 1.0  # nats: an optimum this close to the best fits almost as well
_TRADE_OFF = 1e8  # condition number from which coefficients trade off exactly, as far as these counts can show


class _Terms(NamedTuple):
    """The weighted counts of each row: weights of shape (rows, distinct values) beside the values."""

    box: np.ndarray  # ends of logit μ and of log ν, shape (2, 2)
    problems: int
    some: np.ndarray  # weight of the problems with a correct sample, shape (rows,)
    correct: tuple[np.ndarray, np.ndarray]  # among those: c
    failed: tuple[np.ndarray, np.ndarray]  # among those: n - c
    drawn: tuple[np.ndarray, np.ndarray]  # among those: n
    unsolved: tuple[np.ndarray, np.ndarray]  # n of the problems without a correct sample

    @classmethod
    def of(cls, counts: Counts, weights: np.ndarray) -> "_Terms":
        samples, correct = np.asarray(counts.samples), np.asarray(counts.correct)
        some = correct > 0
        box = np.array([[-_LOGIT_MU, _LOGIT_MU], np.log([_NU_LOW, _NU_HIGH_PER_SAMPLE * samples.max()])])
        return cls(
            box,
            len(counts),
            weights[:, some].sum(axis=1),
            _distinct(correct[some], weights[:, some]),
            _distinct((samples - correct)[some], weights[:, some]),
            _distinct(samples[some], weights[:, some]),
            _distinct(samples[~some], weights[:, ~some]),
        )

    def rows(self, chosen: np.ndarray) -> "_Terms":
        return type(self)(
            self.box, self.problems, self.some[chosen], *((weights[chosen], values) for weights, values in self[3:])
        )


def _distinct(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distinct, place = np.unique(values, return_inverse=True)
    return weights @ (place[:, None] == np.arange(len(distinct))).astype(np.float64), distinct.astype(np.float64)


@dataclass
class _Point:
    """The objective at one (logit μ, log ν) a row, π at its best; the Hessian is by (logit μ, log ν, π)."""

    value: np.ndarray  # (rows,)
    gradient: np.ndarray  # (rows, 2)
    hessian: np.ndarray  # (rows, 3, 3)
    pi: np.ndarray  # (rows,)

    def profile(self) -> np.ndarray:
        """The Hessian in (logit μ, log ν) when π follows, shape (rows, 2, 2)."""
        cross, own = self.hessian[:, :2, 2], self.hessian[:, 2, 2]
        follows = _free(self.pi) / np.where(own > 0, own, 1.0)
        return self.hessian[:, :2, :2] - follows[:, None, None] * cross[:, :, None] * cross[:, None, :]

    def take(self, better: np.ndarray, other: "_Point", rows: np.ndarray) -> None:
        for name in ("value", "gradient", "hessian", "pi"):
            getattr(self, name)[rows[better]] = getattr(other, name)[better]


def _free(pi: np.ndarray) -> np.ndarray:
    return (pi > 0) & (pi < 1)


def _evaluate(theta: np.ndarray, terms: _Terms) -> _Point:
    from scipy.special import expit, psi, xlog1py

    mu, nu = expit(theta[:, 0]), np.exp(theta[:, 1])
    rest = expit(-theta[:, 0])
    a, b = mu * nu, rest * nu

    of_a, of_b, of_nu = _rises(a, terms.correct), _rises(b, terms.failed), _rises(nu, terms.drawn)

    # The unsolved: P = π + (1 - π) q with q the chance that the law's Beta part misses n times.
    weights, n = terms.unsolved
    log_q = log_all_missed(a[:, None], b[:, None], n)
    q, not_q = np.exp(log_q), -np.expm1(log_q)
    pi = _best_atom(terms.some, weights, q, not_q)
    keep = (1 - pi)[:, None]
    chance = np.maximum(pi[:, None] + keep * q, 1e-300)  # 0 only where the weight is 0 too
    share = keep * q / chance  # probability that an unsolved problem is not of the atom
    slope, bend = (f(nu[:, None]) - f(nu[:, None] + n) for f in (psi, _trigamma))
    by_b, bend_b = (f(b[:, None] + n) - f(b[:, None]) for f in (psi, _trigamma))
    first = np.stack([slope, slope + by_b])  # derivatives of log q by a and b: (2, rows, unsolved)
    second = np.stack([np.stack([bend, bend]), np.stack([bend, bend + bend_b])])

    value = of_a[0] + of_b[0] - of_nu[0] + xlog1py(terms.some, -pi) + (weights * np.log(chance)).sum(axis=1)
    by_ab = np.stack([of_a[1] - of_nu[1], of_b[1] - of_nu[1]]) + (weights * share * first).sum(axis=-1)
    by_abab = np.zeros((2, 2, len(a))) - of_nu[2]
    by_abab[0, 0] += of_a[2]
    by_abab[1, 1] += of_b[2]
    by_abab += (weights * (share * second + share * (1 - share) * first[:, None] * first[None, :])).sum(axis=-1)
    cross = -(weights * q / chance**2 * first).sum(axis=-1)
    by_pipi = -terms.some / np.where(pi < 1, 1 - pi, 1.0) ** 2 - (weights * (not_q / chance) ** 2).sum(axis=1)

    # From (a, b) to (logit μ, log ν).
    dx = mu * rest * nu
    jacobian = np.array([[dx, a], [-dx, b]])
    curl = np.array([[dx * (rest - mu), dx], [dx, a]]), np.array([[-dx * (rest - mu), -dx], [-dx, b]])
    hessian = np.empty((len(a), 3, 3))
    hessian[:, :2, :2] = np.einsum("iar,ijr,jbr->rab", jacobian, by_abab, jacobian) + np.einsum(
        "iabr,ir->rab", np.stack(curl), by_ab
    )
    hessian[:, :2, 2] = hessian[:, 2, :2] = np.einsum("iar,ir->ra", jacobian, cross)
    hessian[:, 2, 2] = by_pipi
    return _Point(-value, -np.einsum("iar,ir->ra", jacobian, by_ab), -hessian, pi)


def _rises(shape: np.ndarray, part: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Weighted sum of log Γ(shape + value) - log Γ(shape) with first and second derivative, shape (3, rows)."""
    from scipy.special import gammaln, psi

    weights, values = part
    base = shape[:, None]
    return np.stack([((f(base + values) - f(base)) * weights).sum(axis=1) for f in (gammaln, psi, _trigamma)])


def _best_atom(some: np.ndarray, weights: np.ndarray, q: np.ndarray, not_q: np.ndarray) -> np.ndarray:
    """The π in [0, 1] of greatest likelihood, shape (rows,), by bisection on the falling derivative."""
    low, high = np.zeros(len(q)), np.ones(len(q))
    for _ in range(54):  # to the last bit
        middle = (low + high) / 2
        chance = np.maximum(q + middle[:, None] * not_q, 1e-300)
        up = (weights * not_q / chance).sum(axis=1) * (1 - middle) > some
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return np.where(some == 0, 1.0, low)  # low is 0 where nothing rises


def _trigamma(x: np.ndarray) -> np.ndarray:
    """ψ'(x) to 1e-9, by shifting up by six and the asymptotic series: scipy's is fifteen times slower."""
    near = sum(1 / (x + step) ** 2 for step in range(6))
    u = 1 / (x + 6)
    square = u * u
    return near + u + square / 2 + u * square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))


def _outward(theta: np.ndarray, gradient: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Where a coordinate sits on the box and the objective falls beyond it, shape (rows, 2)."""
    return ((theta <= box[:, 0]) & (gradient > 0)) | ((theta >= box[:, 1]) & (gradient < 0))


def _scaled(theta: np.ndarray, point: _Point, terms: _Terms) -> np.ndarray:
    """The largest entry of the gradient along the box, a problem, shape (rows,)."""
    inward = np.where(_outward(theta, point.gradient, terms.box), 0.0, np.abs(point.gradient))
    return inward.max(axis=1) / terms.problems


def _climb(theta: np.ndarray, terms: _Terms) -> tuple[np.ndarray, _Point]:
    """Damped Newton steps for all rows at once, inside the box."""
    theta = np.clip(theta, *terms.box.T)
    point = _evaluate(theta, terms)
    damping = np.full(len(theta), 1e-3)
    for _ in range(_STEPS):
        rows = np.flatnonzero(_scaled(theta, point, terms) > _FLAT)
        rows = rows[damping[rows] < 1e12]  # no step helps any more: rounding has the last word
        if not rows.size:
            break
        fixed = _outward(theta[rows], point.gradient[rows], terms.box)
        gradient = np.where(fixed, 0.0, point.gradient[rows])
        hessian = np.where(fixed[:, :, None] | fixed[:, None, :], np.eye(2), point.profile()[rows])
        unit = np.sqrt(np.maximum(np.abs(np.diagonal(hessian, axis1=1, axis2=2)), 1e-12))
        hessian = hessian / (unit[:, :, None] * unit[:, None, :])
        lift = np.maximum(0.0, 1e-2 - np.linalg.eigvalsh(hessian)[:, 0]) + damping[rows]
        lifted = hessian + lift[:, None, None] * np.eye(2)
        step = np.linalg.solve(lifted, (gradient / unit)[:, :, None])[:, :, 0] / unit
        trial = np.clip(theta[rows] - np.clip(step, -2.0, 2.0), *terms.box.T)
        reached = _evaluate(trial, terms.rows(rows))
        better = reached.value < point.value[rows] + 1e-13 * np.abs(point.value[rows])
        theta[rows[better]] = trial[better]
        point.take(better, reached, rows)
        damping[rows] = np.where(better, damping[rows] / 10, np.maximum(damping[rows], 1e-6) * 10)
    return theta, point


def fit_coverage(counts: Counts, draws: int = 1000, seed: int = 0, level: float = 0.9, starts: int = 32) -> Fit:
    """Fits `ZeroInflatedBetaBinomial` to counts by maximum likelihood.

    The counts may have been stopped by any rule that looks only at the outcomes (`Counts.stopping`).

    The objective is the negative log-likelihood in nats of the outcomes in the order drawn, that is without the
    binomial coefficients. π = 0 is an ordinary answer, a pool without unsolvable problems, and does not make the
    status `at_bound`; μ or ν at the edge of the search does. The draws resample problems: an interval answers "what
    would other problems of this kind have shown", and with few problems it is too narrow, as bootstraps are.

    Args:
        counts: at least two problems, at least one correct sample.
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

    begin = _starting_points(samples, correct, starts)
    terms = _Terms.of(counts, np.ones((starts, len(counts))))
    ends, point = _climb(begin, terms)
    best = int(point.value.argmin())
    gap = point.value - point.value[best]
    certificate = Certificate(
        gradient=float(_scaled(ends, point, terms)[best]),
        starts=starts,
        agreeing=float((gap < _SAME).mean()),
        condition=_condition(point.hessian[best], bool(_free(point.pi)[best])),
    )
    status, notes = _status(ends, point, terms, best, certificate)

    drawn, at = _climb(
        np.tile(ends[best], (draws, 1)), _Terms.of(counts, resample(counts, draws, seed).astype(np.float64))
    )
    usable = _scaled(drawn, at, terms) < _CONVERGED
    estimate = _parameters(ends, point)[best]
    return Fit(
        law=ZeroInflatedBetaBinomial(*map(float, estimate)),
        status=status,
        objective=float(point.value[best]),
        objective_name="negative log-likelihood of the outcomes in the order drawn, in nats",
        draws=_parameters(drawn, at)[usable],
        failed_draws=int((~usable).sum()),
        certificate=certificate,
        runs=len(counts),
        runs_digest=counts.digest,
        ranges={"samples": (1.0, float(samples.max()))},
        seed=seed,
        level=level,
        notes=notes,
    )


def _parameters(theta: np.ndarray, point: _Point) -> np.ndarray:
    """Rows of (π, μ, ν)."""
    from scipy.special import expit

    return np.column_stack([point.pi, expit(theta[:, 0]), np.exp(theta[:, 1])])


def _starting_points(samples: np.ndarray, correct: np.ndarray, starts: int) -> np.ndarray:
    """The pooled rate of the solved problems, then points spread evenly over hard to easy and unlike to alike."""
    some = correct > 0
    rate = np.clip(correct[some].sum() / samples[some].sum(), 1e-6, 1 - 1e-6)
    # Multiples of the plastic number's powers: the even spread in two dimensions, any number of points.
    spread = (0.5 + np.arange(1, starts)[:, None] * np.array([0.7548776662466927, 0.5698402909980532])) % 1
    corners = np.array([[-8.0, 5.0], np.log([0.03, 300.0])])
    return np.vstack([[np.log(rate / (1 - rate)), 0.0], corners[:, 0] + spread * (corners[:, 1] - corners[:, 0])])


def _condition(hessian: np.ndarray, atom: bool) -> float:
    """Condition number of the Hessian scaled to a unit diagonal, without π where there is no atom."""
    used = hessian if atom else hessian[:2, :2]
    scale = np.sqrt(np.abs(np.diag(used)))
    values = np.linalg.eigvalsh(used / np.outer(scale, scale)) if (scale > 0).all() else np.zeros(1)
    return float(values[-1] / values[0]) if values[0] > 0 else float("inf")


def _status(
    ends: np.ndarray, point: _Point, terms: _Terms, best: int, certificate: Certificate
) -> tuple[Status, tuple[str, ...]]:
    theta, notes = ends[best], []
    if point.pi[best] == 0:
        notes.append("No atom of unsolvable problems is needed to describe these counts: its share is estimated as 0.")
    edge = (theta <= terms.box[:, 0]) | (theta >= terms.box[:, 1])
    if edge[0]:
        notes.append("Every sample of the problems that can be solved was correct: spread and mean have no upper end.")
    elif edge[1]:
        notes.append(
            "The problems that can be solved look equally hard: their likeness has no upper end."
            if theta[1] > 0
            else "Every problem looks always or never solved: the likeness of the problems has no lower end."
        )
    rivals = (_scaled(ends, point, terms) < _CONVERGED) & (point.value - point.value[best] < _ALMOST)
    if certificate.gradient > _CONVERGED:
        status = Status.max_steps
    elif edge.any():
        status = Status.at_bound
    elif certificate.condition > _TRADE_OFF:
        status = Status.ill_conditioned
    elif (np.abs(ends[rivals] - theta) > 1.0).any():
        status = Status.multimodal
    else:
        status = Status.converged
    return status, tuple(notes)
