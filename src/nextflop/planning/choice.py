"""Choosing among options whose values are uncertain, and what an experiment before the choice is worth."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtr

_GRID = 400  # outcomes at which it is asked what to do
_BEYOND = 3.0  # standard deviations outside of all that is foretold, up to which it is asked
_JOINED = 0.05  # of what an experiment is worth, that may be lost by telling fewer ranges of its outcome
HERMITE_NODES = 7  # of Gauss-Hermite quadrature over the noise of an outcome


@dataclass(frozen=True)
class Choice:
    """The option to take, and how sure one may be of it.

    Attributes:
        best: index of the option of highest mean value.
        probability: share of the draws in which each option is the best, shape (options,); equals share a draw.
        regret: mean value lost by taking `best` against knowing the truth: what perfect information is worth.
    """

    best: int
    probability: np.ndarray
    regret: float


def choose(values: np.ndarray) -> Choice:
    """Compares options over draws of what the world may be like.

    Args:
        values: value of each option in each draw, shape (options, draws), finite; higher is better.
    """
    top = values.max(axis=0)
    ties = values >= top
    best = int(values.mean(axis=1).argmax())
    return Choice(best, (ties / ties.sum(axis=0)).mean(axis=1), float((top - values[best]).mean()))


def value_of_information(values: np.ndarray, outcomes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Expected gain in value from seeing one experiment's outcome before choosing (Raiffa & Schlaifer 1961).

    The draws are the prior, equally weighted. An outcome is what a draw predicts for the experiment plus normal
    noise; it reweights the draws by their likelihood, and the option of highest reweighted mean is taken.

    Args:
        values: value of each option in each draw, shape (options, draws).
        outcomes: what each draw predicts each experiment to measure, shape (experiments, draws).
        noise: standard deviation of each measurement, shape (experiments,), above zero.

    Returns:
        The gain of each experiment, shape (experiments,), never below zero; at most the regret of `choose`.
    """
    nodes, shares = np.polynomial.hermite_e.hermegauss(HERMITE_NODES)
    shares = shares / shares.sum()
    before = values.mean(axis=1).max()
    gains = np.empty(len(outcomes))
    for index, (predicted, sigma) in enumerate(zip(outcomes, noise, strict=True)):
        scaled = predicted / sigma
        # Seen from a draw: it itself is at most a node away, so no row of weights vanishes.
        weight = (scaled[:, None] - scaled) + nodes[:, None, None]  # (nodes, draws, draws)
        np.square(weight, out=weight)
        weight *= -0.5
        np.exp(weight, out=weight)
        after = (weight @ values.T) / weight.sum(axis=2, keepdims=True)  # (nodes, draws, options)
        gains[index] = shares @ after.max(axis=2).mean(axis=1) - before
    return np.clip(gains, 0.0, choose(values).regret)  # quadrature may overshoot what bounds it in truth


@dataclass(frozen=True)
class Answer:
    """What to do where an experiment ends within a range.

    Attributes:
        low, high: the range of the outcome; infinite where it is open.
        probability: that it ends there.
        choice: index of the option to take then.
        gain: expected value of that above the option that would be taken without the experiment, given the range.
    """

    low: float
    high: float
    probability: float
    choice: int
    gain: float


def answers(values: np.ndarray, predicted: np.ndarray, sigma: float, enough: float = 0.0) -> tuple[Answer, ...]:
    """The option to take for every outcome of an experiment, from the lowest to the highest.

    Neighbouring outcomes with the same option are one range, and ranges are joined where that loses next to nothing.

    Args:
        values: value of each option in each draw, shape (options, draws).
        predicted: what each draw predicts the experiment to measure, shape (draws,).
        sigma: standard deviation of the measurement.
        enough: what another option must be worth more than the one that is taken without the experiment.
    """
    grid = np.linspace(predicted.min() - _BEYOND * sigma, predicted.max() + _BEYOND * sigma, _GRID)
    apart = ((grid[:, None] - predicted) / sigma) ** 2 / 2
    weight = np.exp(apart.min(axis=1, keepdims=True) - apart)
    after = weight @ values.T / weight.sum(axis=1, keepdims=True)  # (outcomes, options)
    before = int(values.mean(axis=1).argmax())
    after[:, before] += enough
    ends = (grid[1:] + grid[:-1]) / 2
    opened = (-np.inf, *ends, np.inf)
    within = np.diff(ndtr((ends[:, None] - predicted) / sigma), axis=0, prepend=0.0, append=1.0)  # (outcomes, draws)
    chance = within.mean(axis=1)
    may = _JOINED * float(chance @ (after.max(axis=1) - after[:, before]))
    found = []
    for low, high, choice in _ranges(after, chance, may):
        mass = within[low:high].sum(axis=0)
        probability = float(mass.mean())
        gain = float(((values[choice] - values[before]) * mass).mean() / probability)
        found.append(Answer(float(opened[low]), float(opened[high]), probability, choice, gain))
    return tuple(found)


def _ranges(after: np.ndarray, chance: np.ndarray, may: float) -> list[tuple[int, int, int]]:
    """Ranges of outcomes, from one place of the grid up to another, with the option to take.

    Neighbours are joined, those first that lose least by taking one option, as long as all lose no more than they may.

    Args:
        after: expected value of every option at every outcome, shape (outcomes, options).
        chance: of every outcome, shape (outcomes,).
        may: what may be lost in the mean over all outcomes.
    """
    weighed = chance[:, None] * after
    sums = np.concatenate([np.zeros((1, after.shape[1])), np.cumsum(weighed, axis=0)])
    taken = after.argmax(axis=1)
    ends = [0, *(np.flatnonzero(np.diff(taken)) + 1), len(taken)]
    ranges = [(int(low), int(high), int(taken[low])) for low, high in pairwise(ends)]

    def worth(low: int, high: int, choice: int) -> float:
        return float(sums[high, choice] - sums[low, choice])

    def joined(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[float, tuple[int, int, int]]:
        choice = int((sums[other[1]] - sums[one[0]]).argmax())
        both = (one[0], other[1], choice)
        return worth(*one) + worth(*other) - worth(*both), both

    while len(ranges) > 1:
        tried = [joined(one, other) for one, other in pairwise(ranges)]
        place = min(range(len(tried)), key=lambda index: tried[index][0])
        lost, both = tried[place]
        if lost > may:
            break
        may -= max(lost, 0.0)
        ranges[place : place + 2] = [both]
    return ranges
