"""Does the pace change anywhere? A turn whose date is sought among all, and pays for the search.

At every date the chance that the pace did not fall there is found; the smallest is held against the smallest that is
found in series that scatter as these do about one line (Davies 1987, doi:10.1093/biomet/74.1.33, by simulation).
"""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.trend.change import Points, line
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.regression import Regression, likelihoods

_PLACES = 31
_LEAST = 3  # points with different dates on either side of a turn
_VISIBLE = 1e-6


class Sought(NamedTuple):
    """A fall of the pace at a date that was looked for.

    Attributes:
        place: where the line turns most likely, with its interval.
        fall: by how much the pace falls there, in steps on the scale a year; below 0 where it rises.
        chance: of a fall that stands out as much, anywhere, if there is none.
        rise: the same of a rise.
    """

    place: Interval
    fall: float
    chance: float
    rise: float

    def to_json(self) -> dict[str, Json]:
        """The turn as JSON."""
        return {**self._asdict(), "place": self.place._asdict()}


def seek(points: Points, *, draws: int, seed: int, level: float) -> Sought | None:
    """Looks for a turn among the values of a series; bounds have no say.

    Args:
        points: the series.
        draws: series of the reference.
        seed: of the draws.
        level: of the interval of the place.

    Returns:
        None where there are too few dates.
    """
    known = points.known
    dates = points.dates[known]
    levels = np.unique(dates)
    if len(levels) < 2 * _LEAST + 1:
        return None
    turns = np.unique(np.quantile(levels[_LEAST - 1 : len(levels) - _LEAST + 1], np.linspace(0, 1, _PLACES)))
    rng = np.random.default_rng(seed)
    memory = remember(dates, None if points.errors is None else points.errors[known])
    straight = Regression(line(dates), memory)
    shapes = np.maximum(dates - turns[:, None], 0.0)
    series = points.low[known][None] + points.ahead[known]
    none, falls, places = _turned(straight, shapes, series)
    made, _ = straight.noise(straight.solve(series), draws, rng)
    others = _turned(straight, shapes, made)[0]
    chance, rise = (
        float((1 + (far(others).min(axis=1) <= far(none).min()).sum()) / (draws + 1))
        for far in (lambda chances: chances, lambda chances: 1 - chances)
    )
    ends = np.interp([(1 - level) / 2, (1 + level) / 2], places[0].cumsum(), turns)
    best = int(places[0].argmax())
    return Sought(Interval(float(turns[best]), *map(float, ends)), float(falls[0, best]), chance, rise)


def _turned(straight: Regression, shapes: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is known of a turn at each place, each shape (series, places).

    Returns:
        The chance that the pace does not fall there, the fall, and how likely the place is.
    """
    from scipy.special import stdtr

    white, own = straight.whitened(series)
    rest = white - own @ straight.base.transpose(0, 2, 1)
    bent, along = straight.whitened(shapes)
    left = bent - along @ straight.base.transpose(0, 2, 1)
    sizes = np.linalg.norm(left, axis=2)
    sizes = np.maximum(sizes, _VISIBLE * np.linalg.norm(bent, axis=2))
    gained = rest @ (left / sizes[..., None]).transpose(0, 2, 1)  # grid, series, places
    squares = np.maximum((rest**2).sum(axis=2)[..., None] - gained**2, 1e-300)
    freedom = straight.freedom - 1
    logs = (straight.likely[:, None] - np.log(sizes))[:, None] - freedom / 2 * np.log(squares)
    weights = likelihoods(np.moveaxis(logs, 0, -1))
    far = np.moveaxis(gained / np.sqrt(squares / freedom), 0, -1)
    fall = -(weights * np.moveaxis(gained / sizes[:, None], 0, -1)).sum(axis=-1)
    high = logs.max(axis=0)
    places = likelihoods(high + np.log(np.exp(logs - high).sum(axis=0)))
    return (weights * stdtr(freedom, far)).sum(axis=-1), fall, places
