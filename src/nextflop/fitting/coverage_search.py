"""Damped Newton steps up the likelihood of counts, for many rows at once."""

import numpy as np

from nextflop.fitting.coverage_likelihood import Point, Terms, evaluate

_STEPS = 200
_FLAT = 1e-9  # largest entry of the gradient, in nats per problem and unit of logit or logarithm, where a search stops


def climb(theta: np.ndarray, terms: Terms) -> tuple[np.ndarray, Point]:
    """Searches from (logit μ, log ν), shape (rows, 2), inside the box; the ends and what is there."""
    theta = np.clip(theta, *terms.box.T)
    point = evaluate(theta, terms)
    damping = np.full(len(theta), 1e-3)
    for _ in range(_STEPS):
        rows = np.flatnonzero(steepness(theta, point, terms) > _FLAT)
        rows = rows[damping[rows] < 1e12]  # no step helps any more: rounding has the last word
        if not rows.size:
            break
        fixed = _outward(theta[rows], point.gradient[rows], terms.box)
        gradient = np.where(fixed, 0.0, point.gradient[rows])
        hessian = np.where(fixed[:, :, None] | fixed[:, None, :], np.eye(2), point.profile()[rows])
        unit = np.sqrt(np.maximum(np.abs(np.diagonal(hessian, axis1=1, axis2=2)), 1e-12))
        hessian = hessian / (unit[:, :, None] * unit[:, None, :])
        lift = np.maximum(0.0, 1e-2 - np.linalg.eigvalsh(hessian)[:, 0]) + damping[rows]
        lifted = hessian + lift[:, None, None] * np.eye(2)
        step = np.linalg.solve(lifted, (gradient / unit)[:, :, None])[:, :, 0] / unit
        trial = np.clip(theta[rows] - np.clip(step, -2.0, 2.0), *terms.box.T)
        reached = evaluate(trial, terms.rows(rows))
        better = reached.value < point.value[rows] + 1e-13 * np.abs(point.value[rows])
        theta[rows[better]] = trial[better]
        point.take(better, reached, rows)
        damping[rows] = np.where(better, damping[rows] / 10, np.maximum(damping[rows], 1e-6) * 10)
    return theta, point


def steepness(theta: np.ndarray, point: Point, terms: Terms) -> np.ndarray:
    """The largest entry of the gradient along the box, a problem, shape (rows,)."""
    inward = np.where(_outward(theta, point.gradient, terms.box), 0.0, np.abs(point.gradient))
    return inward.max(axis=1) / terms.problems


def _outward(theta: np.ndarray, gradient: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Where a coordinate sits on the box and the objective falls beyond it, shape (rows, 2)."""
    return ((theta <= box[:, 0]) & (gradient > 0)) | ((theta >= box[:, 1]) & (gradient < 0))
