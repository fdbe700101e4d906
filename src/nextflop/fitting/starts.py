"""Where searches set out: a dense grid of exponents, with the best amplitudes at each point."""

from functools import lru_cache
from itertools import product

import numpy as np

from nextflop.fitting.problem import Problem

_ROUNDS = 5  # of reweighting at a start that is followed, which need not be an optimum
_ROWS = 256  # points whose distances to all others are held at once
_CHUNK = 150_000  # points × columns × runs that are worked on together: their arrays stay in a core's cache


def grid(problem: Problem, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coordinates at every point of the law's grid, amplitudes by least squares within their bounds.

    This is variable projection (Golub and Pereyra 1973, doi:10.1137/0710036) on a grid: the law is linear in its
    amplitudes, so at given exponents they need no search.

    Args:
        problem: what will be minimised.
        response: shape (runs,).
        weights: shape (runs,).

    Returns:
        Shape (points, parameters).
    """
    law, pinned = problem.law, problem.pinned
    axes = {
        name: np.full_like(values, pinned[name]) if name in pinned else values
        for name, values in law.starts(response, **problem.inputs).items()
    }
    nodes = np.stack(list(axes.values()), axis=1) if axes else np.empty((1, 0))
    nodes = np.unique(nodes, axis=0)
    size = max(1, _CHUNK // (max(1, len(law.linear)) * len(response)))
    amplitudes = np.concatenate(
        [
            _amplitudes(
                problem, dict(zip(axes, nodes[at : at + size].T[:, :, None], strict=True)), response, weights, 0
            )
            for at in range(0, len(nodes), size)
        ]
    )
    return _points(problem, dict(zip(axes, nodes.T, strict=True)), amplitudes)


def sharpen(problem: Problem, points: np.ndarray, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same points with amplitudes by reweighted least squares, which suit the objective better."""
    law = problem.law
    if not law.linear:
        return points
    values = problem.at(points).values
    exponents = {name: np.asarray(values[name]) for name in law.parameters if name not in law.linear}
    amplitudes = _amplitudes(problem, exponents, response, weights, _ROUNDS)
    if len(amplitudes) != len(points):  # no exponents, so all points are one
        amplitudes = np.broadcast_to(amplitudes, (len(points), len(law.linear)))
    return _points(problem, {name: value[:, 0] for name, value in exponents.items()}, amplitudes)


def _points(problem: Problem, values: dict[str, np.ndarray], amplitudes: np.ndarray) -> np.ndarray:
    """Coordinates from the exponents, each of shape (points,), and the amplitudes, shape (points, linear)."""
    law = problem.law
    logs = [name for name in law.parameters if law.parameters[name].log]
    for name, column in zip(law.linear, amplitudes.T, strict=True):
        # An amplitude that least squares put at nought gets a thousandth of the response, so that the search may
        # revive it.
        values[name] = np.maximum(column, 1e-3 * problem.size) if name in logs and not law.log_linear else column
    points = np.stack([values[name] for name in law.parameters], axis=1)
    already = law.linear if law.log_linear else ()
    taken = np.array([name in logs and name not in already for name in law.parameters])
    points[:, taken] = np.log(points[:, taken])
    return np.clip(points, problem.lower, problem.upper)


def descend(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where a walk from each point to ever lower neighbours ends: the place of the end, shape (points,).

    Args:
        points: what is varied, shape (points, axes).
        values: the objective there; infinite where it has none.
    """
    if points.shape[1] == 0 or len(points) == 1:
        return np.zeros(len(points), dtype=np.int64)
    ranks = np.stack([np.unique(column, return_inverse=True)[1] for column in points.T], axis=1)
    around = _neighbours(ranks.astype(np.int64).tobytes(), ranks.shape)
    lowest = np.take_along_axis(around, values[around].argmin(axis=1)[:, None], axis=1)[:, 0]
    lowest = np.where(values[lowest] < values, lowest, np.arange(len(points)))
    while (lowest != lowest[lowest]).any():
        lowest = lowest[lowest]
    return lowest


@lru_cache(maxsize=32)
def _neighbours(ranks: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The nearest points of each, itself among them, shape (points, neighbours).

    Distances are in the ranks of the coordinates, so that a step along any axis of a grid counts alike.
    """
    scaled = np.frombuffer(ranks, dtype=np.int64).reshape(shape).astype(np.float64)
    scaled /= np.maximum(scaled.max(axis=0), 1)
    count = min(shape[0] - 1, 3 ** min(shape[1], 2) - 1)
    found = np.empty((shape[0], count + 1), dtype=np.int64)
    for at in range(0, shape[0], _ROWS):
        gaps = ((scaled[at : at + _ROWS, None] - scaled) ** 2).sum(axis=2)
        found[at : at + _ROWS] = np.argpartition(gaps, count, axis=1)[:, : count + 1]
    return found


def _amplitudes(
    problem: Problem, exponents: dict[str, np.ndarray], response: np.ndarray, weights: np.ndarray, rounds: int
) -> np.ndarray:
    """The coordinates of the linear parameters at some exponents of shape (points, 1), shape (points, linear)."""
    law, objective = problem.law, problem.objective
    points = len(next(iter(exponents.values()))) if exponents else 1
    log = law.log_linear
    entries = [law.parameters[name] for name in law.linear]
    known = np.array(
        [
            np.log(problem.pinned[name])
            if log and entry.log and name in problem.pinned
            else problem.pinned.get(name, 0)
            for name, entry in zip(law.linear, entries, strict=True)
        ],
        dtype=np.float64,
    )
    found = np.tile(known, (points, 1))
    free = np.array([name not in problem.pinned for name in law.linear], dtype=bool)
    if not free.any():
        return found
    signed = np.array([entry.lower < 0 or (log and entry.log) for entry in entries], dtype=bool)[free]
    columns = np.broadcast_to(law.basis(exponents, **problem.inputs), (points, len(entries), len(response)))
    fixed = np.einsum("l,rln->rn", known, columns) if known.any() else np.zeros(len(response))
    if not free.all():
        columns = columns[:, free]
    aim = np.log(response) if log else response
    predicted = response
    for turn in range(rounds + 1):
        pulls = weights * objective.pull(predicted, response).majorants * (predicted**2 if log else 1.0)
        found[:, free] = _least_squares(columns, aim - fixed, pulls, signed)
        if turn == rounds:
            break
        line = fixed + np.einsum("rl,rln->rn", found[:, free], columns)
        # Far from any run a start may predict what cannot be: the weights there are those of a small response.
        predicted = np.exp(np.clip(line, -300, 300)) if log else line
        if objective.log and not log:
            predicted = np.maximum(predicted, 1e-3 * problem.size)
    return found


def _least_squares(columns: np.ndarray, aim: np.ndarray, weights: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """Weighted least squares with some coefficients not below 0, shape (rows, columns).

    Args:
        columns: shape (rows, columns, runs).
        aim: what is to be matched, shape (rows, runs) or (runs,).
        weights: likewise.
        signed: which coefficients may have either sign, shape (columns,).
    """
    weighted = columns * weights[..., None, :]
    normal = weighted @ columns.swapaxes(1, 2)
    right = (weighted @ aim[..., None])[..., 0]
    scale = np.sqrt(np.diagonal(normal, axis1=1, axis2=2)) + 1e-150  # its square is still above 0, for empty columns
    right /= scale
    normal /= scale[:, :, None] * scale[:, None, :]
    best = _solved(normal, right, np.ones(len(signed), dtype=bool))
    rest = ~((best >= 0) | signed).all(axis=1)
    if rest.any():
        best[rest] = _within(normal[rest], right[rest], signed)
    return best / scale


def _within(normal: np.ndarray, right: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """The best coefficients by trying every set of those that may be above 0: two to the power of their number."""
    sets = np.array(list(product([False, True], repeat=int((~signed).sum()))))
    used = np.ones((len(sets), 1, len(signed)), dtype=bool)
    used[:, 0, ~signed] = sets
    found = _solved(normal, right, used)
    won = np.where(((found >= 0) | signed).all(axis=2), (found * right).sum(axis=2), -np.inf)  # fall of the squares
    return found[won.argmax(axis=0), np.arange(len(right))]


def _solved(normal: np.ndarray, right: np.ndarray, used: np.ndarray) -> np.ndarray:
    """The coefficients that are used, shape (..., rows, columns); the others are 0."""
    matrix = np.where(used[..., :, None] & used[..., None, :], normal, 0.0)
    matrix = matrix + np.where(used, 1e-10, 1.0)[..., None] * np.eye(used.shape[-1])
    return np.linalg.solve(matrix, np.where(used, right, 0.0)[..., None])[..., 0]
