"""The register of public data sets: one declarative file each, beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from nextflop.errors import unknown
from nextflop.evidence import bundled
from nextflop.evidence.files import Json


@dataclass(frozen=True)
class File:
    """One file of a data set.

    Attributes:
        name: its name in a folder of the set.
        bytes: its length.
        sha256: its digest, in hexadecimal.
        rows: its records, without the header.
        url: where the same bytes are published; nothing for a file that is derived.
        derived: how the file was made, where it is not published as it is.
        columns: name of a column → what it holds, with its unit; those of use for a fit.
    """

    name: str
    bytes: int
    sha256: str
    rows: int
    url: str = ""
    derived: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """How the rows of a file become runs.

    Attributes:
        name: what the table is called in its set.
        file: the name of the file.
        columns: quantity → column of the file.
        conventions: quantity → how it was counted.
        join: text quantity → columns whose texts together name it.
        dates: quantity → column of dates as 2024-05-31, read as years with a fraction.
        where: column → the text that it must hold for a row to count.
        skip_empty: whether rows are left out in which a mapped cell is empty or nan.
        blank: quantities that may be empty all the same: what was not disclosed, which is then `nan`, or no text.
    """

    name: str
    file: str
    columns: Mapping[str, str]
    conventions: Mapping[str, str] = field(default_factory=dict)
    join: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    skip_empty: bool = False
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """One public data set.

    Attributes:
        name: what it is called here.
        title: what it is.
        paper: who published it, and where.
        arxiv: the papers' arXiv numbers.
        source: the page it comes from.
        version: commit or date of what is held here.
        licence: as the source states it.
        redistribute: whether the licence lets us pass it on.
        backs: which published figures rest on it.
        files: its files, the main one first.
        tables: the tables of runs in them, the main one first; none if the files hold no runs.
    """

    name: str
    title: str
    paper: str
    arxiv: tuple[str, ...]
    source: str
    version: str
    licence: str
    redistribute: bool
    backs: str
    files: tuple[File, ...]
    tables: tuple[Table, ...] = ()

    @property
    def rows(self) -> int:
        """The records of all files."""
        return sum(file.rows for file in self.files)

    def file(self, name: str | None = None) -> File:
        """A file by its name, the main one without.

        Raises:
            InputError: if the set has no such file.
        """
        return _named(f"file of {self.name}", name, {file.name: file for file in self.files})

    def table(self, name: str | None = None) -> Table:
        """A table of runs by its name, the main one without.

        Raises:
            InputError: if the set has no such table.
        """
        return _named(f"table of {self.name}", name, {table.name: table for table in self.tables})


def names() -> tuple[str, ...]:
    """The names of all data sets, sorted."""
    return bundled.names(_folder())


@cache
def find(name: str) -> DataSet:
    """A data set by its name.

    Raises:
        InputError: if there is none of that name.
    """
    record = bundled.load(_folder(), name, "data set")
    record["arxiv"] = tuple(record["arxiv"])
    record["files"] = tuple(File(**entry) for entry in record["files"])
    record["tables"] = tuple(_table(entry) for entry in record.get("tables", ()))
    return DataSet(name=name, **record)


def _folder() -> Traversable:
    return files("nextflop.published") / "sets"


def _table(entry: dict[str, Json]) -> Table:
    entry["join"] = {name: tuple(columns) for name, columns in entry.get("join", {}).items()}
    entry["blank"] = tuple(entry.get("blank", ()))
    return Table(**entry)


_Entry = TypeVar("_Entry", File, Table)


def _named(kind: str, name: str | None, known: Mapping[str, _Entry]) -> _Entry:
    if name is None and known:
        return next(iter(known.values()))
    if name not in known:
        raise unknown(kind, name or "", known)
    return known[name]
