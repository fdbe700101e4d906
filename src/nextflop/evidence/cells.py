"""From the cells of a table, whatever file they come from, to the columns of `Runs`."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nextflop.accounting import tokens_from_flop
from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date
from nextflop.evidence.runs import Runs
from nextflop.quantities import UNIT_OF, parse

TEXT = frozenset({"name", "cluster", "recipe", "pair"})
"""Quantities that are kept as text."""

POSITIVE = frozenset({"params", "tokens", "unique_tokens", "epochs", "flop", "compute", "loss"})
"""Quantities that are above zero in every run that happened; the others need only be finite."""

_NOTHING = frozenset({"", "-", "?", "n/a", "na", "nan", "none", "null", "#n/a", "nat"})


class Row(NamedTuple):
    """One row of a table: its line, as an editor numbers it (a quoted cell may run over several), and its cells."""

    line: int
    cells: Mapping[str, Any]
    decimal_comma: bool = False  # whether a comma in a number may be one


def to_runs(
    table: Path | str,
    rows: Sequence[Row],
    columns: Mapping[str, str],
    conventions: Mapping[str, str],
    source: str,
    unit: str = "line",
    *,
    blank: Collection[str] = (),
) -> Runs:
    """The table of runs in some rows.

    Where `flop` and `params` are mapped and `tokens` is not, tokens = flop / (6 params), and the conventions say so.

    Args:
        table: what the table is called in an error.
        rows: its rows.
        columns: quantity → name of its column.
        conventions: quantity → how it was counted.
        source: what the runs say of where they come from.
        unit: what the number of a row counts, "line" or "row".
        blank: quantities that may be missing in a row, and are then `nan`, or no text.

    Raises:
        InputError: if there is no row, a column is not there, or a cell does not hold what its quantity needs.
    """
    if not rows:
        raise InputError(f"{table} holds no runs: give a table with a header and at least one run below it.")
    _check_columns(table, rows, columns)
    values = {
        quantity: np.array([value(table, row, quantity, column, unit, quantity in blank) for row in rows])
        for quantity, column in columns.items()
    }
    runs = Runs(values, conventions, source)
    return with_tokens(runs) if {"flop", "params"} <= set(columns) and "tokens" not in columns else runs


def with_tokens(runs: Runs) -> Runs:
    """The runs with the tokens that follow from their compute and parameters."""
    tokens = np.asarray(tokens_from_flop(runs["flop"], runs["params"]))
    conventions = {"tokens": "derived: flop / (6 params)", **runs.conventions}
    return Runs({**runs.columns, "tokens": tokens}, conventions, runs.source, runs.notes)


def _check_columns(table: Path | str, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
    there = list(dict.fromkeys(column for row in rows for column in row.cells))
    for quantity, column in columns.items():
        if column not in there:
            raise missing(table, quantity, column, there, "columns")


def missing(table: Path | str, quantity: str, column: str, there: Sequence[str], kind: str) -> InputError:
    """The error for a column (or key) that is mapped and not there, with the nearest that is."""
    near = get_close_matches(column, there, n=1) or [name for name in there if name.lower() == column.lower()]
    mend = f"did you mean {near[0]!r}?" if near else f"map {quantity} to one of them."
    return InputError(f"{table} has no {kind[:-1]} {column!r} for {quantity}; its {kind} are {listed(there)}: {mend}")


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names as a sentence shows them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def value(
    table: Path | str, row: Row, quantity: str, column: str, unit: str = "line", blank: bool = False
) -> float | str:
    """The value in a cell; `nan`, or no text, if there is none and it may be missing.

    Raises:
        InputError: if it is not what the quantity needs.
    """
    cell = row.cells.get(column)
    place = f"{table}, {unit} {row.line}, column {column!r}"
    if cell is None or str(cell).strip().lower() in _NOTHING:
        if blank:
            return "" if quantity in TEXT else float("nan")
        shown = "is empty" if cell is None or not str(cell).strip() else f"holds {cell!r} for {quantity}"
        raise InputError(f"{place}, {shown}: fill in the {quantity}, or remove the {unit}.")
    if quantity in TEXT:
        return str(cell)
    if quantity == "date":
        return _date(cell, place)
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | Decimal):
        raise InputError(f"{place}, holds {cell!r}, which is not a number: write the {quantity} as a number.")
    if row.decimal_comma and "," in str(cell):
        raise InputError(f"{place}: the {quantity} {cell!r} may have a decimal comma; write it with a point.")
    try:
        number = parse(float(cell) if isinstance(cell, Decimal) else cell, quantity, UNIT_OF.get(quantity))
    except InputError as error:
        raise InputError(f"{place}: {str(error)[0].lower()}{str(error)[1:]}") from error
    if quantity in POSITIVE and number <= 0:
        raise InputError(f"{place}: the {quantity} {cell!r} is not positive; correct it, or remove the {unit}.")
    return number


def _date(cell: Any, place: str) -> float:
    try:
        return parse_date(cell)
    except InputError as error:
        raise InputError(f"{place}: {str(error)[0].lower()}{str(error)[1:]}") from error
