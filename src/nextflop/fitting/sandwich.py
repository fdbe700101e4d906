"""The covariance of an estimate from the gradients of its runs: Huber's sandwich, summed over clusters.

With few clusters the residuals are too small, because the parameters have followed them; what the fit took is given
back as in the wild bootstrap (`nextflop.fitting.bootstrap`), which is the jackknife's covariance to first order.
"""

from typing import NamedTuple

import numpy as np

from nextflop.fitting.bootstrap import restored
from nextflop.fitting.curvature import inverse_curvature
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
    bread = inverse_curvature(problem, table, point)
    inverse = bread[np.ix_(free, free)]
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
    covariance = np.zeros_like(bread)
    covariance[np.ix_(free, free)] = inverse @ (scores @ scores.T) @ inverse
    return Sandwich(covariance, bread, max(table.clusters - len(slopes), 1))
