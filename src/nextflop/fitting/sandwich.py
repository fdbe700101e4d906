"""The covariance of an estimate from the gradients of its runs: Huber's sandwich, summed over clusters.

With few clusters the residuals are too small, because the parameters have followed them; what the fit took is given
back as in the wild bootstrap (`nextflop.fitting.bootstrap`), which is the jackknife's covariance to first order.
"""

from typing import NamedTuple

import numpy as np

from nextflop.fitting.bootstrap import restored
from nextflop.fitting.objective import OfResiduals
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table


class Sandwich(NamedTuple):
    """Covariance of the free coordinates, to first order.

    Attributes:
        covariance: shape (parameters, parameters); 0 where a coordinate is held or on its bound.
        bread: the inverse of the expected Hessian of the objective, same shape.
        freedom: degrees of freedom: clusters less free parameters, at least 1.
    """

    covariance: np.ndarray
    bread: np.ndarray
    freedom: int


def sandwich(problem: Problem, table: Table, point: np.ndarray) -> Sandwich:
    """The covariance of an estimate (Huber 1967; clusters as Liang and Zeger 1986, CR3 of Bell and McCaffrey 2002).

    Args:
        problem: what was minimised.
        table: the runs.
        point: coordinates of the estimate, shape (parameters,).
    """
    free = problem.free & (point > problem.lower) & (point < problem.upper)
    predicted = problem.at(point[None])(**problem.inputs)[0]
    slopes = problem.slopes(point)[free]
    curvature = table.weights * _expected_curvature(problem, predicted, table)
    inverse = np.linalg.pinv((slopes * curvature) @ slopes.T, hermitian=True)
    objective, unit = problem.objective, problem.objective.unit(predicted)
    back = restored(problem, table, point)
    pull = (
        objective.slopes(back)
        if isinstance(objective, OfResiduals)
        else objective.pull(predicted, table.response).slopes * unit
    )
    scores = np.stack(
        [np.bincount(table.groups, row, minlength=table.clusters) for row in slopes * table.weights * pull]
    )
    bread, covariance = np.zeros((2, len(point), len(point)))
    place = np.ix_(free, free)
    bread[place] = inverse
    covariance[place] = inverse @ (scores @ scores.T) @ inverse
    return Sandwich(covariance, bread, max(table.clusters - len(slopes), 1))


def _expected_curvature(problem: Problem, predicted: np.ndarray, table: Table) -> np.ndarray:
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
