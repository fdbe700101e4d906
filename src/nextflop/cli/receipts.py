"""Receipts of fits to a user's own table: made from an answer, read back, rerun."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from nextflop.cli.options import Answer, FitOptions, answer
from nextflop.errors import InputError
from nextflop.evidence.files import Json, digest

if TYPE_CHECKING:
    from nextflop.audits.receipt import Receipt

_DRAWS = 100_000  # more than any fit needs, and as many as memory holds
_LARGEST = 2**63


def write(path: Path, kind: str, table: Path, options: FitOptions, found: Answer, axis: str | None = None) -> None:
    """Writes the receipt of a fit or check.

    Raises:
        StoreError: if the folder cannot be written.
    """
    from nextflop.audits.receipt import write as write_receipt

    write_receipt(path, make(kind, table, options, found, axis))


def make(kind: str, table: Path, options: FitOptions, found: Answer, axis: str | None = None) -> "Receipt":
    """The receipt of a fit or check.

    Args:
        kind: "fit" or "check".
        table: the path as it was given.
        options: what was fitted and how.
        found: what came of it.
        axis: of the back-test of a check.
    """
    from nextflop.audits import receipt
    from nextflop.cli.fit import to_json

    how: dict[str, Json] = {"path": str(table), "options": dict(vars(options)), "axis": axis}
    data = {
        "runs": {
            "path": str(table),
            "sha256": digest(table.read_bytes()) if table.is_file() else None,
            "rows": len(found.runs),
            "digest": found.runs.digest,
        }
    }
    numbers = receipt.of_fit(found.fit)
    if found.allocation is not None:
        plan = found.allocation
        for name in ("params", "tokens", "loss"):
            numbers[f"allocation/{name}"] = receipt.of_interval(getattr(plan, name))
    outcomes = {verdict.code: verdict.outcome.value for verdict in found.verdicts}
    return receipt.make(kind, found.fit.law.name, how, data, numbers, outcomes, to_json(found))


def rerun(kind: str, table: Path, options: FitOptions, axis: str | None) -> "Receipt":
    """Computes a fit or check again.

    Raises:
        InputError: if the table or an option cannot be used.
        FitError: if there is no answer.
    """
    if not (table.is_file() or table.is_dir()):
        raise InputError(f"{table} is neither a file nor a folder: say with --data where the table is now.")
    return make(kind, table, options, answer(table, options, examine=kind == "check", axis=axis), axis)


def options_of(given: "Receipt", where: str) -> tuple[Path, FitOptions, str | None]:
    """Path, options and axis that a receipt holds, checked.

    Args:
        given: the receipt.
        where: its path, for messages.

    Raises:
        InputError: if one is missing, unknown or of another kind.
    """
    how = given.how
    path, record, axis = how.get("path"), how.get("options"), how.get("axis")
    if not isinstance(path, str) or not path or "\0" in path or not isinstance(record, Mapping):
        raise InputError(
            f"{where} does not say which table was fitted, and how: it is not a receipt of a {given.kind}."
        )
    if axis is not None and not isinstance(axis, str):
        raise InputError(f"{where}: the axis {axis!r} is not a text.")
    odd = sorted(set(record) - {field.name for field in fields(FitOptions)})
    if odd:
        raise InputError(f"{where} has options that this version of nextflop does not take ({', '.join(odd)}).")
    kinds = get_type_hints(FitOptions)
    values = {name: _option(where, name, kinds[name], value) for name, value in record.items()}
    if values.get("draws", 0) > _DRAWS:
        raise InputError(f"{where} asks for {values['draws']} draws: at most {_DRAWS} are rerun.")
    return Path(path), FitOptions(**values), axis


def _option(where: str, name: str, kind: Any, value: Json) -> Any:
    """The value of an option as its annotation wants it; an option that is not there keeps its default."""
    wanted = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if value is None and NoneType in wanted:
        return None
    if tuple[str, ...] in wanted and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, str | bool) and type(value) in wanted:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
        if isinstance(value, int) and int in wanted:
            return value
        if float in wanted:
            return float(value)
    raise InputError(f"{where}: the option {name} = {str(value)[:40]!r} is not what {name} takes.")
