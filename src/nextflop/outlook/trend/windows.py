"""How fast a series grows within a window: by three estimates, one of which forgets that points remember each other."""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.dates import YEAR
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.trend.change import Points, line
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.regression import Regression

_SERIES = 400  # drawn for the interval of the robust pace
_PAIRS = 4000  # of points, behind the robust pace of a long series
_FEWEST = 4


class Window(NamedTuple):
    """The pace within a window, in steps on the scale a year, in the direction of progress.

    Attributes:
        start, end: the window; its last moment is not in it.
        points: values in it.
        pace: with an interval that allows for dependence; the one to be used.
        plain: by ordinary least squares, with Student's interval for independent points.
        robust: the median of the slopes of all pairs of points (Theil and Sen), whose interval allows for dependence.
        memory: correlation time in days; 0 for independent points.
    """

    start: float
    end: float
    points: int
    pace: Interval
    plain: Interval
    robust: Interval
    memory: float

    def to_json(self) -> dict[str, Json]:
        """The window as JSON."""
        paces = {name: getattr(self, name)._asdict() for name in ("pace", "plain", "robust")}
        return {**self._asdict(), **paces}


def window(points: Points, start: float, end: float, *, seed: int, level: float) -> Window | None:
    """The pace of the points in a window, bounds included.

    Returns:
        None where there are fewer than four values, or fewer than three dates.
    """
    inside = (points.dates >= start) & (points.dates < end)
    part = points.where(inside)
    known = part.known
    dates = part.dates[known]
    if len(dates) < _FEWEST or len(np.unique(dates)) < 3:
        return None
    rng = np.random.default_rng(seed)
    values = part.low[known] + part.ahead[known]
    design, memory = line(part.dates), remember(part.dates, part.errors)
    whole = Regression(design, memory)
    solved = whole.solve(part.drawn(design, memory, rng))
    slope = np.array([0.0, 1.0])
    times = solved.weights.mean(axis=0)
    remembered = float(memory.times[np.searchsorted(times.cumsum(), 0.5)])
    errors = None if part.errors is None else part.errors[known]
    return Window(
        start,
        end,
        len(dates),
        whole.known(solved, slope).merged().interval(level),
        plain(dates, values, level),
        _robust(dates, values, errors, level, rng),
        remembered * YEAR,
    )


def plain(dates: np.ndarray, values: np.ndarray, level: float) -> Interval:
    """The slope of ordinary least squares with Student's interval, which takes the points for independent."""
    from scipy.stats import t

    away = dates - dates.mean()
    slope = float(away @ values / (away @ away))
    rest = values - values.mean() - slope * away
    freedom = len(dates) - 2
    reach = float(t.ppf((1 + level) / 2, freedom) * np.sqrt(rest @ rest / freedom / (away @ away)))
    return Interval(slope, slope - reach, slope + reach)


def _robust(
    dates: np.ndarray, values: np.ndarray, errors: np.ndarray | None, level: float, rng: np.random.Generator
) -> Interval:
    """The median slope of pairs; its interval from series that scatter about a line as these points do."""
    first, second = np.triu_indices(len(dates), 1)
    apart = dates[second] > dates[first]
    first, second = first[apart], second[apart]
    if len(first) > _PAIRS:
        some = rng.choice(len(first), _PAIRS, replace=False)
        first, second = first[some], second[some]
    years = dates[second] - dates[first]

    def slopes(series: np.ndarray) -> np.ndarray:
        return np.median((series[:, second] - series[:, first]) / years, axis=1)

    regression = Regression(line(dates), remember(dates, errors))
    made, scale = regression.noise(regression.solve(values[None]), _SERIES, rng)
    found = float(slopes(values[None])[0])
    off = np.quantile(slopes(made * scale[:, None]), [(1 + level) / 2, (1 - level) / 2])
    return Interval(found, *(float(found - part) for part in off))
