"""Tables that people have: CSV, TSV and JSON Lines, read with an explicit mapping from quantity to column."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.cells import Row, to_runs
from nextflop.evidence.conventions import agreed
from nextflop.evidence.files import digest
from nextflop.evidence.origin import origin
from nextflop.evidence.runs import Runs

_DELIMITERS = ",\t;|"


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
    of the table say so. A table that `nextflop.evidence.imported` saved has a record beside it: its conventions hold
    here, and the table must be the one that was saved.

    Args:
        path: the file, in UTF-8.
        columns: quantity → name of its column in the file, such as `{"params": "Model Size"}`; what is in `TEXT` is
            kept as text, `date` may be written as in a calendar and becomes a decimal year.
        conventions: quantity → how it was counted.
        blank: quantities that may be missing in a row, and are then `nan`, such as a response that was not disclosed.

    Returns:
        One run a row, in the order of the file; the source names the file and its SHA-256.

    Raises:
        InputError: if the file cannot be read, a column is not there, or a cell does not hold what its quantity
            needs, the message names file, line, column and value; or if the conventions given are not those of the
            record beside the table, or the table is not the one that was saved.
    """
    path = Path(path)
    data = _bytes(path)
    rows = _rows(path, data, columns)
    whole = digest(data)
    source = f"{path} (sha256 {whole})"
    saved = origin(path, whole)
    if saved is None:
        return to_runs(path, rows, columns, conventions or {}, source, blank=blank)
    known = {quantity: saved.conventions[name] for quantity, name in columns.items() if name in saved.conventions}
    runs = to_runs(path, rows, columns, agreed(path, known, conventions or {}), source, blank=blank)
    return replace(runs, notes=saved.notes)


def table_rows(path: Path, columns: Mapping[str, str]) -> list[Row]:
    """The rows of a table as they stand in it; the columns help to find the delimiter.

    Raises:
        InputError: if the file cannot be read, or is no table.
    """
    return _rows(path, _bytes(path), columns)


def _rows(path: Path, data: bytes, columns: Mapping[str, str]) -> list[Row]:
    text = _text(path, data)
    objects = path.suffix.lower() in {".jsonl", ".ndjson"}
    return list(_objects(path, text) if objects else _delimited(path, text, columns))


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


def _delimited(path: Path, text: str, columns: Mapping[str, str]) -> Iterator[Row]:
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
            yield Row(line, dict(zip(header, cells, strict=True)), decimal_comma=delimiter == ";")


def _delimiter(path: Path, text: str, columns: Mapping[str, str]) -> str:
    """The delimiter that finds the most mapped columns in the header, then the one that makes the most cells."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = next((line for line in text.splitlines() if line.strip()), "")

    def found(delimiter: str) -> tuple[int, int]:
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        return len(set(header) & set(columns.values())), len(header)

    return max(_DELIMITERS, key=found)


def _objects(path: Path, text: str) -> Iterator[Row]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            cells = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {line}, is not JSON ({error}): write one JSON object a line.") from error
        if not isinstance(cells, dict):
            raise InputError(f'{path}, line {line}, is not a JSON object: write one like {{"loss": 2.1}} a line.')
        yield Row(line, cells)


def _check_unique(path: Path, header: list[str], columns: Mapping[str, str]) -> None:
    for column in columns.values():
        if header.count(column) > 1:
            raise InputError(f"{path} has {header.count(column)} columns named {column!r}: rename all but one.")
