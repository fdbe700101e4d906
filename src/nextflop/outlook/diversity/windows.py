"""What a stretch of a corpus says of itself: measures that grow or fall with length, in windows of equal length."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from nextflop.outlook.diversity.reservoir import Sample
from nextflop.outlook.diversity.words import Words, ngrams

LONGEST = 4
"""The longest n-grams that are looked at; those of `REPEATED` words are what repeats itself between documents."""
REPEATED = 4
SEGMENT = 512
"""Running words of the stretches whose ratio of types to tokens is averaged."""
BYTES_A_WORD = 8
"""Bytes of a window of text for each word of a window of words; English has about six with the space."""
MOST = 128
"""Windows of either kind that are measured; of more, a fair sample."""
LEVEL = 6
"""Of zlib, as gzip has it by default."""

OF_WORDS = ("distinct_1", "distinct_2", "distinct_3", "distinct_4", "self_repetition", "type_token")


def of_words(window: Words) -> tuple[float, ...]:
    """The measures of a window of words, in the order of `OF_WORDS`; nan where there is nothing to measure.

    Args:
        window: the words.

    Returns:
        Shares of n-grams that are different, for n = 1 to 4; the share of runs of four words that another document of
        the window has too; and types over tokens, the mean over stretches of `SEGMENT` words.
    """
    found: list[float] = []
    repetition = np.nan
    for n, (hashes, place) in enumerate(ngrams(window, LONGEST), start=1):
        found.append(float(_different(hashes)) / len(hashes) if len(hashes) else np.nan)
        if n == REPEATED:
            repetition = _between(hashes, window.document[place])
    whole = len(window.hashes) // SEGMENT * SEGMENT
    types = _different(window.hashes[:whole].reshape(-1, SEGMENT))
    return (*found, repetition, float(np.mean(types / SEGMENT)) if whole else np.nan)


def compression_ratio(text: bytes) -> float:
    """Bytes of a text over those of its compressed form.

    Args:
        text: one or more bytes.
    """
    return len(text) / len(zlib.compress(text, LEVEL))


class Windows:
    """Cuts a stream into windows of equal length and measures a fair sample of them as they pass."""

    def __init__(self, words: int, seed: int) -> None:
        """Starts before the first window.

        Args:
            words: of a window; a window of bytes is `BYTES_A_WORD` times as long.
            seed: of the sample.
        """
        self._words, self._bytes = words, words * BYTES_A_WORD
        self._of_words, self._of_bytes = Sample(MOST, seed), Sample(MOST, seed + 1)
        self._rest = Words(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))
        self._text = b""

    def add(self, texts: Sequence[str], found: Words) -> None:
        """Takes up some documents.

        Args:
            texts: the documents.
            found: their words, with numbers of documents that go on from those before.
        """
        both = Words(*(np.concatenate(pair) for pair in zip(self._rest, found, strict=True)))
        whole = len(both.hashes) // self._words * self._words
        width = self._words
        self._of_words.offer(
            whole // width, lambda at: of_words(Words(*(column[at * width : (at + 1) * width] for column in both)))
        )
        self._rest = Words(*(column[whole:] for column in both))
        text = self._text + "\n".join([*texts, ""]).encode("utf-8", errors="replace")
        size = self._bytes
        self._of_bytes.offer(len(text) // size, lambda at: (compression_ratio(text[at * size : (at + 1) * size]),))
        self._text = text[len(text) // size * size :]

    def measured(self) -> dict[str, np.ndarray]:
        """Measure → one value a window, shape (windows,)."""
        rows = np.reshape(self._of_words.in_order(), (-1, len(OF_WORDS)))
        return {
            "compression_ratio": np.reshape(self._of_bytes.in_order(), -1),
            **dict(zip(OF_WORDS, rows.T, strict=True)),
        }


def _different(hashes: np.ndarray) -> Any:
    """How many different hashes there are along the last axis."""
    return 1 + np.count_nonzero(np.diff(np.sort(hashes, axis=-1), axis=-1), axis=-1)


def _between(hashes: np.ndarray, document: np.ndarray) -> float:
    """The share of n-grams that another document has too; nan if there is only one."""
    if not len(document) or document[0] == document[-1]:
        return np.nan
    order = np.lexsort((document, hashes))
    hashes, document = hashes[order], document[order]
    own = np.flatnonzero(np.concatenate([[True], np.diff(hashes) != 0]))
    sizes = np.diff(own, append=len(hashes))
    several = document[own] != document[own + sizes - 1]
    return float(sizes[several].sum() / len(hashes))
