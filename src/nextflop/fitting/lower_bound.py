"""How far below an estimate its objective could still lie: a bound from cells that cover the plane of exponents.

At given exponents the amplitudes have an optimum of their own; what is left is a function of one or two exponents
alone, the profile (Golub and Pereyra 1973, doi:10.1137/0710036). Its box is cut into cells. From its value at the
centre of a cell the profile is allowed to fall, towards the edge, by its slope there and by a curvature as large as
that of the least squares that touch the objective from above, each half as much again as found. A cell that could fall
below the bound is halved. So this is no proof but a search with margins: on the Chinchilla points and on synthetic
runs, thousands of places in hundreds of cells fell at most 1.07 times as far as slope and curvature say, and those
that fell further than these had objectives four times the least or more.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import starts
from nextflop.fitting.estimate import prepare
from nextflop.fitting.fit import Fit
from nextflop.fitting.newton import minimise
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table

_AXES = 2  # beyond two exponents the cells become too many
_SIDE = {1: 200, 2: 24}  # cells along an axis to begin with
_CELLS = 30_000  # after which the bound is left where it is
_MARGIN = 1.5  # times what slope and curvature at the centre of a cell say of its lowest point
_TOLERANCE = 1e-5  # relative offset of the amplitudes: their optimum is then right to ten digits


def certify(fit: Fit, runs: Runs, *, gap: float = 0.003) -> Fit:
    """The same fit with the lower bound in its certificate.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
        gap: the share of the objective up to which the bound is driven to the best of the profile.

    Returns:
        The fit, its certificate with `lower_bound`: nan for a law with no amplitude that it is linear in, with more
        than two free exponents, or with an objective that is rounding.

    Raises:
        InputError: if the runs are not those that were fitted, or the gap is no share.
    """
    if runs.digest != fit.runs_digest or fit.method is None:
        raise InputError("These are not the runs that were fitted: give the same table, unchanged.")
    if not 0 < gap < 1:
        raise InputError(f"gap = {gap:g}: give a share between 0 and 1.")
    table, problem = prepare(type(fit.law), runs, fit.method)
    bound = float("nan")
    if problem.law.linear and fit.objective > problem.floor(table.weights):
        linear = np.array([name in problem.law.linear for name in problem.law.parameters])
        axes = np.flatnonzero(problem.free & ~linear)
        if 0 < len(axes) <= _AXES:
            bound = max(0.0, min(1.0, _lowest(problem, table, axes, linear, fit.objective, gap) / fit.objective))
    return replace(fit, certificate=replace(fit.certificate, lower_bound=bound))


class _Cells(NamedTuple):
    """Boxes of exponents: their centres and half their sides, each of shape (cells, axes)."""

    centres: np.ndarray
    halves: np.ndarray

    def halved(self, axis: np.ndarray) -> "_Cells":
        """Each cell in two, along an axis of its own."""
        rows = np.arange(len(axis))
        halves, shift = self.halves.copy(), np.zeros_like(self.halves)
        halves[rows, axis] /= 2
        shift[rows, axis] = halves[rows, axis]
        return _Cells(np.concatenate([self.centres - shift, self.centres + shift]), np.tile(halves, (2, 1)))


def _lowest(
    problem: Problem, table: Table, axes: np.ndarray, linear: np.ndarray, objective: float, gap: float
) -> float:
    """The lowest bound over all cells, driven up to the best value found less the gap or until cells are too many."""
    cells = _cover(problem, axes)
    best, settled, count = objective, np.inf, 0
    while True:
        values, slack = _bounds(problem, table, axes, linear, cells)
        best = min(best, float(values.min()))
        bounds = values - slack.sum(axis=1)
        open_ = bounds < (1 - gap) * best
        settled = min(settled, float(bounds[~open_].min(initial=np.inf)))
        count += len(values)
        if not open_.any():
            return min(settled, best)
        if count + 2 * open_.sum() > _CELLS:
            return min(settled, float(bounds[open_].min()))
        cells = _Cells(*(part[open_] for part in cells)).halved(slack[open_].argmax(axis=1))


def _cover(problem: Problem, axes: np.ndarray) -> _Cells:
    """Equal cells over the box of the exponents, or what a search would try where the family sets no end."""
    tried = problem.law.search(**problem.inputs)
    ends = []
    for axis in axes:
        name = list(problem.law.parameters)[axis]
        values = np.log(tried[name]) if problem.log[axis] else tried[name]
        low, high = problem.lower[axis], problem.upper[axis]
        ends.append((low if np.isfinite(low) else values.min(), high if np.isfinite(high) else values.max()))
    side = _SIDE[len(axes)]
    halves = np.array([(high - low) / (2 * side) for low, high in ends])
    marks = [low + half * (1 + 2 * np.arange(side)) for (low, _), half in zip(ends, halves, strict=True)]
    centres = np.stack([part.ravel() for part in np.meshgrid(*marks, indexing="ij")], axis=1)
    return _Cells(centres, np.tile(halves, (len(centres), 1)))


def _bounds(
    problem: Problem, table: Table, axes: np.ndarray, linear: np.ndarray, cells: _Cells
) -> tuple[np.ndarray, np.ndarray]:
    """The profile at the centres, shape (cells,), and how far it may fall along every axis, shape (cells, axes)."""
    points = np.tile(np.where(problem.free | linear, 0.0, problem.lower), (len(cells.centres), 1))
    points[:, axes] = cells.centres
    held = replace(problem, free=problem.free & linear)
    begin = starts.sharpen(problem, points, table.response, table.weights)
    begin[:, axes] = cells.centres
    found = minimise(held, begin, table.response, table.weights, _TOLERANCE)
    slope = problem.derivatives(found.points, table.response, table.weights)
    others = np.flatnonzero(held.free)
    curved = slope.majorant[:, axes[:, None], axes]
    if len(others):
        across = slope.majorant[:, axes[:, None], others]
        inner = slope.majorant[:, others[:, None], others]
        scale = 1 / np.sqrt(np.maximum(np.diagonal(inner, axis1=1, axis2=2), 1e-300))
        inner = inner * scale[:, :, None] * scale[:, None, :] + 1e-12 * np.eye(len(others))
        across = across * scale[:, None, :]
        curved = curved - across @ np.linalg.solve(inner, across.swapaxes(1, 2))
    reach = np.abs(curved) * cells.halves[:, :, None] * cells.halves[:, None, :]
    return found.values, _MARGIN * (np.abs(slope.gradient[:, axes]) * cells.halves + reach.sum(axis=2) / 2)
