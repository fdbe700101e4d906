"""`read_runs`: a table of runs from whatever a path holds, a table or logs."""

from collections.abc import Collection, Mapping
from pathlib import Path

from nextflop.errors import InputError, unknown
from nextflop.evidence.conventions import canonical
from nextflop.evidence.files import digest
from nextflop.evidence.frame import PARQUET_MAGIC, parquet_header, read_parquet
from nextflop.evidence.points import to_table
from nextflop.evidence.readers.reading import Reading
from nextflop.evidence.readers.registry import find
from nextflop.evidence.readers.remote import is_remote, read_remote
from nextflop.evidence.runs import Runs
from nextflop.evidence.table import read_table, table_rows


def read_runs(
    path: Path | str,
    columns: Mapping[str, str],
    conventions: Mapping[str, str] | None = None,
    *,
    points: str = "last",
    response: str | None = None,
    online: bool = False,
) -> Runs:
    """Reads runs from a table or from logs, whichever the path holds.

    Tables: CSV, TSV, JSON Lines, Parquet. Logs: TensorBoard event files, W&B `.wandb` files, MLflow's database or
    `mlruns/`, Trackio's database, a store of nextflop; a file, or a folder with files of one kind. With `online` also
    `wandb://entity/project` and `mlflow+https://host/experiment`.

    Args:
        path: the file or folder.
        columns: quantity → column of the table; in logs a metric, "step", "config.KEY" or "summary.KEY".
        conventions: quantity → how it was counted.
        points: of logs: which points of a curve become rows, "last", "best" or "every".
        response: of logs: the quantity whose logging makes a row; "loss" if that is mapped.
        online: whether a remote address may be asked.

    Returns:
        One run (or one point of a run) a row; the notes say what was damaged or left out.

    Raises:
        InputError: if the path cannot be read, a key is not there, or a cell of a table does not hold what it must.
    """
    return from_log_or_table(path, read_log(path, online=online), columns, conventions or {}, points, response)


def from_log_or_table(
    path: Path | str,
    reading: Reading | None,
    columns: Mapping[str, str],
    conventions: Mapping[str, str],
    points: str = "last",
    response: str | None = None,
    blank: Collection[str] = (),
) -> Runs:
    """The runs of a path whose log, if it holds one, has been read; see `read_runs`."""
    for quantity in conventions:
        if quantity not in {*columns, "tokens"}:  # tokens may follow from compute and parameters
            raise unknown("quantity to have a convention", quantity, columns)
    conventions = {quantity: canonical(quantity, text) for quantity, text in conventions.items()}
    if reading is not None:
        source = f"{path} ({_of(reading)})"
        notes = [str(one) for one in reading.skipped]
        return to_table(
            reading.runs,
            columns,
            conventions,
            points=points,
            response=response,
            where=path,
            source=source,
            notes=notes,
        )
    if points != "last" or response is not None:
        raise InputError(f"{path} is a table, of which every row counts: leave out the choice of points.")
    return (read_parquet if is_parquet(Path(path)) else read_table)(path, columns, conventions, blank=blank)


def read_log(path: Path | str, *, online: bool = False) -> Reading | None:
    """The log at a path or a remote address; nothing if the path holds a table.

    Raises:
        InputError: if it cannot be read, or holds no run.
    """
    if is_remote(path):
        reading = read_remote(path, online=online)
    else:
        found = find(Path(path))
        if found is None and Path(path).is_dir():
            raise InputError(f"{path} is a folder without a table or a log that is known: give the path of one.")
        reading = None if found is None else found.read()
    if reading is not None and not reading.runs:
        damage = "; ".join(map(str, reading.skipped))
        raise InputError(f"{path} holds no run{f' ({damage})' if damage else ''}: give the path of a log with runs.")
    return reading


def _of(reading: Reading) -> str:
    """What the source says of a log: how many runs, which reader, and a digest of the files' digests."""
    sources = {source.file: source for run in reading.runs if (source := run.source) is not None}
    readers = ", ".join(sorted({source.reader for source in sources.values()})) or "no reader"
    whole = digest([source.digest for source in sources.values()])
    return f"{len(reading.runs)} runs, {readers}, sha256 {whole}"


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its ending or its first bytes."""
    if path.suffix.lower() in {".parquet", ".pq"}:
        return True
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    except OSError:
        return False  # the reader of tables has the sentence for it


def header(path: Path | str) -> tuple[int, dict[str, str]]:
    """How many rows a table has, and its columns with their first cells.

    Raises:
        InputError: if it cannot be read.
    """
    if is_parquet(Path(path)):
        return parquet_header(Path(path))
    rows = table_rows(Path(path), {})
    return len(rows), {str(name): str(cell) for name, cell in (rows[0].cells if rows else {}).items()}
