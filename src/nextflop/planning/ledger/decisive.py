"""The experiment to make before deciding: the cheapest runs whose outcome would change what one does."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.choice import choose, value_of_information
from nextflop.planning.ledger.options import Solved, at
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme, Spending

_WORLDS = 240  # rows that stand for all draws and laws
_SHARES = np.geomspace(1e-4, 0.03, 4)  # of the budget, that a run may cost
_EPOCHS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_RATIOS = (5.0, 20.0, 80.0)  # tokens a parameter
_MORE = 1.1  # times what a cheaper run tells, that a dearer one must
_ENOUGH = 0.5  # of what the most telling run is worth, from which on a cheaper one is taken


@dataclass(frozen=True)
class Experiment:
    """A run worth making before the decision.

    Attributes:
        params, tokens, unique_tokens, epochs: its setting.
        flop: what it costs.
        share: that as a share of the budget.
        foretold: law → the loss that it foretells at its estimate.
        gain: by how much the expected loss of the decision falls once the outcome is known.
        known: that as a share of what knowing the truth would bring.
        separation: how far apart the laws' forecasts lie, in standard deviations of a run.
    """

    params: float
    tokens: float
    unique_tokens: float
    epochs: float
    flop: float
    share: float
    foretold: dict[str, float]
    gain: float
    known: float
    separation: float

    def to_json(self) -> dict[str, Json]:
        """The experiment as JSON."""
        return dict(vars(self))


def experiments(
    options: list[Solved], pool: Pool, noise: float, number: int = 3, least: float = 1e-9
) -> tuple[Experiment, ...]:
    """Runs in the order in which they are worth making; none where nothing that is known would change.

    The decisions to choose from are those of every option, and those that each law would make alone. The draws of all
    laws are the prior, a run tells them apart by its loss and its noise (see `choice.value_of_information`).

    Args:
        options: solved.
        pool: the laws.
        noise: standard deviation of a run's loss, as a share of it. What the runs scatter about a law comes on top, for
            a law that misses its own runs by 3% cannot be told from another by less.
        number: how many runs.
        least: what knowing the truth must be worth, in the unit of the loss, for any run to be worth making.
    """
    rows = _rows(pool)
    values = -np.stack([loss[rows] for loss in _actions(options, pool)])
    perfect = choose(values).regret
    if perfect < least:
        return ()
    base = options[0].programme
    spent = _candidates(base)
    foretold = _foretold(base, pool, spent)
    outcomes = foretold[rows].T
    scatter = np.array([member.scatter for member in pool.members])
    sigma = np.hypot(noise, np.nanmax(scatter) if np.isfinite(scatter).any() else 0.0) * outcomes.mean(axis=1)
    gains = value_of_information(values, outcomes, sigma)
    estimates = np.stack([foretold[part][0] for part in pool.parts])
    apart = np.ptp(estimates, axis=0) / sigma
    cost = spent.training[0]
    kept = _frontier(gains, cost)[:number]
    return tuple(
        Experiment(
            params=float(spent.params[0, index]),
            tokens=float(spent.tokens[0, index]),
            unique_tokens=float(spent.raw[0, index]),
            epochs=float(spent.epochs[0, index]),
            flop=float(cost[index]),
            share=float(cost[index] / base.situation.flop),
            foretold={member.name: float(row[index]) for member, row in zip(pool.members, estimates, strict=True)},
            gain=float(gains[index]),
            known=float(gains[index] / perfect),
            separation=float(apart[index]),
        )
        for index in kept
    )


def _rows(pool: Pool) -> np.ndarray:
    """Rows that stand for all: evenly spaced in belief."""
    reached = np.cumsum(pool.shares)
    places = (np.arange(_WORLDS) + 0.5) / _WORLDS * reached[-1]
    return np.searchsorted(reached, places)


def _actions(options: list[Solved], pool: Pool) -> list[np.ndarray]:
    """What every row predicts for every decision that could be taken."""
    found = [solved.loss for solved in options]
    for solved in options:
        for part in pool.parts:
            alone = Spending(*(values[part.start : part.start + 1] for values in solved.each.spending))
            if np.isfinite(alone.tokens).all():
                found.append(pool.loss(solved.programme, at(alone))[:, 0])
    return found


def _candidates(base: Programme) -> Spending:
    """Small runs: a few costs, tokens a parameter, and epochs, from text that is at hand."""
    k = base.situation.flop_per_param_token
    repeated = _EPOCHS if base.owned else (1.0,)
    cost, ratio, epochs = (
        part.ravel()
        for part in np.meshgrid(_SHARES * base.situation.flop, np.array(_RATIOS), np.array(repeated), indexing="ij")
    )
    params = np.sqrt(cost / (k * ratio))
    tokens = ratio * params
    unique = tokens / epochs
    kept = unique <= base.situation.unique if base.owned else np.ones(len(cost), bool)
    params, tokens, unique = params[kept], tokens[kept], unique[kept]
    zero = np.zeros_like(params)
    found = (params, tokens, tokens / unique, unique, unique, k * params * tokens, zero, zero, zero)
    return Spending(*(part[None] for part in found))


def _foretold(base: Programme, pool: Pool, spent: Spending) -> np.ndarray:
    """The loss of each candidate as a fresh run of text like that of the runs, shape (rows, candidates)."""
    fresh = Programme(base.situation, ())
    return pool.loss(fresh, spent)


def _frontier(gains: np.ndarray, cost: np.ndarray) -> list[int]:
    """The cheapest run that is worth enough first, then dearer ones that tell more."""
    if gains.max() <= 0:
        return []
    worthy = np.flatnonzero(gains >= _ENOUGH * gains.max())
    found = [int(worthy[np.lexsort((-gains[worthy], cost[worthy]))[0]])]
    for price in np.unique(cost[cost > cost[found[0]]]):
        rivals = np.flatnonzero(cost == price)
        top = int(rivals[gains[rivals].argmax()])
        if gains[top] > _MORE * gains[found[-1]]:
            found.append(top)
    return found
