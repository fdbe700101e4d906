"""The Vendi score: how many kinds of documents there are among a hundred."""

from collections.abc import Sequence

import numpy as np

from nextflop.fitting.fit import Interval
from nextflop.outlook.diversity.words import Words, ngrams

SET = 100
"""Documents of a set: the score is between 1, all alike, and this, none with a word in common."""
SETS = 8
"""Sets, by whose spread the interval is known."""
WORDS = 1000
"""Words of a document, from its beginning, that are compared."""

LONGEST = 2


def vendi(sets: Sequence[Sequence[np.ndarray]], level: float) -> Interval:
    """The mean score of some sets of documents, with Student's interval over the sets.

    Args:
        sets: each of documents, each of hashes of words in their order; sets of equal size.
        level: of the interval.
    """
    from scipy.stats import t

    scores = np.array([score(one) for one in sets])
    if not len(scores):
        return Interval(np.nan, np.nan, np.nan)
    value = float(scores.mean())
    if len(scores) < 2:
        return Interval(value, np.nan, np.nan)
    reach = float(t.ppf((1 + level) / 2, len(scores) - 1) * scores.std(ddof=1) / np.sqrt(len(scores)))
    return Interval(value, value - reach, value + reach)


def score(texts: Sequence[np.ndarray]) -> float:
    """The exponential of the entropy of the eigenvalues of K/n: Friedman and Dieng 2023, arXiv:2210.02410, eq. 1.

    K holds the mean of two cosines of documents, by counts of words and of pairs of words, as their n-gram score.

    Args:
        texts: hashes of the words of each document in their order.
    """
    from scipy.sparse import csr_array

    joined = Words(np.concatenate(texts), np.repeat(np.arange(len(texts)), [len(text) for text in texts]))
    kernel = np.zeros((len(texts), len(texts)))
    for hashes, place in ngrams(joined, LONGEST):
        column = np.unique(hashes, return_inverse=True)[1]
        shape = (len(texts), int(column.max(initial=0)) + 1)
        counts = csr_array((np.ones(len(hashes)), (joined.document[place], column)), shape=shape)
        products = (counts @ counts.T).toarray()
        lengths = np.sqrt(np.maximum(products.diagonal(), 1e-300))
        # A document that is too short for a pair of words is like itself alone.
        kernel += np.where(np.eye(len(texts)) > 0, 1.0, products / lengths / lengths[:, None]) / LONGEST
    values = np.linalg.eigvalsh(kernel / len(texts))
    values = values[values > 0]
    return float(np.exp(-np.sum(values * np.log(values))))
