"""Intervals from documents: by leaving groups of them out, by clusters of them, and by drawing windows again."""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from nextflop.fitting.fit import Interval
from nextflop.outlook.diversity.counted import GROUPS

FEWEST = 8
"""Windows, below which their spread is not known well enough for an interval."""


def jackknife(statistic: Callable[[np.ndarray], float], level: float, documents: int) -> Interval:
    """A statistic of counts, with the interval of leaving out one group of documents at a time.

    A bootstrap would draw documents twice, and so spoil the very counts of rare words that are asked about; leaving out
    a sixteenth shortens the text and does nothing else to it (Efron and Tibshirani 1993, section 11.5). The interval is
    Student's.

    Args:
        statistic: from the weight of each group, shape (GROUPS,), to a number; nan if there is none.
        level: of the interval.
        documents: how many there are; with fewer than two a group the interval is not known.
    """
    from scipy.stats import t

    value = statistic(np.ones(GROUPS))
    if documents < 2 * GROUPS or not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    without = np.array([statistic(row) for row in 1.0 - np.eye(GROUPS)])
    spread = np.sqrt((GROUPS - 1) / GROUPS * np.sum((without - without.mean()) ** 2))
    reach = float(t.ppf((1 + level) / 2, GROUPS - 1) * spread)
    return Interval(value, value - reach, value + reach)


def share(part: np.ndarray, whole: np.ndarray, level: float, documents: int) -> Interval:
    """A part of a whole, both counted by groups of documents, with the interval of `jackknife` held within 0 and 1.

    Args:
        part, whole: shape (GROUPS,).
        level: of the interval.
        documents: how many there are.
    """
    found = jackknife(
        lambda weights: float(part @ weights / (whole @ weights)) if whole @ weights > 0 else np.nan, level, documents
    )
    return Interval(found.value, max(found.low, 0.0), min(found.high, 1.0))


def share_of_clusters(inside: np.ndarray, cluster: np.ndarray, level: float) -> Interval:
    """The share of documents that have a property, where those of a cluster have it or not together.

    The error is that of a ratio over clusters, which are drawn or not as a whole; the interval is Wilson's, of as many
    independent documents as would have that error.

    Args:
        inside: whether each has it, shape (documents,).
        cluster: equal for documents of one cluster, shape (documents,).
        level: of the interval.
    """
    if not len(inside):
        return Interval(np.nan, np.nan, np.nan)
    own = np.unique(cluster, return_inverse=True)[1]
    size, count = np.bincount(own), np.bincount(own, weights=inside)
    value = float(count.sum() / size.sum())
    variance = float(np.sum((count - value * size) ** 2) / size.sum() ** 2)
    independent = value * (1 - value) / variance if variance > 0 else len(size)
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (value + z**2 / (2 * independent)) / (1 + z**2 / independent)
    reach = z / (1 + z**2 / independent) * np.sqrt(value * (1 - value) / independent + (z / (2 * independent)) ** 2)
    return Interval(value, max(float(middle - reach), 0.0), min(float(middle + reach), 1.0))


def bootstrap(values: np.ndarray, level: float, seed: int, draws: int = 1000) -> Interval:
    """The mean of windows, with the interval of drawing them again, each with the documents that are in it.

    Args:
        values: one each, shape (windows,); nan where one has none.
        level: of the interval.
        seed: of the draws.
        draws: how many.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return Interval(np.nan, np.nan, np.nan)
    value = float(known.mean())
    if len(known) < FEWEST:
        return Interval(value, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    means = known[rng.integers(0, len(known), (draws, len(known)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))
