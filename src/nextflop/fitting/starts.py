"""Where searches set out: a dense grid of exponents, with the best amplitudes at each point."""

from itertools import product

import numpy as np

from nextflop.fitting.problem import Problem

_ROUNDS = 5  # of reweighting; enough for a start, which need not be an optimum
_BEST, _SPREAD = 8, 24
_CHUNK = 2_000_000  # points × columns × runs that are worked on together: 16 MB


def grid(problem: Problem, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coordinates at every point of the law's grid, amplitudes by reweighted least squares within their bounds.

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
            _amplitudes(problem, dict(zip(axes, nodes[at : at + size].T[:, :, None], strict=True)), response, weights)
            for at in range(0, len(nodes), size)
        ]
    )
    values = dict(zip(axes, nodes.T, strict=True))
    logs = [name for name in law.parameters if law.parameters[name].log]
    for name, column in zip(law.linear, amplitudes.T, strict=True):
        # An amplitude that least squares put at nought gets a thousandth of the response, so that the search may
        # revive it.
        values[name] = np.maximum(column, 1e-3 * problem.size) if name in logs and not law.log_linear else column
    points = np.stack([values[name] for name in law.parameters], axis=1)
    taken = np.array(
        [entry.log and not (law.log_linear and name in law.linear) for name, entry in law.parameters.items()]
    )
    points[:, taken] = np.log(points[:, taken])
    return np.clip(points, problem.lower, problem.upper)


def choose(values: np.ndarray) -> np.ndarray:
    """The places of the starts to be followed: the best, and others spread evenly over the ranking."""
    ranking = np.argsort(values, kind="stable")[: max(1, int(np.isfinite(values).sum()))]
    spread = np.linspace(0, len(ranking) - 1, _SPREAD).round().astype(np.int64)
    return ranking[np.unique(np.concatenate([np.arange(min(_BEST, len(ranking))), spread]))]


def _amplitudes(
    problem: Problem, exponents: dict[str, np.ndarray], response: np.ndarray, weights: np.ndarray
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
    fixed = np.einsum("l,rln->rn", known, columns)
    columns = columns[:, free]
    aim = np.log(response) if log else response
    predicted = np.broadcast_to(response, fixed.shape)
    for _ in range(_ROUNDS + 1):
        pulls = weights * objective.pull(predicted, response).majorants * (predicted**2 if log else 1.0)
        found[:, free] = _least_squares(columns, aim - fixed, pulls, signed)
        line = fixed + np.einsum("rl,rln->rn", found[:, free], columns)
        # Far from any run a start may predict what cannot be: the weights there are those of a small response.
        predicted = np.exp(np.clip(line, -300, 300)) if log else line
        if objective.log and not log:
            predicted = np.maximum(predicted, 1e-3 * problem.size)
    return found


def _least_squares(columns: np.ndarray, aim: np.ndarray, weights: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """Weighted least squares with some coefficients not below 0, by trying every set of those, shape (rows, columns).

    Args:
        columns: shape (rows, columns, runs); few columns, as sets are two to the power of the unsigned ones.
        aim: what is to be matched, shape (rows, runs).
        weights: shape (rows, runs).
        signed: which coefficients may have either sign, shape (columns,).
    """
    scale = np.sqrt(np.einsum("rln,rln,rn->rl", columns, columns, weights, optimize=True)) + 1e-300
    columns = columns / scale[:, :, None]
    weighted = columns * weights[:, None, :]
    normal = weighted @ columns.swapaxes(1, 2)
    right = (weighted @ aim[:, :, None])[:, :, 0]
    best, gain = np.zeros_like(right), np.full(len(right), -np.inf)
    for chosen in product([False, True], repeat=int((~signed).sum())):
        used = signed.copy()
        used[~signed] = chosen
        matrix = np.where(used[:, None] & used[None, :], normal, 0.0) + np.diag(np.where(used, 1e-10, 1.0))
        found = np.linalg.solve(matrix, np.where(used, right, 0.0)[:, :, None])[:, :, 0]
        won = np.einsum("rl,rl->r", found, right)  # how much the squares fall
        better = ((found >= 0) | signed).all(axis=1) & (won > gain)
        best[better], gain[better] = found[better], won[better]
    return best / scale
