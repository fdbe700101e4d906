"""How the points of a series remember each other, without one guess at how long.

A frontier model that is far above the line is followed by others that are: points of a series in time are not
independent, and an interval that takes them for it is too short. Here the scatter about a line is a part that fades
with time, of correlation exp(-|Δt| / τ), beside a part that every point has of its own. τ and the shares are not known
from twenty points, so nothing rests on one value: every answer is an average over a grid of them, weighed by how
likely the points are under each, with the line and the size of the scatter integrated out (Harville 1974,
doi:10.1093/biomet/61.2.383; Berger, De Oliveira and Sansó 2001, doi:10.1198/016214501753382282).
"""

from typing import NamedTuple

import numpy as np

_FRACTIONS = 2.0 ** np.arange(-5, 1)
"""Correlation times that are tried, as shares of the span."""

_SHARES = (0.4, 0.7, 0.9, 0.999)
"""Shares of the variance that fade with time; what is left belongs to each point alone. Without the last, points close
to each other, and alike, would be taken for a small scatter, and intervals would be too short."""

_INDEPENDENT = 1 / 3
"""Weight of independent points before any is seen: points that are must not pay much for what others do."""


class Memory(NamedTuple):
    """The grid of dependences for the dates of one series.

    Attributes:
        times: correlation times in years, 0 for independent points, shape (grid,).
        shares: of the variance that is remembered, shape (grid,).
        own: variance that each point has of its own, relative to the mean one, shape (points,).
        roots: Cholesky factors of the correlation, shape (grid, points, points).
        whiten: their inverses.
        logdet: logarithm of the determinant of the correlation, shape (grid,).
        prior: logarithm of the weight before any point is seen, shape (grid,).
    """

    times: np.ndarray
    shares: np.ndarray
    own: np.ndarray
    roots: np.ndarray
    whiten: np.ndarray
    logdet: np.ndarray
    prior: np.ndarray

    def towards(self, dates: np.ndarray, at: float) -> np.ndarray:
        """Correlations of the points with one at another date, shape (grid, points)."""
        return _faded(np.abs(dates - at), self.times, self.shares)


def remember(dates: np.ndarray, errors: np.ndarray | None = None) -> Memory:
    """The dependences that a series of these dates may have.

    Args:
        dates: decimal years, shape (points,).
        errors: standard errors of the points in one unit, of which only the ratios count.
    """
    span = float(np.ptp(dates)) or 1.0
    times = np.array([0.0, *np.repeat(_FRACTIONS * span, len(_SHARES))])
    shares = np.array([0.0, *np.tile(_SHARES, len(_FRACTIONS))])
    own = np.ones(len(dates))
    if errors is not None and (errors > 0).any():
        own = np.maximum(errors / np.sqrt((errors**2).mean()), 0.1) ** 2
    shape = _faded(np.abs(dates[:, None] - dates), times, shares)
    shape = shape + (1 - shares)[:, None, None] * np.diag(own)
    roots = np.linalg.cholesky(shape)
    logdet = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    prior = np.log(np.append(_INDEPENDENT, np.full(len(times) - 1, (1 - _INDEPENDENT) / (len(times) - 1))))
    return Memory(times, shares, own, roots, np.linalg.inv(roots), logdet, prior)


def _faded(apart: np.ndarray, times: np.ndarray, shares: np.ndarray) -> np.ndarray:
    rest = (slice(None), *[None] * apart.ndim)
    return shares[rest] * np.exp(-apart / np.where(times > 0, times, 1.0)[rest])
