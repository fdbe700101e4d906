"""Whether what was found is the optimum, and what the runs can tell of it: certificate, status and notes."""

from itertools import combinations

import numpy as np

from nextflop.fitting.fit import Basin, Certificate, Status
from nextflop.fitting.newton import Optima
from nextflop.fitting.problem import Problem

_CONVERGED = 1e-6  # relative offset; the search aims at a tenth of it, and Bates and Watts were content with 1e-3
_AGREE = 1.01  # times the best objective
_ALMOST = 1.01
_DISTANT = 0.1  # in a logarithm or an exponent, or as a share of a linear parameter: what a reader calls another law
# With a condition number κ the worst determined direction is √κ times less certain than the best. At 1e6, a thousand
# times, no number of runs that anyone makes brings the coefficients apart. The Chinchilla points have 1.1e3, a grid of
# three sizes by four amounts of data 1e4, D = kN with 10% of jitter 2e5, and D = kN exactly more than 1e10.
_ILL_CONDITIONED = 1e6
_TAKES_PART = 0.01  # of the weakest direction's unit length
_COLLINEAR = 0.9999  # correlation of log inputs: below a seventieth of one input's spread is its own


def certificate(
    problem: Problem, weights: np.ndarray, optima: Optima, best: int, counts: np.ndarray, starts: int
) -> Certificate:
    """The evidence for the best of some searches.

    Args:
        problem: what was minimised.
        weights: of the runs, shape (runs,).
        optima: the ends of the searches.
        best: the place of the best among them.
        counts: how many starts led to each, shape (ends,).
        starts: how many starts there were.
    """
    agree = optima.values <= _AGREE * optima.values[best] + problem.floor(weights[None])
    return Certificate(
        gradient=float(optima.offsets[best]),
        starts=starts,
        agreeing=float(counts[agree].sum() / starts),
        condition=_spectrum(problem, optima.points[best], weights)[0],
        basins=_basins(problem, weights, optima, counts),
    )


def judge(
    problem: Problem,
    weights: np.ndarray,
    optima: Optima,
    best: int,
    counts: np.ndarray,
    draws: np.ndarray,
    level: float,
) -> tuple[Status, tuple[str, ...]]:
    """The status of a fit and what its reader must know, from the searches and the draws' coordinates."""
    names = list(problem.law.parameters)
    point = optima.points[best]
    condition, direction = _spectrum(problem, point, weights)
    notes = []
    bound = False
    for index in np.flatnonzero(problem.free):
        side = int(_side(problem, index, point[None])[0])
        tail = _tail(problem, index, draws, level)
        if side or tail:
            bound = True
            end = _end(problem, index, side or tail)
            notes.append(
                f"The estimate of {names[index]} sits on its bound {end}."
                if side
                else f"The interval of {names[index]} ends at its bound {end}, which these runs do not exclude."
            )
    pairs = collinear(problem)
    for one, other, correlation in pairs:
        notes.append(
            f"{one} and {other} rise together (correlation of their logarithms {correlation:.5f}), so their effects "
            "cannot be told apart: add runs that change one alone."
        )
    ill = condition > _ILL_CONDITIONED
    if ill:
        traded = [names[index] for index in np.flatnonzero(np.abs(direction) > _TAKES_PART)]
        notes.append(
            f"{', '.join(traded)} trade off: changed together they leave the fit as good (condition number "
            f"{condition:.1e}, limit {_ILL_CONDITIONED:.0e})."
        )
    rivals = (optima.offsets <= _CONVERGED) & (
        optima.values <= _ALMOST * optima.values[best] + problem.floor(weights[None])
    )
    distant = _apart(problem, optima.points[rivals], point)
    if optima.offsets[best] > _CONVERGED:
        return Status.max_steps, tuple(notes)
    if ill or pairs:
        return Status.ill_conditioned, tuple(notes)
    if bound:
        return Status.at_bound, tuple(notes)
    if distant.any():
        elsewhere = counts[rivals][distant].sum()
        notes.append(f"{elsewhere} of {counts.sum()} searches ended elsewhere, less than 1% above the best.")
        return Status.multimodal, tuple(notes)
    return Status.converged, tuple(notes)


