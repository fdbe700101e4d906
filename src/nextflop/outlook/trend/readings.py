"""A series read in several ways: what rows without a value may have been, and what each would mean.

A row that says nothing is neither slow nor fast. Left out, it says nothing of the line, as if it had been on
trend. A record that still stands at the end of the series is only a lower bound once a group that may have beaten it is
silent. Beside this reading stand the naive one, for which what was not disclosed did not happen, and two that bound
what it may hide: silent runs a factor ten above the line, and none above the record that stood. Both are asked of the
rows after the date in question, for it is later silence that could hide a slowing or make one up.
"""

from typing import NamedTuple

import numpy as np

from nextflop.outlook.trend.change import Points
from nextflop.outlook.trend.frontier import Frontier, quarter_of, standing
from nextflop.outlook.trend.series import Series

CENSORED, NAIVE, LARGER, NONE = "censored", "naive", "larger", "none-above"
"""Names of the readings; the first is the one that the answer rests on."""

_TEN = float(np.log(10))
_A_DAY = 1 / 365


class Read(NamedTuple):
    """A series as one reading has it.

    Attributes:
        points: the points, on the scale, better being more.
        rows: their rows in the series, -1 for a point that is no row of its own, shape (points,).
    """

    points: Points
    rows: np.ndarray


def read(
    series: Series,
    found: Frontier,
    start: float,
    until: float,
    way: str = CENSORED,
    *,
    since: float = -np.inf,
    pace: float = 0.0,
) -> Read:
    """One reading.

    Args:
        series: the series.
        found: its frontier.
        start: rows before it are left out.
        until: the date up to which the series was watched.
        way: one of the names above.
        since: silent rows from here on are what "larger" and "none-above" are about.
        pace: steps on the scale a year, by which "larger" is ahead where a factor means nothing: one year of it.
    """
    rows = found.rows[(series.dates[found.rows] >= start) & (series.dates[found.rows] <= until)]
    place = series.sign * series.scale.to(series.values)
    side = series.sign * series.sides
    if way == NAIVE:
        side = np.zeros_like(side)
    entries = [(series.dates[row], *_bounds(place[row], side[row]), 0.0, int(row)) for row in rows]
    silent = np.flatnonzero(found.silent & (series.dates >= start) & (series.dates <= until))
    if series.rule.kind == "record" and len(rows) and until > series.dates[rows[-1]] + _A_DAY:
        last = int(rows[-1])
        hidden = way == CENSORED and bool((series.dates[silent] > series.dates[last]).any())
        if way != LARGER:
            entries.append((until, place[last], np.inf if hidden else place[last], 0.0, -1))
    if way in {LARGER, NONE}:
        for date in _one_a_quarter(series.dates[silent][series.dates[silent] >= since]):
            best = standing(series, rows, date)
            if way == LARGER:
                entries.append((date, -np.inf, np.inf, _TEN if series.scale.name == "log" else pace, -1))
            elif best is not None:
                entries.append((date, place[best], place[best], 0.0, -1))
    entries.sort(key=lambda entry: entry[0])
    columns = iter(zip(*entries, strict=True)) if entries else iter([()] * 5)
    dates, low, high, ahead = (np.array(next(columns), dtype=np.float64) for _ in range(4))
    places = np.array(next(columns), dtype=int)
    errors = None
    if series.errors is not None:
        usual = float(np.nanmean(series.errors[rows]))
        errors = np.where(places >= 0, series.errors[places], usual)
    return Read(Points(dates, low, high, errors, ahead), places)


def _bounds(place: float, side: float) -> tuple[float, float]:
    return (place if side >= 0 else -np.inf), (place if side <= 0 else np.inf)


def _one_a_quarter(dates: np.ndarray) -> np.ndarray:
    """The last date of each quarter that has one: a group's small models are not all runs at the frontier."""
    quarter = quarter_of(dates)
    return np.array([dates[quarter == one].max() for one in np.unique(quarter)])
