"""How an estimate answers a change of the runs, to first order."""

import numpy as np

from nextflop.fitting.objective import OfResiduals
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table


def inverse_curvature(problem: Problem, table: Table, point: np.ndarray) -> np.ndarray:
    """The inverse of the expected Hessian of the objective, shape (parameters, parameters).

    It is 0 where a coordinate is held or on its bound.

    Args:
        problem: what was minimised.
        table: the runs.
        point: coordinates of the estimate, shape (parameters,).
    """
    free = problem.free & (point > problem.lower) & (point < problem.upper)
    predicted = problem.at(point[None])(**problem.inputs)[0]
    slopes = problem.slopes(point)[free]
    curvature = table.weights * _expected(problem, predicted, table)
    found = np.zeros((len(point), len(point)))
    found[np.ix_(free, free)] = np.linalg.pinv((slopes * curvature) @ slopes.T, hermitian=True)
    return found


def followed(
    problem: Problem, table: Table, point: np.ndarray, response: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Where the estimate goes with other data, shape (draws, parameters): one step along its influence function.

    Args:
        problem: what was minimised.
        table: the runs.
        point: coordinates of the estimate, shape (parameters,).
        response: of the other data, shape (draws, runs) or (runs,).
        weights: likewise.
    """
    predicted = problem.at(point[None])(**problem.inputs)
    pulls = problem.objective.pull(predicted, response).slopes * problem.objective.unit(predicted)
    gradients = (weights * pulls) @ problem.slopes(point).T
    return np.clip(point - gradients @ inverse_curvature(problem, table, point), problem.lower, problem.upper)


def _expected(problem: Problem, predicted: np.ndarray, table: Table) -> np.ndarray:
    """The expected second derivative of each run's loss by its residual, shape (runs,).

    A loss with corners curves only inside a narrow band around zero, where few residuals lie. What it curves on
    average is how much its slope turns over a band as wide as a kernel estimate of the density at zero takes, run by
    run so that runs may scatter differently (Powell 1991); for squares this is their curvature.
    """
    objective = problem.objective
    if not isinstance(objective, OfResiduals):
        return objective.pull(predicted, table.response).majorants * objective.unit(predicted) ** 2
    residuals = objective.residuals(predicted, table.response)
    scale = 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
    width = max(scale * len(residuals) ** -0.2, 1e-12)
    shifted = residuals[:, None] + np.array([-width, width])
    return np.diff(objective.slopes(shifted), axis=1)[:, 0] / (2 * width)
