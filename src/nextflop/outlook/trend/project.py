"""Where the line leads: a value at a date, and the date of a value, if the pace of the window lasts."""

from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.trend.change import Points, line
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.regression import Regression

_DRAWS = 4000


class Ahead(NamedTuple):
    """A point of the future, or the line at a date within the series.

    Attributes:
        date: when.
        line: the line there, on the scale of the series.
        point: a single point there: the line, its scatter, and what is left of the last points' distance from it.
        beyond: years beyond the last value, as a share of the span of the values; 0 within it.
    """

    date: float
    line: Interval
    point: Interval
    beyond: float


class Reached(NamedTuple):
    """When the line reaches a level.

    Attributes:
        level: as a place on the scale, in the direction of progress.
        date: when, with its interval; an end is infinite where the line may never be there.
        chance: that it ever is, before the year 3000.
    """

    level: float
    date: Interval
    chance: float

    def to_json(self) -> dict[str, Json]:
        """The date as JSON."""
        return {**self._asdict(), "date": self.date._asdict()}


class Lines(NamedTuple):
    """Lines as likely as they are, with what a point scatters about them.

    Attributes:
        middle: the date at which the height is counted.
        height, slope, scale: of each draw, shape (draws,).
        grid: the dependence of each.
        off: distances of the points from each line, shape (draws, points).
        regression: what they were drawn from.
    """

    middle: float
    height: np.ndarray
    slope: np.ndarray
    scale: np.ndarray
    grid: np.ndarray
    off: np.ndarray
    regression: Regression


def lines(points: Points, *, seed: int) -> Lines:
    """Draws lines through a series."""
    rng = np.random.default_rng(seed)
    design, memory = line(points.dates), remember(points.dates, points.errors)
    whole = Regression(design, memory)
    series = points.drawn(design, memory, rng)
    solved = whole.solve(series)
    chain = rng.integers(len(series), size=_DRAWS)
    ends = solved.weights.cumsum(axis=1)[chain]
    grid = (rng.random((_DRAWS, 1)) > ends).sum(axis=1).clip(max=ends.shape[1] - 1)
    scale = np.sqrt(solved.squares[chain, grid] / rng.chisquare(whole.freedom, _DRAWS))
    kick = (np.linalg.cholesky(whole.covariance)[grid] @ rng.normal(size=(_DRAWS, 2, 1)))[..., 0]
    height, slope = (solved.coefficients[chain, grid] + scale[:, None] * kick).T
    off = series[chain] - np.stack([height, slope], axis=1) @ design.T
    return Lines(float(points.dates.mean()), height, slope, scale, grid, off, whole)


def ahead(drawn: Lines, points: Points, date: float, *, seed: int, level: float) -> Ahead:
    """The line and a single point at a date."""
    memory = drawn.regression.memory
    rng = np.random.default_rng(seed)
    at = drawn.height + drawn.slope * (date - drawn.middle)
    towards = memory.towards(points.dates, date)
    white = np.einsum("gij,gj->gi", memory.whiten, towards)
    carry = np.einsum("gi,gij->gj", white, memory.whiten)[drawn.grid]
    spread = drawn.scale * np.sqrt(np.maximum(1 - (white**2).sum(axis=1), 0.0))[drawn.grid]
    single = at + (carry * drawn.off).sum(axis=1) + spread * rng.normal(size=len(at))
    shares = (0.5, (1 - level) / 2, (1 + level) / 2)
    last = points.dates[points.known]
    beyond = max(date - float(last.max()), 0.0) / (float(np.ptp(last)) or 1.0)
    known = [Interval(*(float(np.quantile(draws, share)) for share in shares)) for draws in (at, single)]
    return Ahead(date, known[0], known[1], beyond)


def reached(drawn: Lines, level: float, *, share: float) -> Reached:
    """When the line is at a level.

    Args:
        drawn: the lines.
        level: as a place on the scale, in the direction of progress.
        share: level of the interval.

    Raises:
        InputError: if the level is not a number on the scale.
    """
    if not np.isfinite(level):
        raise InputError("The level that is to be reached does not lie on the scale of the series: give another.")
    with np.errstate(divide="ignore", invalid="ignore"):
        dates = drawn.middle + (level - drawn.height) / drawn.slope
    dates = np.where((drawn.slope > 0) & (dates < 3000), dates, np.inf)
    ends = np.quantile(dates, [0.5, (1 - share) / 2, (1 + share) / 2], method="higher")
    return Reached(level, Interval(*map(float, ends)), float(np.isfinite(dates).mean()))
