"""MLflow's database, `mlflow.db`: its default store since version 3.

Reference: MLflow, `store/tracking/dbmodels/models.py` (tables experiments, runs, metrics, params, tags).
"""

import sqlite3
import sys
from collections import Counter
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.readers.reading import Log, Reading, seed_of, tally
from nextflop.evidence.readers.sqlite import fingerprint, opened, plain, tables
from nextflop.evidence.run import Source

READER = "mlflow"
TABLES = frozenset({"experiments", "runs", "metrics", "params"})

_RUNS = """
    SELECT runs.run_uuid, runs.name, experiments.name FROM runs LEFT JOIN experiments USING (experiment_id)
    WHERE coalesce(runs.lifecycle_stage, 'active') = 'active'
    AND coalesce(experiments.lifecycle_stage, 'active') = 'active' ORDER BY runs.start_time, runs.run_uuid
"""
_METRICS = "SELECT run_uuid, key, value, step, is_nan FROM metrics ORDER BY timestamp"


def read_mlflow(path: Path) -> Reading:
    """Reads the runs of a database that are not deleted.

    Raises:
        InputError: if the file is damaged, or no such database.
    """
    with opened(path) as connection:
        missing = TABLES - set(tables(connection))
        if missing:
            raise InputError(f"{path} has no table {min(missing)!r}: give the database of an MLflow tracking store.")
        return _read(path, connection)


def _read(path: Path, connection: sqlite3.Connection) -> Reading:
    names = {
        run_id: named(plain(experiment or b""), plain(name or b""), plain(run_id))
        for run_id, name, experiment in connection.execute(_RUNS)
    }
    logs = {run_id: Log() for run_id in names}
    odd: Counter[str] = Counter()
    for run_id, key, value in connection.execute("SELECT run_uuid, key, value FROM params"):
        if run_id in logs:
            logs[run_id].config[plain(key)] = plain(value)
    for run_id, key, value, step, is_nan in connection.execute(_METRICS):
        if run_id not in logs:
            continue
        if isinstance(value, int | float) and isinstance(step, int):
            logs[run_id].add(step, plain(key), float("nan") if is_nan else finite(float(value)))
        else:
            odd["row without a number"] += 1
    source = Source(str(path), fingerprint(path), READER)
    runs = (log.run(names[run_id], source, seed(log)) for run_id, log in logs.items())
    return Reading(tuple(runs), tally(path, odd))


def finite(value: float) -> float:
    """MLflow stores an infinity as the largest float there is."""
    return float("inf") if abs(value) >= sys.float_info.max else value


def named(experiment: str, name: str, run_id: str) -> str:
    """What a run is called: its experiment, unless that is the default one, and its own name."""
    own = name or run_id
    return own if experiment in {"", "Default"} else f"{experiment}/{own}"


def seed(log: Log) -> int | None:
    """The seed that the parameters name; they are all texts."""
    text = log.config.get("seed", "")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else seed_of(log.config)
