"""One pass over a file: everything that is kept of it, in memory that does not grow with it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.outlook.diversity.counted import GROUPS, Counter, Counts
from nextflop.outlook.diversity.documents import Source, batches
from nextflop.outlook.diversity.duplicates import RUN, Signatures, Signer
from nextflop.outlook.diversity.reservoir import Sample
from nextflop.outlook.diversity.vendi import SET, SETS, WORDS
from nextflop.outlook.diversity.windows import LONGEST, Windows
from nextflop.outlook.diversity.words import Words, documents, ngrams, words

PASSAGE = 8
"""Words of the runs that count as taken from the real text where it has them too."""

_WORDS, _GRAMS, _DOCUMENTS = 1 << 16, 1 << 16, 1 << 15  # different words, n-grams and documents that are kept
_PINS = 4096
_STEP = 1.1  # of the length, between two looks at the number of different n-grams

Progress = Callable[[str, float], None]
"""Told the name of a file and the share of it that has been read."""


class Growth(NamedTuple):
    """How many different n-grams there are in the first words of a text.

    Attributes:
        words: lengths, shape (looks,), rising.
        distinct: for n = 1 to 4, shape (looks, 4).
    """

    words: np.ndarray
    distinct: np.ndarray

    def at(self, length: int) -> np.ndarray:
        """Different n-grams in the first words, shape (4,), by straight lines in logarithms between looks."""
        place = np.log(self.words)
        return np.exp([np.interp(np.log(length), place, np.log(column)) for column in self.distinct.T])

    def error(self, length: int) -> np.ndarray:
        """Standard errors of these numbers as shares of themselves, shape (4,); 0 where every n-gram was kept."""
        distinct = self.at(length)
        halvings = np.ceil(np.maximum(np.log2(distinct / np.array([_WORDS] + [_GRAMS] * (LONGEST - 1))), 0.0))
        return np.sqrt((1 - 0.5**halvings) * 2**halvings / distinct)


class Corpus(NamedTuple):
    """What is kept of a file.

    Attributes:
        source: how it was read.
        documents: how many have a word.
        words: running words.
        characters: of the documents.
        blank, cut, replaced: see `Batch`.
        windows: measure → values of windows of equal length.
        vocabulary: counts of words.
        passages: counts of runs of `PASSAGE` words; none unless it was read to be compared.
        texts: counts of whole documents, by the hash of their words; likewise.
        group_words: running words of each group of documents, shape (GROUPS,).
        growth: of the number of different n-grams.
        signatures: for near-duplicates.
        sets: of documents, for the Vendi score.
    """

    source: Source
    documents: int
    words: int
    characters: int
    blank: int
    cut: int
    replaced: int
    windows: dict[str, np.ndarray]
    vocabulary: Counts
    passages: Counts
    texts: Counts
    group_words: np.ndarray
    growth: Growth
    signatures: Signatures
    sets: list[list[np.ndarray]]


def read(
    which: Source,
    window: int,
    seed: int,
    progress: Progress | None = None,
    *,
    compared: bool = False,
    pinned: np.ndarray | None = None,
) -> Corpus:
    """Reads a file once.

    Args:
        which: the file.
        window: words of a window.
        seed: of the groups of documents and the samples.
        progress: told how far it is.
        compared: whether it will be held against another text, for which runs of words and documents are counted too.
        pinned: hashes of words of which the count must be exact.

    Raises:
        InputError: if the file cannot be read, or has fewer words than a window.
    """
    reading = _Reading(window, seed, compared, pinned)
    blank = cut = replaced = 0
    for batch in batches(which):
        blank, cut, replaced = blank + batch.blank, cut + batch.cut, replaced + batch.replaced
        if batch.texts:
            reading.add(batch.texts)
        if progress is not None:
            progress(str(which.path), batch.done)
    if reading.words < window:
        raise InputError(
            f"{which.path} has {reading.words} words, fewer than a window of {window}: give more text, or compare in "
            f"shorter windows with --window."
        )
    return reading.finish(which, blank, cut, replaced)


class _Reading:
    def __init__(self, window: int, seed: int, compared: bool, pinned: np.ndarray | None) -> None:
        self.words = 0
        self._compared = compared
        self._documents = self._characters = 0
        self._rng = np.random.default_rng(seed)
        self._windows = Windows(window, seed)
        self._grams = [Counter(_WORDS, pinned, _PINS), *(Counter(_GRAMS) for _ in range(LONGEST - 1))]
        self._passages, self._texts = Counter(_GRAMS), Counter(_GRAMS)
        self._signer = Signer(_DOCUMENTS)
        self._sample = Sample(SET * SETS, seed + 2)
        self._group_words = np.zeros(GROUPS, dtype=np.int64)
        self._looks: list[tuple[int, list[float]]] = []

    def add(self, texts: list[str]) -> None:
        found = words(texts)
        whole, starts = documents(found)
        if not len(whole):
            return
        number = np.repeat(np.arange(len(whole)), np.diff(starts, append=len(found.hashes)))
        # Numbers go on from batch to batch, so that a window across two of them knows its documents apart.
        found = Words(found.hashes, number + self._documents)
        group = self._rng.integers(0, GROUPS, len(whole))
        of_word = group[number]
        for n, (hashes, place) in enumerate(ngrams(found, PASSAGE if self._compared else RUN), start=1):
            if n <= LONGEST:
                self._grams[n - 1].add(hashes, of_word[place])
            if n == RUN:
                self._signer.add(hashes, number[place], whole, starts + self.words)
            if n == PASSAGE:
                self._passages.add(hashes, of_word[place])
        if self._compared:
            self._texts.add(whole, group)
        self._windows.add(texts, found)
        ends = np.minimum(starts + WORDS, np.append(starts[1:], len(number)))
        self._sample.offer(len(whole), lambda at: found.hashes[starts[at] : ends[at]].copy())
        self._group_words += np.bincount(of_word, minlength=GROUPS)
        self._documents += len(whole)
        self.words += len(number)
        self._characters += sum(map(len, texts))
        if not self._looks or self.words >= _STEP * self._looks[-1][0]:
            self._look()

    def finish(self, which: Source, blank: int, cut: int, replaced: int) -> Corpus:
        self._look()
        lengths, distinct = zip(*self._looks, strict=True)
        shuffled = self._sample.shuffled()
        return Corpus(
            which,
            self._documents,
            self.words,
            self._characters,
            blank,
            cut,
            replaced,
            self._windows.measured(),
            self._grams[0].counts(),
            self._passages.counts(),
            self._texts.counts(),
            self._group_words,
            Growth(np.array(lengths, dtype=np.float64), np.maximum(np.array(distinct), 1.0)),
            self._signer.signatures(),
            [shuffled[at : at + SET] for at in range(0, len(shuffled) - SET + 1, SET)],
        )

    def _look(self) -> None:
        if not self._looks or self._looks[-1][0] != self.words:
            self._looks.append((self.words, [counter.distinct() for counter in self._grams]))
