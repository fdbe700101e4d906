"""Damaged files: `python mutations.py FORMAT NUMBER WRITTEN` reads that many of them; `test_mutations.py` calls it.

A reader refuses, or says what it left out, or is right; it never crashes, hangs or errs. Formats with checksums must
give a part of the true values and say so where some are missing. Of tables and databases an independent reading of the
same damaged bytes decides what is right. In a process of its own a crash of a library for Parquet is seen as one, and
the checks of types that the other tests run under do not take nine tenths of the time.
"""

import io
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from by_hand import COLUMNS, Value, cells, is_float, stored_by_mlflow, stored_by_trackio, table

from nextflop.errors import NextflopError
from nextflop.evidence.readers.read import read_log, read_runs
from nextflop.evidence.readers.reading import Reading

SLOW = 2.0  # seconds of processor time for one file of a few kilobytes


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes with one kind of damage: flipped bits, a cut, a gap, garbage, a piece moved, doubled or blanked."""
    out = bytearray(data)
    at, length = int(rng.integers(len(data))), int(rng.integers(1, max(2, min(64, len(data) // 2))))
    match int(rng.integers(8)):
        case 0:
            for place in rng.integers(len(out), size=rng.integers(1, 4)):
                out[place] ^= 1 << int(rng.integers(8))
        case 1:
            del out[at:]
        case 2:
            del out[at : at + length]
        case 3:
            out[at:at] = rng.bytes(length)
        case 4:
            source = int(rng.integers(len(out)))
            out[at : at + length] = out[source : source + length]
        case 5:
            out[at:at] = out[at : at + length]
        case 6:
            out[at : at + length] = bytes(len(out[at : at + length]))
        case _:
            out[at] = int(rng.choice(list(b"0123456789eE.,;-+\"'\t\n\r{}[]kMB\x00\xff")))
    return bytes(out)


def mutants(data: bytes, number: int, seed: int) -> Iterator[bytes]:
    rng = np.random.default_rng(seed)
    for _ in range(number):
        yield mutated(data, rng)


def attempt(read: Callable[[], object]) -> object:
    """What a reader gives, or nothing if it refuses; any other exception fails the test, as does too long a time."""
    begin = time.process_time()
    try:
        return read()
    except NextflopError:
        return None
    finally:
        assert time.process_time() - begin < SLOW


def logged(reading: Reading) -> set[Value]:
    """Every value of every run: the run's place, key, step, value; what is not finite counts as minus one."""
    return {
        (index, key, point["step"], -1.0 if np.isnan(value) else value)
        for index, run in enumerate(reading.runs)
        for point in run.curve
        for key, value in point.items()
    }


def small(source: Path, target: Path, names: tuple[str, ...]) -> None:
    """Some tables of a database, as they were declared, in a database of small pages."""
    with closing(sqlite3.connect(target)) as copy, closing(sqlite3.connect(source)) as whole:
        copy.execute("PRAGMA page_size = 512")
        for name in names:
            (sql,) = whole.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            copy.execute(sql)
            for row in whole.execute(f"SELECT * FROM {name}"):
                copy.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        copy.commit()


ROWS = [(4e7 * 2**i, 1e9 * 3**i, 3.5 - i / 8) for i in range(8)]


def csv_of(rows: list[tuple[float, ...]], delimiter: str) -> bytes:
    lines = [("N", "D", "loss", "note"), *((f"{n:.0f}", repr(d), repr(loss), f'"run, {n:g}"') for n, d, loss in rows)]
    return "\n".join(delimiter.join(line) for line in lines).encode()


def jsonl_of(rows: list[tuple[float, ...]]) -> bytes:
    return b"\n".join(json.dumps({"N": n, "D": d, "loss": loss, "note": "a"}).encode() for n, d, loss in rows)


def close(one: list[tuple[float, ...]], other: list[tuple[float, ...]]) -> bool:
    return len(one) == len(other) and np.allclose(one, other, rtol=1e-15, atol=0)


def numbers(path: Path) -> list[tuple[float, ...]] | None:
    runs = attempt(lambda: read_runs(path, COLUMNS))
    return None if runs is None else list(zip(*(runs[name].tolist() for name in COLUMNS), strict=True))


def with_checksums(source: Path, folder: Path, number: int) -> int:
    """Event files and W&B's: a part of the truth, and a count of what is missing."""
    data = source.read_bytes()
    truth = read_log(source)
    assert isinstance(truth, Reading)
    path = folder / source.name
    values, partial = logged(truth), 0
    for damaged in mutants(data, number, seed=1):
        path.write_bytes(damaged)
        found = attempt(lambda: read_log(path))
        if not isinstance(found, Reading):
            continue
        assert logged(found) <= values
        assert all(set(run.config) <= set(truth.runs[0].config) for run in found.runs)
        if logged(found) < values and not data.startswith(damaged):  # a cut between records cannot be seen
            assert found.skipped
            partial += 1
    return partial


def databases(
    source: Path, folder: Path, number: int, names: tuple[str, ...], stored: Callable[[Path], set[Value]]
) -> int:
    """MLflow's and Trackio's: refused, or what SQLite says of the same bytes."""
    path, spoiled = folder / "whole.db", folder / "spoiled.db"
    small(source, path, names)
    reading = read_log(path)
    assert isinstance(reading, Reading)
    truth = {value for value in logged(reading) if value[1] != "step"}
    assert truth == stored(path)
    accepted = 0
    for damaged in mutants(path.read_bytes(), number, seed=2):
        spoiled.write_bytes(damaged)
        found = attempt(lambda: read_log(spoiled))
        if isinstance(found, Reading):
            assert spoiled.read_bytes() == damaged
            values = {value for value in logged(found) if value[1] != "step"}
            assert values == stored(spoiled)
            if "params" in names:  # MLflow keeps every metric twice, in the table and in the index of its key
                assert {value[1:] for value in values} <= {value[1:] for value in truth}
            accepted += 1
    return accepted


