"""The likelihood of counts under the coverage laws, for many weightings of the problems at once.

For a problem with c of n samples correct the outcomes, in the order drawn, have the probability

    π [c = 0] + ω [c = n] + κ B(a + c, b + n - c) / B(a, b),    a = μν, b = (1 - μ)ν, κ = 1 - π - ω.

Equal (n, c) share one term, so the log-likelihood of a bootstrap draw is a weighted sum over distinct counts. Given μ
and ν it is concave in the shares π and ω, which are solved for on the way; a law without an atom has its share at 0.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.counts import Counts
from nextflop.fitting.coverage_atoms import Extreme, best_shares
from nextflop.fitting.coverage_extremes import AllMissed, Extremes, trigamma

# The box of the search. With ν = 100 n the counts vary by 1% more than those of equally hard problems, which fewer than
# 20,000 problems cannot show; below 1e-4 every problem is always or never solved. μ stays 2e-9 away from 0 and 1.
_LOGIT_MU = 20.0
_NU_LOW, _NU_HIGH_PER_SAMPLE = 1e-4, 100.0

Weighted = tuple[np.ndarray, np.ndarray]  # weights of shape (rows, distinct values), and the values


class Terms(NamedTuple):
    """The weighted counts of each row.

    Attributes:
        box: ends of logit μ and of log ν, shape (2, 2).
        problems: how many there are.
        between: weight of the problems that are of no atom for certain, shape (rows,).
        correct, failed, drawn: c, n - c and n of those.
        unsolved: n of the problems that may be of the atom at 0.
        perfect: n of the problems that may be of the atom at 1.
    """

    box: np.ndarray
    problems: int
    between: np.ndarray
    correct: Weighted
    failed: Weighted
    drawn: Weighted
    unsolved: Weighted
    perfect: Weighted

    @classmethod
    def of(cls, counts: Counts, weights: np.ndarray, never: bool, always: bool) -> "Terms":
        """The terms of counts for weights of shape (rows, problems), under a law with these atoms."""
        n, c = np.asarray(counts.samples), np.asarray(counts.correct)
        unsolved, perfect = (c == 0) & never, (c == n) & always
        between = ~(unsolved | perfect)
        return cls(
            np.array([[-_LOGIT_MU, _LOGIT_MU], np.log([_NU_LOW, _NU_HIGH_PER_SAMPLE * n.max()])]),
            len(counts),
            weights[:, between].sum(axis=1),
            *(
                _distinct(values[chosen], weights[:, chosen])
                for values, chosen in ((c, between), (n - c, between), (n, between), (n, unsolved), (n, perfect))
            ),
        )

    def rows(self, chosen: np.ndarray) -> "Terms":
        """The terms of some rows."""
        return type(self)(
            self.box, self.problems, self.between[chosen], *((weights[chosen], values) for weights, values in self[3:])
        )


def _distinct(values: np.ndarray, weights: np.ndarray) -> Weighted:
    distinct, place = np.unique(values, return_inverse=True)
    return weights @ (place[:, None] == np.arange(len(distinct))).astype(np.float64), distinct.astype(np.float64)


@dataclass
class Point:
    """The negative log-likelihood at one (logit μ, log ν) a row, the shares at their best.

    Attributes:
        value: shape (rows,).
        gradient: by (logit μ, log ν), shape (rows, 2).
        hessian: by (logit μ, log ν, π, ω), shape (rows, 4, 4).
        shares: π and ω, shape (rows, 2).
    """

    value: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray
    shares: np.ndarray

    @property
    def inner(self) -> np.ndarray:
        """Which shares can move either way, shape (rows, 2): those that are not 0, while the others are some."""
        return (self.shares > 0) & (self.shares.sum(axis=1) < 1)[:, None]

    def profile(self) -> np.ndarray:
        """The Hessian in (logit μ, log ν) when the shares follow, shape (rows, 2, 2)."""
        inner = self.inner
        cross = np.where(inner[:, :, None], self.hessian[:, 2:, :2], 0.0)
        own = np.where(inner[:, :, None] & inner[:, None, :], self.hessian[:, 2:, 2:], np.eye(2))
        return self.hessian[:, :2, :2] - cross.swapaxes(1, 2) @ np.linalg.solve(own, cross)

    def take(self, better: np.ndarray, other: "Point", rows: np.ndarray) -> None:
        """Replaces rows by those of another point that are better."""
        for name in ("value", "gradient", "hessian", "shares"):
            getattr(self, name)[rows[better]] = getattr(other, name)[better]


def evaluate(theta: np.ndarray, terms: Terms) -> Point:
    """The objective at logit μ and log ν of shape (rows, 2)."""
    from scipy.special import expit, xlogy

    mu, nu, rest = expit(theta[:, 0]), np.exp(theta[:, 1]), expit(-theta[:, 0])
    a, b = mu * nu, rest * nu
    of_a, of_b, of_nu = _rises(a, terms.correct), _rises(b, terms.failed), _rises(nu, terms.drawn)

    missed, hit = AllMissed.of(a, b, nu, terms.unsolved[1]), AllMissed.of(b, a, nu, terms.perfect[1]).turned()
    at_0, at_1 = Extreme(terms.unsolved[0], missed.chance), Extreme(terms.perfect[0], hit.chance)
    shares = best_shares(terms.between, at_0, at_1)
    ends = [
        Extremes.of(weighted, beta, own, other, shares.between)
        for weighted, beta, own, other in ((at_0, missed, *shares[:2]), (at_1, hit, shares.always, shares.never))
    ]

    by_ab = np.stack([of_a[1] - of_nu[1], of_b[1] - of_nu[1]]) + ends[0].by_ab + ends[1].by_ab
    by_abab = ends[0].by_abab + ends[1].by_abab - of_nu[2]
    by_abab[0, 0] += of_a[2]
    by_abab[1, 1] += of_b[2]
    value = of_a[0] + of_b[0] - of_nu[0] + xlogy(terms.between, shares.between) + ends[0].value + ends[1].value

    # From (a, b) to (logit μ, log ν).
    dx = mu * rest * nu
    jacobian = np.array([[dx, a], [-dx, b]])
    curl = np.array([[dx * (rest - mu), dx], [dx, a]]), np.array([[-dx * (rest - mu), -dx], [-dx, b]])
    hessian = np.empty((len(a), 4, 4))
    hessian[:, :2, :2] = np.einsum("iar,ijr,jbr->rab", jacobian, by_abab, jacobian) + np.einsum(
        "iabr,ir->rab", np.stack(curl), by_ab
    )
    cross = np.stack([ends[0].by_own + ends[1].by_other, ends[0].by_other + ends[1].by_own])
    hessian[:, 2:, :2] = np.einsum("iar,sir->rsa", jacobian, cross)
    hessian[:, :2, 2:] = hessian[:, 2:, :2].swapaxes(1, 2)
    hessian[:, 2:, 2:] = -(terms.between / np.where(shares.between > 0, shares.between, 1.0) ** 2)[:, None, None]
    hessian[:, 2:, 2:] += ends[0].by_shares + ends[1].by_shares[:, ::-1, ::-1]
    return Point(-value, -np.einsum("iar,ir->ra", jacobian, by_ab), -hessian, np.stack(shares[:2], axis=1))


def _rises(shape: np.ndarray, part: Weighted) -> np.ndarray:
    """Weighted sum of log Γ(shape + value) - log Γ(shape) with first and second derivative, shape (3, rows)."""
    from scipy.special import gammaln, psi

    weights, values = part
    base = shape[:, None]
    return np.stack([((f(base + values) - f(base)) * weights).sum(axis=1) for f in (gammaln, psi, trigamma)])
