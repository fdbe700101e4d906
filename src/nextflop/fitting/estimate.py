"""Runs in, fit out: starts, search, draws, certificate."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import starts
from nextflop.fitting.bootstrap import Progress, refit, sample
from nextflop.fitting.certify import certificate, judge
from nextflop.fitting.fit import Fit
from nextflop.fitting.newton import Optima, minimise
from nextflop.fitting.objective import Huber, Method, Objective, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table, read
from nextflop.laws.base import Law

_MANY = 4000  # runs, from which half as many serve to find the optima
_FOLLOWED = 32  # ends of walks over the grid from which Newton steps set out
_NEAR = 1e-3  # relative offset of the smooth part of a search


def fit(
    law_class: type[Law],
    runs: Runs,
    *,
    objective: Objective | None = None,
    draws: int = 1000,
    seed: int = 0,
    cluster: str | None = None,
    resampling: str | None = None,
    pinned: Mapping[str, float] | None = None,
    reason: str = "",
    level: float = 0.9,
    progress: Progress | None = None,
) -> Fit:
    """Fits a law to a table of runs.

    The optimum is looked for from a dense grid of exponents, each with its best amplitudes, by Newton steps from
    several of its points. The draws of the pairs bootstrap are fitted to their own optima in one batch.

    Args:
        law_class: the family, such as `Chinchilla`.
        runs: a table with the law's inputs and response as columns, in base units; a column "weight" weighs the runs.
        objective: what is minimised; by default `Huber()` on log residuals for a law of the loss, as Hoffmann et al.
            (2022), appendix D.2, and `Squares()` for a law of a share, or of what may be negative.
        draws: bootstrap draws; 0 for none, and then no intervals.
        seed: seed of the draws.
        cluster: a column whose equal values are drawn together, as befits snapshots of one run.
        resampling: how draws are made: "pairs", "wild" or "residual", see `nextflop.fitting.bootstrap`; by default
            wild for squares and pairs for every other objective, which is what covers in simulations.
        pinned: parameter → value at which it is held.
        reason: why parameters are pinned, for the record.
        level: level of the intervals.
        progress: called with the number of draws done and the number of all.

    Returns:
        The fit; soft doubts are its status and notes.

    Raises:
        InputError: if a column is missing, a value is outside the law's domain, or a setting cannot be used.
        FitError: if these runs have no answer: fewer than parameters, or all alike in an input.
    """
    if draws < 0 or not 0 < level < 1:
        raise InputError(f"draws = {draws}, level = {level}: give draws ≥ 0 and a level between 0 and 1.")
    if objective is None:
        objective = Huber() if law_class.lowest >= 0 and law_class.highest == np.inf else Squares()
    resampling = resampling or ("wild" if isinstance(objective, Squares) else "pairs")
    if resampling == "residual" and cluster is not None:
        raise InputError(
            "Residual draws take runs to scatter independently, which those of one cluster do not: take wild or pairs."
        )
    method = Method(objective, pinned or {}, cluster, resampling, reason)
    table, problem = prepare(law_class, runs, method)
    found = search(problem, table)
    optima = found.optima
    best = int(optima.values.argmin())
    drawn = refit(
        problem,
        table,
        sample(problem, table, optima.points[best], resampling, draws, seed),
        optima.points[best],
        np.concatenate([found.nodes, optima.points]) if resampling == "pairs" else optima.points,
        progress,
    )
    status, notes = judge(problem, table.weights, optima, best, found.counts, drawn.points, level)
    if "weight" in runs:
        notes = (*notes, "The runs were weighed by their column 'weight'.")
    residuals = np.empty(len(runs))
    residuals[table.order] = problem.residuals(optima.points[best][None], table.response)[0]
    return Fit(
        law=law_class(*map(float, problem.parameters(optima.points[best][None])[0])),
        status=status,
        objective=float(optima.values[best]),
        objective_name=objective.name,
        draws=problem.parameters(drawn.points),
        failed_draws=drawn.failed,
        certificate=certificate(problem, table.weights, found.optima, best, found.counts, len(found.nodes)),
        runs=len(runs),
        runs_digest=runs.digest,
        ranges={name: (float(column.min()), float(column.max())) for name, column in table.inputs.items()},
        seed=seed,
        level=level,
        notes=notes,
        method=method,
        residuals=residuals,
    )


def prepare(law_class: type[Law], runs: Runs, method: Method) -> tuple[Table, Problem]:
    """The checked columns and the problem that a fit solves.

    Raises:
        InputError, FitError: as `fit`.
    """
    table = read(law_class, runs, method.objective, method.cluster, still=bool(method.pinned))
    problem = Problem.of(law_class, table, method.objective, method.pinned)
    used = table.weights > 0
    settings = np.unique(np.stack([column[used] for column in table.inputs.values()]), axis=1).shape[1]
    needed = int(problem.free.sum())
    if settings < needed:
        raise FitError(
            f"{used.sum()} runs at {settings} different settings of {', '.join(table.inputs)} cannot determine the "
            f"{needed} free parameters of {law_class.name!r}: add runs, or pin parameters."
        )
    return table, problem


class Searched(NamedTuple):
    """What searches from every point of the grid found.

    Attributes:
        nodes: coordinates of the grid, shape (nodes, parameters).
        optima: the ends of the searches that were followed.
        counts: how many nodes lead to each of them, shape (ends,).
    """

    nodes: np.ndarray
    optima: Optima
    counts: np.ndarray


def search(problem: Problem, table: Table) -> Searched:
    """Walks downhill over the law's grid from every node, and from the ends of the walks by Newton steps.

    Of very many runs a part shows where the optima lie; these are then followed on all.

    Raises:
        FitError: if the law has a value for all runs at no point of the grid.
    """
    few, part = _part(problem, table)
    nodes = starts.grid(few, part.response, part.weights)
    values = few.value(nodes, part.response, part.weights)
    if not np.isfinite(values).any():
        raise FitError(f"The law {problem.law.name!r} cannot be evaluated at these runs: look for extreme inputs.")
    searched = np.array([name not in problem.law.linear for name in problem.law.parameters]) & problem.free
    # A few points in several dimensions lie so far apart that a walk may step over an optimum: they are all followed.
    scattered = searched.sum() > 1 and len(nodes) <= _FOLLOWED
    walked = np.arange(len(nodes)) if scattered else starts.descend(nodes[:, searched], values)
    ends, counts = np.unique(walked, return_counts=True)
    best = np.argsort(values[ends], kind="stable")
    best = best[np.isfinite(values[ends[best]])][:_FOLLOWED]
    begin = starts.sharpen(few, nodes[ends[best]], part.response, part.weights)
    smooth = replace(few, objective=few.objective.smooth)
    near = minimise(smooth, begin, part.response, part.weights, _NEAR)
    optima = minimise(few, near.points, part.response, part.weights)
    if few is not problem:
        optima = minimise(problem, optima.points, table.response, table.weights)
    return Searched(nodes, optima, counts[best])


def _part(problem: Problem, table: Table) -> tuple[Problem, Table]:
    """The problem, or a smaller one with evenly chosen runs where there are very many: optima hardly move."""
    count = len(table.response)
    if count <= _MANY:
        return problem, table
    chosen = np.linspace(0, count - 1, _MANY // 2).round().astype(np.int64)
    sides = None if table.sides is None else table.sides[chosen]
    columns = {name: column[chosen] for name, column in table.inputs.items()}
    part = Table(columns, table.response[chosen], table.weights[chosen], np.arange(len(chosen)), chosen, sides)
    inputs = {name: column[chosen] for name, column in problem.inputs.items()}
    return replace(problem, inputs=inputs, sides=sides), part
