"""TensorBoard event files: one run a folder, its scalars by tag and step.

Reference: TensorFlow, `core/util/event.proto`, `core/framework/summary.proto` and `tensor.proto`. Writers of the first
generation put a scalar into `simple_value`, those of the second into a tensor without dimensions.
"""

import math
import struct
from collections import Counter
from pathlib import Path

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json, digest
from nextflop.evidence.readers.hparams import PLUGIN, SESSION, settings
from nextflop.evidence.readers.protobuf import FIXED32, MalformedError, Value, fields, message, signed, text
from nextflop.evidence.readers.reading import Log, Reading, Skipped, content, seed_of, tally
from nextflop.evidence.readers.tfrecord import records
from nextflop.evidence.run import Run, Source

READER = "tensorboard"

_STEP, _SUMMARY = 2, 5  # of Event
_TAG, _SIMPLE, _TENSOR, _METADATA = 1, 2, 8, 9  # of Summary.Value
# Tensor: type → the layout of its bytes, and the field that holds its values where they are listed instead.
_LAYOUTS: dict[Value | None, tuple[str, int]] = {
    1: ("<f4", 5),
    2: ("<f8", 6),
    3: ("<i4", 7),
    9: ("<i8", 10),
    19: ("<f2", 13),
    22: ("<u4", 16),
    23: ("<u8", 17),
}
_FIXED = (5, 6)  # the fields of these whose values are not varints


def is_event_file(path: Path) -> bool:
    """Whether the name is one that TensorBoard takes for an event file."""
    return "tfevents" in path.name


def read_tensorboard(root: Path, files: list[Path]) -> Reading:
    """Reads event files; those of one folder are one run, a later file going before an earlier one.

    Args:
        root: what the user named: a file or a folder; runs are named for their place below it.
        files: the event files.

    Raises:
        InputError: if the only file is no event file.
    """
    folders: dict[Path, list[Path]] = {}
    for path in sorted(files):
        folders.setdefault(path.parent, []).append(path)
    logs: dict[Path, Log] = {}
    digests: dict[Path, dict[str, str]] = {}
    skipped: list[Skipped] = []
    for folder, paths in folders.items():
        for path in paths:
            data = content(path)
            log, damage = events(data)
            if log is None and len(files) == 1:
                raise InputError(f"{path} holds no record of an event file: give a file that TensorBoard reads.")
            skipped += tally(path, damage)
            logs.setdefault(folder, Log()).merge(log or Log())
            digests.setdefault(folder, {})[path.name] = digest(data)
    _join_settings(logs)
    runs = tuple(_run(root, folder, log, digests[folder]) for folder, log in logs.items())
    return Reading(runs, tuple(skipped))


def events(data: bytes) -> tuple[Log | None, dict[str, int]]:
    """The scalars and settings in one event file, and how much of it is damaged; no log if no record is whole."""
    whole, damaged = records(data)
    log, unread = Log(), 0
    for record in whole:
        try:
            _event(record, log)
        except MalformedError:
            unread += 1
    damage = Counter({"damaged stretch": damaged, "malformed event": unread})
    return (log if len(whole) > unread else None), damage


def _event(record: bytes, log: Log) -> None:
    step, values = 0, []
    for number, _, value in fields(record):
        if number == _STEP and isinstance(value, int):
            step = signed(value)
        elif number == _SUMMARY:
            values += [_value(message(part)) for field, _, part in fields(message(value)) if field == 1]
    for tag, scalar, config in values:
        log.config |= config
        if scalar is not None:
            log.add(step, tag, scalar)


def _value(summary: bytes) -> tuple[str, float | None, dict[str, Json]]:
    """Tag, number if it is a scalar, settings if it is a session of the plugin for them."""
    tag, scalar, metadata = "", None, b""
    for number, kind, value in fields(summary):
        if number == _TAG:
            tag = text(value)
        elif number == _SIMPLE and kind == FIXED32 and isinstance(value, bytes):
            (scalar,) = struct.unpack("<f", value)
        elif number == _TENSOR:
            scalar = _tensor(message(value))
        elif number == _METADATA:
            metadata = message(value)
    if tag == SESSION and PLUGIN in metadata:
        return tag, None, settings(metadata)
    return tag, None if tag.startswith("_hparams_/") else scalar, {}


def _tensor(data: bytes) -> float | None:
    """The number that a tensor without dimensions holds; nothing if it holds another thing."""
    parts: dict[int, Value] = {number: value for number, _, value in fields(data)}
    layout, listed = _LAYOUTS.get(parts.get(1), ("", 0))
    if not layout or any(number == 2 for number, _, _ in fields(message(parts.get(2, b"")))):
        return None
    raw = message(parts.get(4, b"")) or _listed(parts.get(listed, b""), np.dtype(layout).itemsize, listed in _FIXED)
    return float(np.frombuffer(raw, layout)[0]) if len(raw) == np.dtype(layout).itemsize else None


def _listed(value: Value, size: int, fixed: bool) -> bytes:
    """The bytes of the one value in a list; integers, and the bits of half precision, are listed as varints."""
    if isinstance(value, bytes) and fixed:
        return value
    varints = [part for _, _, part in fields(b"\x08" + value)] if isinstance(value, bytes) and value else [value]
    if len(varints) != 1 or not isinstance(varints[0], int):
        return b""
    return (varints[0] & ((1 << 8 * size) - 1)).to_bytes(size, "little")


def _join_settings(logs: dict[Path, Log]) -> None:
    """Gives a run the settings that `add_hparams` wrote into a folder named for the time inside the run's."""
    for folder, log in list(logs.items()):
        if log.config and folder.parent in logs and _is_time(folder.name):
            run = logs[folder.parent]
            run.config = log.config | run.config
            run.summary = log.final() | {key: value for key, value in run.final().items()}
            del logs[folder]


def _is_time(name: str) -> bool:
    try:
        return math.isfinite(float(name))
    except ValueError:
        return False


def _run(root: Path, folder: Path, log: Log, digests: dict[str, str]) -> Run:
    below = folder.relative_to(root).as_posix() if root.is_dir() else "."
    name = folder.resolve().name if below == "." else below
    whole = digests.popitem()[1] if len(digests) == 1 else digest(digests)
    return log.run(name, Source(str(folder), whole, READER), seed_of(log.config))
