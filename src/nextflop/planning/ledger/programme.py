"""The constrained problem of a plan: least loss over parameters and added text, the budget met exactly.

Tokens are what the rest of the budget buys, so the budget is no constraint but a substitution:

    k N D + i N T + cost(z) = C

with k FLOP a parameter and training token (6), T tokens served at i FLOP a parameter each (2: Sardana & Frankle 2023,
arXiv:2401.00448), and what the text costs that the levers z add. One variable runs along the epochs e = D / U, from the
most parameters to the fewest. It has two corners, at which what lies on either side is a piece of its own: one epoch,
where laws bend, and the epochs into which the whole budget just goes with the most parameters that may be. Fewer epochs
leave some of it unspent. Under a law that knows overfitting the whole budget may be too much even so: where less would
be better, the share that is spent becomes a variable too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nextflop.laws.base import Law
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.optimum import Optima, minimise
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.ledger.text import Lever, Text, text

_FEWEST_TOKENS, _FEWEST_PARAMS = 1e3, 1e2
# Points of the looks at a piece: the first and one for every row, along the epochs, and along each lever.
_ALONG, _AGAIN, _TEXT = 81, 33, 9
_MARGIN = 1e-12
_NARROW = 1e-9
_PIECES = 3
_NEAR = 3e-3  # of a loss, by which a hollow that a grid has seen may be deeper than it looks
_IDLE = 23.0  # in logarithms: a budget may be ten decades too large
_THRIFT = 47  # points of the first look at what is left idle
_LESS = 0.999
# Of the budget, in logarithms, at a look for thrift; and how far it goes along the epochs: overfitting decides before.
_SPARED = np.array([0.1, 0.3, 0.6, 1.0, 1.6, 2.5, 4.0, 7.0, 12.0, _IDLE])
_REACH = 6.5
_UNIT = 1e9  # tokens, in which data are counted that are no constraint


class Spending(NamedTuple):
    """Where a budget goes, arrays of one shape.

    Attributes:
        params: N.
        tokens: D, raw.
        epochs: D over the unique tokens.
        raw: unique tokens.
        worth: unique tokens, each counted at its quality.
        training, inference, text: FLOP.
        unspent: FLOP that no use was left for.
    """

    params: np.ndarray
    tokens: np.ndarray
    epochs: np.ndarray
    raw: np.ndarray
    worth: np.ndarray
    training: np.ndarray
    inference: np.ndarray
    text: np.ndarray
    unspent: np.ndarray


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
class Programme:
    """The problem that one option poses.

    Attributes:
        situation: what is given.
        owned: the sources that are used; empty where data are no constraint.
        levers: those that are open.
        most_epochs: that any token may be seen.
        budget, stock: factors on the budget and on what is owned, to ask what more is worth.
        thrifty: whether less than the budget may be spent.
    """

    situation: Situation
    owned: tuple[Corpus, ...]
    levers: tuple[Lever, ...] = ()
    most_epochs: float = np.inf
    budget: float = 1.0
    stock: float = 1.0
    thrifty: bool = False

    def but(self, **changes: Any) -> "Programme":
        """The same problem with some attributes changed."""
        return replace(self, **changes)

    @property
    def serving(self) -> float:
        """FLOP a parameter over the lifetime."""
        return self.situation.use.flop_per_param_token * self.situation.use.tokens

    def text(self, z: np.ndarray) -> Text:
        """The unique text; a unit of it where data are no constraint."""
        if self.owned:
            return text(self.owned, self.levers, z, self.stock)
        unit = np.full((1,) * (z.ndim - 1), _UNIT)
        return Text(unit, unit, np.zeros_like(unit))

    def ends(self, data: Text, idle: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """FLOP left beside the text, and the corners along the epochs, in logarithms: shape (pieces + 1, ...).

        They rise: the fewest epochs, then one epoch and those with the most parameters in whatever order, the most.

        Args:
            data: the text.
            idle: logarithm of the budget over what is spent of it.
        """
        k, limits = self.situation.flop_per_param_token, self.situation.limits
        left = self.situation.flop * self.budget * np.exp(-idle) - data.cost
        left = np.where(left > 0, left, np.nan)
        largest = np.maximum((left / limits.largest - self.serving) / k, _FEWEST_TOKENS)
        most = (left / max(limits.fewest_params, _FEWEST_PARAMS) - self.serving) / k
        with np.errstate(all="ignore"):
            high = np.minimum(np.log(most / data.raw), np.log(self.most_epochs))
            low = np.minimum(np.log(_FEWEST_TOKENS / data.raw), high)
            corner = np.clip(np.log(largest / data.raw), low, high)
        once = np.clip(0.0, low, high) if self.owned else low
        return left, np.stack([low, np.minimum(once, corner), np.maximum(once, corner), high])

    def spending(self, log_epochs: np.ndarray, z: np.ndarray) -> Spending:
        """Where the budget goes, for epochs within their ends; nan where it does not suffice.

        Args:
            log_epochs: logarithm of D over the unique tokens, any shape.
            z: settings of the levers, of that shape and (levers,).
        """
        data = self.text(z)
        return self.spent(log_epochs, data, self.ends(data)[0])

    def spent(self, log_epochs: np.ndarray, data: Text, left: np.ndarray) -> Spending:
        """As `spending`, the text and the FLOP that are left beside it known."""
        k = self.situation.flop_per_param_token
        tokens = data.raw * np.exp(log_epochs)
        params = np.minimum(left / (k * tokens + self.serving), self.situation.limits.largest)
        training, inference = k * params * tokens, self.serving * params
        budget = self.situation.flop * self.budget
        unspent = budget - data.cost - training - inference
        unspent = np.where(unspent < _MARGIN * budget, 0.0, unspent)
        raw, worth, cost = (np.broadcast_to(part, tokens.shape) for part in data)
        return Spending(params, tokens, tokens / raw, raw, worth, training, inference, cost, unspent)

    def loss(self, member: Member, law: Law, spent: Spending) -> np.ndarray:
        """What a law predicts for a way to spend, the parameters of the law and the spending broadcast."""
        used = sum(source.epochs_used * source.usable * source.quality for source in self.owned)
        inputs = {"params": spent.params, "tokens": spent.worth * spent.epochs + used}
        if member.knows_repetition:
            inputs["unique_tokens"] = spent.worth
        with np.errstate(all="ignore"):
            value = np.asarray(law(**inputs))
        return np.where(np.isfinite(value), value, np.inf)

    def solve(self, member: Member) -> Best:
        """The optimum of every row of a law."""
        found = [piece.solve(member) for piece in self.pieces]
        best, first = _lower(found), member.take(np.zeros(1, int))

        def loss(spent: Spending) -> np.ndarray:
            return self.loss(member, member.law, spent)

        less = self._less(found, loss) | self._saves(best, loss, lambda spent: self.loss(member, first, spent))
        if not less.any():
            return best
        rows = np.flatnonzero(less)
        some = member._replace(law=member.take(np.concatenate([[0], rows])))  # a first look is one at the first row
        other = self.but(thrifty=True).solve(some)
        return _lower([best, _spread(other, rows, best)])

    def least(self, mean: Mean, like: Mean) -> Best:
        """The optimum of one function of the spending, such as the mean of many laws; one row.

        Args:
            mean: the function.
            like: one that is cheaper and has its optimum nearby, for the first look.
        """
        found = [piece.least(mean, like) for piece in self.pieces]
        best = _lower(found)
        if not (self._less(found, mean) | self._saves(best, like, like)).any():
            return best
        return _lower([best, self.but(thrifty=True).least(mean, like)])

    def _less(self, found: list[Best], loss: Mean) -> np.ndarray:
        """Where it would be better not to spend everything at the optimum of any piece, shape (rows,).

        Of any, for with thrift the optimum of one piece may fall below that of another, which needs none.
        """
        less = np.zeros(len(found[0].loss), bool)
        if self.thrifty:
            return less
        for best in found:
            spent = Spending(*(part[:, None] for part in best.spending))
            less |= np.any([loss(one)[:, 0] < best.loss * (1 - _MARGIN) for one in _fewer(spent)], axis=0)
        return less

    def _saves(self, best: Best, loss: Mean, first: Mean) -> np.ndarray:
        """Where a look over lesser budgets sees something about as low as the optimum without thrift, shape (rows,).

        Args:
            best: that optimum.
            loss: of each row at ways to spend.
            first: the loss of one row, which tells whether the law knows overfitting at all: whether fewer tokens or
                fewer parameters are better anywhere.
        """
        none = np.zeros(len(best.loss), bool)
        other = self.but(thrifty=True)
        if self.thrifty or not any(piece.overfits(first, best.levers[:1]) for piece in other.pieces):
            return none
        least = loss(Spending(*(part[:, None] for part in best.spending)))[:, 0] * (1 + _NEAR)
        seen = [loss(piece.spend(piece.grid(best.levers))).min(axis=1) for piece in other.pieces]
        return np.any([value < least for value in seen], axis=0)

    @cached_property
    def pieces(self) -> tuple["Piece", ...]:
        """Those along which there is any way; the last where there is none at all."""
        every = [Piece(self, index) for index in range(_PIECES)]
        return tuple(piece for piece in every if piece.width > _NARROW) or (every[-1],)


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
        return max(float(np.nan_to_num(ways).max()), _NARROW)  # nan where the budget does not suffice

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
        return self.programme.spent(self._along(points, corners), data, left)

    def grid(self, levers: np.ndarray) -> np.ndarray:
        """Points along the epochs and over what is spent, with thrift, at levers of shape (rows, levers)."""
        along = np.linspace(0.0, min(self.width, _REACH), _AGAIN)
        axes = np.stack([part.ravel() for part in np.meshgrid(along, _SPARED, indexing="ij")], axis=1)
        shape = (len(levers), len(axes))
        parts = [axes[:, :1], levers[:, None], axes[:, 1:]]
        return np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in parts], axis=2)

    def overfits(self, loss: Mean, levers: np.ndarray) -> bool:
        """Whether fewer tokens or fewer parameters are better somewhere, at levers of shape (1, levers)."""
        spent = self.spend(self.grid(levers))
        value = loss(spent) * (1 - _MARGIN)
        return any(bool((loss(one) < value).any()) for one in _fewer(spent))

    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of the variables."""
        most = [self.width, *(lever.most for lever in self.programme.levers)]
        most += [_IDLE] if self.programme.thrifty else []
        return np.zeros(len(most)), np.array(most)

    def solve(self, member: Member) -> Best:
        """The optimum of every row of a law in this piece.

        The box is looked at on a grid for the estimate; every row sets out from what is best there, and once more from
        where the row itself is least along the epochs, should that be lower, or from a hollow between the ends that is
        nearly as low.
        """

        def functions(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return self.programme.loss(member, member.take(rows), self.spend(points))

        low, high = self.box()
        first = member.take(np.zeros(1, int))
        start = self.look(lambda spent: self.programme.loss(member, first, spent))
        found = minimise(functions, np.tile(start, (member.rows, 1)), low, high)
        everything = np.arange(member.rows)
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

    def least(self, mean: Mean, like: Mean) -> Best:
        """The optimum of one function of the spending in this piece, from where another one is least."""
        start = self.look(like)[None]
        functions = lambda points, _: mean(self.spend(points))  # noqa: E731
        return self._best(minimise(functions, start, *self.box()))

    def _best(self, found: Optima) -> Best:
        return Best(found.value, self.spend(found.at), self._apart(found.at)[0], found.converged)

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


def _fewer(spent: Spending) -> list[Spending]:
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
    below = seen.min(axis=1) < value * (1 - _MARGIN)
    rows = np.flatnonzero(below | (near & (np.abs(place - least) > 1)))
    return rows, np.where(below, least, place)[rows]


def _lower(found: list[Best]) -> Best:
    """Row by row the better one."""
    best = found[0]
    for other in found[1:]:
        better = other.loss < best.loss
        spending = Spending(
            *(np.where(better, new, old) for old, new in zip(best.spending, other.spending, strict=True))
        )
        best = Best(
            np.where(better, other.loss, best.loss),
            spending,
            np.where(better[:, None], other.levers, best.levers),
            np.where(better, other.converged, best.converged),
        )
    return best


def _spread(some: Best, rows: np.ndarray, like: Best) -> Best:
    """The optima of some rows, of which the first is left out, among all; infinite elsewhere."""
    every = Best(
        np.full_like(like.loss, np.inf),
        Spending(*(part.copy() for part in like.spending)),
        like.levers.copy(),
        like.converged.copy(),
    )
    every.loss[rows], every.levers[rows], every.converged[rows] = some.loss[1:], some.levers[1:], some.converged[1:]
    for part, new in zip(every.spending, some.spending, strict=True):
        part[rows] = new[1:]
    return every
