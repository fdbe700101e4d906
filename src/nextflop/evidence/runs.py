"""A table of runs as columns, which is what laws are fitted to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import digest
from nextflop.evidence.run import Run

Column = np.ndarray  # float64 or str, one entry a run


@dataclass(frozen=True, eq=False)
class Runs:
    """An immutable table: named columns of equal length, the conventions of each, and its origin.

    Two tables are equal when their digests are; the origin does not count.

    Attributes:
        columns: name → array of shape (runs,), read-only; numbers are float64 in base units.
        conventions: name of a column → how it was counted.
        source: where the table comes from, for a person to read.
        notes: what was left out when it was read, a sentence each.
    """

    columns: Mapping[str, Column]
    conventions: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        frozen: dict[str, Column] = {}
        for name, values in self.columns.items():
            column = np.array(values)
            column = column.astype(str) if column.dtype.kind in "OSU" else column.astype(np.float64)
            if column.ndim != 1:
                raise InputError(f"Column {name!r} has {column.ndim} dimensions: give one value a run.")
            column.flags.writeable = False
            frozen[name] = column
        lengths = {name: len(column) for name, column in frozen.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"The columns differ in length ({lengths}): give one value a run in each.")
        object.__setattr__(self, "columns", MappingProxyType(frozen))
        object.__setattr__(self, "conventions", MappingProxyType(dict(self.conventions)))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        if name not in self.columns:
            raise unknown("column", name, self.columns)
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    @cached_property
    def digest(self) -> str:
        """SHA-256 of columns and conventions; the order of the columns does not count, that of the runs does."""
        return digest({"columns": dict(self.columns), "conventions": dict(self.conventions)})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Runs) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def where(self, keep: np.ndarray | None = None, **equal: object) -> "Runs":
        """The runs for which `keep` (a mask or an index array) holds and the named columns equal the given values."""
        chosen = np.arange(len(self)) if keep is None else np.arange(len(self))[keep]
        for name, value in equal.items():
            chosen = chosen[self[name][chosen] == value]
        return replace(self, columns={name: values[chosen] for name, values in self.columns.items()})

    def with_columns(self, **columns: Column) -> "Runs":
        """The table with columns added or replaced."""
        return replace(self, columns={**self.columns, **columns})

    def group_by(self, name: str) -> Iterator[tuple[object, "Runs"]]:
        """The values of a column in sorted order, each with its runs; runs without a value (`nan`) are one group."""
        values, group = np.unique(self[name], return_inverse=True)
        for index, value in enumerate(values):
            yield value.item(), self.where(group == index)

    @classmethod
    def from_runs(cls, runs: Iterable[Run], quantities: Sequence[str], source: str = "") -> "Runs":
        """A table of the final quantities of some runs, with columns "run" (the id), "seed" and the named ones.

        A quantity that a run did not measure is `nan`.

        Raises:
            InputError: if runs that are mixed count a quantity by different conventions.
        """
        runs = list(runs)
        conventions: dict[str, str] = {}
        for name in quantities:
            ways = {run.conventions[name] for run in runs if name in run.conventions}
            if len(ways) > 1:
                raise InputError(
                    f"{name!r} is counted in several ways ({', '.join(sorted(ways))}): convert to one first."
                )
            if ways:
                conventions[name] = ways.pop()
        columns: dict[str, Column] = {
            name: np.array([run.quantities.get(name, np.nan) for run in runs], dtype=np.float64) for name in quantities
        }
        columns["seed"] = np.array([np.nan if run.seed is None else run.seed for run in runs], dtype=np.float64)
        columns["run"] = np.array([run.id for run in runs], dtype=str)
        return cls(columns, conventions, source)

    @classmethod
    def from_frame(
        cls, frame: Any, columns: Mapping[str, str] | None = None, conventions: Mapping[str, str] | None = None
    ) -> "Runs":
        """The runs in a dataframe of any library that narwhals knows: pandas, polars, PyArrow, DuckDB and others.

        Args:
            frame: the dataframe, one run a row; a lazy one is collected.
            columns: quantity → name of its column; each column of its own name if not given.
            conventions: quantity → how it was counted.

        Raises:
            InputError: if it is no dataframe, a column is not there, or a cell does not hold what its quantity needs.
        """
        from nextflop.evidence.frame import from_frame

        return from_frame(frame, columns, conventions)

    def to_frame(self, backend: str = "pandas") -> Any:
        """The columns as a dataframe of a library, "pandas", "polars", "pyarrow" or another that narwhals knows.

        Raises:
            InputError: if there is no such library here; the message says what to install.
        """
        from nextflop.evidence.frame import to_frame

        return to_frame(self, backend)
