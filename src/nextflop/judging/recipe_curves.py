"""Both recipes of a comparison against compute: responses, their difference, and the multiplier."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.comparison import Row, ends
from nextflop.judging.compute import path, times
from nextflop.judging.joint import Joint
from nextflop.laws.base import Law


class Curves:
    """Both recipes against compute, of the estimate and of every draw."""

    def __init__(self, found: Fit, low: float, high: float) -> None:
        laws = (found.law, found.laws)
        assert all(isinstance(law, Joint) for law in laws)
        self.sides = [[law.recipe(side) for law in laws if isinstance(law, Joint)] for side in (0, 1)]
        self.paths = [path(estimate, low, high) for estimate, _ in self.sides]

    def at(self, side: int, compute: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The response of a recipe: of the estimate, shape (places,), and of the draws, shape (draws, places)."""
        inputs = self.paths[side](compute)
        estimate, drawn = (np.asarray(law(**inputs)) for law in self.sides[side])
        return estimate, drawn

    def multiplier(self, compute: np.ndarray, lower: bool) -> tuple[np.ndarray, np.ndarray]:
        """How many times this compute the baseline needs for what the candidate does with it; shapes as `at`."""

        def response(law: Law, factor: np.ndarray) -> np.ndarray:
            return np.asarray(law(**self.paths[0](compute * factor)))

        aims = self.at(1, compute)
        with np.errstate(all="ignore"):
            estimate, drawn = (
                times(partial(response, law), aim, lower) for law, aim in zip(self.sides[0], aims, strict=True)
            )
        return estimate, drawn

    def lead(self, compute: np.ndarray, lower: bool) -> tuple[np.ndarray, np.ndarray]:
        """By how much the candidate is better; shapes as `at`."""
        of_baseline, of_candidate = self.at(0, compute), self.at(1, compute)
        gaps = [b - c if lower else c - b for b, c in zip(of_baseline, of_candidate, strict=True)]
        return gaps[0], gaps[1]


def rows_of(places: np.ndarray, curves: Curves, beyond: Sequence[float], lower: bool, level: float) -> tuple[Row, ...]:
    """Both recipes at some scales.

    Args:
        places: the scales, shape (places,).
        curves: of both.
        beyond: how far each scale lies from the data, in decades.
        lower: whether a lower response is better.
        level: of the intervals.
    """
    of_baseline, of_candidate = curves.at(0, places), curves.at(1, places)
    apart = tuple(c - b for b, c in zip(of_baseline, of_candidate, strict=True))
    parts = (of_baseline, of_candidate, apart, curves.multiplier(places, lower))
    columns = [(value, *ends(drawn, level)) for value, drawn in parts]
    good = apart[1] < 0 if lower else apart[1] > 0
    ahead = good.mean(axis=0) if len(good) else np.full(len(places), np.nan)
    return tuple(
        Row(
            float(place),
            *(Interval(*(float(part[index]) for part in column)) for column in columns),
            ahead=float(ahead[index]),
            beyond=float(beyond[index]),
        )
        for index, place in enumerate(places)
    )


def growth(curves: Curves, low: float, high: float, lower: bool, level: float) -> Interval:
    """The multiplier at one scale over that at a smaller one."""
    value, drawn = curves.multiplier(np.array([low, high]), lower)
    with np.errstate(all="ignore"):
        return Interval(float(value[1] / value[0]), *map(float, ends(drawn[:, 1] / drawn[:, 0], level)))
