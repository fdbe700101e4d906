"""Receipts: what was computed from which data and how, in a file from which anyone can compute it again."""

import math
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from nextflop import __version__
from nextflop.audits.conduct import Conducted
from nextflop.audits.words import NUMBER, RECORD, TEXT, TEXTS_BY_NAME, Kind, take
from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json, plain, read_json, write_json
from nextflop.fitting.fit import Fit, Interval

SCHEMA = 1
KINDS = ("audit", "fit", "check")
LONGEST = 1 << 24  # bytes of a receipt; the longest of an audit has 40 kB

VALUE, INTERVAL = 1e-5, 0.01
"""By how much a rerun may differ: a value by that share of itself, an end of an interval by that share of its width.

On one machine reruns agree to the last digit. Other processors round otherwise, which has moved no number of nine
audits by more than 2e-7; but a draw near the watershed of two optima may end in the other.
"""

Number = tuple[float | None, ...]


@dataclass(frozen=True)
class Receipt:
    """What a receipt holds.

    Attributes:
        kind: "audit", "fit" or "check".
        name: of the audit, or of the law.
        how: all that a rerun needs beside the data: the declaration of an audit, or path and options of a fit.
        data: name of a table → where it comes from, with its digests.
        numbers: name → value, or value with the ends of its interval; None for what is not finite.
        outcomes: code of a verdict → its outcome.
        versions: of what computed it.
        tolerance: "value" and "interval", see `VALUE`.
        found: the results in full, for a reader.
    """

    kind: str
    name: str
    how: Mapping[str, Json]
    data: Mapping[str, Mapping[str, Json]]
    numbers: Mapping[str, Number]
    outcomes: Mapping[str, str]
    versions: Mapping[str, str]
    tolerance: Mapping[str, float]
    found: Mapping[str, Json]

    def to_json(self) -> dict[str, Json]:
        """The receipt as JSON."""
        return {"schema": SCHEMA, **vars(self)}


class Difference(NamedTuple):
    """Where a rerun is not what the receipt says.

    Attributes:
        what: "data", "number", "outcome" or "version".
        name: of what differs.
        receipt, now: what either says, as text.
        decisive: whether it means that the receipt is not reproduced.
    """

    what: str
    name: str
    receipt: str
    now: str
    decisive: bool


def versions() -> dict[str, str]:
    """Versions of what computes."""
    found = {"nextflop": __version__, "python": platform.python_version(), "machine": platform.machine()}
    for name in ("numpy", "scipy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def make(
    kind: str,
    name: str,
    how: Mapping[str, Json],
    data: Mapping[str, Mapping[str, Json]],
    numbers: Mapping[str, Number],
    outcomes: Mapping[str, str],
    found: Mapping[str, Json],
) -> Receipt:
    """A receipt of what was just computed; see `Receipt` for the arguments."""
    tolerance = {"value": VALUE, "interval": INTERVAL}
    return Receipt(kind, name, plain(how), plain(data), dict(numbers), outcomes, versions(), tolerance, plain(found))


def of_audit(found: Conducted) -> Receipt:
    """The receipt of an audit."""
    numbers: dict[str, Number] = {code: _finite(*answer) for code, answer in found.answers.items()}
    for name, fit in found.fits.items():
        numbers |= of_fit(fit, f"{name}/")
    outcomes = {verdict.code: verdict.outcome.value for verdict in found.verdicts}
    return make("audit", found.audit.name, found.audit.record, found.data, numbers, outcomes, found.to_json())


def of_fit(fit: Fit, prefix: str = "") -> dict[str, Number]:
    """The numbers of a fit: its objective, and its parameters with their intervals."""
    numbers: dict[str, Number] = {f"{prefix}objective": _finite(fit.objective)}
    return numbers | {f"{prefix}{name}": of_interval(value) for name, value in fit.estimate.items()}


def of_interval(value: Interval) -> Number:
    """A value with its ends, as a receipt holds it."""
    return _finite(*value)


def _finite(*values: float) -> Number:
    return tuple(float(value) if math.isfinite(value) else None for value in values)


def write(path: Path, receipt: Receipt) -> None:
    """Writes a receipt, whole or not at all.

    Raises:
        StoreError: if the folder cannot be written.
    """
    write_json(path, receipt.to_json())


