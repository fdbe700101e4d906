"""The runs of a data set, with the mapping and the conventions that the register gives."""

import csv
import tempfile
from calendar import isleap
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.evidence.table import read_table
from nextflop.published.catalogue import Table, find
from nextflop.published.fetch import fetch

_EMPTY = ("", "nan")


def read(name: str, table: str | None = None, *, online: bool = False) -> Runs:
    """Reads a table of a data set.

    Args:
        name: the data set.
        table: a table of it; the main one if not given.
        online: whether its file may be downloaded.

    Returns:
        One run a row; the source names the set, the file and its digest.

    Raises:
        InputError: if there is no such data set or table.
        StoreError: if the file is not here, or not the one in the register.
    """
    known = find(name)
    if not known.tables:
        raise InputError(f"{name} holds no table of runs: read its files, whose paths `fetch` gives.")
    wanted = known.table(table)
    path = fetch(name, wanted.file, online=online)
    runs = _direct(path, wanted) if _as_it_is(wanted) else _rewritten(path, wanted)
    file = known.file(wanted.file)
    return replace(runs, source=f"{name}/{file.name} (sha256 {file.sha256}), {known.paper}")


def _as_it_is(table: Table) -> bool:
    return not (table.join or table.dates or table.where or table.skip_empty)


def _direct(path: Path, table: Table) -> Runs:
    return read_table(path, table.columns, table.conventions, blank=table.blank)


def _rewritten(path: Path, table: Table) -> Runs:
    """Reads a copy that holds only the rows and columns that count, in the form that `read_table` asks for."""
    quantities = [*table.columns, *table.join, *table.dates]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with copy.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(quantities)
            writer.writerows(_rows(path, table))
        return read_table(copy, {name: name for name in quantities}, table.conventions, blank=table.blank)


def _rows(path: Path, table: Table) -> Iterator[list[str]]:
    quantities = (*table.columns, *table.dates)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if any(row[column] != text for column, text in table.where.items()):
                continue
            cells = [row[column].strip() for column in (*table.columns.values(), *table.dates.values())]
            needed = (cell for name, cell in zip(quantities, cells, strict=True) if name not in table.blank)
            if table.skip_empty and any(cell in _EMPTY for cell in needed):
                continue
            yield [
                *cells[: len(table.columns)],
                *("/".join(row[column] for column in columns) for columns in table.join.values()),
                *(repr(_years(cell)) for cell in cells[len(table.columns) :]),
            ]


def _years(text: str) -> float:
    """A date as years with a fraction: 2024-07-02 is 2024.5."""
    day = date.fromisoformat(text)
    return day.year + (day.timetuple().tm_yday - 1) / (366 if isleap(day.year) else 365)
