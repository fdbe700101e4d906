"""The log format of LevelDB, in which W&B keeps its records: blocks of 32 KiB, pieces of records in each.

    uint32 checksum of type and piece, uint16 length, uint8 type (1 whole, 2 first, 3 middle, 4 last), the piece

A block whose rest is shorter than a header is filled with zeros. Reference: LevelDB, `doc/log_format.md`; W&B takes
the ordinary CRC-32 and puts a header of its own in front, which counts as part of the first block.
"""

from zlib import crc32

BLOCK = 1 << 15
_HEADER = 7
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def records(data: bytes, at: int) -> tuple[list[bytes], int]:
    """The whole records of a log.

    Where a checksum does not hold, reading goes on behind the piece if a good one begins there, else at the next block.

    Args:
        data: the file.
        at: where its first piece begins.

    Returns:
        The records of which every piece is good, in their order, and how many places are damaged.
    """
    found: list[bytes] = []
    parts: list[bytes] | None = None  # of the record that is being put together
    damaged = 0
    lost = False  # inside of a place that has been counted
    end = len(data.rstrip(b"\0"))
    while at < len(data):
        left = BLOCK - at % BLOCK
        if left < _HEADER:
            at += left
            continue
        piece = _piece(data, at, left)
        if piece is None and at >= end:
            break  # room that was set aside and not written
        if piece is None:
            damaged += not lost
            lost, parts = True, None
            at = _next(data, at, left)
            continue
        kind, body = piece
        at += _HEADER + len(body)
        if kind in {_WHOLE, _FIRST}:
            damaged += parts is not None
            lost, parts = False, [body]
        elif parts is None:
            damaged += not lost
            lost = True
        else:
            parts.append(body)
        if kind in {_WHOLE, _LAST} and parts is not None:
            found.append(b"".join(parts))
            parts = None
    return found, damaged + (parts is not None)


def _piece(data: bytes, at: int, left: int) -> tuple[int, bytes] | None:
    """Type and body of the piece at a place, if it is good; `left` bytes are left of its block."""
    length = int.from_bytes(data[at + 4 : at + 6], "little")
    kind = data[at + 6] if at + 6 < len(data) else 0
    if _HEADER + length > min(left, len(data) - at) or kind not in {_WHOLE, _FIRST, _MIDDLE, _LAST}:
        return None
    if crc32(data[at + 6 : at + _HEADER + length]) != int.from_bytes(data[at : at + 4], "little"):
        return None
    return kind, data[at + _HEADER : at + _HEADER + length]


def _next(data: bytes, at: int, left: int) -> int:
    behind = at + _HEADER + int.from_bytes(data[at + 4 : at + 6], "little")
    rest = at + left - behind
    return behind if rest >= _HEADER and _piece(data, behind, rest) is not None else at + left
