"""An import is saved with its record, and the record holds when the table is read again."""

import json
from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.imported import gather, store
from nextflop.evidence.readers.read import read_runs
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.evidence.store import Store
from nextflop.evidence.table import read_table

COLUMNS = {"params": "N", "tokens": "D", "loss": "val/loss"}
PLAIN = {name: name for name in COLUMNS}
ROWS = [(1e8, 1e9 / 3, 3.1), (2e8, 2e9, 2.9), (4e8, 4e9, 2.7)]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.csv"
    path.write_text("\n".join(["N,D,val/loss", *(",".join(map(repr, row)) for row in ROWS)]))
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A store of two runs with curves, one of which diverged."""
    place = Store(tmp_path / "log")
    for name, losses in (("a", (3.0, 2.0)), ("b", (4.0, 5.0)), ("bad", (3.0, float("nan")))):
        curve = [{"step": i, "D": 1e9 * (i + 1), "val/loss": loss} for i, loss in enumerate(losses)]
        place.add(Run(name, "logged", {"N": 1e8, **curve[-1]}, {}, {"lr": 0.1}, 3, tuple(curve)))
    return place.root


def columns(runs: Runs) -> dict[str, list]:
    return {name: runs[name].tolist() for name in COLUMNS}


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_saved_table_is_read_bit_for_bit_with_its_conventions(raw: Path, tmp_path: Path, ending: str) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / "deep" / f"runs.{ending}"
    record = store(gather([raw], COLUMNS, {"loss": "nats/token", "params": "total"}), out)
    runs = read_runs(out, PLAIN)
    assert columns(runs) == {name: list(values) for name, values in zip(COLUMNS, zip(*ROWS, strict=True), strict=True)}
    assert runs.conventions == {"loss": "nats per token", "params": "all"}
    assert record.map == COLUMNS
    assert record.sources[0].file == str(raw)
    told = json.loads((tmp_path / "deep" / f"runs.{ending}.json").read_text())
    assert told["sha256"] == record.sha256
    assert told["conventions"] == dict(runs.conventions)


def test_a_table_that_was_changed_is_refused(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs.csv"
    store(gather([raw], COLUMNS), out)
    out.write_text(out.read_text().replace("3.1", "3.0"))
    with pytest.raises(InputError, match=r"runs.csv is not the table that runs.csv.json belongs to"):
        read_table(out, PLAIN)
    (tmp_path / "runs.csv.json").unlink()
    assert read_table(out, PLAIN)["loss"][0] == 3.0


def test_another_convention_than_the_saved_one_is_refused(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs.csv"
    store(gather([raw], COLUMNS, {"loss": "nats per token"}), out)
    assert read_table(out, PLAIN, {"loss": "nats"}).conventions == {"loss": "nats per token"}
    with pytest.raises(InputError, match="loss is counted as 'nats per token', not as 'bits per byte'"):
        read_table(out, PLAIN, {"loss": "bits per byte"})


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"sha256": "0", "schema": 2}, "has schema 2, this version reads 1"),
        ({"sha256": "0", "schema": 1}, "is no record of a table"),
    ],
)
def test_a_spoiled_record_is_one_sentence(raw: Path, record: dict, sentence: str) -> None:
    raw.with_name("raw.csv.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=sentence):
        read_table(raw, COLUMNS)


def test_a_json_file_of_somebody_else_is_no_record(raw: Path) -> None:
    raw.with_name("raw.csv.json").write_text('{"delimiter": ","}')
    assert len(read_table(raw, COLUMNS)) == 3


def test_what_was_left_out_stays_known(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs.csv"
    found = gather([log], COLUMNS)
    store(found, out)
    assert len(found.runs) == 2
    assert found.runs.notes == ("run 'bad' left out: its 'val/loss' for loss is not finite",)
    assert read_runs(out, PLAIN).notes == found.runs.notes


def test_points_of_several_logs_have_clusters_of_their_own(log: Path, tmp_path: Path) -> None:
    found = gather([log, log], COLUMNS, points="every")
    assert len(found.runs) == 10
    assert len(set(found.runs["cluster"])) == 6
    assert found.origin.points == "every"


def test_conversions_make_different_sources_one(raw: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    mapped = {**COLUMNS, "bytes_per_token": "B"}
    raw.write_text("\n".join(["N,D,val/loss,B", *(",".join(map(repr, (*row, 4.0))) for row in ROWS)]))
    store(gather([raw], mapped, {"loss": "nats per token"}), one)
    store(gather([raw], mapped, {"loss": "nats per token"}, {"loss": "bits per byte"}), two)
    names = {name: name for name in mapped}
    with pytest.raises(InputError, match="which do not mix: convert one of them first with loss=nats per token"):
        gather([one, two], names)
    both = gather([one, two], names, conversions={"loss": "nats per token"}).runs
    assert both["loss"] == pytest.approx([row[2] for row in ROWS] * 2, rel=1e-12)
    assert both.conventions == {"loss": "nats per token"}


def test_a_folder_keeps_the_runs_with_their_curves(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept"
    store(gather([log], COLUMNS, {"loss": "nats per token"}), out)
    assert sorted(read_runs(out, PLAIN)["loss"]) == [2.0, 5.0]
    assert sorted(read_runs(out, PLAIN, points="best")["loss"]) == [2.0, 4.0]
    assert read_runs(out, PLAIN).conventions == {"loss": "nats per token"}
    assert {run.seed for run in Store(out)} == {3}
    with pytest.raises(InputError, match="kept is not empty: name a new folder"):
        store(gather([log], COLUMNS), out)


def test_a_folder_that_was_changed_is_refused(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept"
    store(gather([log], COLUMNS), out)
    record = next(out.glob("runs/*/run.json"))
    text = record.read_text()
    record.write_text(text.replace("5.0", "4.5").replace("2.0", "1.5"))
    with pytest.raises(InputError, match="is not the one that was imported"):
        read_runs(out, PLAIN)
    record.write_text(text)
    record.unlink()
    with pytest.raises(InputError, match=r"is not the table that runs\.json belongs to"):
        read_runs(out, PLAIN)


def test_a_table_and_a_log_are_joined_without_the_names(log: Path, raw: Path) -> None:
    found = gather([log, raw], COLUMNS).runs
    assert len(found) == 5
    assert "name" not in found
    assert np.isfinite(found["loss"]).all()
