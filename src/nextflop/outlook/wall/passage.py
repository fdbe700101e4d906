"""A distribution over the date of a first passage, with what lies before its beginning and beyond its end."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json


class Chance(NamedTuple):
    """A probability from draws, and the standard error of that figure by the number of draws alone."""

    value: float
    error: float


@dataclass(frozen=True)
class Passage:
    """The dates at which draws first pass.

    Attributes:
        dates: sorted, shape (draws,); `start` where a draw had passed already, infinity where it never does.
        start, horizon: between them a passage was looked for.
    """

    dates: np.ndarray
    start: float
    horizon: float

    @property
    def median(self) -> float:
        """The date before which half of the draws pass: `start` means then or before, infinity after the horizon."""
        return self.quantile(0.5)

    @property
    def passed(self) -> float:
        """The share of draws that had passed at the start."""
        return float(np.searchsorted(self.dates, self.start, side="right")) / len(self.dates)

    @property
    def never(self) -> float:
        """The share of draws that do not pass by the horizon."""
        return 1 - float(np.searchsorted(self.dates, np.inf, side="left")) / len(self.dates)

    def quantile(self, share: float) -> float:
        """The date before which a share of the draws pass, an order statistic, as infinity cannot be averaged."""
        place = int(np.ceil(share * len(self.dates))) - 1
        return float(self.dates[min(max(place, 0), len(self.dates) - 1)])

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """The ends of the central interval of a level."""
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def before(self, year: float | int) -> Chance:
        """The probability of a passage before a date.

        Raises:
            InputError: if the date is not between start and horizon, about which the draws say nothing.
        """
        if not self.start < year <= self.horizon:
            raise InputError(
                f"These paths run from {self.start:g} to {self.horizon:g} and say nothing of a passage before "
                f"{year:g}: give a date between."
            )
        share = float(np.searchsorted(self.dates, year, side="left")) / len(self.dates)
        return Chance(share, float(np.sqrt(share * (1 - share) / len(self.dates))))

    def density(self, edges: np.ndarray) -> np.ndarray:
        """The probability a year between edges, shape (edges - 1,); what had passed at the start is not in it."""
        counts = np.histogram(self.dates[self.dates > self.start], edges)[0]
        return counts / np.diff(edges) / len(self.dates)

    def to_json(self, level: float) -> dict[str, Json]:
        """Median, interval and the two shares."""
        low, high = self.interval(level)
        found = {"median": self.median, "low": low, "high": high, "level": level}
        return found | {"passed_at_start": self.passed, "not_by_horizon": self.never}


def passage(dates: np.ndarray, start: float, horizon: float) -> Passage:
    """The distribution of some dates."""
    return Passage(np.sort(dates), start, horizon)