def folders(source: Path, folder: Path, number: int) -> int:
    """The lines of `mlruns/`: every value stands in a line, and every line is a value or counted."""
    shutil.copytree(source, folder / "mlruns")
    metas = [path for path in (folder / "mlruns").glob("*/*/meta.yaml") if "deleted" not in path.read_text()]
    metric = metas[0].parent / "metrics" / "val" / "loss"
    accepted = 0
    for damaged in mutants(metric.read_bytes(), number, seed=3):
        metric.write_bytes(damaged)
        found = attempt(lambda: read_log(folder / "mlruns"))
        assert isinstance(found, Reading)
        (run,) = [run for run in found.runs if run.source and run.source.file == str(metas[0].parent)]
        lines = [parts for line in damaged.split(b"\n") if (parts := line.split())]
        told = {float(parts[1]) for parts in lines if len(parts) > 1 and is_float(parts[1])}
        kept = [point["val/loss"] for point in run.curve if "val/loss" in point]
        assert {value for value in kept if not np.isnan(value)} <= told
        assert len(kept) + sum(one.count for one in found.skipped) <= len(lines)
        accepted += not found.skipped
    return accepted


def delimited(ending: str, delimiter: str, folder: Path, number: int) -> int:
    """CSV and its kin: refused, or what a parser written for the test reads with one of the delimiters."""
    path = folder / f"runs.{ending}"
    accepted = 0
    for damaged in mutants(csv_of(ROWS, delimiter), number, seed=4):
        path.write_bytes(damaged)
        found = numbers(path)
        if found is None:
            continue
        text = damaged.decode("utf-8-sig")
        ways = [rows for way in ",\t;|" if (rows := cells(text, way))]
        read = [told for header, *rows in ways if (told := table(header, rows)) is not None]
        assert any(close(found, told) for told in read), damaged
        accepted += 1
    return accepted


def json_lines(folder: Path, number: int) -> int:
    """JSON Lines: refused, or what stands in each line."""
    path = folder / "runs.jsonl"
    accepted = 0
    for damaged in mutants(jsonl_of(ROWS), number, seed=5):
        path.write_bytes(damaged)
        found = numbers(path)
        if found is None:
            continue
        objects = [json.loads(line) for line in damaged.decode("utf-8-sig").split("\n") if line.strip()]
        told = table(list(COLUMNS.values()), [[one[name] for name in COLUMNS.values()] for one in objects])
        assert told is not None
        assert close(found, told)
        accepted += 1
    return accepted


def parquet(folder: Path, number: int, **how: object) -> int:
    """Parquet: refused, or what another library reads; with checksums of pages, the truth."""
    import polars
    import pyarrow
    import pyarrow.parquet

    frame = pyarrow.table(dict(zip(COLUMNS.values(), map(list, zip(*ROWS, strict=True)), strict=True)))
    whole = io.BytesIO()
    pyarrow.parquet.write_table(frame, whole, **how)
    path = folder / "runs.parquet"
    accepted = 0
    for damaged in mutants(whole.getvalue(), number, seed=6):
        path.write_bytes(damaged)
        found = numbers(path)
        if found is None:
            continue
        accepted += 1
        if how.get("write_page_checksum"):
            assert close(found, ROWS), damaged
            continue
        try:
            told = polars.read_parquet(io.BytesIO(damaged)).select(list(COLUMNS.values())).rows()
        except KeyboardInterrupt:
            raise
        except BaseException:  # polars panics beside `Exception`
            continue
        assert close(found, told), damaged
    return accepted


FORMATS: dict[str, Callable[[Path, Path, int], int]] = {
    "tensorboardx": lambda made, place, n: with_checksums(sorted(made.glob("r0/*tfevents*"))[0], place, n),
    "wandb": lambda made, place, n: with_checksums(sorted(made.glob("wandb/offline*/*.wandb"))[0], place, n),
    "mlflow": lambda made, place, n: databases(
        made / "mlflow.db", place, n, ("experiments", "runs", "metrics", "params"), stored_by_mlflow
    ),
    "trackio": lambda made, place, n: databases(made / "sweep.db", place, n, ("metrics", "configs"), stored_by_trackio),
    "mlruns": lambda made, place, n: folders(made / "mlruns", place, n),
    "csv": lambda _, place, n: delimited("csv", ",", place, n),
    "tsv": lambda _, place, n: delimited("tsv", "\t", place, n),
    "semicolons": lambda _, place, n: delimited("txt", ";", place, n),
    "jsonl": lambda _, place, n: json_lines(place, n),
    "parquet": lambda _, place, n: parquet(place, n, compression="NONE"),
    "parquet-zstd": lambda _, place, n: parquet(place, n, compression="zstd"),
    "parquet-checksums": lambda _, place, n: parquet(place, n, compression="NONE", write_page_checksum=True),
}
"""Format → what reads so many damaged files of it and says how many it did not refuse (or found partly damaged)."""

if __name__ == "__main__":
    name, count, made = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        print(FORMATS[name](Path(made), Path(folder), int(count)), time.process_time())
