"""Draws of the estimate: other data of the same kind, each fitted again, all in one batch.

Three ways to other data, each over runs or over clusters of runs:

- pairs: runs are drawn with replacement. Nothing is assumed of the scatter, but a draw may lack the runs that matter.
- wild: every run stays, and its residual is turned by a random factor, one for all runs of a cluster, from the six
  values of Webb (2023, doi:10.1111/caje.12661), which suit few clusters.
- residual: every run stays, and gets the residual of another; this takes the scatter to be the same everywhere.

In the last two the residuals are first divided by what the fit has taken from them: I - H in each cluster, with H the
projection on what the parameters can do (CR3 of Bell and McCaffrey 2002, the jackknife's correction). Wild draws are
for squares: turned about, residuals keep their size, and with it the thin peak at zero on which the scatter of a median
depends. docs/log.md has the coverage of each.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.errors import unknown
from nextflop.fitting.curvature import followed
from nextflop.fitting.newton import Optima, minimise
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table

Progress = Callable[[int, int], None]

_BATCH = 500  # draws between two reports of progress
USABLE = 1e-4  # relative offset up to which a draw counts: its objective is then right to eight digits
_WEBB = np.sqrt([0.5, 1.0, 1.5])
_LOWER = 1e-9  # of an objective, by which another optimum counts as lower
_PLENTY = 20  # settings a free parameter: drawn with replacement, two thirds of them appear in every draw
_LEAST_LEFT = 0.05  # of a residual, by the fit
RESAMPLINGS = ("pairs", "wild", "residual")


class Draws(NamedTuple):
    """The refitted draws.

    Attributes:
        points: coordinates of the usable draws, shape (usable, parameters).
        failed: how many draws gave no usable estimate.
        usable: which draws gave one, shape (draws,).
    """

    points: np.ndarray
    failed: int
    usable: np.ndarray


class Sample(NamedTuple):
    """Other data, a row each.

    Attributes:
        count: how many draws.
        response: shape (draws, runs), or (runs,) where it is that of the runs.
        weights: shape (draws, runs), or (runs,) likewise.
    """

    count: int
    response: np.ndarray
    weights: np.ndarray

    def part(self, at: int, end: int) -> "Sample":
        """The draws from one place up to another."""
        end = min(end, self.count)
        response, weights = (array if array.ndim == 1 else array[at:end] for array in self[1:])
        return Sample(end - at, response, weights)


def resample(table: Table, draws: int, seed: int) -> np.ndarray:
    """The weights of the runs in each draw, shape (draws, runs): how often a run was drawn, times its own weight."""
    strata = np.zeros(table.clusters, dtype=np.int64) if table.strata is None else table.strata
    counts = np.empty((draws, table.clusters), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for stratum in range(strata.max() + 1):
        members = np.flatnonzero(strata == stratum)
        counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=draws)
    return counts[:, table.groups] * table.weights


def sample(problem: Problem, table: Table, point: np.ndarray, resampling: str, draws: int, seed: int) -> Sample:
    """Other data of the same kind.

    Args:
        problem: what was minimised.
        table: the runs.
        point: coordinates of the estimate, shape (parameters,).
        resampling: one of `RESAMPLINGS`.
        draws: how many.
        seed: of the random numbers.

    Raises:
        InputError: if there is no such resampling.
    """
    if resampling not in RESAMPLINGS:
        raise unknown("resampling", resampling, RESAMPLINGS)
    if resampling == "pairs":
        return Sample(draws, table.response, resample(table, draws, seed))
    rng = np.random.default_rng(seed)
    scatter = restored(problem, table, point)
    if resampling == "wild":
        factors = rng.choice(np.concatenate([_WEBB, -_WEBB]), size=(draws, table.clusters))
        noise = factors[:, table.groups] * scatter
    else:
        noise = rng.choice(scatter - scatter.mean(), size=(draws, len(scatter)))
    predicted = problem.at(point[None])(**problem.inputs)
    # A residual is law less run.
    response = predicted * np.exp(-noise) if problem.objective.log else predicted - noise
    return Sample(draws, np.clip(response, problem.law.lowest, problem.law.highest), table.weights)


def restored(problem: Problem, table: Table, point: np.ndarray) -> np.ndarray:
    """The residuals at a point with what the fit took from them given back, cluster by cluster, shape (runs,)."""
    residuals = problem.residuals(point[None], table.response)[0]
    live = problem.free & (point > problem.lower) & (point < problem.upper)
    slopes = problem.slopes(point)[live] * np.sqrt(table.weights)
    hat = np.linalg.pinv(slopes @ slopes.T, hermitian=True)
    if table.clusters == len(residuals):  # each run is its own cluster, and I - H one number
        left = 1 - np.einsum("pn,pq,qn->n", slopes, hat, slopes, optimize=True)
        return residuals / np.maximum(left, _LEAST_LEFT)
    found = np.empty_like(residuals)
    for group in range(table.clusters):
        rows = np.flatnonzero(table.groups == group)
        block = slopes[:, rows]
        values, axes = np.linalg.eigh(np.eye(len(rows)) - block.T @ hat @ block)
        # A cluster that alone decides a parameter leaves no residual there, and nothing to restore it from.
        found[rows] = axes @ ((axes.T @ residuals[rows]) / np.maximum(values, _LEAST_LEFT))
    return found


def refit(
    problem: Problem,
    table: Table,
    other: Sample,
    estimate: np.ndarray,
    candidates: np.ndarray,
    progress: Progress | None = None,
) -> Draws:
    """Fits every draw from two starts and keeps the better: the estimate, and the candidate that suits the draw best.

    The estimate is first moved along its influence function, where that leads down.

    The second start is spared if the first hundreds of draws have not needed it: of the others, one in a hundred at
    most would then gain by it.

    Args:
        problem: what is minimised.
        table: the runs.
        other: the draws.
        estimate: coordinates of the estimate, shape (parameters,).
        candidates: coordinates of other good points, shape (candidates, parameters).
        progress: called with the number of draws done and the number of all.
    """
    enough = _enough(problem, table)
    losses = problem.losses(candidates, table.response) if other.count else np.empty((0, len(table.response)))
    candidates, losses = candidates[(whole := np.isfinite(losses).all(axis=1))], losses[whole]
    points, usable = np.empty((other.count, len(estimate))), np.empty(other.count, dtype=bool)
    needed = True
    for at in range(0, other.count, _BATCH):
        part = other.part(at, at + _BATCH)
        best = minimise(problem, _moved(problem, table, estimate, part), part.response, part.weights)
        if needed:
            suited = candidates[_suited(problem, candidates, losses, part)]
            first, best = best, better(best, minimise(problem, suited, part.response, part.weights))
            if at == 0:
                needed = bool((best.values < first.values * (1 - _LOWER)).any() or (first.offsets > USABLE).any())
        points[at : at + part.count] = best.points
        usable[at : at + part.count] = (best.offsets <= USABLE) & enough(part.weights)
        if progress is not None:
            progress(at + part.count, other.count)
    return Draws(points[usable], int((~usable).sum()), usable)


def _moved(problem: Problem, table: Table, estimate: np.ndarray, part: Sample) -> np.ndarray:
    """The estimate as each draw moves it to first order, or as it was where that is no lower, shape (draws, ...)."""
    here = np.tile(estimate, (part.count, 1))
    there = np.broadcast_to(followed(problem, table, estimate, part.response, part.weights), here.shape)
    before, after = (problem.value(points, part.response, part.weights) for points in (here, there))
    return np.where((after < before)[:, None], there, here)


def _suited(problem: Problem, candidates: np.ndarray, losses: np.ndarray, part: Sample) -> np.ndarray:
    """The place of the candidate with the least objective for each draw, shape (draws,)."""
    if part.response.ndim == 1:  # draws differ in weights only, so ranking all candidates is one matrix product
        return (part.weights @ losses.T).argmin(axis=1)
    values = [(problem.losses(one[None], part.response) * part.weights).sum(axis=1) for one in candidates]
    return np.array(values).argmin(axis=0)


def _enough(problem: Problem, table: Table) -> Callable[[np.ndarray], np.ndarray]:
    """Whether draws have as many settings as free parameters, from their weights; of many settings they always do."""
    settings = np.unique(np.stack(list(table.inputs.values())), axis=1, return_inverse=True)[1].ravel()
    free = frozenset(name for name, is_free in zip(problem.law.parameters, problem.free, strict=True) if is_free)
    tight = []
    for rows, needed in problem.law.demands(free, **table.inputs):
        numbers = np.unique(settings[rows], return_inverse=True)[1]
        if numbers.max() + 1 <= _PLENTY * needed:
            tight.append((rows, numbers[:, None] == np.arange(numbers.max() + 1), needed))

    def enough(weights: np.ndarray) -> np.ndarray:
        held = np.ones(1, dtype=bool)
        for rows, member, needed in tight:
            held = held & (((np.atleast_2d(weights)[:, rows] > 0) @ member).astype(bool).sum(axis=1) >= needed)
        return held

    return enough


def better(first: Optima, second: Optima) -> Optima:
    """Row by row the end of two searches that has converged, or the lower one if both have."""
    other = (second.offsets <= USABLE) & ((second.values < first.values) | (first.offsets > USABLE))
    return Optima(
        *(np.where(other[:, None] if a.ndim > 1 else other, b, a) for a, b in zip(first, second, strict=True))
    )
