"""What stands in a file, found without the readers: SQLite itself, RFC 4180 by hand, numbers as a person reads them."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

COLUMNS = {"params": "N", "tokens": "D", "loss": "loss"}
Value = tuple[int, str, float, float]


def stored_by_mlflow(path: Path) -> set[Value]:
    """What SQLite itself says is in the table of metrics, of the runs that count."""
    sql = (
        """SELECT run_uuid, key, step, CASE WHEN is_nan OR abs(value) > 1.7e308 THEN -1.0 ELSE value END FROM metrics"""
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        runs = connection.execute("SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active' ORDER BY start_time, 1")
        places = {run_id: index for index, (run_id,) in enumerate(runs)}
        rows = connection.execute(sql).fetchall()
    return {
        (places[run_id], key.decode(errors="backslashreplace"), float(step), float(value))
        for run_id, key, step, value in rows
        if run_id in places and isinstance(step, int) and isinstance(value, int | float)
    }


def stored_by_trackio(path: Path) -> set[Value]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        known = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('metrics')")}
        run_id = "run_id" if b"run_id" in known else "run_name"
        rows = connection.execute(f"SELECT {run_id}, run_name, step, metrics FROM metrics ORDER BY rowid").fetchall()
    places: dict[object, int] = {}
    found: dict[tuple[int, str, float], float] = {}
    for run_id, name, step, text in rows:
        place = places.setdefault((run_id, name), len(places))
        try:
            values = json.loads(text)
        except (ValueError, TypeError):
            continue
        for key, value in values.items() if isinstance(values, dict) and isinstance(step, int) else ():
            if isinstance(value, int | float) or value in ("NaN", "Infinity", "-Infinity"):
                number = float(value)
                found[place, key, float(step)] = number if np.isfinite(number) else -1.0
    return {(*where, value) for where, value in found.items()}


def table(header: list[str], rows: list[list[object]]) -> list[tuple[float, ...]] | None:
    """The numbers in the mapped columns; None if the header lacks one."""
    if any(header.count(name) != 1 for name in COLUMNS.values()):
        return None
    places = [header.index(name) for name in COLUMNS.values()]
    try:
        return [tuple(amount(row[place]) for place in places) for row in rows]
    except (InvalidOperation, IndexError, ValueError):
        return None


def amount(cell: object) -> float:
    """A number as a person would read it, exactly."""
    text = str(cell).strip().replace(",", "").replace("_", "").lstrip("$")
    base, power, exponent = text.partition("^")
    shift = {"k": 3, "K": 3, "M": 6, "B": 9, "G": 9, "T": 12}.get(text[-1:], 0)
    if power:
        return float(base) ** int(exponent)
    return float(Decimal(text[:-1] if shift else text).scaleb(shift))


def cells(text: str, delimiter: str) -> list[list[str]]:
    """RFC 4180 by hand: rows of cells, blank rows left out."""
    rows: list[list[str]] = [[""]]
    quoted = False
    index = 0
    while index < len(text):
        sign = text[index]
        if quoted:
            if text[index : index + 2] == '""':
                rows[-1][-1] += '"'
                index += 1
            elif sign == '"':
                quoted = False
            else:
                rows[-1][-1] += sign
        elif sign == '"' and not rows[-1][-1]:
            quoted = True
        elif sign == delimiter:
            rows[-1].append("")
        elif sign in "\r\n":
            rows.append([""])
        else:
            rows[-1][-1] += sign
        index += 1
    return [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]


def is_float(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
