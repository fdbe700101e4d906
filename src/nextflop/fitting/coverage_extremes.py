"""What problems with no correct sample, or with no other, add to the likelihood of counts, and its derivatives."""

from typing import NamedTuple

import numpy as np

from nextflop.fitting.coverage_atoms import Extreme
from nextflop.laws.coverage import log_all_missed


class AllMissed(NamedTuple):
    """The chance that a problem of the Beta part misses all of n samples, with derivatives of its logarithm."""

    chance: np.ndarray  # (rows, distinct n)
    other: np.ndarray  # 1 - chance
    first: np.ndarray  # by a and b, (2, rows, distinct n)
    second: np.ndarray  # (2, 2, rows, distinct n)

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, nu: np.ndarray, n: np.ndarray) -> "AllMissed":
        """For a, b and ν = a + b of shape (rows,), and the distinct n."""
        from scipy.special import psi

        log_chance = log_all_missed(a[:, None], b[:, None], n)
        slope, bend = (f(nu[:, None]) - f(nu[:, None] + n) for f in (psi, trigamma))
        by_b, bend_b = (f(b[:, None] + n) - f(b[:, None]) for f in (psi, trigamma))
        second = np.stack([np.stack([bend, bend]), np.stack([bend, bend + bend_b])])
        return cls(np.exp(log_chance), -np.expm1(log_chance), np.stack([slope, slope + by_b]), second)

    def turned(self) -> "AllMissed":
        """With a and b exchanged, as they are for samples that all hit."""
        return self._replace(first=self.first[::-1], second=self.second[::-1, ::-1])


class Extremes(NamedTuple):
    """What the problems at one extreme add to the log-likelihood: Σ w ln(own + κ chance), and its derivatives."""

    value: np.ndarray  # (rows,)
    by_ab: np.ndarray  # (2, rows)
    by_abab: np.ndarray  # (2, 2, rows)
    by_own: np.ndarray  # by a or b, and the share of this extreme's atom, (2, rows)
    by_other: np.ndarray  # by a or b, and the share of the other atom, (2, rows)
    by_shares: np.ndarray  # by this share and the other, (rows, 2, 2)

    @classmethod
    def of(
        cls, extreme: Extreme, beta: AllMissed, own: np.ndarray, other: np.ndarray, between: np.ndarray
    ) -> "Extremes":
        """For the shares of its own atom, of the other atom, and of the problems between, each of shape (rows,)."""
        weights = extreme.weights
        chance = np.maximum(own[:, None] + between[:, None] * beta.chance, 1e-300)  # 0 only where the weight is 0 too
        spread = between[:, None] * beta.chance / chance  # probability that the problem is not of the atom
        through = weights * (beta.chance / chance) / chance * beta.first
        slopes = np.stack([beta.other, -beta.chance]) / chance  # of the logarithm, by this share and the other
        return cls(
            (weights * np.log(chance)).sum(axis=1),
            (weights * spread * beta.first).sum(axis=-1),
            (weights * (spread * beta.second + spread * (1 - spread) * beta.first[:, None] * beta.first[None])).sum(-1),
            -(1 - other) * through.sum(axis=-1),
            -own * through.sum(axis=-1),
            -np.einsum("rn,irn,jrn->rij", weights, slopes, slopes),
        )


def trigamma(x: np.ndarray) -> np.ndarray:
    """ψ'(x) to 1e-9, by shifting up by six and the asymptotic series: scipy's is fifteen times slower."""
    near = sum(1 / (x + step) ** 2 for step in range(6))
    u = 1 / (x + 6)
    square = u * u
    return near + u + square / 2 + u * square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
