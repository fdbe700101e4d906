"""Files written whole or not at all, and digests of what they hold."""

import errno
import hashlib
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from nextflop.errors import StoreError

Json = Any  # what `json` reads and writes; spelled once so that signatures say it


def plain(value: Json) -> Json:
    """The same value in JSON's own types: NumPy scalars and arrays unwrapped, what is not finite turned to null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        listed = value.tolist()
        # A long column of finite numbers needs no look at each: an infinity or a nan leaves no finite spread.
        numbers = getattr(value, "size", 0) > 0 and value.dtype.kind in "fiu"
        whole = numbers and math.isfinite(float(value.max()) - float(value.min()))
        return listed if whole else plain(listed)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_json(value: Json, indent: int | None = None, sort: bool = True) -> str:
    """JSON text without NaN; with its keys sorted, so that equal values give equal text."""
    text = json.dumps(plain(value), sort_keys=sort, indent=indent, allow_nan=False, ensure_ascii=False)
    # A lone surrogate (a file name that is not UTF-8) cannot be encoded; its backslash form is JSON's own escape.
    return text.encode(errors="backslashreplace").decode()


def digest(value: Json) -> str:
    """SHA-256 of bytes, or of the JSON text of any other value, in hexadecimal."""
    data = value if isinstance(value, bytes) else to_json(value).encode()
    return hashlib.sha256(data).hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a file atomically: a reader sees the old content or the new, never a part.

    Raises:
        StoreError: if the folder cannot be made or written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(data)
            _make_durable(file)
        temporary.replace(path)
    except OSError as error:
        raise _cannot("write", path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Json) -> None:
    """Writes a value as indented JSON, atomically."""
    write_bytes(path, (to_json(value, indent=1) + "\n").encode())


def read_json(path: Path) -> Json:
    """Reads a JSON file.

    Raises:
        StoreError: if it is absent, unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise StoreError(
            f"{path} is not valid JSON ({error}): restore it, or remove it to have it made again."
        ) from error


def append_line(path: Path, value: Json) -> None:
    """Appends one line of JSON, made durable before the call returns.

    A last line that a kill cut short is removed first, so that it cannot spoil the new one. One writer a file.

    Raises:
        StoreError: if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.truncate(_whole_length(file))
            file.write((to_json(value) + "\n").encode())
            _make_durable(file)
    except OSError as error:
        raise _cannot("append to", path, error) from error


def read_lines(path: Path) -> Iterator[Json]:
    """The values of a file that `append_line` wrote; a last line that a kill cut short is left out.

    Raises:
        StoreError: if the file cannot be read, or a whole line is not JSON.
    """
    if not path.exists():
        return
    try:
        # Only a line feed ends a line; str.splitlines would also cut at U+2028 inside a text.
        *lines, _cut_short = path.read_bytes().split(b"\n")
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {error.strerror or error}.") from error
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line.decode())
        except ValueError as error:
            raise StoreError(f"{path}, line {number}, is not valid JSON ({error}): restore the file.") from error


def _whole_length(file: BinaryIO, block: int = 1 << 16) -> int:
    """The length of a file up to and with its last line feed."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - block)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _make_durable(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _cannot(verb: str, path: Path, error: OSError) -> StoreError:
    mend = "make room there" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "choose a folder you may write to"
    return StoreError(f"Cannot {verb} {path}: {error.strerror or error}; {mend}.")
