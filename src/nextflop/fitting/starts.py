"""Where searches set out: a dense grid of exponents, with the best amplitudes at each point."""

from itertools import product

import numpy as np

from nextflop.fitting.problem import Problem

_ROUNDS = 5  # of reweighting; enough for a start, which need not be an optimum
_BEST, _SPREAD = 8, 24


def grid(problem: Problem, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coordinates at every point of the law's grid, amplitudes by reweighted nonnegative least squares.

    This is variable projection (Golub and Pereyra 1973, doi:10.1137/0710036) on a grid: the law is linear in its
    amplitudes, so at given exponents they need no search.

    Args:
        problem: what will be minimised.
        response: shape (runs,).
        weights: shape (runs,).

    Returns:
        Shape (points, parameters).
    """
    law = problem.law
    axes = {
        name: [problem.pinned[name]] if name in problem.pinned else values
        for name, values in law.search(**problem.inputs).items()
    }
    nodes = np.array(list(product(*axes.values())))
    exponents = {name: nodes[:, index, None] for index, name in enumerate(axes)}
    free = np.array([name not in problem.pinned for name in law.linear], dtype=bool)
    known = np.array([problem.pinned.get(name, 0.0) for name in law.linear])
    amplitudes = np.tile(known, (len(nodes), 1))
    if free.any():
        columns = law.basis(exponents, **problem.inputs)
        rest = response - np.einsum("l,rln->rn", known, columns)
        amplitudes[:, free] = _amplitudes(problem, columns[:, free], rest, response, weights)
    values = {
        **{name: nodes[:, index] for index, name in enumerate(axes)},
        **dict(zip(law.linear, amplitudes.T, strict=True)),
    }
    points = np.stack([values[name] for name in law.parameters], axis=1)
    # An amplitude that least squares put at nought gets a thousandth of the response, so that the search may revive it.
    points[:, problem.log] = np.log(np.maximum(points[:, problem.log], 1e-3 * problem.size))
    return np.clip(points, problem.lower, problem.upper)


def choose(values: np.ndarray) -> np.ndarray:
    """The places of the starts to be followed: the best, and others spread evenly over the ranking."""
    ranking = np.argsort(values, kind="stable")
    spread = np.linspace(0, len(ranking) - 1, _SPREAD).round().astype(np.int64)
    return ranking[np.unique(np.concatenate([np.arange(min(_BEST, len(ranking))), spread]))]


def _amplitudes(
    problem: Problem, columns: np.ndarray, rest: np.ndarray, response: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    unit = response if problem.objective.log else np.ones_like(response)  # d log L = dL / L
    columns, rest = columns / unit, rest / unit
    pulls = np.broadcast_to(weights, rest.shape)
    found = _nonnegative(columns, rest, pulls)
    for _ in range(_ROUNDS):
        pulls = weights * problem.objective.pulls(np.einsum("rl,rln->rn", found, columns) - rest)
        found = _nonnegative(columns, rest, pulls)
    return found


def _nonnegative(columns: np.ndarray, rest: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted nonnegative least squares by trying every set of columns, shape (rows, columns).

    Args:
        columns: shape (rows, columns, runs); three columns at most, so eight sets.
        rest: what is to be matched, shape (rows, runs).
        weights: shape (rows, runs).
    """
    scale = np.sqrt(np.einsum("rln,rln,rn->rl", columns, columns, weights, optimize=True)) + 1e-300
    columns = columns / scale[:, :, None]
    weighted = columns * weights[:, None, :]
    normal = weighted @ columns.swapaxes(1, 2)
    right = (weighted @ rest[:, :, None])[:, :, 0]
    best, gain = np.zeros_like(right), np.zeros(len(right))
    width = right.shape[1]
    for chosen in product([False, True], repeat=width):
        used = np.array(chosen)
        matrix = np.where(used[:, None] & used[None, :], normal, 0.0) + np.diag(np.where(used, 1e-10, 1.0))
        found = np.linalg.solve(matrix, np.where(used, right, 0.0)[:, :, None])[:, :, 0]
        won = np.einsum("rl,rl->r", found, right)  # how much the squares fall
        better = (found >= 0).all(axis=1) & (won > gain)
        best[better], gain[better] = found[better], won[better]
    return best / scale
