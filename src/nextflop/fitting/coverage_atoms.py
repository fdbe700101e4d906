"""The shares of problems never and always solved that make counts likeliest, all else given."""

from typing import NamedTuple

import numpy as np

_STEPS = 100  # of a search whose steps at least halve what is left
_EXACT = 1e-13  # relative; rounding leaves 1e-15


class Shares(NamedTuple):
    """Shares of the problems, each of shape (rows,); they add up to 1.

    Attributes:
        never: π.
        always: ω.
        between: κ, those whose success rates are spread.
    """

    never: np.ndarray
    always: np.ndarray
    between: np.ndarray


class Extreme(NamedTuple):
    """Problems that may belong to an atom: those with no correct sample, or those with no other.

    Attributes:
        weights: how many, shape (rows, distinct numbers of samples).
        chance: that a problem which is not of the atom looks so, same shape.
    """

    weights: np.ndarray
    chance: np.ndarray


def best_shares(between: np.ndarray, unsolved: Extreme, perfect: Extreme) -> Shares:
    """The shares of greatest likelihood.

    With u = π/κ and v = ω/κ the slopes of the log-likelihood vanish where Σ w/(u + q) = Mκ = Σ w/(v + s), for q and s
    the chances of the two extremes and M all problems; a sum that stays below Mκ leaves its atom empty. Given κ both
    have one solution, and κ(1 + u + v) grows with κ to 1: a Newton search for κ, held in a bracket.

    Args:
        between: weight of the problems that are of no atom for certain, shape (rows,).
        unsolved: those with no correct sample; without columns if the law has no atom there.
        perfect: those with no other, likewise.
    """
    problems = between + unsolved.weights.sum(axis=1) + perfect.weights.sum(axis=1)
    low, high = between / problems, np.ones(len(between))
    kappa, u, v = high.copy(), np.zeros_like(high), np.zeros_like(high)
    for _ in range(_STEPS):
        level = problems * np.maximum(kappa, 1e-300)
        (u, of_u), (v, of_v) = (_ratio(*extreme, level) for extreme in (unsolved, perfect))
        gap = kappa * (1 + u + v) - 1
        low, high = np.where(gap < 0, kappa, low), np.where(gap > 0, kappa, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = kappa - gap / (1 + of_u + of_v)
        inside = (step > low) & (step < high)
        following = np.where(gap == 0, kappa, np.where(inside, step, (low + high) / 2))
        done = np.abs(following - kappa) <= _EXACT * kappa
        kappa = following
        if done.all():
            break
    total = 1 + u + v
    never, always, rest = u / total, v / total, 1 / total
    sure = between == 0  # nothing is left between the extremes: every problem is of its atom
    return Shares(
        np.where(sure, unsolved.weights.sum(axis=1) / problems, never),
        np.where(sure, perfect.weights.sum(axis=1) / problems, always),
        np.where(sure, 0.0, rest),
    )


def _ratio(weights: np.ndarray, chance: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The u ≥ 0 at which Σ w/(u + q) has come down to a level, and the derivative of κu by κ, each (rows,).

    The reciprocal of the sum is concave in u, so Newton steps for it from below never overshoot.
    """
    total = weights.sum(axis=1)
    u, fall = np.maximum(0.0, total / level - chance.max(axis=1, initial=0.0)), np.zeros_like(total)
    for _ in range(_STEPS):
        inverse = 1 / np.maximum(u[:, None] + chance, 1e-150)
        parts = weights * inverse
        height, fall = parts.sum(axis=1), np.einsum("rn,rn->r", parts, inverse)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = np.where(total > 0, (height / level - 1) * (height / fall), 0.0)
        following = np.maximum(u + step, 0.0)
        done = np.abs(following - u) <= _EXACT * following
        u = following
        if done.all():
            break
    return u, np.where(u > 0, u - level / np.where(fall > 0, fall, 1.0), 0.0)
