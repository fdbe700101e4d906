"""From text to words, and from words to numbers: every word and every n-gram is a 64-bit hash, in NumPy throughout.

A word is a run of letters, marks and digits of any script, without regard to case; in scripts that are written without
spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every character is one. What separates them is not counted.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

_BASE = 0x9E3779B97F4A7C15  # odd, so that its powers have inverses modulo 2^64
_INVERSE = pow(_BASE, -1, 1 << 64)
_FIRST_PLANES = 0x20000  # above it there are ideographs, and selectors of variants, which are marks

# Blocks of scripts without spaces between words.
_ALONE = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)),
    *((0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D)),
)
SEPARATOR, PART, ALONE = 0, 1, 2


class Words(NamedTuple):
    """The words of some documents in a row.

    Attributes:
        hashes: of the words, shape (words,), uint64; equal words have equal hashes.
        document: index of the document that each is in, shape (words,), not falling.
    """

    hashes: np.ndarray
    document: np.ndarray


def words(texts: Sequence[str]) -> Words:
    """The words of the documents.

    Args:
        texts: the documents.
    """
    joined = "\0".join(text.replace("\0", " ") for text in texts).lower()
    if joined.isascii():
        codes: np.ndarray = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(joined.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    if codes.dtype == np.uint8:
        kinds = _kinds()[codes]
    else:
        kinds = _kinds()[np.minimum(codes, np.where(codes < 0x40000, _FIRST_PLANES, _FIRST_PLANES + 1))]
    inside = kinds != SEPARATOR
    if not inside.any():
        return Words(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))
    first = inside.copy()
    first[1:] &= ~inside[:-1] | (kinds[1:] == ALONE) | (kinds[:-1] == ALONE)
    document = np.cumsum(codes == 0)[first]
    starts = np.flatnonzero(first[inside])
    return Words(_of_runs(mix(codes[inside].astype(np.uint64)), starts), document)


def ngrams(of: Words, longest: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The n-grams for n = 1 to the longest, none of which reaches from one document into the next.

    Args:
        of: the words.
        longest: the largest n.

    Yields:
        Hashes of shape (n-grams,), and the place of the first word of each.
    """
    hashes = of.hashes
    yield hashes, np.arange(len(hashes))
    for n in range(2, longest + 1):
        hashes = mix(hashes[:-1] * np.uint64(_BASE) + of.hashes[n - 1 :])
        whole = np.flatnonzero(of.document[: len(hashes)] == of.document[n - 1 :])
        yield hashes[whole], whole


def documents(of: Words) -> tuple[np.ndarray, np.ndarray]:
    """The documents that have words, each by the hash of its words in their order.

    Returns:
        Hashes of shape (documents,), and the place of the first word of each.
    """
    starts = np.flatnonzero(np.diff(of.document, prepend=-1))
    return _of_runs(of.hashes, starts), starts


def mix(values: np.ndarray) -> np.ndarray:
    """A permutation of 64-bit numbers after which every bit depends on all others (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _of_runs(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """A hash of each run of values: Σ v_i b^i over the run, divided by the power at its start."""
    if not len(starts):
        return np.empty(0, dtype=np.uint64)
    length = 1 << max(len(values) - 1, 1).bit_length()
    sums = np.add.reduceat(values * _powers(_BASE, length)[: len(values)], starts)
    return mix(sums * _powers(_INVERSE, length)[starts])


@cache
def _powers(base: int, length: int) -> np.ndarray:
    powers = np.full(length, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


@cache
def _kinds() -> np.ndarray:
    """What each code point is; the two last entries stand for the planes of ideographs, and for what is above them."""
    kinds = np.zeros(_FIRST_PLANES + 2, dtype=np.uint8)
    kinds[:_FIRST_PLANES] = [unicodedata.category(chr(code))[0] in "LMN" for code in range(_FIRST_PLANES)]
    for low, high in _ALONE:
        kinds[low : high + 1] *= ALONE
    kinds[-2:] = ALONE, PART
    return kinds
