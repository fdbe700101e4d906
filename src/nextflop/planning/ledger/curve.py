"""What a different number of parameters costs, of the budget spent as much as is best at each."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme, Spending

_POINTS, _FACTOR = 81, 8.0  # how many, and how far to either side of the optima
_FEWER = np.linspace(0.0, 7.0, 36)  # of the most tokens, in logarithms


@dataclass(frozen=True)
class Regret:
    """Loss above each row's own optimum, against the parameters, arrays of shape (points,).

    Attributes:
        params, tokens, epochs: where the budget goes at each point.
        mean: over draws and laws, none counted beyond the bound: what a choice is expected to cost.
        low, high: the interval over draws and laws.
        by_law: law → regret at its estimate.
        within: the fewest and most parameters about the least mean regret, between which it is at most `allowed` more.
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
    within: tuple[float, float]
    allowed: float
    safe: float

    def to_json(self) -> dict[str, Json]:
        """The curve as JSON."""
        return {**vars(self), "within": list(self.within)}


def regret(solved: Solved, pool: Pool, allowed: float) -> Regret:
    """The regret curve of an option, its levers set as in the decision."""
    programme, levers = solved.programme, solved.decision.levers
    optima = solved.each.spending.params[pool.shares > 0]
    ends = np.nanmin(optima), np.nanmax(optima)
    centre = float(solved.decision.spending.params[0])
    low, high = max(ends[0], centre / _FACTOR**2) / _FACTOR, min(ends[1], centre * _FACTOR**2) * _FACTOR
    sizes = np.sort(np.append(np.geomspace(low, high, _POINTS), centre))
    if solved.decision.spending.unspent[0] > 0:
        spent = _sparing(solved, pool, sizes)
    else:
        spent = _along(programme, sizes, levers)
    kept = np.isfinite(spent.tokens[0])
    spent = Spending(*(part[:, kept] for part in spent))
    loss = pool.loss(programme, spent)
    above = np.maximum(loss - solved.each.loss[:, None], 0.0)  # rounding may leave -1e-16 at an optimum
    mean = pool.mean(pool.regret(loss, solved.each.loss))
    ranks = [pool.interval(column) for column in above.T]
    params, least = spent.params[0], int(mean.argmin())
    beyond = np.flatnonzero(mean > mean[least] + allowed)
    first, last = beyond[beyond < least].max(initial=-1) + 1, beyond[beyond > least].min(initial=len(mean)) - 1
    return Regret(
        params,
        spent.tokens[0],
        spent.epochs[0],
        mean,
        np.array([rank.low for rank in ranks]),
        np.array([rank.high for rank in ranks]),
        {member.name: above[part][0] for member, part in zip(pool.members, pool.parts, strict=True)},
        (float(params[first]), float(params[last])),
        allowed,
        float(pool.shares[solved.regret <= allowed].sum()),
    )


def _along(programme: Programme, params: np.ndarray, levers: np.ndarray) -> Spending:
    """The spending at some parameters, shape (1, points); nan beyond what the limits allow."""
    z = np.repeat(levers[:, None], len(params), axis=1)
    data = programme.text(z)
    left, corners = programme.ends(data)
    with np.errstate(all="ignore"):
        log_epochs = np.log(programme.tokens(params, left) / data.raw)
    largest = params <= programme.situation.limits.largest * (1 + 1e-9)
    inside = largest & (log_epochs >= corners[0] - 1e-9) & (log_epochs <= corners[-1] + 1e-9)
    return programme.spending(np.where(inside, log_epochs, np.nan), z)


def _sparing(solved: Solved, pool: Pool, params: np.ndarray) -> Spending:
    """As `_along`, with the tokens of least mean regret at each size, where all of the budget may be too many."""
    programme, levers = solved.programme, solved.decision.levers
    data = programme.text(levers[:, None])
    left, corners = programme.ends(data)
    serving, k = programme.serving, programme.situation.flop_per_param_token
    with np.errstate(all="ignore"):
        most = np.minimum(np.log(programme.tokens(params, left) / data.raw), corners[-1])[0]
    own = np.minimum(np.log(solved.decision.spending.epochs[0]), most)
    epochs = np.exp(np.column_stack([most[:, None] - _FEWER, own]))
    inside = (params <= programme.situation.limits.largest * (1 + 1e-9)) & (most >= corners[0, 0])
    raw, worth, cost = (float(part[0, 0]) for part in data)
    size = np.repeat(params[:, None], epochs.shape[1], axis=1)
    tokens = np.where(inside[:, None], raw * epochs, np.nan)
    training, inference = k * size * tokens, serving * size
    unspent = float(left[0, 0]) - training - inference
    raw, worth, cost = (np.full_like(tokens, part) for part in (raw, worth, cost))
    tried = Spending(size, tokens, tokens / raw, raw, worth, training, inference, cost, unspent)
    flat = Spending(*(part.reshape(1, -1) for part in tried))
    mean = pool.mean(pool.regret(pool.loss(programme, flat), solved.each.loss)).reshape(tokens.shape)
    best = np.argmin(np.where(np.isfinite(tokens), mean, np.inf), axis=1)
    return Spending(*(part[np.arange(len(params)), best][None] for part in tried))
