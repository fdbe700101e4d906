"""The constrained problem of a plan: least loss over parameters and added text, the budget met exactly.

Tokens are what the rest of the budget buys, so the budget is no constraint but a substitution:

    k N D + i N T + cost(z) = C

with k FLOP a parameter and training token (6), T tokens served at i FLOP a parameter each (2: Sardana & Frankle 2023,
arXiv:2401.00448), and what the text costs that the levers z add. One variable runs along the epochs e = D / U, from the
most parameters to the fewest; at one epoch laws have a corner, so what lies on either side is a piece of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nextflop.laws.base import Law
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.optimum import Optima, minimise
from nextflop.planning.ledger.situation import Situation, Source
from nextflop.planning.ledger.text import Lever, Text, text

_FEWEST_TOKENS, _FEWEST_PARAMS = 1e3, 1e2
_ALONG, _TEXT = 25, 9  # points of the first look at a piece, along the epochs and along each lever
_MARGIN = 1e-12
_NARROW = 1e-9
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
        budget, stock, served: factors on the budget, on what is owned and on the use, to ask what more is worth.
    """

    situation: Situation
    owned: tuple[Source, ...]
    levers: tuple[Lever, ...] = ()
    most_epochs: float = np.inf
    budget: float = 1.0
    stock: float = 1.0
    served: float = 1.0

    def but(self, **changes: Any) -> "Programme":
        """The same problem with some attributes changed."""
        return replace(self, **changes)

    @property
    def serving(self) -> float:
        """FLOP a parameter over the lifetime."""
        return self.situation.use.flop_per_param_token * self.situation.use.tokens * self.served

    def text(self, z: np.ndarray) -> Text:
        """The unique text; a unit of it where data are no constraint."""
        if self.owned:
            return text(self.owned, self.levers, z, self.stock)
        unit = np.full(z.shape[:-1], _UNIT)
        return Text(unit, unit, np.zeros_like(unit))

    def ends(self, data: Text) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """FLOP left beside the text, and the logarithms of the fewest and the most epochs that they may go into."""
        k, limits = self.situation.flop_per_param_token, self.situation.limits
        left = self.situation.flop * self.budget - data.cost
        left = np.where(left > 0, left, np.nan)
        fewest = np.maximum((left / limits.most_params - self.serving) / k, _FEWEST_TOKENS)
        most = (left / max(limits.fewest_params, _FEWEST_PARAMS) - self.serving) / k
        with np.errstate(all="ignore"):
            high = np.minimum(np.log(most / data.raw), np.log(self.most_epochs))
            low = np.minimum(np.log(fewest / data.raw), high)
        return left, low, high

    def spending(self, log_epochs: np.ndarray, z: np.ndarray) -> Spending:
        """Where the budget goes, for epochs within their ends; nan where it does not suffice.

        Args:
            log_epochs: logarithm of D over the unique tokens, any shape.
            z: settings of the levers, of that shape and (levers,).
        """
        k, data = self.situation.flop_per_param_token, self.text(z)
        left, *_ = self.ends(data)
        tokens = data.raw * np.exp(log_epochs)
        params = np.minimum(left / (k * tokens + self.serving), self.situation.limits.most_params)
        training, inference = k * params * tokens, self.serving * params
        unspent = np.maximum(left - training - inference, 0.0)
        unspent = np.where(unspent < _MARGIN * left, 0.0, unspent)
        return Spending(
            params, tokens, tokens / data.raw, data.raw, data.worth, training, inference, data.cost, unspent
        )

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
        pieces = [Piece(self, again) for again in (False, True)]
        found = [piece.solve(member) for piece in pieces if piece.wide or not piece.again]
        return _lower(found)

    def least(self, mean: Mean, like: Mean) -> Best:
        """The optimum of one function of the spending, such as the mean of many laws; one row.

        Args:
            mean: the function.
            like: one that is cheaper and has its optimum nearby, for the first look.
        """
        pieces = [Piece(self, again) for again in (False, True)]
        return _lower([piece.least(mean, like) for piece in pieces if piece.wide or not piece.again])


@dataclass(frozen=True)
class Piece:
    """One side of one epoch.

    Attributes:
        programme: the problem.
        again: whether every token is seen once or more often, or at most once.
    """

    programme: Programme
    again: bool

    def _ends(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, low, high = self.programme.ends(self.programme.text(z))
        corner = np.clip(0.0, low, high) if self.programme.owned else low
        return (corner, high) if self.again else (low, corner)

    @cached_property
    def width(self) -> float:
        """The longest way along the epochs, over the corners of the levers."""
        levers = self.programme.levers
        corners = np.array(np.meshgrid(*([0.0, lever.most] for lever in levers), indexing="ij"))
        low, high = self._ends(corners.reshape(len(levers), -1).T if levers else np.zeros((1, 0)))
        return max(float(np.nanmax(high - low)), _NARROW)

    @property
    def wide(self) -> bool:
        """Whether there is any way along the epochs."""
        return self.width > _NARROW

    def place(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The logarithm of the epochs, and the levers, at some points, shape (..., 1 + levers)."""
        z = points[..., 1:]
        low, high = self._ends(z)
        return low + points[..., 0] / self.width * (high - low), z

    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of the variables."""
        return np.zeros(1 + len(self.programme.levers)), np.array(
            [self.width, *(lever.most for lever in self.programme.levers)]
        )

    def solve(self, member: Member) -> Best:
        """The optimum of every row of a law on this side.

        The box is looked at on a grid for the estimate; every row sets out from what is best there, and once more from
        where the row itself is least along the epochs, should that be lower.
        """

        def functions(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return self.programme.loss(member, member.take(rows), self.programme.spending(*self.place(points)))

        low, high = self.box()
        start = self._look(lambda points: functions(points, np.zeros(1, int)))
        found = minimise(functions, np.tile(start, (member.rows, 1)), low, high)
        along = np.repeat(found.at[:, None], _ALONG, axis=1)
        along[..., 0] = np.linspace(low[0], high[0], _ALONG)
        seen = functions(along, np.arange(member.rows))
        lower = np.flatnonzero(seen.min(axis=1) < found.value - _MARGIN * np.abs(found.value))
        if lower.size:
            starts = along[lower, seen[lower].argmin(axis=1)]
            again = minimise(lambda points, rows: functions(points, lower[rows]), starts, low, high)
            better = again.value < found.value[lower]
            for old, new in zip(found, again, strict=True):
                old[lower[better]] = new[better]
        return self._best(found)

    def least(self, mean: Mean, like: Mean) -> Best:
        """The optimum of one function of the spending on this side, from where another one is least."""

        def of(function: Mean) -> Callable[[np.ndarray], np.ndarray]:
            return lambda points: function(self.programme.spending(*self.place(points)))

        start = self._look(of(like))[None]
        return self._best(minimise(lambda points, _: of(mean)(points), start, *self.box()))

    def _best(self, found: Optima) -> Best:
        log_epochs, z = self.place(found.at)
        return Best(found.value, self.programme.spending(log_epochs, z), z, found.converged)

    def _look(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        low, high = self.box()
        axes = [np.linspace(low[0], high[0], _ALONG)]
        axes += [np.linspace(*ends, _TEXT) for ends in zip(low[1:], high[1:], strict=True)]
        grid = np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)
        return grid[function(grid[None])[0].argmin()]


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
