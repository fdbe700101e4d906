"""A law fitted in hundredths of a second, for where many are fitted: several laws to several parts of a table.

It is the optimum that the best points of the law's grid lead to, without certificate and without draws: of the squared
log residuals, or of another objective (`swift`). What the scatter of the runs leaves open is told by the curvature
there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting import starts
from nextflop.fitting.estimate import prepare
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Huber, Method, Objective, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.sandwich import sandwich
from nextflop.fitting.table import Table
from nextflop.laws.base import Law
from nextflop.laws.guess import polish

_FOLLOWED, _ROUNDS = 10, 50  # points of the grid, and steps from each: within 1% of the optimum of a full search
# The same for `swift`, whose steps are Newton's; tests/fitting/test_quick.py holds it against the full search.
_SWIFT, _STEPS, _NEAR = 4, 60, 1e-3
# Of the curvature along each coordinate, added to it: parameters that trade off almost exactly are held together as if
# by earlier runs that told each of them a thirtieth as well as these do.
_RIDGE = 1e-3


class Quick(NamedTuple):
    """A law at its optimum, and how the runs hold it there.

    Attributes:
        law: in its own units.
        residuals: logarithm of law over response (law less response, if the objective is not one of logarithms),
            shape (runs,), in the order of the runs.
        problem: what was minimised, with the units of the search.
        point: coordinates of the optimum, shape (parameters,).
        covariance: of the coordinates, as far as the scatter of the runs goes, shape (parameters, parameters).
    """

    law: Law
    residuals: np.ndarray
    problem: Problem
    point: np.ndarray
    covariance: np.ndarray

    def log_response(self, runs: Runs) -> np.ndarray:
        """The logarithm of what the law says of some runs, shape (runs,); not finite where it has no value."""
        with np.errstate(all="ignore"):
            return np.log(np.asarray(self.law(**_inputs(self.law, runs))))

    def deviation(self, runs: Runs) -> np.ndarray:
        """Standard deviation of `log_response` for what the runs leave open of the parameters, shape (runs,)."""
        inputs = {name: column / self.problem.units[name] for name, column in _inputs(self.law, runs).items()}
        there = self.problem.at(self.point[None])
        with np.errstate(all="ignore"):
            slopes = there.jacobian(**inputs)[0] / there(**inputs)
        slopes = np.nan_to_num(slopes * _chain(self.problem, self.point)[:, None], posinf=0.0, neginf=0.0)
        return np.sqrt(np.maximum(np.einsum("pr,pq,qr->r", slopes, self.covariance, slopes), 0.0))


def quick(law: type[Law], runs: Runs) -> Quick:
    """Fits a law to a table of runs by squares of log residuals.

    Args:
        law: the family.
        runs: a table with the law's inputs and response as columns; a column "weight" weighs the runs.

    Raises:
        InputError: if a column is missing or outside the law's domain.
        FitError: if the runs cannot determine the law's parameters.
    """
    table, problem = prepare(law, runs, Method(Squares(log=True)))
    nodes = starts.grid(problem, table.response, table.weights)
    values = problem.value(nodes, table.response, table.weights)
    followed = nodes[np.argsort(values, kind="stable")[:_FOLLOWED]]
    parts = problem.at(followed).values.values()
    found = np.concatenate([np.broadcast_to(part, (len(followed), 1)) for part in parts], axis=1)
    found = polish(law, found, table.response, problem.inputs, _ROUNDS, table.weights)
    with np.errstate(all="ignore"):
        points = np.where(problem.log, np.log(np.where(problem.log, found, 1.0)), found)
    points = np.clip(points, problem.lower, problem.upper)
    values = problem.value(points, table.response, table.weights)
    point = points[_lowest(law, values)]
    free = max(1, len(runs) - len(point))
    covariance = _inverse(problem.design(point, table.weights)) * values.min() / free
    return _found(problem, table, point, covariance)


def swift(
    law: type[Law],
    runs: Runs,
    *,
    objective: Objective | None = None,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
) -> Quick:
    """Fits a law to a table of runs under any objective, with parameters held if asked.

    The covariance is the sandwich of `nextflop.fitting.sandwich`, over clusters where there are some.

    Args:
        law: the family.
        runs: a table with the law's inputs and response as columns; a column "weight" weighs the runs.
        objective: what is minimised; by default `Huber()` of log residuals.
        pinned: parameter → value at which it is held.
        cluster: the column whose equal values belong together.

    Raises:
        InputError: if a column is missing or outside the law's domain, or a pin cannot be used.
        FitError: if the runs cannot determine the law's free parameters.
    """
    table, problem = prepare(law, runs, Method(objective or Huber(), pinned or {}, cluster))
    nodes = starts.grid(problem, table.response, table.weights)
    values = problem.value(nodes, table.response, table.weights)
    begin = starts.sharpen(problem, nodes[np.argsort(values, kind="stable")[:_SWIFT]], table.response, table.weights)
    smooth = replace(problem, objective=problem.objective.smooth)
    near = minimise(smooth, begin, table.response, table.weights, _NEAR, _STEPS)
    ends = minimise(problem, near.points, table.response, table.weights, _NEAR, _STEPS)
    point = ends.points[_lowest(law, ends.values)]
    return _found(problem, table, point, sandwich(problem, table, point).covariance)


def _lowest(law: type[Law], values: np.ndarray) -> int:
    best = int(values.argmin())
    if not np.isfinite(values[best]):
        raise FitError(f"The law {law.name!r} has no value at these runs: look for extreme inputs.")
    return best


def _found(problem: Problem, table: Table, point: np.ndarray, covariance: np.ndarray) -> Quick:
    residuals = np.empty(len(table.order))
    residuals[table.order] = problem.residuals(point[None], table.response)[0]
    law = problem.law(*map(float, problem.parameters(point[None])[0]))
    return Quick(law, residuals, problem, point, covariance)


def _inverse(design: np.ndarray) -> np.ndarray:
    """The inverse of a curvature whose coordinates are of any size; a direction that no run sees stays put."""
    scale = 1 / np.sqrt(np.maximum(np.diagonal(design), 1e-300))
    seen = np.diagonal(design) > 0
    scaled = np.where(seen[:, None] & seen, design * scale[:, None] * scale, 0.0) + _RIDGE * np.eye(len(design))
    return np.where(seen[:, None] & seen, np.linalg.inv(scaled) * scale[:, None] * scale, 0.0)


def _inputs(law: Law, runs: Runs) -> dict[str, np.ndarray]:
    return {name: runs[name] for name in law.inputs}


def _chain(problem: Problem, point: np.ndarray) -> np.ndarray:
    """Derivatives of the parameters by their coordinates, shape (parameters,)."""
    return np.where(problem.log, np.exp(np.where(problem.log, point, 0.0)), 1.0)
