"""When does training on a model's own text ruin the next model? Two settings in which that is known exactly.

"Collapse" names several things in the literature. Here the regime is named instead: whether each generation of data
replaces the one before it or is added to it, and how much of the tail of rare words a text has lost.
"""

from enum import Enum
from typing import Any

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.base import Value


class Regime(Enum):
    """What happens to the data of earlier generations; the value is what the user reads."""

    replace = "replace"
    accumulate = "accumulate"


def error_unit(noise: float, features: int, rows: int) -> float:
    """The test error of one generation of least squares: u = σ² d / (T - d - 1).

    Args:
        noise: standard deviation σ of the response.
        features: d, the number of coefficients.
        rows: T, rows of data a generation.

    Raises:
        InputError: if there are too few rows for an expected error, or a number is not positive.
    """
    if features < 1 or not 0 < noise < np.inf:
        raise InputError(f"noise {noise:g} with {features} features: give a noise above 0 and a feature or more.")
    if rows < features + 2:
        raise InputError(f"{rows} rows do not determine {features} coefficients: give {features + 2} rows or more.")
    return noise**2 * features / (rows - features - 1)


def error_after(generations: int, unit: float, regime: Regime) -> float:
    """Expected excess test error after some generations of linear models, each trained on what the one before wrote.

    Gerstgrasser et al. (2024), arXiv:2404.01413, theorems 1 and 2. Where the data are replaced the error is n u and
    grows without end; where they accumulate, the real data among them, it is u Σ 1/i² and stays below u π²/6. The
    first generation is the one that is trained on real data. The second sum is the paper's bound, which is reached as
    rows outnumber features.

    Args:
        generations: n, 1 or more.
        unit: u, the error of the first, see `error_unit`.
        regime: whether data are replaced or accumulated.

    Raises:
        InputError: if there is no generation, or the unit is not positive.
    """
    if generations < 1 or not 0 < unit < np.inf:
        raise InputError(
            f"{generations} generations of error {unit:g}: give a generation or more, and an error above 0."
        )
    if regime is Regime.replace:
        return generations * unit
    return float(unit * np.sum(1.0 / np.arange(1, generations + 1) ** 2))


def missing_slope(exponent: Value) -> Value:
    """The slope of ln(missing mass) on ln(words read) under Zipf's law: -(1 - 1/β).

    Dohmatob et al. (2024), arXiv:2402.07043, theorem 2.1: words of rank k have the probability k^-β / ζ(β), a model
    errs on those that its T words did not show, and that mass falls as T^-(1 - 1/β).

    Args:
        exponent: β, above 1.

    Raises:
        InputError: if β is not above 1.
    """
    return 1 / _tail(exponent) - 1


def missing_mass(words: Value, exponent: float, vocabulary: float) -> Any:
    """The expected mass of the words that a text does not show: Σ p_k (1 - p_k)^T, exactly.

    Args:
        words: T, length of the text.
        exponent: β, above 1.
        vocabulary: how many words there are.

    Raises:
        InputError: if β is not above 1, or the vocabulary is empty.
    """
    shares = _ranks(vocabulary) ** -_tail(exponent)
    shares /= shares.sum()
    left = np.log1p(-np.minimum(shares, 1 - 1e-16))
    lengths = np.asarray(words, dtype=np.float64)
    found = [np.exp(length * left) @ shares for length in lengths.reshape(-1)]  # one at a time: a vocabulary is large
    return np.reshape(found, lengths.shape)


def tail_mass(rank: Value, exponent: float, vocabulary: float = np.inf) -> Any:
    """The share of running words beyond a rank under Zipf's law, which cutting the tail there adds to every error.

    Dohmatob et al. (2024) write it k^-(β-1) / ((β-1) ζ(β)), which is this sum for large k; the sum itself is Hurwitz's
    zeta function.

    Args:
        rank: k, the last rank that is kept.
        exponent: β, above 1.
        vocabulary: how many words there are.

    Raises:
        InputError: if β is not above 1, or the vocabulary is empty.
    """
    from scipy.special import zeta

    beyond = 0.0 if np.isinf(vocabulary) else zeta(_tail(exponent), _ranks(vocabulary)[-1] + 1)
    return (zeta(_tail(exponent), np.minimum(rank, vocabulary) + 1.0) - beyond) / (zeta(exponent, 1.0) - beyond)


def _tail(exponent: Value) -> Value:
    if not np.all(np.asarray(exponent) > 1):
        raise InputError(
            f"The exponent {exponent} of a tail must be above 1: below it the mass of the tail is endless."
        )
    return exponent


def _ranks(vocabulary: float) -> np.ndarray:
    if vocabulary < 1:
        raise InputError(f"A vocabulary of {vocabulary:g} words is empty: give a word or more.")
    return np.arange(1, int(vocabulary) + 1, dtype=np.float64)
