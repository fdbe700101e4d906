"""Price files: CSV with the fields of a record as columns, TOML with one `[[price]]` a record, or a kept answer."""

import csv
import io
import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from nextflop.errors import InputError, StoreError, unknown
from nextflop.evidence.files import Json, digest
from nextflop.prices.chip import chip
from nextflop.prices.record import Price

_FIELDS = {field.name: field for field in fields(Price)}
_NEEDED = ("item", "value", "currency", "unit", "commitment", "date", "source")
_NUMBERS = ("value", "low", "high")


def read_prices(path: Path) -> tuple[Price, ...]:
    """The records of whoever asks, from a file; each carries the digest of the file.

    Those of an answer that was kept as JSON stay as they are, so that it can be reckoned again at its own prices.

    Raises:
        InputError: if a record lacks a field, or a field is not what it should be.
        StoreError: if the file cannot be read.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise StoreError(f"Cannot read the price file {path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The price file {path} is not UTF-8 text ({error.reason}): save it as such.") from error
    if path.suffix.casefold() == ".json":
        return _of_answer(text, str(path))
    found = _of_toml(text, str(path)) if path.suffix.casefold() == ".toml" else of_csv(text, str(path))
    if not found:
        raise InputError(f"The price file {path} has no records: give {', '.join(_NEEDED)} for each price.")
    return tuple(replace(one, grade="own", via=f"price file {path.name}", sha256=digest(data)) for one in found)


def of_csv(text: str, where: str) -> tuple[Price, ...]:
    """The records of a CSV text with a header.

    Raises:
        InputError: if a column is not known or missing, or a record cannot be read.
    """
    rows = csv.DictReader(io.StringIO(text))
    for column in rows.fieldnames or ():
        _known(column, where)
    return tuple(
        _record({name: cell for name, cell in row.items() if name and cell}, f"{where}, line {rows.line_num}")
        for row in rows
    )


def _of_toml(text: str, where: str) -> tuple[Price, ...]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The price file {where} is not valid TOML ({error}): correct it.") from error
    entries = found.get("price", [])
    if set(found) - {"price"} or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError(f"The price file {where} holds more than [[price]] tables: write one [[price]] a record.")
    return tuple(_record(entry, f"{where}, price {place}") for place, entry in enumerate(entries, start=1))


def _of_answer(text: str, where: str) -> tuple[Price, ...]:
    try:
        found = json.loads(text)
        entries = found["records"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{where} is no answer with `records` of prices ({error}): give one, or CSV or TOML."
        ) from error
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries) or not entries:
        raise InputError(f"{where} has no `records` of prices: give an answer that has some, or CSV or TOML.")
    return tuple(_record(entry, f"{where}, record {place}") for place, entry in enumerate(entries, start=1))


def _known(name: str, where: str) -> None:
    if name not in _FIELDS:
        raise InputError(f"{where}: {unknown('field of a price', name, _FIELDS)}")


def _record(entry: Mapping[str, Json], where: str) -> Price:
    for name in entry:
        _known(name, where)
    if missing := [name for name in _NEEDED if not str(entry.get(name, "")).strip()]:
        raise InputError(
            f"{where}: a price needs its {' and '.join(missing)}: a number alone cannot be dated or traced."
        )
    values: dict[str, Json] = {
        name: _number(name, entry[name], where) if name in _NUMBERS else str(entry[name]) for name in entry
    }
    try:
        made = Price(**values)
        return replace(made, item=chip(made.item).name) if made.unit.startswith("chip") else made
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _number(name: str, cell: Json, where: str) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: the {name} {cell!r} is not a number: write it like 2.49.") from error
