"""What a different number of parameters costs, of the budget spent as much as is best at each."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import MARGIN, Programme, Spending

_POINTS, _FACTOR = 81, 8.0  # how many, and how far to either side of the optima
_ABOUT = np.array([-0.03, -0.01, -1e-3, -1e-4, 0.0, 1e-4, 1e-3, 0.01, 0.03])
# Of the size of one epoch, about which points lie close: a law that knows overfitting has a narrow hollow there.
_SMALLER = 0.5  # of the best size, from which down another counts as much smaller
_FEWER = np.linspace(0.0, 7.0, 36)  # of the most tokens, in logarithms


class Smaller(NamedTuple):
    """A much smaller size that costs hardly more than the best.

    Attributes:
        params, tokens, epochs: where the budget goes.
        share: of the best size.
        more: mean regret above the least.
    """

    params: float
    tokens: float
    epochs: float
    share: float
    more: float


@dataclass(frozen=True)
class Regret:
    """Loss above what the best of all options would give each row, against the parameters, arrays of shape (points,).

    Attributes:
        params, tokens, epochs: where the budget goes at each point.
        mean: over draws and laws, none counted beyond the bound: what a choice is expected to cost.
        low, high: the interval over draws and laws.
        by_law: law → regret at its estimate.
        within: the ranges of sizes, smallest first, whose mean regret is at most `allowed` above the least.
        smaller: the best of the sizes in them that are at most half of the best one; None if there is none.
        allowed: in the unit of the loss.
        safe: belief in the draws and laws under which the decision costs at most that.
    """

    params: np.ndarray
    tokens: np.ndarray
    epochs: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    by_law: dict[str, np.ndarray]
    within: tuple[tuple[float, float], ...]
    smaller: Smaller | None
    allowed: float
    safe: float

    def to_json(self) -> dict[str, Json]:
        """The curve as JSON."""
        smaller = None if self.smaller is None else self.smaller._asdict()
        return {**vars(self), "within": [list(ends) for ends in self.within], "smaller": smaller}


def regret(solved: Solved, pool: Pool, lowest: np.ndarray, allowed: float) -> Regret:
    """The regret curve of an option, its levers set as in the decision.

    Args:
        solved: the option.
        pool: the laws.
        lowest: what the best of all options would give each row, shape (rows,).
        allowed: regret above the least up to which sizes count as equally good.
    """
    programme, levers = solved.programme, solved.decision.levers
    optima = solved.each.spending.params[pool.shares > 0]
    ends = np.nanmin(optima), np.nanmax(optima)
    centre = float(solved.decision.spending.params[0])
    low, high = max(ends[0], centre / _FACTOR**2) / _FACTOR, min(ends[1], centre * _FACTOR**2) * _FACTOR
    once = _once(programme, levers) * (1 + _ABOUT)
    once = once[(once >= low) & (once <= high)]
    sizes = np.sort(np.concatenate([np.geomspace(low, high, _POINTS), once, [centre]]))
    spent = _spent(solved, pool, lowest, sizes)
    loss = pool.loss(programme, spent)
    above = np.maximum(loss - lowest[:, None], 0.0)  # rounding may leave -1e-16 at an optimum
    mean = pool.mean(pool.regret(loss, lowest))
    ranks = [pool.interval(column) for column in above.T]
    params, good = spent.params[0], mean <= mean.min() + allowed
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]])))
    return Regret(
        params,
        spent.tokens[0],
        spent.epochs[0],
        mean,
        np.array([rank.low for rank in ranks]),
        np.array([rank.high for rank in ranks]),
        {member.name: above[part][0] for member, part in zip(pool.members, pool.parts, strict=True)},
        tuple((float(params[first]), float(params[end - 1])) for first, end in edges.reshape(-1, 2)),
        _smaller(spent, mean, good),
        allowed,
        float(pool.shares[solved.loss - lowest <= allowed].sum()),
    )


def _smaller(spent: Spending, mean: np.ndarray, good: np.ndarray) -> Smaller | None:
    params, least = spent.params[0], int(mean.argmin())
    places = np.flatnonzero(good & (params <= _SMALLER * params[least]))
    if not places.size:
        return None
    place = int(places[mean[places].argmin()])
    return Smaller(
        float(params[place]),
        float(spent.tokens[0, place]),
        float(spent.epochs[0, place]),
        float(params[place] / params[least]),
        float(mean[place] - mean[least]),
    )


def _once(programme: Programme, levers: np.ndarray) -> float:
    """The size at which the whole budget goes into one epoch."""
    data = programme.text(levers[:, None])
    left, _ = programme.ends(data)
    trained = programme.situation.flop_per_param_token * data.raw
    return float(np.minimum(left / (trained + programme.serving), programme.training / trained).item())


def _spent(solved: Solved, pool: Pool, lowest: np.ndarray, params: np.ndarray) -> Spending:
    """The spending at some parameters, of least mean regret at each, shape (1, points); sizes beyond limits left out.

    That is the whole budget, or what the estimates alone would spend, one epoch, or the epochs of the decision: under a
    law that knows overfitting the whole budget may be too much for a size.
    """
    programme, serving, k = solved.programme, solved.programme.serving, solved.programme.situation.flop_per_param_token
    data = programme.text(solved.decision.levers[:, None])
    left, corners = programme.ends(data)
    with np.errstate(all="ignore"):
        most = np.minimum(np.log(programme.tokens(params, left) / data.raw), corners[-1])[0]
    inside = (params <= programme.situation.limits.largest * (1 + 1e-9)) & (most >= corners[0, 0] - 1e-9)
    params, most = params[inside], most[inside]
    own = np.minimum(np.log(solved.decision.spending.epochs[0]), most)
    raw, worth, cost = (float(part[0, 0]) for part in data)

    def at(log_epochs: np.ndarray) -> Spending:
        size = np.broadcast_to(params[:, None], log_epochs.shape).reshape(1, -1)
        tokens = raw * np.exp(log_epochs).reshape(1, -1)
        training, inference = k * size * tokens, serving * size
        unspent = float(left[0, 0]) - training - inference
        unspent = np.where(unspent < MARGIN * programme.situation.flop, 0.0, unspent)
        flat = [np.full_like(tokens, part) for part in (raw, worth, cost)]
        return Spending(size, tokens, tokens / raw, flat[0], flat[1], training, inference, flat[2], unspent)

    def mean(some: Pool, least: np.ndarray, spent: Spending) -> np.ndarray:
        return some.mean(some.regret(some.loss(programme, spent), least)).reshape(len(params), -1)

    fewer = most[:, None] - _FEWER
    like = mean(pool.some(0), lowest[pool.spaced(0)], at(fewer)).argmin(axis=1)
    if not like.any() and solved.decision.spending.unspent[0] == 0:
        return at(most[:, None])
    tried = np.column_stack([most, fewer[np.arange(len(params)), like], own, np.minimum(0.0, most)])
    best = mean(pool, lowest, at(tried)).argmin(axis=1)
    return at(tried[np.arange(len(params)), best][:, None])
