"""What lies between two corners of a problem, where a law is smooth: the search for the optimum in it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.minimise import Functions, Optima, minimise
from nextflop.planning.ledger.programme import MARGIN, Programme, Spending

NARROW = 1e-9
"""A piece along which there is no way."""
_NEAR = 3e-3  # of a loss, by which a hollow that a grid has seen may be deeper than it looks
# Points of the looks at a piece: the first and one for every row, along the epochs, and along each lever.
_ALONG, _AGAIN, _TEXT = 81, 33, 9
_IDLE = 23.0  # in logarithms: a budget may be ten decades too large
_SEEN = 3e-4  # of a loss, by which a look along the epochs misses the least
_THRIFT = 47  # points of the first look at what is left idle
_LESS = 0.999
# Of the budget, in logarithms, at a look for thrift; and how far it goes along the epochs: overfitting decides before.
_SPARED = np.array([0.1, 0.3, 0.6, 1.0, 1.6, 2.5, 4.0, 7.0, 12.0, _IDLE])
_REACH = 6.5

Mean = Callable[[Spending], np.ndarray]
"""A spending of shape (1, points) → values (1, points)."""


class Best(NamedTuple):
    """The optimum of every row of a law.

    Attributes:
        loss: shape (rows,); inf where the budget does not suffice for anything.
        spending: where the budget goes, of that shape.
        levers: the settings z, shape (rows, levers).
        converged: whether the search ended at an optimum.
    """

    loss: np.ndarray
    spending: Spending
    levers: np.ndarray
    converged: np.ndarray


@dataclass(frozen=True)
class Piece:
    """What lies between two corners.

    Attributes:
        programme: the problem.
        index: of the corner that it begins at.
    """

    programme: Programme
    index: int

    def _ends(self, z: np.ndarray, idle: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        _, corners = self.programme.ends(self.programme.text(z), idle)
        return corners[self.index], corners[self.index + 1]

    @cached_property
    def width(self) -> float:
        """The longest way along the epochs, over the corners of the levers."""
        levers = self.programme.levers
        corners = np.array(np.meshgrid(*([0.0, lever.most] for lever in levers), indexing="ij"))
        corners = corners.reshape(len(levers), -1).T if levers else np.zeros((1, 0))
        some = [0.0, _IDLE] if self.programme.thrifty else [0.0]
        ways = [high - low for low, high in (self._ends(corners, idle) for idle in some)]
        return max(float(np.nan_to_num(ways).max()), NARROW)  # nan where the budget does not suffice

    def _apart(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """The levers, and what is left idle."""
        return (points[..., 1:-1], points[..., -1]) if self.programme.thrifty else (points[..., 1:], 0.0)

    def _along(self, points: np.ndarray, corners: np.ndarray) -> np.ndarray:
        low, high = corners[self.index], corners[self.index + 1]
        return low + points[..., 0] / self.width * (high - low)

    def spend(self, points: np.ndarray) -> Spending:
        """The spending at points of shape (..., variables)."""
        z, idle = self._apart(points)
        data = self.programme.text(z)
        left, corners = self.programme.ends(data, idle)
        return self.programme.spent(self._along(points, corners), data, left, idle)

    def grid(self, levers: np.ndarray, spared: np.ndarray = _SPARED) -> np.ndarray:
        """Points along the epochs and over what is spent, with thrift, at levers of shape (rows, levers)."""
        along = np.linspace(0.0, min(self.width, _REACH), _AGAIN)
        axes = np.stack([part.ravel() for part in np.meshgrid(along, spared, indexing="ij")], axis=1)
        shape = (len(levers), len(axes))
        parts = [axes[:, :1], levers[:, None], axes[:, 1:]]
        return np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in parts], axis=2)

    def overfits(self, loss: Mean, levers: np.ndarray) -> bool:
        """Whether fewer tokens or fewer parameters are better somewhere, at levers of shape (1, levers)."""
        spent = self.spend(self.grid(levers))
        value = loss(spent) * (1 - MARGIN)
        return any(bool((loss(one) < value).any()) for one in fewer(spent))

    def falls(self, loss: Mean, levers: np.ndarray) -> np.ndarray:
        """Whether a little less of the budget is better at any epochs beyond the corner, shape (rows,).

        Where it is not, no lesser budget is better either: at the same epochs and text what a law loses by fewer
        parameters and what it gains by them are powers of their number, so that their sum has one hollow.
        """
        whole, less = np.moveaxis(self._seen(loss, levers, np.array([0.0, _SPARED[0]])), 2, 0)
        return (less < whole * (1 - MARGIN)).any(axis=1)

    def spared(self, loss: Mean, levers: np.ndarray) -> np.ndarray:
        """Whether a look over lesser budgets sees the least loss fall again, shape (rows,)."""
        seen = self._seen(loss, levers, _SPARED).min(axis=1)
        return (seen[:, 1:] < seen[:, :-1] * (1 + _SEEN)).any(axis=1)

    def rivals(self, loss: Mean, levers: np.ndarray, here: float) -> bool:
        """Whether a look over lesser budgets sees a loss nearly as low as one that is known, at levers (1, levers)."""
        return bool(self._seen(loss, levers, _SPARED).min() < here * (1 + _SEEN))

    def _seen(self, loss: Mean, levers: np.ndarray, spared: np.ndarray) -> np.ndarray:
        """Losses off the corner, at which nothing is spared for overfitting: shape (rows, epochs, spared)."""
        return loss(self.spend(self.grid(levers, spared))).reshape(len(levers), _AGAIN, -1)[:, 1:]

    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of the variables."""
        most = [self.width, *(lever.most for lever in self.programme.levers)]
        most += [_IDLE] if self.programme.thrifty else []
        return np.zeros(len(most)), np.array(most)

    def solve(self, member: Member) -> Best:
        """The optimum of every row of a law in this piece, set out for from where the estimate is least on a grid."""
        first = member.take(np.zeros(1, int))
        start = self.look(lambda spent: self.programme.loss(member, first, spent))
        return self._from(
            lambda points, rows: self.programme.loss(member, member.take(rows), self.spend(points)),
            np.tile(start, (member.rows, 1)),
        )

    def least(self, mean: Mean, like: Mean) -> Best:
        """The optimum of one function of the spending in this piece, set out for from where another one is least."""
        return self._from(lambda points, _: mean(self.spend(points)), self.look(like)[None])

    def _from(self, functions: Functions, start: np.ndarray) -> Best:
        """The optima that starts of shape (rows, variables) lead to, one for each function.

        Each sets out once more from where it is least along the epochs, should that be lower than the optimum that was
        found, or from a hollow between the ends that is nearly as low.
        """
        low, high = self.box()
        found = minimise(functions, start, low, high)
        everything = np.arange(len(start))
        if self.programme.thrifty:
            # At one epoch such laws have an optimum of their own, so that another start lies off it.
            along = self.grid(found.at[:, 1:-1])
            seen = functions(along, everything)
            seen[:, : len(_SPARED)] = np.inf
            lower, starts = everything, seen.argmin(axis=1)
        else:
            along = np.repeat(found.at[:, None], _AGAIN, axis=1)
            along[..., 0] = self._axis(_AGAIN)
            lower, starts = _elsewhere(functions(along, everything), found.value)
        if lower.size:
            starts = along[lower, starts]
            again = minimise(lambda points, rows: functions(points, lower[rows]), starts, low, high)
            better = again.value < found.value[lower]
            for old, new in zip(found, again, strict=True):
                old[lower[better]] = new[better]
        return self._best(found)

    def _best(self, found: Optima) -> Best:
        levers = self.programme.settings(self._apart(found.at)[0])
        return Best(found.value, self.spend(found.at), levers, found.converged)

    def _axis(self, points: int) -> np.ndarray:
        """Points along the epochs, dense at the corners, near which a law may have a shallow hollow."""
        share = np.linspace(0.0, 1.0, points)
        return self.width * share**2 * (3 - 2 * share)

    def look(self, function: Mean) -> np.ndarray:
        """Where a function of one row is least on a grid over the box, shape (variables,)."""
        low, high = self.box()
        axes = [self._axis(_ALONG), *(np.linspace(0.0, lever.most, _TEXT) for lever in self.programme.levers)]
        if self.programme.thrifty:
            axes.append(np.linspace(low[-1], high[-1], _THRIFT))
        grid = np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)
        return grid[function(self.spend(grid[None]))[0].argmin()]


def fewer(spent: Spending) -> list[Spending]:
    """The same with a little less of the parameters, and of the tokens."""
    shorter = spent._replace(tokens=_LESS * spent.tokens, epochs=_LESS * spent.epochs)
    return [spent._replace(params=_LESS * spent.params), shorter]


def _elsewhere(seen: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that may be lower elsewhere along an axis, and the place on it to set out from.

    Args:
        seen: values along the axis, shape (rows, points).
        value: that were found, shape (rows,).
    """
    inner = seen[:, 1:-1]
    hollow = np.where((inner < seen[:, :-2]) & (inner <= seen[:, 2:]), inner, np.inf)
    place = hollow.argmin(axis=1) + 1
    near = hollow.min(axis=1) < value * (1 + _NEAR)
    least = seen.argmin(axis=1)
    below = seen.min(axis=1) < value * (1 - MARGIN)
    rows = np.flatnonzero(below | (near & (np.abs(place - least) > 1)))
    return rows, np.where(below, least, place)[rows]
