"""Is the pace lower from a date on, and how much lower would it have had to be to be seen?

The line may turn at the date, and only its turn is in question. The chance that the pace did not fall, given the
points, is held against what that chance is in series that scatter as these do and do not turn: so the false-alarm rate
is that of the dependence that the points show. The turn is a column of the design, so that the same series say for any
true fall how often it would have been seen.
"""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.trend.impute import impute
from nextflop.outlook.trend.memory import Memory, remember
from nextflop.outlook.trend.regression import Regression

FEWEST = 3
"""Points on either side of the date, below which nothing is asked."""


class Points(NamedTuple):
    """The points of one reading of a series, on its scale, better being more.

    Attributes:
        dates: shape (points,), in order.
        low, high: bounds, equal where the value is known, shape (points,).
        errors: standard errors; None if there are none.
        ahead: what is added to points that are drawn without any bound, shape (points,).
    """

    dates: np.ndarray
    low: np.ndarray
    high: np.ndarray
    errors: np.ndarray | None
    ahead: np.ndarray

    def where(self, keep: np.ndarray) -> "Points":
        """The points for which a mask holds."""
        errors = None if self.errors is None else self.errors[keep]
        return Points(self.dates[keep], self.low[keep], self.high[keep], errors, self.ahead[keep])

    @property
    def known(self) -> np.ndarray:
        """Which points are values."""
        return self.low == self.high

    def drawn(self, design: np.ndarray, memory: Memory, rng: np.random.Generator) -> np.ndarray:
        """Series that agree with the bounds, shape (series, points)."""
        return impute(Regression(design, memory), self.low, self.high, rng) + self.ahead


class Change(NamedTuple):
    """The pace before and after a date; paces are steps on the scale a year, in the direction of progress.

    Attributes:
        since: the date.
        before, after: the paces, with intervals.
        chance: of points that speak as much for a fall, if there is none.
        seen: the pace after the date that would have been seen as a fall with the power asked for, if the pace before
            is what it is; -inf where none would.
        earlier, later: points on either side.
    """

    since: float
    before: Interval
    after: Interval
    chance: float
    seen: float
    earlier: int
    later: int

    def to_json(self) -> dict[str, Json]:
        """The change as JSON."""
        return {**self._asdict(), "before": self.before._asdict(), "after": self.after._asdict()}


def line(dates: np.ndarray, *turns: float) -> np.ndarray:
    """The design of a line that may turn at some dates, shape (points, 2 + turns)."""
    columns = [np.ones_like(dates), dates - dates.mean()]
    return np.stack([*columns, *(np.maximum(dates - turn, 0.0) for turn in turns)], axis=1)


def change(
    points: Points, since: float, *, draws: int, seed: int, level: float, alarm: float, power: float
) -> Change | None:
    """Holds the pace after a date against the one before.

    Args:
        points: the series.
        since: the date.
        draws: series of the reference.
        seed: of all draws.
        level: of the intervals.
        alarm: how often a fall may be seen where there is none.
        power: the probability with which the smallest fall would have been seen.

    Returns:
        None where either side has too few values.
    """
    known = points.known
    earlier, later = int((points.dates[known] < since).sum()), int((points.dates[known] >= since).sum())
    if min(earlier, later) < FEWEST or len(np.unique(points.dates[known])) < 2 * FEWEST:
        return None
    rng = np.random.default_rng(seed)
    design, memory = line(points.dates, since), remember(points.dates, points.errors)
    whole = Regression(design, memory)
    solved = whole.solve(points.drawn(design, memory, rng))
    turn = np.array([0.0, 0.0, 1.0])
    found = whole.known(solved, turn).merged()
    before = whole.known(solved, np.array([0.0, 1.0, 0.0])).merged().interval(level)
    after = whole.known(solved, np.array([0.0, 1.0, 1.0])).merged().interval(level)
    # The reference is made of what was measured: a bound adds little, and never to the size of the test.
    errors = None if points.errors is None else points.errors[known]
    dates = points.dates[known]
    part = Regression(line(dates, since), remember(dates, errors))
    made, scale = part.noise(part.solve(points.low[known][None] + points.ahead[known]), draws, rng)
    other = part.known(part.solve(made), turn)
    reference = other.above(0.0)
    chance = float((1 + (reference <= found.above(0.0)).sum()) / (draws + 1))
    # A series whose pace fell by so much more has its chance of no fall right at the limit.
    fall = other.quantile(1 - float(np.quantile(reference, alarm))) * scale
    return Change(since, before, after, chance, before.value - float(np.quantile(fall, power)), earlier, later)
