"""Draws of the estimate: runs, or clusters of runs, drawn with replacement and fitted again, all in one batch."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.fitting.newton import minimise
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table

Progress = Callable[[int, int], None]

_BATCH = 500  # draws between two reports of progress
USABLE = 1e-4  # relative offset up to which a draw counts: its objective is then right to eight digits


class Draws(NamedTuple):
    """The refitted draws.

    Attributes:
        points: coordinates of the usable draws, shape (usable, parameters).
        failed: how many draws gave no usable estimate.
    """

    points: np.ndarray
    failed: int


def resample(table: Table, draws: int, seed: int) -> np.ndarray:
    """The weights of the runs in each draw, shape (draws, runs): how often a run was drawn, times its own weight."""
    clusters = table.clusters
    counts = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)
    return counts[:, table.groups] * table.weights


def refit(
    problem: Problem,
    table: Table,
    weights: np.ndarray,
    estimate: np.ndarray,
    candidates: np.ndarray,
    progress: Progress | None = None,
) -> Draws:
    """Fits every draw from two starts, the estimate and the candidate that suits the draw best, and keeps the better.

    Draws differ in weights only, so the terms of all candidates serve all draws: to rank them is one matrix product.

    Args:
        problem: what is minimised.
        table: the runs.
        weights: of the draws, shape (draws, runs).
        estimate: coordinates of the estimate, shape (parameters,).
        candidates: coordinates of other good points, shape (candidates, parameters).
        progress: called with the number of draws done and the number of all.
    """
    settings = np.unique(np.stack(list(table.inputs.values())), axis=1, return_inverse=True)[1].ravel()
    member = settings[:, None] == np.arange(settings.max() + 1)
    terms = problem.objective.terms(problem.residuals(candidates, table.response))
    points, usable = np.empty((len(weights), len(estimate))), np.empty(len(weights), dtype=bool)
    for at in range(0, len(weights), _BATCH):
        part = slice(at, at + _BATCH)
        drawn = weights[part]
        suited = candidates[(drawn @ terms.T).argmin(axis=1)]
        first, second = (
            minimise(problem, start, table.response, drawn) for start in (np.tile(estimate, (len(drawn), 1)), suited)
        )
        other = (second.offsets <= USABLE) & ((second.values < first.values) | (first.offsets > USABLE))
        points[part] = np.where(other[:, None], second.points, first.points)
        enough = ((drawn > 0) @ member).astype(bool).sum(axis=1) >= problem.free.sum()
        usable[part] = (np.where(other, second.offsets, first.offsets) <= USABLE) & enough
        if progress is not None:
            progress(min(at + _BATCH, len(weights)), len(weights))
    return Draws(points[usable], int((~usable).sum()))
