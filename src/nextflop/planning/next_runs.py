"""Which runs to make next: those that would tell most about the target for what they cost.

Laws, their optima and their parameters are all unknown, so the plan does not linearise one law at one optimum. It draws
an ensemble: several laws, each fitted to many noisy copies of the runs, from several optima. Where the members disagree
about a candidate in the way in which they disagree about the target, running the candidate settles the target. To first
order the variance that a run removes is that of a Gaussian with the ensemble's covariance, so candidates are taken one
after the other, the best ratio of what is removed to what is spent first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import Searched, prepare, search
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.laws.base import Law

_LEAST_NOISE = 3e-3  # of a loss: what two seeds differ by; residuals of a fit through its points know no noise
_LEAST_WEIGHT = 0.05  # of a law, as long as the runs do not rule it out: they may be too few to know
_SHRINK = 0.02  # of the ensemble's covariance, towards none: two hundred members correlate by accident
_COST_POWER = 0.4  # of what is spent: between one run of any cost and many cheap ones; that of arXiv:2604.22753


class Ensemble(NamedTuple):
    """Laws that the runs allow.

    Attributes:
        laws: each with one row of parameters a member.
        noise: standard deviation of a run, of the logarithm of the response if `log`.
        log: whether responses are compared by logarithms.
        weights: law → its share of the members.
    """

    laws: tuple[Law, ...]
    noise: float
    log: bool
    weights: Mapping[str, float]

    def predict(self, runs: Runs) -> np.ndarray:
        """What the members say of some settings, shape (members, runs), in logarithms if `log`."""
        with np.errstate(all="ignore"):
            rows = [np.asarray(law(**{name: runs[name] for name in law.inputs})) for law in self.laws]
            values = np.concatenate([np.atleast_2d(part) for part in rows])
            return np.log(values) if self.log else values


@dataclass(frozen=True)
class NextRuns:
    """Runs worth making, in the order in which they are worth it.

    Attributes:
        rows: their places among the candidates, shape (chosen,).
        cost: of each.
        removed: share of the target's variance that each removes, given those before it.
        before: standard deviation of the target before any, root mean square over the target's settings; a share of
            the response if responses are compared by logarithms.
        after: the same when all have been made, as expected now.
        laws: law → weight in the ensemble.
    """

    rows: np.ndarray
    cost: np.ndarray
    removed: np.ndarray
    before: float
    after: float
    laws: Mapping[str, float]

    def to_json(self) -> dict[str, Json]:
        """The plan as JSON; rows are counted from 1."""
        return {**vars(self), "rows": [int(row) + 1 for row in self.rows], "laws": dict(self.laws)}


def next_runs(
    laws: Sequence[type[Law]],
    runs: Runs,
    candidates: Runs,
    targets: Runs,
    cost: np.ndarray,
    budget: float,
    *,
    members: int = 200,
    seed: int = 0,
) -> NextRuns:
    """Chooses candidates until the budget is spent.

    Args:
        laws: the families that may hold.
        runs: what has been run.
        candidates: settings that could be run, with the laws' inputs as columns.
        targets: settings whose response is wanted.
        cost: of each candidate, shape (candidates,), in any unit.
        budget: what may be spent, in the same.
        members: of the ensemble.
        seed: of its noise.

    Raises:
        InputError: if costs or budget are not positive, or no candidate can be paid.
        FitError: if the runs are too few for every law; `spread_out` then says where to begin.
    """
    cost = np.asarray(cost, dtype=np.float64)
    if cost.shape != (len(candidates),) or not (np.isfinite(cost) & (cost > 0)).all() or not budget > 0:
        raise InputError("Every candidate needs a cost above 0, and the budget must be above 0: correct them.")
    if cost.min() > budget:
        raise InputError(f"The cheapest candidate costs {cost.min():.3g}, the budget is {budget:.3g}: raise it.")
    drawn = ensemble(laws, runs, members=members, seed=seed)
    order, removed, before, after = greedy(drawn.predict(candidates), drawn.predict(targets), drawn.noise, cost, budget)
    return NextRuns(order, cost[order], removed, before, after, drawn.weights)


def ensemble(laws: Sequence[type[Law]], runs: Runs, *, members: int = 200, seed: int = 0) -> Ensemble:
    """Laws that the runs allow: fitted to copies of the runs with fresh noise, from every optimum that was found.

    Raises:
        FitError: if the runs are too few for every law.
    """
    log = all(law.lowest >= 0 for law in laws) and bool((runs[laws[0].response] > 0).all())
    fitted = [one for one in (_fitted(law, runs, log) for law in laws) if one is not None]
    if not fitted:
        raise FitError(
            f"{len(runs)} runs are too few for any of {', '.join(law.name for law in laws)}: run some first."
        )
    weights = _weights(np.array([one.score for one in fitted]))
    noise = float(np.sqrt(np.average([one.noise**2 for one in fitted], weights=weights)))
    rng = np.random.default_rng(seed)
    counts = np.maximum(np.round(weights * members), 1).astype(int)
    drawn = tuple(
        _members(one, max(noise, one.noise), int(count), rng) for one, count in zip(fitted, counts, strict=True)
    )
    shares = {one.law.name: float(weight) for one, weight in zip(fitted, weights, strict=True)}
    return Ensemble(drawn, noise, log, shares)


class _Fitted(NamedTuple):
    law: type[Law]
    table: Table
    problem: Problem
    found: Searched
    noise: float
    score: float


def _fitted(law: type[Law], runs: Runs, log: bool) -> _Fitted | None:
    try:
        table, problem = prepare(law, runs, Method(Squares(log=log)))
        found = search(problem, table)
    except FitError:
        return None
    squares, size, free = float(found.optima.values.min()), len(runs), int(problem.free.sum())
    floor = _LEAST_NOISE * (1.0 if log else problem.size)
    spare = max(size - free, 1)
    noise = float(np.sqrt(squares / spare + floor**2))
    count = free + 1
    fine = count * size / (size - count - 1) if size > count + 1 else 3.0 * count
    return _Fitted(law, table, problem, found, noise, -size * float(np.log(noise)) - fine)


def _weights(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    likely = np.maximum(likely / likely.sum(), _LEAST_WEIGHT * (scores > scores.max() - 5))
    return likely / likely.sum()


def _members(one: _Fitted, noise: float, count: int, rng: np.random.Generator) -> Law:
    table, problem, optima = one.table, one.problem, one.found.optima
    predicted = np.asarray(problem.at(optima.points[[optima.values.argmin()]])(**problem.inputs))
    scatter = noise * rng.normal(size=(count, predicted.shape[1]))
    response = np.exp(np.log(table.response) + scatter) if problem.objective.log else table.response + scatter
    near = np.flatnonzero(optima.values <= optima.values.min() + 4 * noise**2 * len(table.response))
    starts = optima.points[rng.choice(near, size=count)]
    ends = minimise(problem, starts, response, table.weights, tolerance=1e-4)
    return one.law.from_draws(problem.parameters(ends.points))


def greedy(
    candidates: np.ndarray, targets: np.ndarray, noise: float, cost: np.ndarray, budget: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Takes candidates one after the other, the most variance of the targets removed for their cost first.

    Args:
        candidates: what the members say of the candidates, shape (members, candidates).
        targets: the same of the targets, shape (members, targets).
        noise: standard deviation of a run.
        cost: of each candidate.
        budget: what may be spent.

    Returns:
        The chosen rows, the share of the targets' variance that each removes, and the root mean square standard
        deviation of the targets before and after.
    """
    kept = np.isfinite(candidates).all(axis=1) & np.isfinite(targets).all(axis=1)
    fields = _tamed(np.concatenate([candidates[kept], targets[kept]], axis=1))
    size = len(cost)
    fields = (1 - _SHRINK) * fields / np.sqrt(max(len(fields) - 1, 1))
    ahead = fields[:, size:]
    whole = before = float((ahead**2).sum())
    chosen, removed, left = [], [], budget
    open_ = np.ones(size, dtype=bool)
    while True:
        can = open_ & (cost <= left)
        if not can.any() or whole <= 0:
            break
        near = fields[:, :size]
        gains = ((near.T @ fields[:, size:]) ** 2).sum(axis=1) / ((near**2).sum(axis=0) + noise**2)
        pick = int(np.where(can, gains / cost**_COST_POWER, -np.inf).argmax())
        if gains[pick] <= 0:
            break
        direction = near[:, pick]
        scale = direction @ direction + noise**2
        chosen.append(pick)
        removed.append(float(gains[pick] / before))
        open_[pick] = False
        left -= cost[pick]
        # Conditioning the members on the run: each moves along with what it would have learnt.
        factor = (1 - np.sqrt(noise**2 / scale)) / (direction @ direction)
        fields = fields - factor * np.outer(direction, direction @ fields)
        whole = float((fields[:, size:] ** 2).sum())
    root = [float(np.sqrt(value / max(targets.shape[1], 1))) for value in (before, whole)]
    return np.array(chosen, dtype=np.int64), np.array(removed), root[0], root[1]


