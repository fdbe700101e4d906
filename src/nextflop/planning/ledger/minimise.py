"""Least values of many functions of few variables at once, each within a box: projected Newton steps in a batch."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Functions = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Points of shape (some, points, variables) and the numbers of the functions they are for, shape (some,) → values of
shape (some, points); inf where there is none."""

STEP = 1e-3  # of the differences; with values near 1 the slopes are good to 1e-6 and the curvatures to 1e-9
_STEPS, _SWEEPS, _LONGEST = 60, 40, 1.5
_SHRINK = np.array([1.0, 0.5, 0.25, 0.06, 0.01, 1e-3])  # of a Newton step that overshoots
_FLAT = 1e-4  # share of the largest curvature that any direction is given
_DONE = 1e-7  # of a step; an optimum that a bound holds is known to half a `STEP`, which is what converged means


class Optima(NamedTuple):
    """Where each function is least.

    Attributes:
        at: shape (rows, variables).
        value: shape (rows,); inf where the function has none in the box.
        converged: whether the step vanished, shape (rows,).
    """

    at: np.ndarray
    value: np.ndarray
    converged: np.ndarray


def minimise(functions: Functions, start: np.ndarray, low: np.ndarray, high: np.ndarray) -> Optima:
    """The optimum that each start leads to.

    Args:
        functions: smooth, in variables for which a step of 1 is long, such as logarithms. Of a box narrower than two
            `STEP` points outside are asked for.
        start: shape (rows, variables).
        low, high: the box, of that shape or one that broadcasts to it.
    """
    rows, variables = start.shape
    low, high = (np.broadcast_to(end, start.shape) for end in (low, high))
    offsets, inner = _stencil(variables), np.minimum(STEP, (high - low) / 2)
    at = np.clip(start, low, high)
    converged = np.zeros(rows, bool)
    going = np.arange(rows)
    for _ in range(_STEPS):
        if not going.size:
            break
        here, ends = at[going], (low[going], high[going])
        # Differences are taken just inside the box, for at a bound a law may have a corner.
        centre = np.clip(here, ends[0] + inner[going], ends[1] - inner[going])
        seen = functions(np.concatenate([centre[:, None] + STEP * offsets, here[:, None]], axis=1), going)
        with np.errstate(invalid="ignore"):
            slope, bend = _derivatives(seen, variables)
        step = _newton(slope, bend, centre, *ends) - here
        known = np.isfinite(step).all(axis=1)
        step = np.where(known[:, None], step, 0.0)
        tried = here[:, None] + _SHRINK[:, None] * step[:, None]
        values = functions(tried, going)
        best = np.where(np.isnan(values), np.inf, values).argmin(axis=1)
        some = np.arange(len(going))
        better = values[some, best] <= seen[:, -1]
        moved = np.where(better[:, None], tried[some, best], here)
        converged[going] = known & (np.abs(step).max(axis=1) < STEP / 2)
        at[going] = moved
        going = going[known & (np.abs(moved - here).max(axis=1) > _DONE)]
    value = functions(at[:, None], np.arange(rows))[:, 0]
    return Optima(at, np.where(np.isnan(value), np.inf, value), converged)


def _stencil(variables: int) -> np.ndarray:
    """The centre, both sides along every variable, and the corner of every pair: (points, variables)."""
    unit = np.eye(variables)
    pairs = [unit[i] + unit[j] for i in range(variables) for j in range(i)]
    return np.stack([np.zeros(variables), *unit, *-unit, *pairs])


def _derivatives(seen: np.ndarray, variables: int) -> tuple[np.ndarray, np.ndarray]:
    centre, up, down = seen[:, 0], seen[:, 1 : 1 + variables], seen[:, 1 + variables : 1 + 2 * variables]
    gradient = (up - down) / (2 * STEP)
    second = (up - 2 * centre[:, None] + down) / STEP**2
    bend = np.zeros((len(seen), variables, variables))
    bend[:, np.arange(variables), np.arange(variables)] = second
    corner = iter(range(1 + 2 * variables, seen.shape[1]))
    for i in range(variables):
        for j in range(i):
            both = seen[:, next(corner)]
            mixed = (both - centre) / STEP**2 - (gradient[:, i] + gradient[:, j]) / STEP
            bend[:, i, j] = bend[:, j, i] = mixed - (second[:, i] + second[:, j]) / 2
    return gradient, bend


def _newton(gradient: np.ndarray, bend: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where the quadratic about `at` is least within the box and within reach: Gauss-Seidel, projected."""
    finite = np.asarray(np.isfinite(bend).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1))
    bend = np.where(finite[:, None, None], bend, 0.0)
    if at.shape[1] == 1:
        bend = np.maximum(np.abs(bend), 1e-12)
    else:
        curve, way = np.linalg.eigh(bend)
        curve = np.abs(curve)
        curve = np.maximum(curve, _FLAT * curve.max(axis=1, keepdims=True) + 1e-12)
        bend = np.einsum("rij,rj,rkj->rik", way, curve, way)
    low, high = np.maximum(low - at, -_LONGEST), np.minimum(high - at, _LONGEST)
    step = np.zeros_like(at)
    for _ in range(_SWEEPS if at.shape[1] > 1 else 1):
        before = step.copy()
        for i in range(at.shape[1]):
            rest = gradient[:, i] + (bend[:, i] * step).sum(axis=1) - bend[:, i, i] * step[:, i]
            step[:, i] = np.clip(-rest / bend[:, i, i], low[:, i], high[:, i])
        if np.abs(step - before).max(initial=0.0) < _DONE:
            break
    return np.where(finite[:, None], at + step, np.nan)
