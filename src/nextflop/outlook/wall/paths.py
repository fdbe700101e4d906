"""Whole paths through time, and the date at which one first passes another.

A path is a straight line of log10 between years that all draws share, so that sums of paths are paths, and the first
crossing of two of them is found exactly: there is no grid of years to be read off, and no year is drawn anew.
"""

from typing import NamedTuple

import numpy as np


class Paths(NamedTuple):
    """Paths of log10 of an amount.

    Attributes:
        years: where the slopes may change, increasing, shape (knots,).
        values: log10 there, shape (draws, knots).
    """

    years: np.ndarray
    values: np.ndarray

    def at(self, years: np.ndarray) -> np.ndarray:
        """Log10 at other years, shape (draws, years); beyond either end the last slope goes on.

        Args:
            years: shape (years,).
        """
        left = np.clip(np.searchsorted(self.years, years, side="right") - 1, 0, len(self.years) - 2)
        share = (years - self.years[left]) / (self.years[left + 1] - self.years[left])
        return self.values[:, left] * (1 - share) + self.values[:, left + 1] * share

    def on(self, dates: np.ndarray) -> np.ndarray:
        """Log10 at one date a draw, shape (draws,); `nan` where the date is not finite."""
        known = np.isfinite(dates)
        place = np.where(known, dates, self.years[0])
        left = np.clip(np.searchsorted(self.years, place, side="right") - 1, 0, len(self.years) - 2)
        share = (place - self.years[left]) / (self.years[left + 1] - self.years[left])
        row = np.arange(len(dates))
        found = self.values[row, left] * (1 - share) + self.values[row, left + 1] * share
        return np.where(known, found, np.nan)


def first_passage(demand: Paths, stock: Paths) -> np.ndarray:
    """The date at which demand first reaches the stock, in continuous time.

    Args:
        demand: its first and last year are where the search begins and ends.
        stock: paths of as many draws.

    Returns:
        One date a draw, shape (draws,): the first year of the demand where it is already reached there, so that this
        date means "then or before"; infinity where it is not reached by the last year.
    """
    begin, end = demand.years[0], demand.years[-1]
    years = np.union1d(demand.years, stock.years)
    years = years[(years >= begin) & (years <= end)]
    gap = demand.at(years) - stock.at(years)
    reached = gap >= 0
    first = np.maximum(reached.argmax(axis=1), 1)
    row = np.arange(len(gap))
    before, after = gap[row, first - 1], gap[row, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = before / (before - after)
    dates = years[first - 1] + share * (years[first] - years[first - 1])
    dates = np.where(reached.any(axis=1), dates, np.inf)
    return np.where(reached[:, 0], begin, dates)
