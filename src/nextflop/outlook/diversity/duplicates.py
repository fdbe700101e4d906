"""Near-duplicates among documents, in bounded memory: MinHash signatures of a fair sample of the documents.

A document is the set of its runs of five words. Its signature is made by one pass (Li, Owen and Zhang 2012, "One
permutation hashing"): the hashes fall into `BINS` bins, of each the least is kept, and an empty bin takes what the next
one to its right has. The share of bins in which two signatures agree estimates the Jaccard similarity J of the sets,
with a standard error of √(J(1-J)/BINS), 0.035 at J = 0.8; of documents with fewer runs than bins, √(J(1-J)/runs).

Which documents are kept is decided by the least hash of all of a document, which two documents share with probability
J: near-duplicates are kept or forgotten together. What the sample misses of them for all that is at most the share
1 - J of those that have one partner only.
"""

from typing import NamedTuple

import numpy as np

from nextflop.outlook.diversity.words import mix

RUN = 5
"""Words of the runs by which documents are compared."""
BINS = 128
ALIKE = 0.8
"""The similarity from which two documents count as near-duplicates."""

_BANDS = 32  # of four bins each: documents that are alike to 0.8 share a band with 1 - (1 - 0.8^4)^32 > 0.9999999
_EMPTY = np.uint32(0xFFFF_FFFF)
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Signatures(NamedTuple):
    """The documents that are kept, in the order of the file.

    Attributes:
        bins: shape (documents, BINS), uint32.
        whole: hash of all words in their order, shape (documents,).
        start: running words before the document, shape (documents,).
        least: the hash that decides, shape (documents,); near-duplicates mostly share it.
        kept: the share of all documents that is kept, a power of 1/2.
    """

    bins: np.ndarray
    whole: np.ndarray
    start: np.ndarray
    least: np.ndarray
    kept: float


class Signer:
    """Signs documents as they come; `signatures` gives those that are kept."""

    def __init__(self, most: int) -> None:
        """Starts without documents.

        Args:
            most: how many documents are kept.
        """
        self._most = most
        self._below = _ALL
        self._kept = 1.0
        self._parts: list[Signatures] = []
        self._count = 0

    def add(self, runs: np.ndarray, of: np.ndarray, whole: np.ndarray, start: np.ndarray) -> None:
        """Takes up some documents.

        Args:
            runs: hashes of their runs of words, shape (runs,), document by document.
            of: place of the document of each among the documents, shape (runs,), not falling.
            whole: hash of all words, shape (documents,).
            start: running words before the document, shape (documents,).
        """
        if not len(whole):
            return
        # A document of fewer words than a run is one run by itself.
        first = np.searchsorted(of, np.arange(len(whole)))
        short = np.diff(first, append=len(of)) == 0
        least = whole.copy()
        if len(of):
            least[~short] = np.minimum.reduceat(runs, first[~short])
        least = mix(least)
        rows = np.flatnonzero(least <= self._below)
        number = np.full(len(whole), -1)
        number[rows] = np.arange(len(rows))
        its = number[of]
        bins = _signed(runs[its >= 0], its[its >= 0], len(rows))
        alone = short[rows]
        bins[alone] = _signed(whole[rows][alone], np.arange(int(alone.sum())), int(alone.sum()))
        self._parts.append(Signatures(_filled(bins), whole[rows], start[rows], least[rows], self._kept))
        self._count += len(rows)
        while self._count > self._most:
            self._kept /= 2
            self._below >>= np.uint64(1)
            self._parts = [self._joined()]
            self._count = len(self._parts[0].whole)

    def signatures(self) -> Signatures:
        """The documents that are kept."""
        return self._joined()

    def _joined(self) -> Signatures:
        """All parts as one, without what is above the threshold."""
        stay = [part.least <= self._below for part in self._parts]

        def column(name: str, like: np.ndarray) -> np.ndarray:
            kept = [getattr(part, name)[rows] for part, rows in zip(self._parts, stay, strict=True)]
            return np.concatenate(kept) if kept else like

        none = np.empty(0, dtype=np.uint64)
        return Signatures(
            column("bins", np.empty((0, BINS), dtype=np.uint32)),
            column("whole", none),
            column("start", none.astype(np.int64)),
            column("least", none),
            self._kept,
        )


def similarity(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The estimated Jaccard similarity of documents, from signatures of shape (..., BINS)."""
    return np.mean(one == other, axis=-1)


def repeats(of: Signatures) -> tuple[np.ndarray, np.ndarray]:
    """Which documents were there before.

    Args:
        of: documents in the order of the file.

    Returns:
        Whether an earlier document has the same words, and whether one has nearly the same, shape (documents,) each.
    """
    _, first = np.unique(of.whole, return_index=True)
    exact = np.ones(len(of.whole), dtype=bool)
    exact[first] = False
    near = exact.copy()
    rows = np.arange(len(of.whole))
    for band in np.split(of.bins, _BANDS, axis=1) if len(rows) else ():
        key = mix(mix(band[:, 0] | (band[:, 1].astype(np.uint64) << np.uint64(32))) ^ band[:, 2])
        key = mix(key ^ (band[:, 3].astype(np.uint64) << np.uint64(32)))
        order = np.argsort(key, kind="stable")  # equal keys stay in the order of the file
        ordered = key[order]
        opens = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        leader = np.repeat(opens, np.diff(opens, append=len(rows)))
        # With the first of its bucket, and with the one before it: linear in the documents, however large a bucket is.
        for partner in (leader, np.maximum(rows - 1, leader)):
            pair = np.flatnonzero((partner != rows) & ~near[order])
            for part in np.array_split(pair, len(pair) // 8192 + 1):
                alike = similarity(of.bins[order[part]], of.bins[order[partner[part]]]) >= ALIKE
                near[order[part[alike]]] = True
    return exact, near


def _signed(runs: np.ndarray, of: np.ndarray, documents: int) -> np.ndarray:
    """The least hash in every bin, shape (documents, BINS)."""
    hashes = mix(runs + np.uint64(1))
    place = of * BINS + (hashes >> np.uint64(57)).astype(np.int64)  # the seven highest bits name the bin
    bins = np.full(documents * BINS, _EMPTY)
    np.minimum.at(bins, place, ((hashes >> np.uint64(16)) & np.uint64(0x7FFF_FFFF)).astype(np.uint32))
    return bins.reshape(documents, BINS)


def _filled(bins: np.ndarray) -> np.ndarray:
    """Every empty bin with what the next full one to its right has, around the end."""
    empty = bins == _EMPTY
    own = np.where(empty, 2 * BINS, np.arange(BINS))
    twice = np.concatenate([own, own + BINS], axis=1)  # an empty bin is behind every full one in either half
    full = np.minimum.accumulate(twice[:, ::-1], axis=1)[:, ::-1][:, :BINS] % BINS
    # How far it came from is mixed in, so that bins filled from the same one do not count as agreeing twice by chance.
    taken = np.take_along_axis(bins, full, axis=1)
    return np.where(empty, taken ^ (((full - np.arange(BINS)) % BINS).astype(np.uint32) << np.uint32(24)), taken)
