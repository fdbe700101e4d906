"""Record files: a length with its checksum, the record, its checksum; what is damaged is stepped over and counted.

    uint64 length, uint32 masked CRC-32C of the length, length bytes, uint32 masked CRC-32C of those bytes

Reference: TensorFlow, "TFRecord and tf.train.Example", section "TFRecords format details".
"""

from collections.abc import Iterator

import numpy as np

from nextflop.evidence.readers.crc import checksums, masked, windows

_HEADER, _FOOTER = 12, 4
_SCANNED = 1 << 20  # places tried at once
_EFFORT = 4  # times the length of the file that is checksummed at most while whole records are looked for


def records(data: bytes) -> tuple[list[bytes], int]:
    """The whole records of a file.

    Args:
        data: the file.

    Returns:
        The records whose two checksums hold, in their order, and how many stretches between them are damaged.
    """
    view = np.frombuffer(data, dtype=np.uint8)
    starts, lengths, end = _chain(data, view)
    if end == len(data) and _hold(view, starts, lengths).all():
        return [data[start : start + length] for start, length in zip(starts, lengths, strict=True)], 0
    found: list[bytes] = []
    damaged = reached = 0
    for start, length in _whole(view):
        damaged += start - _HEADER > reached
        found.append(data[start : start + length])
        reached = start + length + _FOOTER
    return found, damaged + (reached < len(data))


def _chain(data: bytes, view: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Where records begin and how long they are if every length is right, and where the last one ends."""
    starts, lengths = [], []
    at = 0
    while len(data) - at >= _HEADER + _FOOTER:
        length = int.from_bytes(data[at : at + 8], "little")
        if length > len(data) - at - _HEADER - _FOOTER:
            break
        starts.append(at)
        lengths.append(length)
        at += _HEADER + length + _FOOTER
    heads = np.array(starts, dtype=np.int64)
    known = masked(checksums(view, heads, np.full(len(heads), 8)))
    whole = known == _stored(view, heads + 8)
    good = len(heads) if whole.all() else int(whole.argmin())
    return heads[:good] + _HEADER, np.array(lengths[:good], dtype=np.int64), at if good == len(heads) else starts[good]


def _whole(view: np.ndarray) -> Iterator[tuple[int, int]]:
    """All whole records, those inside of another left out; found by the checksum of their length, wherever they are."""
    starts, lengths = _headers(view)
    effort = np.cumsum(lengths) <= _EFFORT * len(view)
    starts, lengths = starts[effort], lengths[effort]
    held = _hold(view, starts, lengths)
    reached = 0
    for start, length in zip(starts[held].tolist(), lengths[held].tolist(), strict=True):
        if start - _HEADER >= reached:
            yield start, length
            reached = start + length + _FOOTER


def _headers(view: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every place at which a length with its checksum stands and that many bytes follow."""
    found = []
    for begin in range(0, max(0, len(view) - _HEADER - _FOOTER + 1), _SCANNED):
        some = view[begin : begin + _SCANNED + _HEADER - 1]
        places = np.arange(len(some) - _HEADER + 1)
        found.append(begin + np.flatnonzero(masked(windows(some[: len(some) - 4])) == _stored(some, places + 8)))
    heads = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    lengths = np.ndarray(len(heads), dtype="<u8", buffer=view[heads[:, None] + np.arange(8)].tobytes())
    fits = lengths <= np.maximum(len(view) - heads - _HEADER - _FOOTER, 0).astype(np.uint64)
    fits &= heads + _HEADER + _FOOTER <= len(view)
    return heads[fits] + _HEADER, lengths[fits].astype(np.int64)


def _hold(view: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Whether the checksum behind each record is its own."""
    return masked(checksums(view, starts, lengths)) == _stored(view, starts + lengths)


def _stored(view: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The little-endian uint32 at some places."""
    shifts = np.array([0, 8, 16, 24], dtype=np.uint32)
    return (view[places[:, None] + np.arange(4)].astype(np.uint32) << shifts).sum(axis=1, dtype=np.uint32)
