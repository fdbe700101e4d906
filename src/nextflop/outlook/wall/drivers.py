"""What moves the date: each input from its 10% to its 90% point, the others drawn as before."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.outlook.wall.draw import Scores, dates, given
from nextflop.outlook.wall.model import Model
from nextflop.outlook.wall.passage import Passage, passage

TAIL = 0.1
"""An input is moved from this share of its distribution to one minus it."""

_SCORE = 1.2815515655446004  # of a share of 0.9
_DRAWS = 8_000  # the same draws on both sides of every bar, so that few are enough


class Driver(NamedTuple):
    """One input and what it does to the date.

    Attributes:
        name, meaning, unit: of the input; "account of demand" for which account is followed.
        low, high: its values at 10% and at 90%; `nan` for a whole series or for the account.
        low_says, high_says: the same in words, where they are no numbers.
        low_date, high_date: the median date with the input held there.
        width: years between the ends of the interval of the date.
        width_known: the same with the input held at its median, as if it had been measured and found there; for the
            account the mean over accounts. Infinity where an end lies beyond the horizon.
    """

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    low_says: str
    high_says: str
    low_date: float
    high_date: float
    width: float
    width_known: float

    @property
    def swing(self) -> float:
        """Years between the two dates; infinity where one of them is beyond the horizon."""
        return _between(self.low_date, self.high_date)


def drivers(model: Model, drawn: Scores, account: np.ndarray, level: float) -> tuple[Driver, ...]:
    """All inputs that are not held to be known, those that move the median date most first.

    An input that is correlated with others takes them along.
    """
    few = {name: one[:_DRAWS] for name, one in drawn.items()}
    account = account[:_DRAWS]
    whole = _between(*_passage(model, few, account).interval(level))
    found = []
    for name in model.uncertain:
        early, known, late = (
            _passage(model, given(model, few, name, side * _SCORE), account) for side in (-1.0, 0.0, 1.0)
        )
        widths = whole, _between(*known.interval(level))
        if name in model.series:
            series = model.series[name]
            about, values = (series.meaning, series.unit), (np.nan, np.nan, "10%", "90%")
            found.append(Driver(name, *about, *values, early.median, late.median, *widths))
        else:
            one = model.inputs[name]
            low, high = one.belief(np.array([-_SCORE, _SCORE]))
            ends = sorted([(float(low), early.median), (float(high), late.median)])
            (low, low_date), (high, high_date) = ends
            found.append(Driver(name, one.meaning, one.unit, low, high, "", "", low_date, high_date, *widths))
    if len(model.demands) > 1:
        found.append(_accounts(model, few, account, level, whole))
    return tuple(sorted(found, key=lambda driver: -driver.swing))


def _passage(model: Model, drawn: Mapping[str, np.ndarray], account: np.ndarray) -> Passage:
    return passage(dates(model, drawn, account), model.start, model.horizon)


def _between(one: float, other: float) -> float:
    """Years between two dates, 0 also between two that never come."""
    return 0.0 if one == other else abs(other - one)


def _accounts(model: Model, drawn: Scores, account: np.ndarray, level: float, whole: float) -> Driver:
    """The two accounts of demand whose dates differ most."""
    told = [
        (_passage(model, drawn, np.full_like(account, index)), side.name) for index, side in enumerate(model.demands)
    ]
    told.sort(key=lambda pair: pair[0].median)
    (early, first), (late, last) = told[0], told[-1]
    known = float(np.mean([_between(*one.interval(level)) for one, _ in told]))
    about = "account of demand", "which account of demand holds", ""
    return Driver(*about, np.nan, np.nan, first, last, early.median, late.median, whole, known)
