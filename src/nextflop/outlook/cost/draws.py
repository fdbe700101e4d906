"""Inputs that are known to a range: the value first, draws from the range after it."""

import math

import numpy as np

from nextflop.fitting.fit import Interval

_Z = {0.8: 1.2815515655446004, 0.9: 1.6448536269514722}  # of the normal distribution, for ranges that hold so much


def between(
    rng: np.random.Generator,
    draws: int,
    value: int | float,
    low: int | float,
    high: int | float,
    holds: int | float = 0.9,
) -> np.ndarray:
    """A value and draws around it, shape (1 + draws,).

    Half of the draws lie on each side of the value; on either side the logarithm is normal, so that the range from
    `low` to `high` holds the share `holds` of the draws, and as many lie below it as above it.
    """
    normal = rng.normal(size=draws) / _Z[holds]
    ends = np.where(normal < 0, math.log(value / low), math.log(high / value))
    return np.concatenate([[value], value * np.exp(normal * ends)])


def interval(values: np.ndarray, level: int | float) -> Interval:
    """The value, and the interval of the draws after it; without ends if there are none, or they are all the same."""
    drawn = values[1:]
    if len(drawn) < 2 or drawn.min() == drawn.max() == values[0]:
        return Interval(float(values[0]), math.nan, math.nan)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values[0]), float(low), float(high))
