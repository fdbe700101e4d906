"""The tail of a vocabulary: how its rare words thin out, how much of the text they are, and what of them is lost.

Under Zipf's law the word of rank k has a probability that falls as k^-β. In a text the number of words that occur c
times is then in proportion to Γ(c - α) / c!, with α = 1/β (Karlin 1967; Rouault 1978): the share of words that occur
once, twice, ... says how the tail goes on where the text does not show it. A β above that of comparable text is a tail
that has been cut.
"""

import numpy as np

from nextflop.outlook.diversity.counted import Counts

MOST = 10
"""Occurrences up to which a word is one of the tail, for its exponent."""

FEWEST = 100
"""Words of the tail, with fewer of which its exponent is not estimated."""

_ALPHAS = np.linspace(0.005, 0.995, 199)


def exponent(known: Counts, weights: np.ndarray, length: float = 1.0) -> float:
    """β of the tail, by maximum likelihood from the words that occur up to `MOST` times; nan if they are too few.

    Args:
        known: counts of the words.
        weights: of the groups of documents, shape (GROUPS,).
        length: the share of the text that is asked about, for a comparison with a shorter one.
    """
    seen = spectrum(known, weights, length)
    if seen.sum() < FEWEST:
        return np.nan
    scores = _log_shares(_ALPHAS) @ seen
    best = int(np.argmax(scores))
    if best in (0, len(_ALPHAS) - 1):
        return float(1 / _ALPHAS[best])
    # A parabola through the best three: the likelihood is smooth, and the grid fine.
    left, middle, right = scores[best - 1 : best + 2]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return float(1 / (_ALPHAS[best] + shift * (_ALPHAS[1] - _ALPHAS[0])))


def spectrum(known: Counts, weights: np.ndarray, length: float = 1.0) -> np.ndarray:
    """How many words occur once, twice, ... up to `MOST` times, shape (MOST,).

    For a part of the text this is what running words drawn from it at random would show: of c occurrences k stay with
    the probability of the binomial distribution.

    Args:
        known: counts of the words.
        weights: of the groups of documents, shape (GROUPS,).
        length: the share of the text, above 0 and up to 1.
    """
    from scipy.stats import binom

    counts = (known.counts @ weights).astype(np.int64)
    if length >= 1:
        rare = counts <= MOST
        return np.bincount(counts[rare], weights=known.weight[rare], minlength=MOST + 1)[1:]
    # By different counts: there are few of them, and the largest grows with the text.
    occurs, which = np.unique(counts, return_inverse=True)
    return binom.pmf(np.arange(1, MOST + 1)[:, None], occurs, length) @ np.bincount(which, weights=known.weight)


def head(known: Counts, rank: int) -> np.ndarray:
    """The most frequent words, hashes of shape (words,)."""
    total = known.counts.sum(axis=1)
    # Where words have been forgotten the commonest are pinned, so that the first ranks are known.
    return known.things[np.argsort(-total, kind="stable")[:rank]]


def beyond(known: Counts, words: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Running words of each group that are none of the given ones, shape (GROUPS,).

    Args:
        known: counts of the words, in which the given ones are kept.
        words: running words of each group, shape (GROUPS,).
        kept: hashes of words.
    """
    return words - known.counts[np.isin(known.things, kept)].sum(axis=0)


def beyond_own(known: Counts, words: np.ndarray, rank: int) -> np.ndarray:
    """Running words of each group that are none of the most frequent ones of the other groups, shape (GROUPS,).

    The most frequent words of a text are partly those that happen to be frequent in it. Asked of other documents than
    those they were found in, they are what they would be of a text that is as real and was not looked at.

    Args:
        known: counts of the words.
        words: running words of each group, shape (GROUPS,).
        rank: how many of the most frequent words there are.
    """
    total = known.counts.sum(axis=1)
    inside = []
    for group in known.counts.T:
        rest = total - group
        frequent = np.argpartition(-rest, rank)[:rank] if len(rest) > rank else np.flatnonzero(rest)
        inside.append(group[frequent].sum())
    return words - np.array(inside)


def unseen(real: Counts, other: Counts, weights: np.ndarray) -> tuple[float, float]:
    """The share of the real text's running words that another text never uses, and what a text like it would miss.

    What would be missed is that of a part of the real text itself, as long as the other text (or all of it, where
    that is longer): a word that occurs c times is absent from a share f of the text with (1 - f)^(c-1) for each of its
    occurrences, leaving that one out. Words count as independent, so a text of few long documents misses more.

    Args:
        real, other: counts of the words.
        weights: of the groups of the real text's documents, shape (GROUPS,).

    Returns:
        Both shares, of the running words that are known in both.
    """
    place = np.minimum(np.searchsorted(other.things, real.things), max(len(other.things) - 1, 0))
    there = other.things[place] == real.things if len(other.things) else np.zeros(len(real.things), dtype=bool)
    in_other = there & other.pinned[place] if len(other.things) else there
    # The chance that a word is known in both, whatever its hash: 1 if pinned, else the share that is kept.
    chance = np.minimum(np.where(real.pinned, 1.0, real.kept), np.where(in_other, 1.0, other.kept))
    known = in_other | (real.things <= other.below)
    counts = real.counts[known] @ weights / chance[known]
    if not counts.sum() > 0:
        return np.nan, np.nan
    own = real.counts[known].sum(axis=1)
    length = min(1.0, float(other.counts.sum(axis=1) @ other.weight / (real.counts.sum(axis=1) @ real.weight)))
    expected = np.power(1 - length, np.maximum(own - 1, 0))
    return float(counts @ ~there[known] / counts.sum()), float(counts @ expected / counts.sum())


def _log_shares(alpha: np.ndarray) -> np.ndarray:
    """Logarithms of the shares of words that occur 1 to `MOST` times among those, shape (alphas, MOST)."""
    steps = np.arange(1, MOST)
    # The ratio of successive terms of Γ(c - α) / c! is (c - α) / (c + 1).
    logs = np.cumsum(np.log((steps - alpha[:, None]) / (steps + 1)), axis=1)
    logs = np.concatenate([np.zeros((len(alpha), 1)), logs], axis=1)
    return logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
