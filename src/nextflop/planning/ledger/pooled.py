"""Draws of all laws in one row after another, each with the belief in it.

What a decision costs is its mean regret over the rows, and no row's regret counts beyond a bound. Where a row loses
more, the decision has failed under it, whatever the number: it comes of an exponent that few runs left open and a
budget far beyond them, and one draw in a hundred would outvote all others (`docs/plan/worlds.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.programme import Programme, Spending

_SAME = 1e-7  # of a loss, up to which two options are one


@dataclass(frozen=True)
class Pool:
    """The rows of all members: of each the estimate, then its draws.

    Attributes:
        members: with weights that add up to 1.
        level: of the intervals.
        worst: regret beyond which a row counts no more.
    """

    members: tuple[Member, ...]
    level: float = 0.9
    worst: float = np.inf

    @cached_property
    def shares(self) -> np.ndarray:
        """Belief in each row, shape (rows,); they add up to 1."""
        return np.concatenate([member.shares for member in self.members])

    @cached_property
    def parts(self) -> tuple[slice, ...]:
        """Where each member's rows stand."""
        ends = np.cumsum([0, *(member.rows for member in self.members)])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))

    def spaced(self, most: int) -> np.ndarray:
        """Rows: of each law the estimate and at most so many draws, evenly spaced; none for the estimates alone."""
        each = [spaced(member.rows, most) for member in self.members]
        return np.concatenate([part.start + rows for part, rows in zip(self.parts, each, strict=True)])

    def some(self, most: int) -> "Pool":
        """The pool of `spaced` rows, for what is told without an interval."""
        kept = tuple(member._replace(law=member.take(spaced(member.rows, most))) for member in self.members)
        return Pool(kept, self.level, self.worst)

    def loss(self, programme: Programme, spent: Spending) -> np.ndarray:
        """What every row predicts for one way to spend, shape (rows, points) for a spending of shape (1, points)."""
        return np.concatenate([programme.loss(member, member.law, spent) for member in self.members])

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Over the rows, the first axis."""
        counted = self.shares > 0
        return np.tensordot(self.shares[counted], values[counted], axes=1)

    def regret(self, loss: np.ndarray, least: np.ndarray) -> np.ndarray:
        """What every row loses above the least that it could, bounded: for losses of shape (rows, ...)."""
        with np.errstate(invalid="ignore"):
            return np.clip(loss - least.reshape(-1, *[1] * (loss.ndim - 1)), 0.0, self.worst)

    def interval(self, values: np.ndarray) -> Interval:
        """Median and interval over the draws of all laws; rows without a finite value are left out."""
        return weighted(values, self.shares, self.level)

    def of(self, index: int, values: np.ndarray) -> Interval:
        """The estimate of one member, with the interval over its draws; nan for constants without draws."""
        own = values[self.parts[index]]
        if len(own) < 2:
            return Interval(float(own[0]), np.nan, np.nan)
        return Interval(float(own[0]), *weighted(own[1:], np.full(len(own) - 1, 1.0), self.level)[1:])


def spaced(rows: int, most: int) -> np.ndarray:
    """The estimate, and at most so many of the draws behind it."""
    draws = rows - 1
    if draws <= most:
        return np.arange(rows)
    return np.append(0, 1 + (np.arange(most) + 0.5) * draws // most).astype(int)


def believed(shares: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The rows at places between 0 and 1, when rows are lined up by the belief in them: shape (places,)."""
    reached = np.cumsum(shares)
    return np.searchsorted(reached, places * reached[-1])


def evenly(number: int) -> np.ndarray:
    """Places evenly spaced between 0 and 1."""
    return (np.arange(number) + 0.5) / number


def weighted(values: np.ndarray, shares: np.ndarray, level: float) -> Interval:
    """Median and central interval of weighted values: the least value that has that share of the weight at or below."""
    kept = (shares > 0) & ~np.isnan(values)
    if not kept.any():
        return Interval(np.nan, np.nan, np.nan)
    order = np.argsort(values[kept], kind="stable")
    ranked, reached = values[kept][order], np.cumsum(shares[kept][order])
    places = np.searchsorted(reached, reached[-1] * np.array([0.5, (1 - level) / 2, (1 + level) / 2]) * (1 - 1e-12))
    return Interval(*(float(ranked[min(place, len(ranked) - 1)]) for place in places))


def first_best(values: Sequence[np.ndarray]) -> np.ndarray:
    """Index of the least value of each row, the first of equals to within rounding: shape (rows,)."""
    table = np.stack(values)
    least = table.min(axis=0)
    return (table <= least + _SAME * np.abs(least)).argmax(axis=0)
