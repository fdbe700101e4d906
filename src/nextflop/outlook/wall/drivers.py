"""What moves the date: each input from its 10% to its 90% point, the others drawn as before."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.outlook.wall.draw import Scores, dates, given
from nextflop.outlook.wall.model import Model, Side
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

    @property
    def swing(self) -> float:
        """Years between the two dates; infinity where one of them is beyond the horizon."""
        if self.low_date == self.high_date:
            return 0.0
        return abs(self.high_date - self.low_date)


def drivers(model: Model, drawn: Scores, account: np.ndarray) -> tuple[Driver, ...]:
    """All inputs that are not held to be known, those that move the median date most first.

    An input that is correlated with others takes them along.
    """
    few = {name: one[:_DRAWS] for name, one in drawn.items()}
    account = account[:_DRAWS]
    found = []
    for name in model.uncertain:
        early, late = (_median(model, given(model, few, name, side * _SCORE), account) for side in (-1, 1))
        if name in model.series:
            series = model.series[name]
            found.append(
                Driver(name, series.meaning, series.unit, np.nan, np.nan, "10%", "90%", early.median, late.median)
            )
        else:
            one = model.inputs[name]
            low, high = one.belief(np.array([-_SCORE, _SCORE]))
            ends = sorted([(float(low), early.median), (float(high), late.median)])
            (low, low_date), (high, high_date) = ends
            found.append(Driver(name, one.meaning, one.unit, low, high, "", "", low_date, high_date))
    if len(model.demands) > 1:
        found.append(_accounts(model, few, account))
    return tuple(sorted(found, key=lambda driver: -driver.swing))


def _median(model: Model, drawn: Mapping[str, np.ndarray], account: np.ndarray) -> Passage:
    return passage(dates(model, drawn, account), model.start, model.horizon)


def _accounts(model: Model, drawn: Scores, account: np.ndarray) -> Driver:
    """The two accounts of demand whose dates differ most."""
    told: list[tuple[float, Side]] = [
        (_median(model, drawn, np.full_like(account, index)).median, side) for index, side in enumerate(model.demands)
    ]
    told.sort(key=lambda pair: pair[0])
    (early, first), (late, last) = told[0], told[-1]
    return Driver(
        "account of demand", "which account of demand holds", "", np.nan, np.nan, first.name, last.name, early, late
    )