def _apart(problem: Problem, points: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Which points a reader would call another law, shape (points,)."""
    value = np.abs(point)
    scale = np.where(problem.log, 1.0, np.where(_linear(problem), np.maximum(value, 1e-3 * problem.size), 1 + value))
    return np.any(np.abs(points - point) / scale > _DISTANT, axis=1)


def _basins(problem: Problem, weights: np.ndarray, optima: Optima, counts: np.ndarray) -> tuple[Basin, ...]:
    """The distinct optima among the ends of searches that have converged, the best first."""
    left = np.flatnonzero(optima.offsets <= _CONVERGED)
    left = left[np.argsort(optima.values[left], kind="stable")]
    floor = float(problem.floor(weights[None])[0])
    lowest = max(float(optima.values.min()), floor)
    found = []
    while left.size:
        near = ~_apart(problem, optima.points[left], optima.points[left[0]])
        found.append(Basin(float(max(optima.values[left[0]], floor) / lowest - 1), int(counts[left[near]].sum())))
        left = left[~near]
    return tuple(found)


def collinear(problem: Problem) -> list[tuple[str, str, float]]:
    """Pairs of inputs that are powers of one another, as far as the runs show, with their correlation."""
    found = []
    for one, other in combinations(problem.inputs, 2):
        pair = np.stack([problem.inputs[one], problem.inputs[other]])
        logs = np.log(pair[:, (pair > 0).all(axis=0)])
        correlation = float(np.corrcoef(logs)[0, 1]) if (np.ptp(logs, axis=1) > 0).all() else 0.0
        if abs(correlation) > _COLLINEAR:
            found.append((one, other, correlation))
    return found


def _spectrum(problem: Problem, point: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Condition number of J'WJ scaled to a unit diagonal over the free parameters, and the weakest direction."""
    free = problem.free & (_side(problem, slice(None), point) == 0)
    direction = np.zeros(len(point))
    if not free.any():
        return 1.0, direction
    matrix = problem.design(point, weights)[np.ix_(free, free)]
    scale = np.sqrt(np.diag(matrix))
    if not (scale > 0).all():
        return float("inf"), np.where(free, 1.0, 0.0)
    values, axes = np.linalg.eigh(matrix / np.outer(scale, scale))
    direction[free] = axes[:, 0]
    # Eigenvalues below rounding are zero as far as float64 can tell.
    return float(values[-1] / values[0]) if values[0] > 1e-15 * values[-1] else float("inf"), direction


def _linear(problem: Problem) -> np.ndarray:
    return np.array([name in problem.law.linear for name in problem.law.parameters])


def _side(problem: Problem, index: int | np.integer | slice, points: np.ndarray) -> np.ndarray:
    """-1 where coordinates are on the lower end of the box, 1 on the upper, else 0."""
    chosen = points[..., index]
    return (chosen >= problem.upper[index]).astype(int) - (chosen <= problem.lower[index]).astype(int)


def _tail(problem: Problem, index: np.integer, draws: np.ndarray, level: float) -> int:
    """The side on which so many draws sit on the box that the interval ends there; 0 if none."""
    if not len(draws):
        return 0
    sides = _side(problem, index, draws)
    return next((side for side in (-1, 1) if (sides == side).mean() >= (1 - level) / 2), 0)


def _end(problem: Problem, index: np.integer, side: int) -> str:
    name = list(problem.law.parameters)[index]
    bound = problem.law.parameters[name]
    value = bound.lower if side < 0 else bound.upper
    return f"{value:g}" if np.isfinite(value) else "of the search, as if it had none"
