"""Scalars as writers of the second generation store them, in every type; what is no scalar is left alone."""

import struct

import numpy as np
import pytest

from nextflop.evidence.readers.tensorboard import events

from .test_framing import encoded, framed

TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2", 22: "<u4", 23: "<u8"}
LISTED = {1: 5, 2: 6, 3: 7, 9: 10, 19: 13, 22: 16, 23: 17}


def event(tensor: bytes, step: int = 7) -> bytes:
    summary = encoded([(1, 2, encoded([(1, 2, b"loss"), (8, 2, tensor)]))])
    return encoded([(1, 1, struct.pack("<d", 1.0)), (2, 0, step & (2**64 - 1)), (5, 2, summary)])


def read(tensor: bytes) -> dict[int, dict[str, float]]:
    log, damage = events(framed([event(tensor)]))
    assert log is not None
    assert not any(damage.values())
    return log.points


@pytest.mark.parametrize("code", TYPES)
@pytest.mark.parametrize("value", [2.5, 3, -3])
def test_a_scalar_in_the_bytes_of_a_tensor(code: int, value: float) -> None:
    if value < 0 and "u" in TYPES[code]:
        pytest.skip("an unsigned type")
    stored = np.array(value).astype(TYPES[code])
    assert read(encoded([(1, 0, code), (4, 2, stored.tobytes())])) == {7: {"loss": float(stored)}}
    assert read(encoded([(1, 0, code), (2, 2, b""), (4, 2, stored.tobytes())])) == {7: {"loss": float(stored)}}


@pytest.mark.parametrize("code", TYPES)
@pytest.mark.parametrize("packed", [True, False])
def test_a_scalar_in_the_list_of_a_tensor(code: int, packed: bool) -> None:
    stored = np.array(3).astype(TYPES[code])
    if code in (1, 2):
        kind = {1: 5, 2: 1}[code]
        field = (LISTED[code], 2 if packed else kind, stored.tobytes())
    else:
        number = int(stored.view("<u2")) if code == 19 else int(stored)
        plain = encoded([(1, 0, number)])[1:]
        field = (LISTED[code], 2, plain) if packed else (LISTED[code], 0, number)
    assert read(encoded([(1, 0, code), field])) == {7: {"loss": 3.0}}


@pytest.mark.parametrize(
    "tensor",
    [
        encoded([(1, 0, 7), (8, 2, b"a text")]),
        encoded([(1, 0, 1), (2, 2, encoded([(2, 2, encoded([(1, 0, 2)]))])), (4, 2, bytes(8))]),
        encoded([(1, 0, 1), (4, 2, bytes(8))]),
        encoded([(1, 0, 1)]),
        b"",
    ],
)
def test_what_is_no_scalar_is_no_value(tensor: bytes) -> None:
    assert read(tensor) == {}


def test_a_malformed_event_is_counted_and_the_others_are_read() -> None:
    good = event(encoded([(1, 0, 1), (4, 2, np.float32(2.5).tobytes())]))
    log, damage = events(framed([good, b"\xff\xff", b"\x0a\x05ab"]))
    assert log is not None
    assert log.points == {7: {"loss": 2.5}}
    assert damage["malformed event"] == 2


def test_steps_may_be_below_zero() -> None:
    log, _ = events(framed([event(encoded([(1, 0, 1), (4, 2, np.float32(2.5).tobytes())]), step=-3)]))
    assert log is not None
    assert log.points == {-3: {"loss": 2.5}}
