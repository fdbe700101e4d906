"""W&B's own file of a run, `run-<id>.wandb`, written online and offline: history, summary and configuration.

Reference: W&B, `wandb/proto/wandb_internal.proto` (Record and what it holds); nothing else describes the format.
"""

import json
import struct
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json, digest
from nextflop.evidence.readers.leveldb import records
from nextflop.evidence.readers.protobuf import Value, fields, message, signed, text, zigzag
from nextflop.evidence.readers.reading import Log, Reading, Skipped, content, numbers, seed_of, tally
from nextflop.evidence.run import Run, Source

READER = "wandb"
MAGIC = b":W&B"
_HEADER = 7  # magic, a number, a version
_VERSION = 0

_HISTORY, _SUMMARY, _CONFIG, _RUN = 2, 3, 5, 17  # of Record
_STEP_KEY = "_step"


class _Named(NamedTuple):
    """What the record of the run says of it."""

    id: str = ""
    name: str = ""


def read_wandb(files: list[Path]) -> Reading:
    """Reads `.wandb` files; those of one id are sessions of one run, which was resumed.

    Raises:
        InputError: if the only file is no such file.
    """
    logs: dict[str, Log] = {}
    known: dict[str, tuple[str, Path, dict[str, str]]] = {}
    skipped: list[Skipped] = []
    for path in sorted(files):
        data = content(path)
        if not is_wandb(data):
            if len(files) == 1:
                raise InputError(f"{path} does not begin as a file of W&B does: give a run-<id>.wandb file.")
            skipped += tally(path, {"file without the header of W&B": 1})
            continue
        named, log, damage = session(data)
        skipped += tally(path, damage)
        run_id = named.id or path.stem.removeprefix("run-")
        logs.setdefault(run_id, Log()).merge(log)
        name, first, digests = known.get(run_id, ("", path, {}))
        known[run_id] = (named.name or name or run_id, first, {**digests, str(len(digests)): digest(data)})
    return Reading(tuple(_run(*known[run_id], log) for run_id, log in logs.items()), tuple(skipped))


def is_wandb(data: bytes) -> bool:
    """Whether a file begins as W&B's do, in a version whose checksums are known."""
    return data[:4] == MAGIC and len(data) >= _HEADER and data[6] == _VERSION


def session(data: bytes) -> tuple[_Named, Log, dict[str, int]]:
    """One file: the run's id and name, its log, and how much is damaged."""
    whole, damaged = records(data, _HEADER)
    named, log, unread = _Named(), Log(), Counter()
    for record in whole:
        try:
            for number, _, value in fields(record):
                if number == _HISTORY:
                    _history(message(value), log)
                elif number == _SUMMARY:
                    for key, item in _items(message(value), 1):
                        log.summary |= numbers(item, key)
                    for key, _ in _items(message(value), 2):
                        log.summary.pop(key, None)
                elif number == _CONFIG:
                    _configure(message(value), log)
                elif number == _RUN:
                    named = _name(message(value), log)
        except (ValueError, OverflowError, RecursionError):  # a malformed message is a ValueError
            unread["unreadable record"] += 1
    return named, log, {"damaged place": damaged, **unread}


def _history(record: bytes, log: Log) -> None:
    step: int | None = None
    for number, _, value in fields(record):
        if number == 2:
            parts = (part for field, _, part in fields(message(value)) if field == 1 and isinstance(part, int))
            step = signed(next(parts, 0))
    found: dict[str, float] = {}
    for key, item in _items(record, 1):
        if key == _STEP_KEY and isinstance(item, int | float):
            step = int(item)
        else:
            found |= numbers(item, key)
    place = (max(log.points, default=-1) + 1) if step is None else step
    for key, number in found.items():
        log.add(place, key, number)


def _configure(record: bytes, log: Log) -> None:
    for key, item in _items(record, 1):
        if not key.startswith("_wandb"):
            log.config[key] = item
    for key, _ in _items(record, 2):
        log.config.pop(key, None)


def _name(record: bytes, log: Log) -> _Named:
    run_id = name = ""
    for number, _, value in fields(record):
        if number == 1:
            run_id = text(value)
        elif number == 8:
            name = text(value)
        elif number == 4:
            _configure(message(value), log)
    return _Named(run_id, name)


def _items(record: bytes, place: int) -> list[tuple[str, Json]]:
    """The items in one field of a record: keys, those of nested values joined by dots, and values."""
    return [_item(message(value)) for number, _, value in fields(record) if number == place]


def _item(data: bytes) -> tuple[str, Json]:
    keys: list[str] = []
    found: Json = None
    for number, _, value in fields(data):
        if number == 1:
            keys = [text(value)] if value else keys
        elif number == 2:
            keys.append(text(value))
        elif number in {8, 16}:
            found = json.loads(text(value))
        elif number >= 3:
            found = _typed(number, value)
    return ".".join(keys), found


def _typed(number: int, value: Value) -> Json:
    if isinstance(value, int):
        return {4: bool(value), 5: zigzag(value)}.get(number)
    if number == 6 and len(value) == 8:
        return struct.unpack("<d", value)[0]
    return text(value) if number == 7 else None


def _run(name: str, first: Path, digests: dict[str, str], log: Log) -> Run:
    whole = digests["0"] if len(digests) == 1 else digest(digests)
    return log.run(name, Source(str(first), whole, READER), seed_of(log.config))
