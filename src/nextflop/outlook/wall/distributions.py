"""What is known of a number: a value, or an interval with a shape; every shape maps standard normal scores to values.

Working in scores keeps three things apart that are often mixed: which draw (the score), which belief (the shape), and
what goes together (a correlation of scores, a Gaussian copula). A score of 0 is the median of every shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from nextflop.errors import InputError, unknown
from nextflop.quantities import show


def half(level: float) -> float:
    """The score at the upper end of a central interval: 1.96 for 0.95."""
    return float(ndtri((1 + level) / 2))


@dataclass(frozen=True)
class Fixed:
    """One value, held to be known."""

    value: float

    @property
    def positive(self) -> bool:
        """Whether the value is above 0."""
        return self.value > 0

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The value, once a score."""
        return np.full(np.shape(scores), self.value)

    def __str__(self) -> str:
        """The value."""
        return show(self.value)


@dataclass(frozen=True)
class LogNormal:
    """A positive number whose logarithm is normal, by the ends of its central interval of a level."""

    low: float
    high: float
    level: float
    positive = True

    @cached_property
    def _parts(self) -> tuple[float, float]:
        low, high = np.log(self.low), np.log(self.high)
        return float(low + high) / 2, float(high - low) / 2 / half(self.level)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The values at scores."""
        middle, spread = self._parts
        return np.exp(middle + spread * scores)

    def __str__(self) -> str:
        """The interval, its level and the shape."""
        return _span(self, "log-normal")


@dataclass(frozen=True)
class Normal:
    """A normal number, by the ends of its central interval of a level."""

    low: float
    high: float
    level: float
    positive = False

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The values at scores."""
        return (self.low + self.high) / 2 + (self.high - self.low) / 2 / half(self.level) * scores

    def __str__(self) -> str:
        """The interval, its level and the shape."""
        return _span(self, "normal")


@dataclass(frozen=True)
class Uniform:
    """A number that lies anywhere between two ends, and never beyond."""

    low: float
    high: float

    @property
    def positive(self) -> bool:
        """Whether the lower end is above 0."""
        return self.low > 0

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The values at scores."""
        return self.low + (self.high - self.low) * ndtr(scores)

    def __str__(self) -> str:
        """The ends and the shape."""
        return f"{show(self.low)} to {show(self.high)} (uniform)"


@dataclass(frozen=True)
class Remainder:
    """What a log-normal number leaves of a whole: `whole - LogNormal(low, high)`, given that it is above `least`.

    The score is that of the log-normal part, cut off where less than `least` would be left.
    """

    low: float
    high: float
    level: float
    whole: float
    least: float

    @property
    def positive(self) -> bool:
        """Whether the least value is 0 or more: what is left lies above it."""
        return self.least >= 0

    @property
    def cut(self) -> float:
        """The share of the log-normal that the bound cuts off."""
        middle, spread = LogNormal(self.low, self.high, self.level)._parts
        return float(ndtr(-(np.log(self.whole - self.least) - middle) / spread))

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The values at scores."""
        kept = 1 - self.cut
        return self.whole - LogNormal(self.low, self.high, self.level)(ndtri(kept * ndtr(scores)))

    def __str__(self) -> str:
        """The formula and the bound."""
        return f"{show(self.whole)} − ({_span(self, 'log-normal')}), above {show(self.least)}"


Distribution = Fixed | LogNormal | Normal | Uniform | Remainder
"""Each maps scores to values of the same shape, says whether all of them are positive, and says itself in words."""


class _Kind(NamedTuple):
    build: Callable[[float, float, float, Mapping[str, float | int]], Distribution]
    positive_ends: bool
    keys: tuple[str, ...] = ()


_SHAPES: Mapping[str, _Kind] = {
    "log-normal": _Kind(lambda low, high, level, _: LogNormal(low, high, level), True),
    "normal": _Kind(lambda low, high, level, _: Normal(low, high, level), False),
    "uniform": _Kind(lambda low, high, level, _: Uniform(low, high), False),
    "remainder": _Kind(
        lambda low, high, level, more: Remainder(low, high, level, float(more["whole"]), float(more["least"])),
        True,
        ("whole", "least"),
    ),
}
SHAPES = tuple(_SHAPES)


def between(
    what: str,
    low: float | int,
    high: float | int,
    level: float | int = 0.95,
    shape: str = "log-normal",
    **more: float | int,
) -> Distribution:
    """A distribution by the ends of an interval.

    Args:
        what: the name of the number, for the error message.
        low, high: the ends.
        level: the probability between them; a uniform number is always between.
        shape: one of `SHAPES`.
        more: `whole` and `least` of a remainder.

    Raises:
        InputError: if the ends are reversed or equal, or too low for the shape, or the level is no level.
    """
    kind = _SHAPES.get(shape)
    if kind is None:
        raise unknown("shape", shape, _SHAPES)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        state = "has no width" if low == high else "is reversed" if high < low else "is not finite"
        raise InputError(
            f"The interval of {what}, {low:g} to {high:g}, {state}: give the lower end first and a higher one after "
            "it, or a single value where it is known."
        )
    if kind.positive_ends and low <= 0:
        raise InputError(f"The interval of {what} begins at {low:g}: a {shape} number is above 0.")
    if not 0 < level < 1:
        raise InputError(f"The level of {what} is {level:g}: give the probability of its interval, such as 0.95.")
    absent = [key for key in kind.keys if key not in more]
    if absent:
        raise InputError(f"{what} is a {shape} and has no {absent[0]!r}: give it.")
    if shape == "remainder" and not more["least"] < more["whole"]:
        raise InputError(f"The least value of {what}, {more['least']:g}, is not below its whole, {more['whole']:g}.")
    return kind.build(float(low), float(high), float(level), more)


def _span(one: LogNormal | Normal | Remainder, shape: str) -> str:
    return f"{show(one.low)} to {show(one.high)} ({one.level:.0%}, {shape})"
