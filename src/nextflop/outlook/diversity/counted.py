"""How often each of many things occurs, in bounded memory: exact counts of a fair sample of the different things.

A thing (a word, an n-gram, a document) is known by a 64-bit hash. Those whose hash is below a threshold are counted,
each exactly and from its first occurrence on; when more than a limit are known the threshold is halved and what lies
above it is forgotten (Gibbons 2001, "Distinct sampling"). So the sample is fair among *different* things, however often
they occur, and the share that is kept is known: of the same text the same things are kept, and two texts can be
compared on what was kept of both. With k things kept the number of different ones is known to 1/√k of itself.

The commonest would be missed by such a sample more often than not and carry most of the text, so the commonest at the
first halving are pinned: they stay whatever their hash.
"""

from typing import NamedTuple

import numpy as np

GROUPS = 16
"""Random groups of documents, over which counts are kept apart; see `jackknife`."""

_GROUP = np.uint64(GROUPS - 1)
_THING = ~_GROUP
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Counts(NamedTuple):
    """What a count has kept.

    Attributes:
        things: the hashes that are kept, shape (things,), rising; their four lowest bits are 0.
        counts: occurrences, shape (things, GROUPS).
        kept: the share of all different things that are kept, a power of 1/2.
        below: the threshold of hashes.
        pinned: which are kept whatever their hash, shape (things,).
    """

    things: np.ndarray
    counts: np.ndarray
    kept: float
    below: np.uint64
    pinned: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """How many different things each stands for, shape (things,)."""
        return np.where(self.pinned, 1.0, 1.0 / self.kept)

    @property
    def distinct(self) -> float:
        """How many different things there are, by estimate."""
        return float(self.weight.sum())


class Counter:
    """Counts things as they come; `counts` gives what is known of them."""

    def __init__(self, most: int, pinned: np.ndarray | None = None, pins: int = 0) -> None:
        """Starts with nothing counted.

        Args:
            most: how many different things are kept.
            pinned: hashes that are to be kept from the start, whatever they are.
            pins: how many of the commonest are kept beside them at the first halving.
        """
        self._most = most
        self._pins = pins
        self._pinned = np.empty(0, dtype=np.uint64) if pinned is None else np.unique(pinned & _THING)
        self._below = _ALL
        self._kept = 1.0
        self._keys = np.empty(0, dtype=np.uint64)  # thing with the group in its lowest bits, rising
        self._counts = np.empty(0, dtype=np.int64)
        self._new: list[np.ndarray] = []
        self._waiting = 0

    def add(self, things: np.ndarray, group: np.ndarray) -> None:
        """Counts some occurrences.

        Args:
            things: hashes, shape (occurrences,).
            group: of the document that each is in, shape (occurrences,).
        """
        keys = (things & _THING) | group.astype(np.uint64)
        if self._kept < 1:
            keys = keys[(keys <= self._below) | _member(keys, self._pinned)]
        self._new.append(keys)
        self._waiting += len(keys)
        if self._waiting > self._most:
            self._merge()

    def distinct(self) -> float:
        """How many different things there are so far, by estimate."""
        self._merge()
        own = _starts(self._keys)
        pinned = _member(self._keys[own], self._pinned).sum() if self._kept < 1 else 0
        return float(pinned + (len(own) - pinned) / self._kept)

    def counts(self) -> Counts:
        """What is known of all that was counted."""
        self._merge()
        own = _starts(self._keys)
        table = np.zeros((len(own), GROUPS), dtype=np.int64)
        row = np.repeat(np.arange(len(own)), np.diff(own, append=len(self._keys)))
        table[row, (self._keys & _GROUP).astype(np.int64)] = self._counts
        things = self._keys[own] & _THING
        pinned = _member(things, self._pinned) if self._kept < 1 else np.zeros(len(things), dtype=bool)
        return Counts(things, table, self._kept, self._below, pinned)

    def _merge(self) -> None:
        if self._waiting:
            new = np.sort(np.concatenate(self._new))
            first = np.flatnonzero(np.diff(new) != 0) + 1 if len(new) else np.empty(0, dtype=np.int64)
            first = np.concatenate([[0], first])
            # Two sorted runs, which a stable sort merges in a single pass.
            keys = np.concatenate([self._keys, new[first]])
            counts = np.concatenate([self._counts, np.diff(first, append=len(new))])
            order = np.argsort(keys, kind="stable")
            keys, counts = keys[order], counts[order]
            own = np.concatenate([[0], np.flatnonzero(np.diff(keys) != 0) + 1])
            self._keys, self._counts = keys[own], np.add.reduceat(counts, own)
        self._new, self._waiting = [], 0
        while self._things() > self._most:
            self._halve()

    def _things(self) -> int:
        return len(_starts(self._keys))

    def _halve(self) -> None:
        if self._kept == 1 and self._pins:
            own = _starts(self._keys)
            total = np.add.reduceat(self._counts, own)
            commonest = np.argsort(-total, kind="stable")[: self._pins]
            self._pinned = np.union1d(self._pinned, self._keys[own[commonest]] & _THING)
        self._kept /= 2
        self._below >>= np.uint64(1)
        stays = (self._keys <= self._below) | _member(self._keys, self._pinned)
        self._keys, self._counts = self._keys[stays], self._counts[stays]


def _starts(keys: np.ndarray) -> np.ndarray:
    """The place of the first key of each thing."""
    if not len(keys):
        return np.empty(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(keys & _THING) != 0) + 1])


def _member(keys: np.ndarray, pinned: np.ndarray) -> np.ndarray:
    """Which keys are of pinned things."""
    if not len(pinned):
        return np.zeros(len(keys), dtype=bool)
    things = keys & _THING
    return pinned[np.minimum(np.searchsorted(pinned, things), len(pinned) - 1)] == things
