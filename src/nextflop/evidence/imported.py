"""An import: tables and logs read, converted, joined and saved as one table (or store) with a record beside it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import nextflop
from nextflop.errors import InputError
from nextflop.evidence.conventions import convert, join
from nextflop.evidence.files import digest, to_json, write_bytes
from nextflop.evidence.frame import write_parquet
from nextflop.evidence.origin import Origin, save
from nextflop.evidence.readers.read import from_log_or_table, is_parquet, read_log
from nextflop.evidence.readers.reading import STEP
from nextflop.evidence.readers.store import fingerprint
from nextflop.evidence.run import Run, Source
from nextflop.evidence.runs import Runs
from nextflop.evidence.store import Store

ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
"""Endings of the files that an import is saved to; what has none of them is the folder of a store."""


@dataclass(frozen=True)
class Imported:
    """What was read.

    Attributes:
        runs: one table of all sources, its columns named for their quantities.
        origin: how it came about; its digest is that of nothing until it is saved.
        logged: the runs behind the rows, where they come from logs.
    """

    runs: Runs
    origin: Origin
    logged: tuple[Run, ...] = ()


def gather(
    paths: Sequence[Path | str],
    columns: Mapping[str, str],
    conventions: Mapping[str, str] | None = None,
    conversions: Mapping[str, str] | None = None,
    *,
    points: str = "last",
    response: str | None = None,
    online: bool = False,
) -> Imported:
    """Reads several sources as one table.

    Args:
        paths: tables and logs; see `read_runs`.
        columns: quantity → column or key, the same in all of them.
        conventions: quantity → how it was counted, for those that do not say so themselves.
        conversions: quantity → how it is to be counted in the table.
        points: of logs: which points of a curve become rows.
        response: of logs: the quantity whose logging makes a row.
        online: whether a remote address may be asked.

    Raises:
        InputError: if a source cannot be read, or counts a quantity otherwise than another and no conversion is asked.
    """
    tables: list[Runs] = []
    sources: list[Source] = []
    logged: list[Run] = []
    for path in paths:
        reading = read_log(path, online=online)
        one = reading is not None
        table = from_log_or_table(
            path, reading, columns, conventions or {}, points if one else "last", response if one else None
        )
        for quantity, way in (conversions or {}).items():
            table = convert(table, quantity, way)
        tables.append(table)
        if reading is None:
            sources.append(_of_table(path, table))
        else:
            logged += reading.runs
            sources += dict.fromkeys(run.source for run in reading.runs if run.source is not None)
    if not all("name" in table for table in tables):
        tables = [replace(table, columns={k: v for k, v in table.columns.items() if k != "name"}) for table in tables]
    runs = join(_apart(tables))
    record = Origin(
        sha256="",
        map=dict(columns),
        conventions=dict(runs.conventions),
        points=points if logged else "",
        sources=tuple(sources),
        notes=runs.notes,
        version=nextflop.__version__,
    )
    return Imported(runs, record, tuple(logged))


def store(found: Imported, out: Path) -> Origin:
    """Saves an import and its record; the ending of the path decides the format.

    Raises:
        InputError: if no library is there that writes Parquet, or the folder holds something else.
        StoreError: if the place cannot be written.
    """
    if out.suffix.lower() not in ENDINGS:
        record = replace(found.origin, sha256=_write_store(found, out))
        save(out / "runs", record)
        return record
    data = _WRITERS[out.suffix.lower()](out, found.runs)
    record = replace(found.origin, sha256=digest(data))
    write_bytes(out, data)
    save(out, record)
    return record


def _of_table(path: Path | str, table: Runs) -> Source:
    """The source of a table, whose digest stands behind the path in what the runs say; a pipe is read once only."""
    sha256 = table.source.rpartition("(sha256 ")[2].removesuffix(")")
    return Source(str(path), sha256, "parquet" if is_parquet(Path(path)) else "table")


def _apart(tables: list[Runs]) -> list[Runs]:
    """Clusters of different sources are different, whatever they are called."""
    if len(tables) == 1 or not all("cluster" in table for table in tables):
        return tables
    return [
        table.with_columns(cluster=np.array([f"{index}/{name}" for name in table["cluster"]]))
        for index, table in enumerate(tables, start=1)
    ]


def _rows(runs: Runs) -> Iterable[list[float | str]]:
    return (list(row) for row in zip(*(column.tolist() for column in runs.columns.values()), strict=True))


def _delimited(path: Path, runs: Runs) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", lineterminator="\n")
    writer.writerow(runs.columns)
    writer.writerows([cell if isinstance(cell, str) else repr(cell) for cell in row] for row in _rows(runs))
    return file.getvalue().encode(errors="backslashreplace")


def _lines(_: Path, runs: Runs) -> bytes:
    return "".join(
        to_json(dict(zip(runs.columns, row, strict=True)), sort=False) + "\n" for row in _rows(runs)
    ).encode()


_WRITERS = {".csv": _delimited, ".tsv": _delimited, ".jsonl": _lines, ".parquet": write_parquet}


def _write_store(found: Imported, root: Path) -> str:
    """Writes one run a run (of several rows of one run the last), with its mapped curve; gives the store's digest."""
    if root.is_dir() and any(root.iterdir()):
        raise InputError(f"{root} is not empty: name a new folder, or a file ending in {', '.join(ENDINGS)}.")
    texts = {name for name, values in found.runs.columns.items() if values.dtype.kind == "U"}
    names = found.runs["name"].tolist() if "name" in found.runs else [str(i + 1) for i in range(len(found.runs))]
    last = dict(zip(names, _rows(found.runs), strict=True))
    logged = {run.name: run for run in found.logged}
    place = Store(root)
    for name, row in last.items():
        quantities = {key: float(value) for key, value in zip(found.runs.columns, row, strict=True) if key not in texts}
        run = logged.get(name)
        place.add(
            Run(
                name,
                "imported",
                quantities,
                found.runs.conventions,
                {} if run is None else run.config,
                None if run is None else run.seed,
                () if run is None else tuple(_mapped(run, found.origin.map)),
                found.origin.sources[0] if run is None else run.source,
            )
        )
    return fingerprint(root)


def _mapped(run: Run, columns: Mapping[str, str]) -> Iterable[dict[str, float]]:
    """The points of a curve under the names of the quantities."""
    for point in run.curve:
        values = {quantity: point[key] for quantity, key in columns.items() if key in point and key != STEP}
        if values and STEP in point:
            yield {STEP: point[STEP], **values}