def _tamed(fields: np.ndarray) -> np.ndarray:
    """Deviations from the median, cut where a few wild members would be all that counts."""
    middle = np.median(fields, axis=0)
    spread = 1.4826 * np.median(np.abs(fields - middle), axis=0)
    return np.clip(fields - middle, -5 * spread, 5 * spread)


def spread_out(candidates: Runs, inputs: Sequence[str], cost: np.ndarray, budget: float, count: int) -> np.ndarray:
    """Where to begin when nothing has been run: cheap settings, far from one another in their logarithms.

    Args:
        candidates: settings that could be run.
        inputs: the columns that are varied.
        cost: of each candidate.
        budget: what may be spent.
        count: how many runs at most.

    Returns:
        Rows of candidates.
    """
    logs = np.stack([np.log(np.maximum(candidates[name], 1e-300)) for name in inputs], axis=1)
    logs = (logs - logs.min(axis=0)) / np.maximum(np.ptp(logs, axis=0), 1e-300)
    order = np.argsort(cost, kind="stable")
    can = order[cost[order] <= budget / max(count, 1) * 2]
    chosen = [int(order[0])]
    left = budget - cost[order[0]]
    while len(chosen) < count:
        rest = can[(cost[can] <= left) & ~np.isin(can, chosen)]
        if not rest.size:
            break
        gaps = np.sqrt(((logs[rest, None] - logs[chosen]) ** 2).sum(axis=2)).min(axis=1)
        pick = int(rest[gaps.argmax()])
        if gaps.max() <= 0:
            break
        chosen.append(pick)
        left -= cost[pick]
    return np.array(chosen, dtype=np.int64)
