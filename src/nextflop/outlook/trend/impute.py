"""Points of which only a bound is known, drawn as they may be: data augmentation for a line with dependent scatter.

The likelihood of a correlated series with bounds has no closed form. In turns, a line and a dependence are drawn given
all points, and each unknown point given the line and the others, within its bounds (Chib 1992,
doi:10.1016/0304-4076(92)90084-N, for the Tobit model). A point without any bound is drawn as the line has it, which
leaves the line as it was: what is missing says nothing.
"""

import numpy as np

from nextflop.outlook.trend.regression import Regression

_CHAINS = 64
_SWEEPS = 40  # chains begin at their bounds, and forget that within a few


def impute(regression: Regression, low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Series that agree with the bounds.

    Args:
        regression: the line and the dates.
        low, high: bounds of each point, equal where it is known, infinite where nothing is, shape (points,).
        rng: source of randomness.

    Returns:
        Shape (chains, points); (1, points) if every point is known.
    """
    unknown = np.flatnonzero(low < high)
    if not len(unknown):
        return low[None].copy()
    known = low == high
    design = regression.design
    rough = design @ np.linalg.lstsq(design[known], low[known], rcond=None)[0]
    series = np.tile(np.where(known, low, np.clip(rough, low, high)), (_CHAINS, 1))
    precision = regression.memory.whiten.transpose(0, 2, 1) @ regression.memory.whiten
    roots = np.linalg.cholesky(regression.covariance)
    for _ in range(_SWEEPS):
        solved = regression.solve(series)
        grid = (rng.random((_CHAINS, 1)) > solved.weights.cumsum(axis=1)).sum(axis=1).clip(max=precision.shape[0] - 1)
        chain = np.arange(_CHAINS)
        scale = np.sqrt(solved.squares[chain, grid] / rng.chisquare(regression.freedom, _CHAINS))
        kick = (roots[grid] @ rng.normal(size=(_CHAINS, design.shape[1], 1)))[..., 0]
        line = (solved.coefficients[chain, grid] + scale[:, None] * kick) @ design.T
        for point in unknown:
            rows = precision[grid, point]
            own = rows[:, point]
            others = (rows * (series - line)).sum(axis=1) - own * (series[:, point] - line[:, point])
            centre, spread = line[:, point] - others / own, scale / np.sqrt(own)
            ends = (low[point] - centre) / spread, (high[point] - centre) / spread
            series[:, point] = centre + spread * _between(*ends, rng.random(_CHAINS))
    return series


def _between(low: np.ndarray, high: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Standard normal numbers within bounds, from uniform ones; exact far out in a tail."""
    from scipy.special import log_ndtr, ndtri_exp

    flip = low > 0  # the lower tail is the one that logarithms resolve
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    top, bottom = log_ndtr(high), log_ndtr(low)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = ndtri_exp(top + np.log(share + (1 - share) * np.exp(np.minimum(bottom - top, 0))))
    drawn = np.clip(drawn, low, high)
    return np.where(flip, -drawn, drawn)
