"""Which reader a path needs: found by what the path holds, not by what it is called where the two can differ."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.readers import mlflow, mlruns, sqlite, store, tensorboard, trackio, wandb
from nextflop.evidence.readers.reading import Reading


class Found(NamedTuple):
    """One kind of log at a path."""

    reader: str
    read: Callable[[], Reading]


def find(path: Path) -> Found | None:
    """The log that a path holds; nothing if it is a table, or no log is there.

    Raises:
        InputError: if it cannot be read, or is a folder with several kinds of logs.
    """
    if path.is_dir():
        return _folder(path)
    if tensorboard.is_event_file(path) and path.exists():
        return Found(tensorboard.READER, lambda: tensorboard.read_tensorboard(path, [path]))
    if path.exists() and not path.is_file():
        return None  # a pipe, of which nothing may be read before the table is
    head = _head(path)
    if head.startswith(wandb.MAGIC) or path.suffix == ".wandb":
        return Found(wandb.READER, lambda: wandb.read_wandb([path]))
    return _database(path) if head == sqlite.MAGIC else None


def _folder(root: Path) -> Found | None:
    if (root / store.MARKER).is_file():
        return Found(store.READER, lambda: store.read_store(root))
    files = list(_files(root))
    events = [path for path in files if tensorboard.is_event_file(path)]
    sessions = [path for path in files if path.suffix == ".wandb"]
    databases = [
        path for path in files if path.suffix in {".db", ".sqlite", ".sqlite3"} and _head(path) == sqlite.MAGIC
    ]
    known = [path for path in databases if _kind(path)]
    folders = mlruns.run_folders(root)
    found = [
        *([Found(tensorboard.READER, lambda: tensorboard.read_tensorboard(root, events))] if events else []),
        *([Found(wandb.READER, lambda: wandb.read_wandb(sessions))] if sessions else []),
        *([Found(mlruns.READER, lambda: mlruns.read_mlruns(folders))] if folders else []),
        *([Found(_kind(known[0]) or "", lambda: _several(known))] if known else []),
    ]
    if len(found) > 1:
        kinds = " and ".join(one.reader for one in found)
        raise InputError(f"{root} holds logs of {kinds}, perhaps of the same runs: give the path of one of them.")
    return found[0] if found else None


def _several(databases: Sequence[Path]) -> Reading:
    readings = [_reader(path)(path) for path in databases]
    return Reading(
        tuple(run for reading in readings for run in reading.runs),
        tuple(one for reading in readings for one in reading.skipped),
    )


def _database(path: Path) -> Found:
    kind = _kind(path)
    if kind is None:
        raise InputError(f"{path} is an SQLite file of neither MLflow nor Trackio: export its runs as a table.")
    return Found(kind, lambda: _reader(path)(path))


def _kind(path: Path) -> str | None:
    with sqlite.opened(path) as connection:
        known = sqlite.tables(connection)
    if set(known) >= mlflow.TABLES:
        return mlflow.READER
    return trackio.READER if set(known.get("metrics", ())) >= trackio.COLUMNS else None


def _reader(path: Path) -> Callable[[Path], Reading]:
    return mlflow.read_mlflow if _kind(path) == mlflow.READER else trackio.read_trackio


def _files(root: Path) -> Iterator[Path]:
    """The files below a folder; links are not followed, for W&B's `latest-run` is one and would count a run twice."""

    def refuse(error: OSError) -> None:
        raise InputError(f"Cannot read {error.filename}: {error.strerror}; give a folder you may read.") from error

    for folder, inside, names in os.walk(root, onerror=refuse):
        inside.sort()
        yield from (Path(folder) / name for name in sorted(names) if not (Path(folder) / name).is_symlink())


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(sqlite.MAGIC))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}; give the path of a table of runs.") from error
