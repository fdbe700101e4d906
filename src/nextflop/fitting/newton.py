"""Damped Newton steps in a box, for many problems at once: rows that differ in start, weights or response.

The step solves (H + λG) s = -g, where G is the curvature of iteratively reweighted least squares: λ = 0 is Newton's
step, which ends the search quadratically or, on the pieces of a Huber objective, at once; a large λ is a short step of
reweighted least squares, which always goes down. Unlike a multiple of the identity, G knows the scales of parameters
and objective, so neither changes the path.
"""

from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.fitting.problem import Derivatives, Problem

TOLERANCE = 1e-7  # of the relative offset, where the search stops
STEPS = 150
_CHUNK = 20_000  # rows × runs that are evaluated together: their arrays stay in a core's cache
_POOL = 1_000_000  # rows × runs that are searched together, so that the last few to end share their steps
_STRIDE = 2.0  # longest step of a coordinate that is a logarithm: factors beyond e² are not trusted
_HOPELESS = 1e12  # a damping at which steps are below rounding
_RIDGE = 1e-12  # of the diagonal, so that directions which the runs do not see stay put


class Optima(NamedTuple):
    """Where the searches ended.

    Attributes:
        points: coordinates, shape (rows, parameters).
        values: of the objective, shape (rows,).
        offsets: relative offsets, see `offset`, shape (rows,).
        steps: how many steps were tried, shape (rows,).
    """

    points: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    steps: np.ndarray


def minimise(
    problem: Problem,
    starts: np.ndarray,
    response: np.ndarray,
    weights: np.ndarray,
    tolerance: float = TOLERANCE,
    steps: int = STEPS,
) -> Optima:
    """Searches from each start to an optimum.

    Args:
        problem: what is minimised.
        starts: coordinates, shape (rows, parameters).
        response: shape (runs,) or (rows, runs).
        weights: shape (runs,) or (rows, runs).
        tolerance: the relative offset at which a search stops.
        steps: after so many a search is given up.
    """
    if len(problem.objective.approach) > 1:
        for objective in problem.objective.approach[:-1]:
            easier = replace(problem, objective=objective)
            starts = _in_parts(easier, starts, response, weights, 1e-3, steps).points
    return _in_parts(problem, starts, response, weights, tolerance, steps)


