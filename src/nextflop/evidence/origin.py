"""The record beside a saved table: where its runs come from, how they were mapped and counted, what was left out.

runs.csv            the table
runs.csv.json       its record, which names the SHA-256 of the table
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.files import Json, read_json, write_json
from nextflop.evidence.run import Source

SCHEMA = 1


@dataclass(frozen=True)
class Origin:
    """What is known of a saved table beside its rows.

    Attributes:
        sha256: of the table.
        map: quantity (and column of the table) → column or key that it was read from.
        conventions: quantity → how it was counted.
        points: which points of the curves became rows: "last", "best", "every"; nothing for tables.
        sources: the files, each with its digest and reader.
        notes: what was left out, a sentence each.
        version: of nextflop.
    """

    sha256: str
    map: Mapping[str, str] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    points: str = ""
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""

    def to_json(self) -> dict[str, Json]:
        """The record as JSON."""
        return {**vars(self), "schema": SCHEMA, "sources": [vars(source).copy() for source in self.sources]}


def beside(table: Path) -> Path:
    """Where the record of a table is."""
    return table.with_name(f"{table.name}.json")


def save(table: Path, record: Origin) -> None:
    """Writes the record of a table."""
    write_json(beside(table), record.to_json())


def origin(table: Path, sha256: str) -> Origin | None:
    """The record beside a table, if it has one.

    Args:
        table: the table.
        sha256: its digest.

    Raises:
        InputError: if the record is of another table, or no record.
        StoreError: if it cannot be read.
    """
    path = beside(table)
    if not path.is_file():
        return None
    found = read_json(path)
    if not isinstance(found, dict) or "sha256" not in found:
        return None  # a file of somebody else's that has this name
    if found.get("schema") != SCHEMA:
        raise InputError(f"{path} has schema {found.get('schema')!r}, this version reads {SCHEMA}: import again.")
    try:
        record = Origin(
            str(found["sha256"]),
            _texts(found["map"]),
            _texts(found["conventions"]),
            str(found["points"]),
            tuple(Source(**source) for source in found["sources"]),
            tuple(map(str, found["notes"])),
            str(found["version"]),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no record of a table ({type(error).__name__}: {error}): import again.") from error
    if record.sha256 != sha256:
        raise InputError(
            f"{table} is not the table that {path.name} belongs to (sha256 {sha256[:12]}… instead of "
            f"{record.sha256[:12]}…): import again, or remove {path.name} to read it as any other table."
        )
    return record


def _texts(found: Json) -> dict[str, str]:
    return {str(key): str(item) for key, item in found.items()}


def has_clusters(table: Path | str) -> bool:
    """Whether the record beside a table says that its rows are points of curves, the column "cluster" telling which."""
    path = beside(Path(table))
    found = read_json(path) if path.is_file() else None
    return isinstance(found, dict) and found.get("points") == "every" and "sha256" in found
