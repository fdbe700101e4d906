"""The documents of a text file, a batch at a time, so that a file may be larger than memory."""

import codecs
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError

BLOCK = 1 << 20
"""Bytes that are read at a time, and characters of a batch of documents once so much has been read."""
LONGEST = 1 << 20
"""Characters of a document: a longer one is cut into several, and counted."""
LONGEST_LINE = 1 << 26
"""Bytes of a line of JSON."""

_FIRST = 1 << 11  # characters of the first batch; later ones have an eighth of what came before them

_JSON = (".jsonl", ".ndjson", ".json")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")  # an empty line, and those after it


class Batch(NamedTuple):
    """Some documents in a row.

    Attributes:
        texts: the documents, none of them blank.
        blank: how many were left out between them because they hold nothing.
        cut: how many of them fill the limit, which are the first parts of a document that was too long.
        replaced: characters in place of bytes that are not UTF-8.
        done: share of the file that has been read.
    """

    texts: list[str]
    blank: int
    cut: int
    replaced: int
    done: float


class Source(NamedTuple):
    """How a file is read.

    Attributes:
        path: the file.
        field: the key that holds the text, if each line is a JSON object.
        split: what ends a document: a "record", a "blank line" or a "line".
    """

    path: Path
    field: str | None
    split: str


def source(path: Path, field: str | None = None) -> Source:
    """Looks at the start of a file and says how it will be read.

    Args:
        path: text in UTF-8, or JSON Lines by its name; with .gz behind it, compressed.
        field: the key that holds the text; given, the file is JSON Lines unless its name ends in .txt.

    Raises:
        InputError: if it cannot be read, is empty, or is no text.
    """
    start = _start(path)
    if not start.strip():
        raise InputError(f"{path} is empty: give a file with text.")
    _refuse_binary(path, start)
    plain = path.name.lower().removesuffix(".gz")
    if plain.endswith(_JSON) or (field is not None and not plain.endswith(".txt")):
        return Source(path, field or "text", "record")
    text = start.decode("utf-8", errors="replace").replace("\r\n", "\n")
    return Source(path, None, "blank line" if _BLANK.search(text.strip()) else "line")


def batches(which: Source) -> Iterator[Batch]:
    """The documents in the order of the file, a little at a time at first and then about a mebibyte.

    Between two batches the number of different words is looked at, which has to be often where there are few.

    Raises:
        InputError: if the file cannot be read, or a line is no record with the field.
    """
    texts: list[str] = []
    size = blank = cut = replaced = so_far = 0
    for document, lost, done in _documents(which):
        pieces = [document[at : at + LONGEST] for at in range(0, len(document), LONGEST)]
        replaced += lost
        cut += sum(len(piece) == LONGEST for piece in pieces)
        for piece in pieces or [""]:
            if piece.strip():
                texts.append(piece)
                size += len(piece)
            else:
                blank += 1
            if size >= min(BLOCK, max(_FIRST, so_far // 8)):
                yield Batch(texts, blank, cut, replaced, done)
                texts, so_far = [], so_far + size
                size = blank = cut = replaced = 0
    yield Batch(texts, blank, cut, replaced, 1.0)


def _documents(which: Source) -> Iterator[tuple[str, int, float]]:
    """Every document, the replaced characters since the one before, and the share of the file that has been read."""
    if which.field is not None:
        for number, line, done in _lines(which.path):
            if line.strip():
                yield _of_record(which.path, number, line, which.field), 0, done
        return
    rest, lost_before = "", 0
    for text, lost, done in _text(which.path):
        *whole, rest = _cut(rest + text, which.split)
        lost_before += lost
        for document in whole:
            # Between paragraphs there is nothing, of whatever height; an empty line between lines is a blank document.
            if document.strip() or which.split == "line":
                yield document, lost_before, done
                lost_before = 0
        while len(rest) > LONGEST:
            yield rest[:LONGEST], lost_before, done
            rest, lost_before = rest[LONGEST:], 0
    if rest.strip():
        yield rest, lost_before, 1.0


def _cut(text: str, split: str) -> list[str]:
    """Whole documents, and last what may go on in the next block."""
    return text.split("\n") if split == "line" else _BLANK.split(text)


def _text(path: Path) -> Iterator[tuple[str, int, float]]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(errors="replace"), translate=True)
    for block, done in _blocks(path):
        text = decoder.decode(block, final=not block)
        yield text, text.count("\ufffd"), done


def _lines(path: Path) -> Iterator[tuple[int, bytes, float]]:
    """Lines with their numbers, from 1."""
    number, rest = 0, b""
    for block, done in _blocks(path):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            number += 1
            yield number, line, done
        if len(rest) > LONGEST_LINE:
            raise InputError(
                f"Line {number + 1} of {path} has more than {LONGEST_LINE >> 20} MiB: give one record a line, or text."
            )
    yield number + 1, rest, 1.0


def _of_record(path: Path, number: int, line: bytes, field: str) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"Line {number} of {path} is not JSON ({error}): give one JSON object a line, or a name that ends in .txt."
        ) from error
    if not isinstance(record, dict):
        raise InputError(f"Line {number} of {path} is not a JSON object: give one object a line.")
    if field not in record:
        there = ", ".join(repr(key) for key in list(record)[:8]) or "nothing"
        raise InputError(f"Line {number} of {path} has no field {field!r}: name one of {there} with --field.")
    value = record[field]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"Field {field!r} in line {number} of {path} is no text: name a field that holds text.")
    return value


def _start(path: Path) -> bytes:
    for block, _ in _blocks(path):
        if block.strip():
            return block
    return b""


def _refuse_binary(path: Path, start: bytes) -> None:
    try:
        # The block may end within a character.
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not text in UTF-8 (byte {error.start} is 0x{start[error.start]:02x}): convert it to UTF-8 text "
            "or JSON Lines."
        ) from error
    if b"\0" in start:
        raise InputError(f"{path} is not text (byte {start.index(0)} is 0): give UTF-8 text or JSON Lines.")


def _blocks(path: Path) -> Iterator[tuple[bytes, float]]:
    """The bytes of a file, uncompressed, with the share that has been read; an empty block ends it."""
    try:
        with path.open("rb") as raw:
            size = max(path.stat().st_size, 1)
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if packed else raw
            while block := file.read(BLOCK):
                yield block, min(raw.tell() / size, 1.0)
            yield b"", 1.0
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"Cannot read {path} ({reason}): give a text file, or one compressed with gzip.") from error
