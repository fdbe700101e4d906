"""Trackio's databases, one a project: metrics as JSON, a row a step.

Reference: Trackio, `sqlite_storage.py` (tables metrics and configs). Versions before runs had ids tell them by name.
"""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.evidence.readers.reading import Log, Reading, numbers, seed_of, tally
from nextflop.evidence.readers.sqlite import fingerprint, opened, plain, tables
from nextflop.evidence.run import Source

READER = "trackio"
COLUMNS = frozenset({"run_name", "step", "metrics"})
"""Columns of the table `metrics`, by which a database of Trackio is known."""


class _Key(NamedTuple):
    id: str
    name: str


def read_trackio(path: Path) -> Reading:
    """Reads the runs of a project.

    Raises:
        InputError: if the file is damaged, or no such database.
    """
    with opened(path) as connection:
        known = tables(connection)
        if not set(known.get("metrics", ())) >= COLUMNS:
            raise InputError(
                f"{path} has no table 'metrics' with runs and steps: give the database of a Trackio project."
            )
        return _read(path, connection, known)


def _read(path: Path, connection: sqlite3.Connection, known: dict[str, tuple[str, ...]]) -> Reading:
    logs: dict[_Key, Log] = {}
    damage: Counter[str] = Counter()
    for run_id, name, step, text in connection.execute(
        f"SELECT {_id(known['metrics'])}, run_name, step, metrics FROM metrics ORDER BY rowid"
    ):
        values = _object(text)
        log = logs.setdefault(_Key(plain(run_id), plain(name)), Log())
        if values is None or not isinstance(step, int):
            damage["unreadable row"] += 1
            continue
        for key, value in numbers(values).items():
            log.add(step, key, value)
    if "config" in known.get("configs", ()):
        for run_id, name, text in connection.execute(f"SELECT {_id(known['configs'])}, run_name, config FROM configs"):
            config = _object(text)
            if config is None:
                damage["unreadable configuration"] += 1
            else:
                logs.setdefault(_Key(plain(run_id), plain(name)), Log()).config |= config
    source = Source(str(path), fingerprint(path), READER)
    runs = (log.run(key.name, source, seed_of(log.config)) for key, log in logs.items())
    return Reading(tuple(runs), tally(path, damage))


def _id(columns: tuple[str, ...]) -> str:
    return "run_id" if "run_id" in columns else "run_name"


def _object(text: object) -> dict[str, Json] | None:
    """The JSON object in a cell, bytes or text; nothing if it holds none."""
    try:
        found = json.loads(text) if isinstance(text, bytes | str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
