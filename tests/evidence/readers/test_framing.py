"""Checksums, records and messages as bytes: published vectors, round trips, and what damage does to them."""

import struct
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.evidence.readers import leveldb, tfrecord
from nextflop.evidence.readers.crc import checksums, masked, windows
from nextflop.evidence.readers.protobuf import BYTES, FIXED32, FIXED64, VARINT, MalformedError, fields, signed, zigzag


def castagnoli(data: bytes) -> int:
    """CRC-32C bit by bit, as it is defined."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def mask(value: int) -> int:
    return (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def one(data: bytes) -> int:
    return int(checksums(np.frombuffer(data, np.uint8), np.array([0]), np.array([len(data)]))[0])


@pytest.mark.parametrize(
    ("data", "checksum"),  # RFC 3720, appendix B.4
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_the_standard(data: bytes, checksum: int) -> None:
    assert one(data) == checksum == castagnoli(data)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 4095, 4096, 4097, 8192, 8193])
def test_long_stretches_are_put_together_from_pieces(length: int) -> None:
    data = np.random.default_rng(length).bytes(length)
    assert one(data) == castagnoli(data)


@given(st.binary(max_size=200), st.data())
@settings(max_examples=50, deadline=None)
def test_stretches_of_all_lengths_are_checked_at_once(data: bytes, draw: st.DataObject) -> None:
    spans = draw.draw(st.lists(st.tuples(st.integers(0, len(data)), st.integers(0, len(data))).map(sorted), max_size=8))
    starts, ends = (np.array([span[side] for span in spans], dtype=np.int64) for side in (0, 1))
    found = checksums(np.frombuffer(data, np.uint8), starts, ends - starts)
    assert found.tolist() == [castagnoli(data[start:end]) for start, end in spans]
    assert masked(found).tolist() == [mask(value) for value in found.tolist()]
    eights = windows(np.frombuffer(data, np.uint8))
    assert eights.tolist() == [castagnoli(data[at : at + 8]) for at in range(len(data) - 7)]


def framed(payloads: list[bytes]) -> bytes:
    """A record file."""
    out = b""
    for payload in payloads:
        length = struct.pack("<Q", len(payload))
        out += length + struct.pack("<I", mask(castagnoli(length))) + payload
        out += struct.pack("<I", mask(castagnoli(payload)))
    return out


PAYLOADS = st.lists(st.binary(max_size=60), max_size=6)


@given(PAYLOADS)
@settings(max_examples=50, deadline=None)
def test_whole_record_files_are_read_whole(payloads: list[bytes]) -> None:
    assert tfrecord.records(framed(payloads)) == (payloads, 0)


@given(PAYLOADS.filter(len), st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_record_costs_itself_alone(payloads: list[bytes], draw: st.DataObject) -> None:
    lost = draw.draw(st.integers(0, len(payloads) - 1))
    before = framed(payloads[:lost])
    data = bytearray(framed(payloads))
    place = draw.draw(st.integers(len(before), len(framed(payloads[: lost + 1])) - 1))
    data[place] ^= 1 << draw.draw(st.integers(0, 7))
    found, damaged = tfrecord.records(bytes(data))
    assert found == payloads[:lost] + payloads[lost + 1 :]
    assert damaged == 1


@pytest.mark.parametrize("length", [2**63, 2**40, 10**6])
def test_a_huge_length_takes_no_room(length: int) -> None:
    head = struct.pack("<Q", length)
    data = head + struct.pack("<I", mask(castagnoli(head))) + b"short" + framed([b"whole"])
    assert tfrecord.records(data) == ([b"whole"], 1)


def test_a_record_file_inside_of_a_record_is_not_taken_apart() -> None:
    inner = framed([b"inner"])
    outer = framed([b"first", inner, b"last"])
    assert tfrecord.records(b"x" + outer) == ([b"first", inner, b"last"], 1)


def blocks(payloads: list[bytes], at: int = 7) -> bytes:
    """A log of LevelDB with W&B's checksums, behind a header."""
    out = bytearray(at)
    for payload in payloads:
        rest, first = payload, True
        while first or rest:
            left = leveldb.BLOCK - len(out) % leveldb.BLOCK
            if left < 7:
                out += bytes(left)
                continue
            part, rest = rest[: left - 7], rest[left - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[first, not rest]
            body = bytes([kind]) + part
            out += struct.pack("<IH", crc32(body), len(part)) + body
            first = False
    return bytes(out)


LONG = st.lists(st.integers(0, 80_000).map(lambda size: np.random.default_rng(size).bytes(size)), max_size=5)


@given(LONG)
@settings(max_examples=30, deadline=None)
def test_whole_logs_are_read_whole_over_any_number_of_blocks(payloads: list[bytes]) -> None:
    data = blocks(payloads)
    assert leveldb.records(data, 7) == (payloads, 0)
    assert leveldb.records(data + bytes(50_000), 7) == (payloads, 0)  # room that was set aside


@given(LONG.filter(len), st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_piece_costs_the_records_of_its_block_at_most(payloads: list[bytes], draw: st.DataObject) -> None:
    data = bytearray(blocks(payloads))
    place = draw.draw(st.integers(7, len(data) - 1))
    data[place] ^= 1 << draw.draw(st.integers(0, 7))
    found, damaged = leveldb.records(bytes(data), 7)
    ends = [len(blocks(payloads[: index + 1])) for index in range(len(payloads))]
    block = place // leveldb.BLOCK * leveldb.BLOCK
    safe = [
        payload
        for index, payload in enumerate(payloads)
        if ends[index] <= block or (ends[index - 1] if index else 7) >= block + leveldb.BLOCK
    ]
    assert all(payload in payloads for payload in found)
    assert all(payload in found for payload in safe)
    assert damaged >= (len(found) < len(payloads))


NUMBERS = st.integers(1, 2**20)
FIELD = st.one_of(
    st.tuples(NUMBERS, st.just(VARINT), st.integers(0, 2**64 - 1)),
    st.tuples(NUMBERS, st.just(FIXED64), st.binary(min_size=8, max_size=8)),
    st.tuples(NUMBERS, st.just(FIXED32), st.binary(min_size=4, max_size=4)),
    st.tuples(NUMBERS, st.just(BYTES), st.binary(max_size=200)),
)


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def encoded(found: list[tuple[int, int, int | bytes]]) -> bytes:
    out = b""
    for number, kind, value in found:
        out += varint(number << 3 | kind)
        if isinstance(value, int):
            out += varint(value)
        else:
            out += (varint(len(value)) if kind == BYTES else b"") + value
    return out


@given(st.lists(FIELD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_messages_are_read_field_by_field(found: list[tuple[int, int, int | bytes]]) -> None:
    assert list(fields(encoded(found))) == found


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    try:
        found = list(fields(data))
    except MalformedError:
        return
    assert all(number > 0 for number, _, _ in found)


@pytest.mark.parametrize(
    "data",
    [b"\x0a", b"\x0a\x05ab", b"\x0b", b"\x09abc", b"\x08" + b"\xff" * 11, b"\x00\x00", b"\x0a" + varint(2**62) + b"a"],
)
def test_what_is_no_message_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        list(fields(data))


@given(st.integers(-(2**63), 2**63 - 1))
def test_signed_integers_come_back(value: int) -> None:
    assert signed(value & (2**64 - 1)) == value
    assert zigzag(((value << 1) ^ (value >> 63)) & (2**64 - 1)) == value