def _in_parts(
    problem: Problem, starts: np.ndarray, response: np.ndarray, weights: np.ndarray, tolerance: float, steps: int
) -> Optima:
    rows, runs = len(starts), np.shape(response)[-1]
    if not rows:
        return Optima(np.empty((0, len(problem.log))), *np.empty((3, 0)))
    size = max(1, _POOL // runs)
    parts = [
        _search(problem, starts[rows], _some(response, rows), _some(weights, rows), tolerance, steps)
        for rows in (slice(at, at + size) for at in range(0, rows, size))
    ]
    return Optima(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _some(array: np.ndarray, rows: slice | np.ndarray) -> np.ndarray:
    """Some rows of responses or weights; those that all rows have in common stay one row."""
    return array if array.ndim == 1 else array[rows]


def offset(problem: Problem, points: np.ndarray, value: np.ndarray, slope: Derivatives) -> np.ndarray:
    """How far the residuals are from standing square to what the free parameters can do, shape (rows,).

    The relative offset √(g'G⁻¹g / S) of Bates and Watts (1981, Technometrics 23, 179), with the weights of the
    objective: the length of the gradient in the metric of the curvature, as a share of the root of the objective. It
    has no unit, and at an optimum it is 0.

    Args:
        problem: what is minimised.
        points: coordinates, shape (rows, parameters).
        value: the objective, or its floor where that is higher, shape (rows,).
        slope: the derivatives there.
    """
    held = _outward(problem, points, slope.gradient)
    gradient = np.where(held, 0.0, slope.gradient)
    step = _solve(slope.majorant, gradient, slope.majorant, held)
    return np.sqrt(np.maximum((gradient * step).sum(axis=1), 0.0) / np.maximum(value, 1e-300))


class _State(NamedTuple):
    """Searches under way; a row of every array is one of them."""

    points: np.ndarray
    values: np.ndarray
    slope: Derivatives
    offsets: np.ndarray
    damping: np.ndarray
    steps: np.ndarray
    floor: np.ndarray

    def rows(self, chosen: np.ndarray) -> "_State":
        """Some of the searches."""
        points, values, slope, *others = self
        return _State(points[chosen], values[chosen], slope.rows(chosen), *(part[chosen] for part in others))


def _search(
    problem: Problem, starts: np.ndarray, response: np.ndarray, weights: np.ndarray, tolerance: float, most: int
) -> Optima:
    now = _begin(problem, np.clip(starts, problem.lower, problem.upper), response, weights)
    found = Optima(now.points.copy(), now.values.copy(), now.offsets.copy(), now.steps.copy())
    places = np.arange(len(starts))
    for _ in range(most):
        live = (now.offsets > tolerance) & (now.damping < _HOPELESS)
        if not live.all():
            now, places = now.rows(live), places[live]
            response, weights = _some(response, live), _some(weights, live)
        if not len(places):
            break
        _advance(problem, now, response, weights)
        for whole, part in zip(found, (now.points, now.values, now.offsets, now.steps), strict=True):
            whole[places] = part
    return found


def _begin(problem: Problem, points: np.ndarray, response: np.ndarray, weights: np.ndarray) -> _State:
    """The searches at their starts."""
    rows, count = points.shape
    values, floor = np.full(rows, np.inf), np.broadcast_to(problem.floor(weights), rows)
    slope = Derivatives(np.zeros((rows, count)), *np.zeros((2, rows, count, count)))
    _evaluate(problem, points, values, slope, np.full(rows, -np.inf), response, weights)
    known = np.isfinite(values)  # where the law has no value there is no way down either
    offsets = np.where(known, offset(problem, points, np.maximum(values, floor), slope), np.inf)
    damping = np.where(known, 1e-2, np.inf)
    return _State(points, values, slope, offsets, damping, np.zeros(rows, np.int64), floor)


def _advance(problem: Problem, now: _State, response: np.ndarray, weights: np.ndarray) -> None:
    """One step of every search, in place."""
    now.steps[:] += 1
    points, before, (gradient, hessian, majorant) = now.points, now.values.copy(), now.slope
    step = _step(problem, points, gradient, hessian + now.damping[:, None, None] * majorant, majorant)
    promised = -(gradient * step).sum(axis=1) - ((hessian @ step[:, :, None])[:, :, 0] * step).sum(axis=1) / 2
    trial = np.clip(points + step, problem.lower, problem.upper)
    # Near the end gains drown in the rounding of the objective while the gradient still tells the way.
    rounding = 1e-14 * np.maximum(before, now.floor)
    least = np.where(np.abs(promised) < rounding, -rounding, 0.0)
    gained = _evaluate(problem, trial, now.values, now.slope, least, response, weights)
    better = gained > least
    good = better & (gained > 0.75 * promised)
    poor = (gained <= 0) | (gained < 0.25 * promised)
    now.damping[:] = np.where(good, now.damping / 10, np.where(poor, np.maximum(now.damping, 1e-3) * 5, now.damping))
    points[better] = trial[better]
    now.offsets[better] = offset(
        problem, trial[better], np.maximum(now.values, now.floor)[better], now.slope.rows(better)
    )


def _evaluate(
    problem: Problem,
    trial: np.ndarray,
    values: np.ndarray,
    slope: Derivatives,
    least: np.ndarray,
    response: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """What trial points gain; those that gain more than the least put their values and derivatives in place."""
    gained = np.empty(len(trial))
    size = max(1, _CHUNK // np.shape(response)[-1])
    for at in range(0, len(trial), size):
        rows = slice(at, at + size)
        there, counted = _some(response, rows), _some(weights, rows)
        law = problem.expand(trial[rows])
        reached = problem.value(trial[rows], there, counted, law)
        gained[rows] = values[rows] - reached
        better = gained[rows] > least[rows]
        if better.all():
            fresh, moved = problem.derivatives(trial[rows], there, counted, law), rows
        else:
            part, moved = np.flatnonzero(better), at + np.flatnonzero(better)
            fresh = problem.derivatives(trial[moved], _some(there, part), _some(counted, part))
        values[moved] = reached[better]
        for whole, some in zip(slope, fresh, strict=True):
            whole[moved] = some
    return gained


def _outward(problem: Problem, points: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Which coordinates cannot go down: the pinned ones, and those that would leave the box."""
    return ~problem.free | ((points <= problem.lower) & (gradient > 0)) | ((points >= problem.upper) & (gradient < 0))


def _step(
    problem: Problem, points: np.ndarray, gradient: np.ndarray, matrix: np.ndarray, majorant: np.ndarray
) -> np.ndarray:
    """The step down the model, cut where it meets the box."""
    held = _outward(problem, points, gradient)
    step = -_solve(matrix, np.where(held, 0.0, gradient), majorant, held)
    # Where the curvature is negative the step may climb, or run off at once through a face that the gradient leaves.
    bent = _leaving(problem, points, step).any(axis=1) | ((gradient * step).sum(axis=1) > 0)
    for _ in range(len(problem.log)):
        if not bent.any():
            break
        step[bent] = -_solve(
            matrix[bent], np.where(held, 0.0, gradient)[bent], majorant[bent], held[bent], absolute=True
        )
        leaving = _leaving(problem, points, step)
        held |= leaving
        bent = leaving.any(axis=1)
    step = np.where(_leaving(problem, points, step), 0.0, step)
    room = np.where(step < 0, problem.lower - points, problem.upper - points)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(step == 0, np.inf, room / step).min(axis=1)
        share = np.minimum(share, _STRIDE / np.abs(np.where(problem.log, step, 0.0)).max(axis=1))
    return step * np.minimum(share, 1.0)[:, None]


def _leaving(problem: Problem, points: np.ndarray, step: np.ndarray) -> np.ndarray:
    return ((points <= problem.lower) & (step < 0)) | ((points >= problem.upper) & (step > 0))


def _solve(
    matrix: np.ndarray, right: np.ndarray, majorant: np.ndarray, held: np.ndarray, absolute: bool = False
) -> np.ndarray:
    """Solves matrix · x = right in the coordinates that are not held, scaled by the diagonal of the majorant.

    With `absolute`, directions of negative curvature are taken as if it were positive, so that -x goes down.
    """
    diagonal = np.diagonal(majorant, axis1=1, axis2=2)
    scale = 1 / np.sqrt(np.maximum(diagonal, 1e-200 + 1e-30 * diagonal.max(axis=1, keepdims=True)))
    scaled = matrix * (scale[:, :, None] * scale[:, None, :])
    identity = np.eye(matrix.shape[1])
    scaled = np.where(held[:, :, None] | held[:, None, :], identity, scaled + _RIDGE * identity)
    if not absolute:
        # A resample may leave a direction that nothing depends on, flat to the last bit.
        with suppress(np.linalg.LinAlgError):
            return np.linalg.solve(scaled, (right * scale)[:, :, None])[:, :, 0] * scale
    curvature, axes = np.linalg.eigh(scaled)
    inverse = 1 / np.maximum(np.abs(curvature), 1e-8)
    return np.einsum("rpk,rk,rqk,rq->rp", axes, inverse, axes, right * scale) * scale
