"""Dataframes and Parquet at the border, through narwhals: whatever library the user has."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.cells import Row, missing, to_runs
from nextflop.evidence.conventions import agreed
from nextflop.evidence.files import digest
from nextflop.evidence.origin import origin
from nextflop.evidence.runs import Runs

if TYPE_CHECKING:
    import narwhals as nw

PARQUET_MAGIC = b"PAR1"

_ENGINES = {"pyarrow": "pyarrow", "polars": "polars", "pandas": "fastparquet"}
"""Libraries for dataframes, in the order in which they are tried, and the module that reads Parquet for each."""


def from_frame(
    frame: Any, columns: Mapping[str, str] | None = None, conventions: Mapping[str, str] | None = None
) -> Runs:
    """The runs in a dataframe; see `Runs.from_frame`."""
    import narwhals as nw

    try:
        known = nw.from_native(frame)
    except TypeError as error:
        kind = type(frame).__name__
        raise InputError(
            f"A {kind} is no dataframe that narwhals knows: give one of pandas, polars or PyArrow."
        ) from error
    whole = known.collect() if isinstance(known, nw.LazyFrame) else known
    return _runs("the dataframe", whole, columns, conventions or {}, "a dataframe")


def to_frame(runs: Runs, backend: str = "pandas") -> Any:
    """The columns as a dataframe; see `Runs.to_frame`."""
    import narwhals as nw

    columns = {name: values.tolist() for name, values in runs.columns.items()}
    kinds = {name: nw.String() if values.dtype.kind == "U" else nw.Float64() for name, values in runs.columns.items()}
    try:
        return nw.from_dict(columns, schema=kinds, backend=cast("Any", backend)).to_native()
    except ModuleNotFoundError as error:
        raise InputError(f"{backend} is not installed: install it, or name another library.") from error
    except (ValueError, TypeError, AssertionError) as error:
        raise InputError(f"{backend!r} is no library for dataframes here: give pandas, polars or pyarrow.") from error


def read_parquet(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    conventions: Mapping[str, str] | None = None,
    *,
    blank: Collection[str] = (),
) -> Runs:
    """Reads a Parquet file of runs with the engine that is installed.

    Args:
        path: the file.
        columns: quantity → name of its column; each column of its own name if not given.
        conventions: quantity → how it was counted.
        blank: quantities that may be missing in a row, and are then `nan`.

    Returns:
        One run a row; the source names the file and its SHA-256.

    Raises:
        InputError: if the file cannot be read, no engine is installed, a column is not there or a cell does not hold
            what its quantity needs.
    """
    path = Path(path)
    try:
        whole = digest(path.read_bytes())
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}; give the path of a table of runs.") from error
    saved = origin(path, whole)
    frame = _engine_reads(path)
    if saved is None:
        return _runs(str(path), frame, columns, conventions or {}, f"{path} (sha256 {whole})", blank)
    mapped = columns or {name: name for name in frame.columns}
    known = {quantity: saved.conventions[name] for quantity, name in mapped.items() if name in saved.conventions}
    ways = agreed(path, known, conventions or {})
    runs = _runs(str(path), frame, mapped, ways, f"{path} (sha256 {whole})", blank)
    return replace(runs, notes=saved.notes)


def parquet_header(path: Path) -> tuple[int, dict[str, str]]:
    """How many rows a Parquet file has, and its columns with their first cells.

    Raises:
        InputError: if it cannot be read.
    """
    frame = _engine_reads(path)
    first = frame.row(0) if len(frame) else ("",) * len(frame.columns)
    return len(frame), {name: str(cell) for name, cell in zip(frame.columns, first, strict=True)}


def write_parquet(path: Path, runs: Runs) -> bytes:
    """The bytes of a Parquet file of runs."""
    import tempfile

    import narwhals as nw

    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "runs.parquet"
        nw.from_native(to_frame(runs, _engine(path)), eager_only=True).write_parquet(draft)
        return draft.read_bytes()


def _engine(path: Path) -> str:
    for name, module in _ENGINES.items():
        if find_spec(name) is not None and find_spec(module) is not None:
            return name
    raise InputError(
        f"{path} is Parquet, for which a library is needed: pip install 'nextflop[parquet]', or polars; "
        "or save the table as CSV."
    )


def _engine_reads(path: Path) -> "nw.DataFrame[Any]":
    import narwhals as nw

    engine = _engine(path)
    checks = {"page_checksum_verification": True} if engine == "pyarrow" else {}  # where the writer made checksums
    try:
        return nw.read_parquet(str(path), backend=cast("Any", engine), **checks)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # every engine has errors of its own, and polars panics beside `Exception`
        says = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(f"{path} is not a Parquet file that {engine} reads ({says}): write it again.") from error


def _runs(
    table: str,
    frame: "nw.DataFrame[Any]",
    columns: Mapping[str, str] | None,
    conventions: Mapping[str, str],
    source: str,
    blank: Collection[str] = (),
) -> Runs:
    if columns is None:
        return Runs({name: _as_it_is(frame[name]) for name in frame.columns}, conventions, source)
    for quantity, column in columns.items():
        if column not in frame.columns:
            raise missing(table, quantity, column, frame.columns, "columns")
    cells = [_cells(frame[column]) for column in columns.values()]
    rows = [
        Row(index, dict(zip(columns.values(), row, strict=True)))
        for index, row in enumerate(zip(*cells, strict=True), 1)
    ]
    return to_runs(table, rows, columns, conventions, source, "row", blank=blank)


def _as_it_is(column: "nw.Series[Any]") -> np.ndarray:
    """A column that no quantity is mapped to: numbers with `nan` where there is none, or texts."""
    if column.dtype.is_numeric():
        return np.array([np.nan if cell is None else cell for cell in _cells(column)], dtype=np.float64)
    return np.array(["" if cell is None else str(cell) for cell in _cells(column)], dtype=str)


def _cells(column: "nw.Series[Any]") -> list[Any]:
    """The cells as Python has them; NumPy's own scalars unwrapped."""
    return [cell.item() if isinstance(cell, np.generic) else cell for cell in column.to_list()]
