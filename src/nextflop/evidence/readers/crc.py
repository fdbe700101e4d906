"""CRC-32C (Castagnoli), which guards every record of an event file, for many records at once.

The checksum is linear over bits: that of two pieces laid end to end is the first, moved on by the length of the second,
plus (exclusive or) the second. So all pieces are halved to single bytes, and the bytes of all records are put together
again level by level with array operations: tens of megabytes a second, without anything compiled.

Reference: RFC 3720, appendix B.4, has the test vectors; the mask is that of TensorFlow's record format.
"""

from functools import cache

import numpy as np

_POLYNOMIAL = 0x82F63B78  # of Castagnoli, bits reflected
_PIECE = 1 << 12  # bytes that are halved at once; longer records are put together from pieces
_BATCH = 1 << 20  # bytes in the air
_ONES = 0xFFFFFFFF
_MASK = 0xA282EAD8


def checksums(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """CRC-32C of stretches of some bytes.

    Args:
        data: bytes, uint8, shape (bytes,).
        starts: first byte of each stretch, shape (stretches,).
        lengths: bytes of each, shape (stretches,); they must lie within the data.

    Returns:
        uint32, shape (stretches,).
    """
    found = np.zeros(len(starts), dtype=np.uint32)
    short = np.flatnonzero(lengths <= _PIECE)
    widths = _width(np.maximum(lengths[short], 1))
    for width in np.unique(widths):
        rows = short[widths == width]
        step = max(1, _BATCH // int(width))
        for some in (rows[first : first + step] for first in range(0, len(rows), step)):
            found[some] = _folded(data, starts[some], lengths[some], int(width))
    for row in np.flatnonzero(lengths > _PIECE):
        found[row] = _long(data, int(starts[row]), int(lengths[row]))
    begun = {length: _moved(_ONES, int(length)) for length in set(lengths.tolist())}
    return found ^ np.array([begun[length] ^ _ONES for length in lengths.tolist()], dtype=np.uint32)


def masked(checksum: np.ndarray) -> np.ndarray:
    """The form in which a record file stores a checksum, uint32: rotated by 15 bits and moved by a constant."""
    return ((checksum >> np.uint32(15)) | (checksum << np.uint32(17))) + np.uint32(_MASK)


def windows(data: np.ndarray) -> np.ndarray:
    """CRC-32C of the eight bytes that begin at every place, uint32, shape (bytes - 7,)."""
    count = max(0, len(data) - 7)
    found = np.full(count, _moved(_ONES, 8) ^ _ONES, dtype=np.uint32)
    for place in range(8):
        found ^= _moved_byte(7 - place)[data[place : place + count]]
    return found


def _folded(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray, width: int) -> np.ndarray:
    """Checksums that begin at zero; zeros in front change nothing, so all stretches are filled up to one width."""
    before = width - lengths[:, None]
    place = np.arange(width)
    taken = data[np.maximum(starts[:, None] + place - before, 0)] if len(data) else np.zeros((len(starts), width), int)
    parts = _table(0)[0][np.where(place >= before, taken, 0)]
    level = 0
    while parts.shape[1] > 1:
        parts = _move(parts[:, ::2], level) ^ parts[:, 1::2]
        level += 1
    return parts[:, 0]


def _long(data: np.ndarray, start: int, length: int) -> int:
    """The checksum, begun at zero, of one stretch longer than a piece."""
    first = length % _PIECE
    total = int(_folded(data, np.array([start]), np.array([first]), _PIECE)[0]) if first else 0
    step = _BATCH
    for begin in range(start + first, start + length, step):
        starts = np.arange(begin, min(begin + step, start + length), _PIECE)
        for part in _folded(data, starts, np.full(len(starts), _PIECE), _PIECE).tolist():
            total = _moved(total, _PIECE) ^ part
    return total


def _width(lengths: np.ndarray) -> np.ndarray:
    return np.left_shift(1, np.ceil(np.log2(lengths)).astype(np.int64))


def _move(checksum: np.ndarray, level: int) -> np.ndarray:
    """Checksums moved on by 2^level zero bytes."""
    table = _table(level + 1)
    moved = table[0][checksum & np.uint32(255)]
    for byte in range(1, 4):
        moved ^= table[byte][(checksum >> np.uint32(8 * byte)) & np.uint32(255)]
    return moved


def _moved(checksum: int, length: int) -> int:
    """One checksum moved on by some zero bytes."""
    level = 0
    value = np.array([checksum], dtype=np.uint32)
    while length:
        if length & 1:
            value = _move(value, level)
        length, level = length >> 1, level + 1
    return int(value[0])


@cache
def _moved_byte(length: int) -> np.ndarray:
    """Checksums, begun at zero, of every byte followed by some zero bytes; uint32, shape (256,)."""
    return np.array([_moved(int(value), length) for value in _table(0)[0]], dtype=np.uint32)


@cache
def _table(level: int) -> np.ndarray:
    """What each byte of a checksum becomes, uint32, shape (4, 256).

    Level 0 holds the checksums of single bytes in its first row; level n + 1 moves a checksum on by 2^n bytes.
    """
    if level == 0:
        column = np.arange(256, dtype=np.uint32)
        for _ in range(8):
            column = (column >> np.uint32(1)) ^ np.where(column & np.uint32(1), np.uint32(_POLYNOMIAL), np.uint32(0))
        return column[None]
    values = np.arange(256, dtype=np.uint32)
    inputs = np.stack([values << np.uint32(8 * byte) for byte in range(4)])
    if level == 1:
        return (inputs >> np.uint32(8)) ^ _table(0)[0][inputs & np.uint32(255)]
    return _move(_move(inputs, level - 2), level - 2)
