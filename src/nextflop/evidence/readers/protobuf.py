"""The wire format of protocol buffers: numbered fields, read without a schema.

Reference: Protocol Buffers documentation, "Encoding". A field is a varint key (number · 8 + type) and a value: a
varint, eight bytes, four bytes, or a length and that many bytes.
"""

from collections.abc import Iterator

Value = int | bytes

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST = 10  # bytes of a varint of 64 bits


class MalformedError(ValueError):
    """These bytes are not a message; what is made of it stays inside the readers, which count it."""


def fields(message: bytes) -> Iterator[tuple[int, int, Value]]:
    """The fields of a message in their order: number, wire type, value.

    Varints come as unsigned integers, the other types as the bytes that stand in the message.

    Raises:
        MalformedError: where the bytes stop being a message.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = (message[at], at + 1) if message[at] < 0x80 else _varint(message, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise MalformedError("a field without a number")
        if kind == VARINT:
            value, at = (message[at], at + 1) if at < end and message[at] < 0x80 else _varint(message, at)
            yield number, kind, value
            continue
        if kind == BYTES:
            length, at = (message[at], at + 1) if at < end and message[at] < 0x80 else _varint(message, at)
        elif kind in {FIXED64, FIXED32}:
            length = 8 if kind == FIXED64 else 4
        else:
            raise MalformedError(f"a field of wire type {kind}")
        if length > end - at:
            raise MalformedError(f"field {number} of {length} bytes where {end - at} are left")
        yield number, kind, message[at : at + length]
        at += length


def signed(varint: int) -> int:
    """A varint as the signed integer of 64 bits that it stands for."""
    return varint - (1 << 64) if varint >= 1 << 63 else varint


def zigzag(varint: int) -> int:
    """A varint as the signed integer that the types `sint32` and `sint64` fold into it."""
    return (varint >> 1) ^ -(varint & 1)


def text(value: Value) -> str:
    """The text of a field of type `string`.

    Raises:
        MalformedError: if it is of another type, or not UTF-8.
    """
    if not isinstance(value, bytes):
        raise MalformedError("a number where a text belongs")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("a text that is not UTF-8") from error


def message(value: Value) -> bytes:
    """The bytes of a field that holds a message.

    Raises:
        MalformedError: if it is of another type.
    """
    if not isinstance(value, bytes):
        raise MalformedError("a number where a message belongs")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for place in range(at, min(at + _LONGEST, len(data))):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place + 1
        shift += 7
    raise MalformedError("a varint without an end")
