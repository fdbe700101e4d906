"""Choosing among options whose values are uncertain, and what an experiment before the choice is worth."""

from dataclasses import dataclass

import numpy as np

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
