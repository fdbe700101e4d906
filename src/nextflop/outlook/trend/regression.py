"""Lines through many series at once, whose points remember each other: what is known of a slope is a mixture."""

from typing import NamedTuple

import numpy as np

from nextflop.fitting.fit import Interval
from nextflop.outlook.trend.memory import Memory

_HALVINGS = 30  # of the bracket of a quantile, which is as wide as the parts differ


class Mixture(NamedTuple):
    """What is known of one number: Student's distributions with weights, shape (..., parts).

    Attributes:
        centre, spread: of each part.
        weight: of each part; they add up to 1.
        freedom: degrees of freedom of all.
    """

    centre: np.ndarray
    spread: np.ndarray
    weight: np.ndarray
    freedom: int

    def above(self, limit: float | np.ndarray) -> np.ndarray:
        """The probability that the number is above a limit, shape (...)."""
        from scipy.special import stdtr

        far = (self.centre - np.asarray(limit)[..., None]) / self.spread
        return np.asarray((self.weight * stdtr(self.freedom, far)).sum(axis=-1))

    def quantile(self, share: float) -> np.ndarray:
        """The value that the number is below with a probability, shape (...)."""
        from scipy.special import stdtrit

        ends = self.centre + self.spread * stdtrit(self.freedom, share)
        low, high = ends.min(axis=-1), ends.max(axis=-1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            over = 1 - self.above(middle) > share
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return np.asarray((low + high) / 2)

    def interval(self, level: float) -> Interval:
        """Median and central interval of a single number."""
        return Interval(*(float(self.quantile(share)) for share in (0.5, (1 - level) / 2, (1 + level) / 2)))

    def merged(self) -> "Mixture":
        """One mixture of those of all series, which count alike."""
        series = len(self.centre)
        return Mixture(self.centre.ravel(), self.spread.ravel(), self.weight.ravel() / series, self.freedom)


class Solved(NamedTuple):
    """Lines through series, for every dependence.

    Attributes:
        coefficients: shape (series, grid, columns).
        squares: what is left, in the metric of the dependence, shape (series, grid).
        weights: how likely each dependence is, shape (series, grid).
    """

    coefficients: np.ndarray
    squares: np.ndarray
    weights: np.ndarray


class Regression:
    """A design whose coefficients are to be found for many series of the same dates.

    Args:
        design: shape (points, columns).
        memory: the dependences, of the same points.
    """

    def __init__(self, design: np.ndarray, memory: Memory) -> None:
        self.design, self.memory = design, memory
        self.freedom = len(design) - design.shape[1]
        self.base, root = np.linalg.qr(memory.whiten @ design)
        self._back = np.linalg.inv(root)
        self.covariance = self._back @ self._back.transpose(0, 2, 1)
        size = memory.logdet / 2 + np.log(np.abs(np.diagonal(root, axis1=1, axis2=2))).sum(axis=1)
        self.likely = memory.prior - size

    def solve(self, series: np.ndarray) -> Solved:
        """Generalised least squares for each dependence, and how likely the series is under it.

        Args:
            series: shape (series, points).
        """
        white, own = self.whitened(series)
        squares = np.maximum((white**2).sum(axis=-1) - (own**2).sum(axis=-1), 1e-300).T
        coefficients = (own @ self._back.transpose(0, 2, 1)).transpose(1, 0, 2)
        return Solved(coefficients, squares, likelihoods(self.likely - self.freedom / 2 * np.log(squares)))

    def whitened(self, series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The series without their dependence, and their parts along the design.

        Returns:
            Shapes (grid, series, points) and (grid, series, columns).
        """
        white = series @ self.memory.whiten.transpose(0, 2, 1)
        return white, white @ self.base

    def noise(self, solved: Solved, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Scatter as the first series may have it: of unit variance, by dependences as likely as they are.

        Returns:
            The scatter, shape (draws, points), and its standard deviations, shape (draws,).
        """
        grid = rng.choice(solved.weights.shape[1], size=draws, p=solved.weights[0])
        scale = np.sqrt(solved.squares[0, grid] / rng.chisquare(self.freedom, draws))
        made = np.empty((draws, len(self.design)))
        for one in np.unique(grid):
            mine = grid == one
            made[mine] = rng.normal(size=(mine.sum(), len(self.design))) @ self.memory.roots[one].T
        return made, scale

    def known(self, solved: Solved, contrast: np.ndarray) -> Mixture:
        """What is known of a combination of the coefficients.

        Args:
            solved: the series.
            contrast: shape (columns,).
        """
        scale = np.einsum("p,gpq,q->g", contrast, self.covariance, contrast)
        spread = np.sqrt(solved.squares / self.freedom * scale)
        return Mixture(solved.coefficients @ contrast, spread, solved.weights, self.freedom)


def likelihoods(logs: np.ndarray) -> np.ndarray:
    """Logarithms of likelihoods as weights that add up to 1 along the last axis."""
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
