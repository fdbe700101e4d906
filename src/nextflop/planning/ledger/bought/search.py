"""How much to buy: the best amount of every row within a budget; spending less is allowed."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.planning.ledger.bought.purchase import Purchase
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.ledger.units import SMALL

_POINTS, _FINE, _ROUNDS = 33, 9, 7  # of the first look, and of each look closer, which narrows it by four or more
_LEAST = 1e-6  # of the most, the first step away from an amount of 0
_SAME = 1e-9  # of a value, up to which less is as good

ENOUGH = 0.95
"""Of a gain, that is most of it."""

Curves = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Amounts of shape (some, points) and the rows they are for, shape (some,) → what is to be highest, (some, points)."""


class Bought(NamedTuple):
    """A purchase under every row of its laws.

    Attributes:
        purchase: what it is of.
        pool: the laws with their draws.
        unit: FLOP of a unit.
        most: amount that the budget, or a limit, allows.
        held: what sets it: "budget", or why of the purchase.
        each: the best amount of every row, shape (rows,).
        best: the response there.
        decision: the amount to buy without knowing: best in the mean over draws and laws.
        outcome: what every row predicts for it.
        standing: what every row predicts for buying nothing.
        marginal: by how much the best of every row improves for one per cent more of the budget.
        enough: amount that already brings `ENOUGH` of what the decision gains in the mean.
    """

    purchase: Purchase
    pool: Pool
    unit: float
    most: float
    held: str
    each: np.ndarray
    best: np.ndarray
    decision: float
    outcome: np.ndarray
    standing: np.ndarray
    marginal: np.ndarray
    enough: float

    @property
    def flop(self) -> float:
        """What the decision costs."""
        return self.unit * (self.decision - self.purchase.start)

    @property
    def sign(self) -> float:
        """1 where a higher response is better, -1 where a lower one is."""
        return -1.0 if self.purchase.lower else 1.0

    def at(self, amount: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """What some rows predict at some amounts, shape (some, points), (1, points) or (points,)."""
        parts, found = self.pool.parts, None
        for member, part in zip(self.pool.members, parts, strict=True):
            mine = (rows >= part.start) & (rows < part.stop)
            if not mine.any():
                continue
            own = amount[mine] if np.ndim(amount) == 2 and len(amount) == len(rows) else amount
            values = self.purchase.values(member, member.take(rows[mine] - part.start), own)
            if found is None:
                found = np.empty((len(rows), values.shape[-1]))
            found[mine] = values
        assert found is not None  # every row is of some member
        return found


def buy(purchase: Purchase, situation: Situation, level: float) -> Bought:
    """The best amount within the budget, for every row and in the mean.

    Raises:
        InputError: if the costs cannot be weighed.
    """
    total = sum(one.weight for one in purchase.members)
    pool = Pool(tuple(one._replace(weight=one.weight / total) for one in purchase.members), level)
    unit = purchase.unit_flop(situation)
    affordable, more = (purchase.start + factor * situation.flop / unit for factor in (1.0, SMALL))
    most = min(affordable, purchase.most)
    held = "budget" if affordable <= purchase.most else purchase.why or "limit"
    if purchase.cost.flop and not purchase.cost.per_query:  # it is training
        late = purchase.start + situation.training / purchase.cost.flop
        most, held = (late, "deadline") if late < most else (most, held)
    bought = Bought(purchase, pool, unit, most, held, *(np.empty(0),) * 2, np.nan, *(np.empty(0),) * 3, np.nan)
    high = np.floor(most * (1 + 1e-12)) if purchase.whole else most
    counted, rows = pool.shares > 0, np.arange(len(pool.shares))

    def curves(amount: np.ndarray, some: np.ndarray) -> np.ndarray:
        return bought.sign * bought.at(amount, some)

    def mean(amount: np.ndarray, _: np.ndarray) -> np.ndarray:
        return pool.mean(curves(amount, rows))[None]

    seen = grid(purchase.start, high)
    seen = np.unique(np.floor(seen)) if purchase.whole else seen
    values = curves(seen[None], rows)
    each, best = highest(curves, rows, seen, values, purchase.whole)
    decision, _ = highest(mean, np.zeros(1, int), seen, pool.mean(values)[None], purchase.whole)
    amounts = np.array([purchase.start, decision[0], most, min(more, purchase.most)])
    standing, outcome, now, then = curves(amounts, rows).T
    # By the envelope theorem an optimum that the budget does not hold gains nothing by a larger one.
    marginal = np.where(counted & (each >= high) & (held == "budget"), np.maximum(then - now, 0.0), 0.0)
    return bought._replace(
        each=each,
        best=bought.sign * best,
        decision=float(decision[0]),
        outcome=bought.sign * outcome,
        standing=bought.sign * standing,
        marginal=marginal,
        enough=_enough(seen, pool.mean(values), float(decision[0]), purchase.whole),
    )


def _enough(seen: np.ndarray, mean: np.ndarray, decision: float, whole: bool) -> float:
    """Where the mean has made most of its way to the decision, straight between the points of the first look."""
    before = seen <= decision
    amount, way = seen[before], np.maximum.accumulate(mean[before])
    aim = way[0] + ENOUGH * (way[-1] - way[0])
    place = int((way >= aim).argmax())
    if place == 0:
        return float(amount[0])
    share = (aim - way[place - 1]) / (way[place] - way[place - 1])
    found = amount[place - 1] + share * (amount[place] - amount[place - 1])
    return float(np.ceil(found * (1 - 1e-12)) if whole else found)


def grid(low: float, high: float, points: int = _POINTS) -> np.ndarray:
    """Amounts from the lowest to the highest, even in their logarithm, shape (points,)."""
    if high <= low:
        return np.array([low])
    found = np.append(low, np.geomspace(low if low > 0 else _LEAST * high, high, points)[int(low > 0) :])
    found[-1] = high  # to the last digit, which a geometric mean may miss
    return found


def highest(
    curves: Curves, rows: np.ndarray, seen: np.ndarray, values: np.ndarray, whole: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The amount at which every row is highest, the least of equals, and the value there: shapes (rows,).

    Args:
        curves: what is to be highest.
        rows: that are asked for.
        seen: amounts of a first look, ascending, shape (points,).
        values: what the curves are there, shape (rows, points).
        whole: whether only whole amounts count.
    """
    place = _first(values)
    amount, value = seen[place], np.take_along_axis(values, place[:, None], axis=1)[:, 0]
    inner = np.flatnonzero((place > 0) & (place < len(seen) - 1))
    if inner.size:
        at, closest = np.arange(len(inner)), amount[inner]
        ends = seen[place[inner] - 1], seen[place[inner] + 1]
        for _ in range(_ROUNDS):
            near = ends[0][:, None] + np.linspace(0.0, 1.0, _FINE) * (ends[1] - ends[0])[:, None]
            found = _first(curves(near, rows[inner]))
            ends = near[at, np.maximum(found - 1, 0)], near[at, np.minimum(found + 1, _FINE - 1)]
            closest = near[at, found]
            if whole and (ends[1] - ends[0]).max() < 1:
                break
        if whole:
            pair = np.stack([np.floor(closest), np.ceil(closest)], axis=1)
            closest = pair[at, _first(curves(pair, rows[inner]))]
        there = curves(closest[:, None], rows[inner])[:, 0]
        better = there > value[inner] + _SAME * np.abs(value[inner])
        amount[inner[better]], value[inner[better]] = closest[better], there[better]
    return amount, value


def _first(values: np.ndarray) -> np.ndarray:
    """Index of the highest of each row, the first of equals to within rounding."""
    values = np.where(np.isnan(values), -np.inf, values)
    top = values.max(axis=1, keepdims=True)
    return (values >= top - _SAME * np.abs(top)).argmax(axis=1)


def least_amount(bought: Bought, aim: np.ndarray, rows: np.ndarray, high: float, rounds: int = 7) -> np.ndarray:
    """The least amount at which each row comes to an aim, shape (rows,); infinite where none up to `high` does.

    Args:
        bought: the purchase.
        aim: response to be reached, shape (rows,).
        rows: of the pool.
        high: where to stop looking.
        rounds: of looking closer, each by eight.
    """
    seen = grid(bought.purchase.start, high)
    enough = bought.sign * (bought.at(seen, rows) - aim[:, None]) >= -_SAME * np.abs(aim[:, None])
    ever, place, at = enough.any(axis=1), enough.argmax(axis=1), np.arange(len(rows))
    below, above = seen[np.maximum(place - 1, 0)], seen[place]
    for _ in range(rounds):
        near = below[:, None] + np.linspace(0.0, 1.0, _FINE) * (above - below)[:, None]
        enough = bought.sign * (bought.at(near, rows) - aim[:, None]) >= -_SAME * np.abs(aim[:, None])
        enough[:, -1] = True
        place = enough.argmax(axis=1)
        below, above = near[at, np.maximum(place - 1, 0)], near[at, place]
    found = np.ceil(above * (1 - 1e-9)) if bought.purchase.whole else above
    return np.where(ever, found, np.inf)
