"""Files written whole or not at all, and digests of what they hold."""

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nextflop.errors import StoreError

Json = Any  # what `json` reads and writes; spelled once so that signatures say it


def plain(value: Json) -> Json:
    """The same value in JSON's own types: NumPy scalars and arrays unwrapped, what is not finite turned to null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_json(value: Json, indent: int | None = None) -> str:
    """JSON text with sorted keys and no NaN, so that equal values give equal text."""
    return json.dumps(plain(value), sort_keys=True, indent=indent, allow_nan=False, ensure_ascii=False)


def digest(value: Json) -> str:
    """SHA-256 of bytes, or of the JSON text of any other value, in hexadecimal."""
    data = value if isinstance(value, bytes) else to_json(value).encode()
    return hashlib.sha256(data).hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a file atomically: a reader sees the old content or the new, never a part.

    Raises:
        StoreError: if the folder cannot be made or written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise StoreError(
            f"Cannot write {path}: {error.strerror or error}; choose a folder you may write to."
        ) from error


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
    """Appends one line of JSON, made durable before the call returns."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(to_json(value) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(
            f"Cannot append to {path}: {error.strerror or error}; choose a folder you may write to."
        ) from error


def read_lines(path: Path) -> Iterator[Json]:
    """The values of a JSON Lines file; a last line that a kill cut short is left out.

    Raises:
        StoreError: if a line other than the last is not JSON.
    """
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except ValueError as error:
            if number == len(lines):
                return
            raise StoreError(f"{path}, line {number}, is not valid JSON ({error}): restore the file.") from error