def read(path: Path) -> Receipt:
    """Reads a receipt and checks all that a rerun will use.

    Raises:
        InputError: if the file is no receipt, or one of another schema.
        StoreError: if it is absent, unreadable or not JSON.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a file: give the path of a receipt.")
    if path.is_file() and path.stat().st_size > LONGEST:
        raise InputError(f"{path} has {path.stat().st_size} bytes, more than a receipt ever has: give another file.")
    try:
        record = read_json(path)
    except RecursionError:
        raise InputError(f"{path} is nested too deeply to be a receipt: give another file.") from None
    if not isinstance(record, Mapping):
        raise InputError(f"{path} is not a receipt: `nextflop audit NAME --receipt PATH` writes one.")
    if record.get("schema") != SCHEMA or isinstance(record.get("schema"), bool):
        given = repr(record.get("schema"))[:40]
        raise InputError(f"{path} has the schema {given}; this version of nextflop reads receipts of schema {SCHEMA}.")
    entries = take(record, str(path), {"schema": NUMBER, **_ENTRIES}, frozenset())
    if entries["kind"] not in KINDS:
        raise InputError(f"{path}: {unknown('kind of receipt', entries['kind'], KINDS)}")
    tolerance = take(entries["tolerance"], f"{path}, tolerance", {"value": NUMBER, "interval": NUMBER}, frozenset())
    for name, share in tolerance.items():
        if not 0 <= share <= 0.1:
            raise InputError(f"{path}: the tolerance of a {name} is {share:g}; give a share from 0 to 0.1.")
    return Receipt(
        kind=entries["kind"],
        name=entries["name"],
        how=entries["how"],
        data=entries["data"],
        numbers=entries["numbers"],
        outcomes=entries["outcomes"],
        versions=entries["versions"],
        tolerance=tolerance,
        found=entries["found"],
    )


def _number(value: Json) -> Number | None:
    if not isinstance(value, list) or not 1 <= len(value) <= 3:
        return None
    read_values = tuple(item if item is None else NUMBER.read(item) for item in value)
    return read_values if all((a is None) == (b is None) for a, b in zip(read_values, value, strict=True)) else None


def _numbers(value: Json) -> dict[str, Number] | None:
    if not isinstance(value, Mapping):
        return None
    found = {key: _number(item) for key, item in value.items()}
    return None if None in found.values() else {key: item for key, item in found.items() if item is not None}


def _tables(value: Json) -> Mapping[str, Mapping[str, Json]] | None:
    if not isinstance(value, Mapping) or not all(isinstance(item, Mapping) for item in value.values()):
        return None
    return value


_ENTRIES: dict[str, Kind] = {
    "kind": TEXT,
    "name": TEXT,
    "how": RECORD,
    "data": Kind("a table of tables", _tables),
    "numbers": Kind("a table of lists of one to three finite numbers or nulls", _numbers),
    "outcomes": TEXTS_BY_NAME,
    "versions": TEXTS_BY_NAME,
    "tolerance": RECORD,
    "found": RECORD,
}


def compare(receipt: Receipt, now: Receipt) -> tuple[Difference, ...]:
    """Where a rerun differs from a receipt, what is decisive first."""
    found = [*_data(receipt, now), *_values(receipt, now), *_outcomes(receipt, now)]
    for name in sorted({*receipt.versions, *now.versions}):
        before, after = receipt.versions.get(name, "nothing"), now.versions.get(name, "nothing")
        if before != after:
            found.append(Difference("version", name, before, after, decisive=False))
    return tuple(found)


def _data(receipt: Receipt, now: Receipt) -> Iterator[Difference]:
    for name in sorted({*receipt.data, *now.data}):
        before, after = receipt.data.get(name, {}), now.data.get(name, {})
        for key in ("sha256", "digest", "rows"):
            if before.get(key) != after.get(key):
                sides = (_shown(before.get(key)), _shown(after.get(key)))
                yield Difference("data", f"{name}, {key}", *sides, decisive=True)


def _values(receipt: Receipt, now: Receipt) -> Iterator[Difference]:
    for name in sorted({*receipt.numbers, *now.numbers}):
        before, after = receipt.numbers.get(name), now.numbers.get(name)
        if before is None or after is None or not _same(before, after, receipt.tolerance):
            yield Difference("number", name, _listed(before), _listed(after), decisive=True)


def _outcomes(receipt: Receipt, now: Receipt) -> Iterator[Difference]:
    for code in sorted({*receipt.outcomes, *now.outcomes}):
        before, after = receipt.outcomes.get(code, "nothing"), now.outcomes.get(code, "nothing")
        if before != after:
            yield Difference("outcome", code, before, after, decisive=True)


def _same(before: Number, after: Number, tolerance: Mapping[str, float]) -> bool:
    if len(before) != len(after):
        return False
    width = 0.0
    if len(after) == 3 and after[1] is not None and after[2] is not None:
        width = abs(after[2] - after[1])
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is None or new is None:
            if old is not new:
                return False
            continue
        allowed = tolerance["value"] * abs(new) + (tolerance["interval"] * width if place else 0.0)
        if abs(old - new) > max(allowed, 1e-12):
            return False
    return True


def _listed(number: Number | None) -> str:
    if number is None:
        return "nothing"
    return ", ".join("unknown" if value is None else f"{value:.9g}" for value in number)


def _shown(value: Json) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:12]}…"
