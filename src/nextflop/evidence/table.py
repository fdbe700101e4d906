"""Tables that people have: CSV, TSV and JSON Lines, read with an explicit mapping from quantity to column."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.accounting import tokens_from_flop
from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date
from nextflop.evidence.files import Json, digest
from nextflop.evidence.runs import Runs
from nextflop.quantities import parse

TEXT = frozenset({"name", "cluster"})
"""Quantities that are kept as text."""

POSITIVE = frozenset({"params", "tokens", "unique_tokens", "epochs", "flop", "compute", "loss"})
"""Quantities that are above zero in every run that happened; the others need only be finite."""

_NOTHING = frozenset({"", "-", "?", "n/a", "na", "nan", "none", "null", "#n/a"})
_DELIMITERS = ",\t;|"


class _Row(NamedTuple):
    line: int  # as an editor numbers it; a quoted cell may run over several
    cells: Mapping[str, Json]
    decimal_comma: bool = False  # whether a comma in a number may be one


def read_table(
    path: Path | str,
    columns: Mapping[str, str],
    conventions: Mapping[str, str] | None = None,
    *,
    blank: Collection[str] = (),
) -> Runs:
    """Reads a table of runs.

    The ending of the file decides: `.jsonl` and `.ndjson` hold one JSON object a line, `.tsv` has tabs; in anything
    else the header decides between comma, tab, semicolon and bar. Amounts may be spelled as `nextflop.quantities`
    allows. Where `flop` and `params` are mapped and `tokens` is not, tokens = flop / (6 params), and the conventions
    of the table say so.

    Args:
        path: the file, in UTF-8.
        columns: quantity → name of its column in the file, such as `{"params": "Model Size"}`; `name` and `cluster`
            are kept as text, `date` may be written as in a calendar and becomes a decimal year.
        conventions: quantity → how it was counted.
        blank: quantities that may be missing in a row, and are then `nan`, such as a response that was not disclosed.

    Returns:
        One run a row, in the order of the file; the source names the file and its SHA-256.

    Raises:
        InputError: if the file cannot be read, a column is not there, or a cell does not hold what its quantity
            needs; the message names file, line, column and value.
    """
    path = Path(path)
    data = _bytes(path)
    text = _text(path, data)
    rows = list(
        _objects(path, text) if path.suffix.lower() in {".jsonl", ".ndjson"} else _delimited(path, text, columns)
    )
    if not rows:
        raise InputError(f"{path} holds no runs: give a table with a header and at least one run below it.")
    _check_columns(path, rows, columns)
    values = {
        quantity: np.array([_value(path, row, quantity, column, quantity in blank) for row in rows])
        for quantity, column in columns.items()
    }
    runs = Runs(values, conventions or {}, f"{path} (sha256 {digest(data)})")
    if {"flop", "params"} <= set(columns) and "tokens" not in columns:
        tokens = np.asarray(tokens_from_flop(runs["flop"], runs["params"]))
        runs = Runs(
            {**runs.columns, "tokens": tokens},
            {"tokens": "derived: flop / (6 params)", **runs.conventions},
            runs.source,
        )
    return runs


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}; give the path of a table of runs.") from error


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; export the table as CSV in UTF-8."
        ) from error


def _delimited(path: Path, text: str, columns: Mapping[str, str]) -> Iterator[_Row]:
    delimiter = _delimiter(path, text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"{path}, line {line}, is not a row of a table ({error}): mend the line.") from error
        if not any(cells):
            continue
        if not header:
            header = cells
            _check_unique(path, header, columns)
        elif len(cells) != len(header):
            raise InputError(
                f"{path}, line {line}, has {len(cells)} cells and the header has {len(header)}: "
                f"quote cells that hold the delimiter {delimiter!r}."
            )
        else:
            yield _Row(line, dict(zip(header, cells, strict=True)), decimal_comma=delimiter == ";")


def _delimiter(path: Path, text: str, columns: Mapping[str, str]) -> str:
    """The delimiter that finds the most mapped columns in the header, then the one that makes the most cells."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = next((line for line in text.splitlines() if line.strip()), "")

    def found(delimiter: str) -> tuple[int, int]:
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        return len(set(header) & set(columns.values())), len(header)

    return max(_DELIMITERS, key=found)


def _objects(path: Path, text: str) -> Iterator[_Row]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            cells = json.loads(content)
        except ValueError as error:
            raise InputError(f"{path}, line {line}, is not JSON ({error}): write one JSON object a line.") from error
        if not isinstance(cells, dict):
            raise InputError(f'{path}, line {line}, is not a JSON object: write one like {{"loss": 2.1}} a line.')
        yield _Row(line, cells)


def _check_unique(path: Path, header: list[str], columns: Mapping[str, str]) -> None:
    for column in columns.values():
        if header.count(column) > 1:
            raise InputError(f"{path} has {header.count(column)} columns named {column!r}: rename all but one.")


def _check_columns(path: Path, rows: list[_Row], columns: Mapping[str, str]) -> None:
    there = list(dict.fromkeys(column for row in rows for column in row.cells))
    for quantity, column in columns.items():
        if column not in there:
            near = get_close_matches(column, there, n=1) or [name for name in there if name.lower() == column.lower()]
            mend = f"did you mean {near[0]!r}?" if near else f"map {quantity} to one of them."
            raise InputError(
                f"{path} has no column {column!r} for {quantity}; its columns are {_listed(there)}: {mend}"
            )


def _listed(names: list[str], most: int = 20) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def _value(path: Path, row: _Row, quantity: str, column: str, blank: bool) -> float | str:
    cell = row.cells.get(column)
    place = f"{path}, line {row.line}, column {column!r}"
    if cell is None or str(cell).strip().lower() in _NOTHING:
        if blank:
            return float("nan")
        shown = "is empty" if cell is None or not str(cell).strip() else f"holds {cell!r} for {quantity}"
        raise InputError(f"{place}, {shown}: fill in the {quantity}, or remove the line.")
    if quantity in TEXT:
        return str(cell)
    if isinstance(cell, bool | list | dict):
        raise InputError(f"{place}, holds {cell!r}, which is not a number: write the {quantity} as a number.")
    if row.decimal_comma and "," in str(cell):
        raise InputError(f"{place}: the {quantity} {cell!r} may have a decimal comma; write it with a point.")
    try:
        value = parse_date(cell) if quantity == "date" else parse(cell, quantity)
    except InputError as error:
        raise InputError(f"{place}: {str(error)[0].lower()}{str(error)[1:]}") from error
    if quantity in POSITIVE and value <= 0:
        raise InputError(f"{place}: the {quantity} {cell!r} is not positive; correct it, or remove the line.")
    return value
