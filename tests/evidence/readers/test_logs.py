"""Every reader of logs, on files that the real tool wrote, none of which it changes."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nextflop.evidence.readers.read import read_log, read_runs
from nextflop.evidence.readers.reading import Log
from nextflop.evidence.run import Run

from .written import CONFIGS, STEPS, values

PLACES = {"tensorboardx": ".", "wandb": "wandb", "mlflow": "mlflow.db", "mlruns": "mlruns", "trackio": "."}
PARAMS = {"wandb": "config.model.n_params"}
TOOLS = sorted(PLACES)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def runs_of(folder: Path, tool: str) -> dict[str, Run]:
    reading = read_log(folder / PLACES[tool])
    assert reading is not None
    assert reading.skipped == ()
    return {run.name.removeprefix("sweep/"): run for run in reading.runs}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_whole_curve_is_read_and_the_files_are_left_alone(written, tool: str) -> None:
    folder = written(tool)
    before = digests(folder)
    found = runs_of(folder, tool)
    assert digests(folder) == before
    assert sorted(found) == ["r0", "r1"]
    for index, name in enumerate(("r0", "r1")):
        points = [
            {key: point[key] for key in ("step", "val/loss", "tokens")}
            for point in found[name].curve
            if "tokens" in point
        ]
        assert points == [{"step": step, **values(index, step)} for step in STEPS]
        last = values(index, STEPS[-1])
        assert {key: found[name].quantities[key] for key in last} == last


@pytest.mark.parametrize("tool", TOOLS)
def test_settings_and_seed_are_read(written, tool: str) -> None:
    found = runs_of(written(tool), tool)
    for index, name in enumerate(("r0", "r1")):
        config = found[name].config
        known = {**config, **config.get("model", {})}
        assert {key: float(known[key]) for key in CONFIGS[index]} == CONFIGS[index]
        assert found[name].seed == (None if tool == "tensorboardx" else index + 1)  # it stores all numbers as floats


@pytest.mark.parametrize("tool", TOOLS)
def test_every_run_says_which_file_it_comes_from(written, tool: str) -> None:
    for run in runs_of(written(tool), tool).values():
        assert run.source is not None
        assert Path(run.source.file).exists()
        assert len(run.source.digest) == 64
        assert run.source.reader == {"tensorboardx": "tensorboard"}.get(tool, tool)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_table_is_the_same_whatever_tool_logged_it(written, tool: str) -> None:
    columns = {"params": PARAMS.get(tool, "config.n_params"), "tokens": "tokens", "loss": "val/loss"}
    runs = read_runs(written(tool) / PLACES[tool], columns, {"loss": "nats/token"}, points="every")
    rows = sorted(zip(runs["params"], runs["tokens"], runs["loss"], strict=True))
    assert rows == sorted(
        (float(config["n_params"]), point["tokens"], point["val/loss"])
        for index, config in enumerate(CONFIGS)
        for point in (values(index, step) for step in STEPS)
    )
    assert len(set(runs["cluster"])) == 2
    assert runs.conventions == {"loss": "nats per token"}
    assert runs.notes == ()


@pytest.mark.parametrize("tool", ["wandb", "mlflow", "mlruns", "trackio"])
def test_what_is_not_finite_is_not_known(written, tool: str) -> None:
    for run in runs_of(written(tool), tool).values():
        assert str(run.quantities["odd"]) == "nan"
        assert str(run.quantities.get("far", float("nan"))) == "nan"


def test_wandb_keeps_nested_values_and_what_was_put_into_the_summary(written) -> None:
    for index, run in enumerate(runs_of(written("wandb"), "wandb").values()):
        assert run.quantities["grad.norm"] == 1.0
        assert run.quantities["score"] == 7.5 + index
        assert "note" not in run.quantities
        assert run.config["model"]["dims"] == [1, 2]


def test_a_session_that_was_resumed_goes_on_with_its_run(written, tmp_path: Path) -> None:
    first, second = sorted((written("wandb") / "wandb").glob("offline*/*.wandb"))
    for index, file in enumerate((first, first)):
        (tmp_path / f"run-{index}.wandb").write_bytes(file.read_bytes())
    (tmp_path / "run-x.wandb").write_bytes(second.read_bytes())
    reading = read_log(tmp_path)
    assert reading is not None
    assert [run.name for run in reading.runs] == ["r0", "r1"]
    assert len(reading.runs[0].curve) == len(STEPS)


def test_a_later_event_file_goes_before_an_earlier_one(tmp_path: Path) -> None:
    tensorboard = pytest.importorskip("tensorboardX")
    for name, logged in ((".1", {0: 4.0, 10: 3.0, 20: 2.0}), (".2", {20: 2.5, 30: 1.5})):
        with tensorboard.SummaryWriter(str(tmp_path), filename_suffix=name) as writer:
            for step, value in logged.items():
                writer.add_scalar("loss", value, step)
    files = sorted(tmp_path.glob("*tfevents*"), key=lambda path: path.suffix)
    for index, path in enumerate(files):
        path.rename(tmp_path / f"events.out.tfevents.{index}")
    reading = read_log(tmp_path)
    assert reading is not None
    (run,) = reading.runs
    assert [(point["step"], point["loss"]) for point in run.curve] == [(0, 4.0), (10, 3.0), (20, 2.5), (30, 1.5)]


def test_a_database_with_unwritten_changes_is_read_with_them_and_left_alone(written, tmp_path: Path) -> None:
    import shutil

    source = written("trackio") / "sweep.db"
    path = tmp_path / "sweep.db"
    shutil.copyfile(source, path)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE metrics SET metrics = json_set(metrics, '$.tokens', 77) WHERE step = 50")
    writer.commit()
    assert path.with_name("sweep.db-wal").stat().st_size > 0
    before = digests(tmp_path)
    reading = read_log(path)
    assert digests(tmp_path) == before
    writer.close()
    assert reading is not None
    assert [run.quantities["tokens"] for run in reading.runs] == [77.0, 77.0]


def test_a_metric_called_step_does_not_move_the_points() -> None:
    log = Log()
    log.add(4, "step", 99.0)
    log.add(4, "loss", 2.0)
    assert log.curve() == [{"loss": 2.0, "step": 4.0}]


def test_trackio_before_runs_had_ids_and_what_is_unreadable_in_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_name TEXT, step INTEGER, metrics TEXT)")
        connection.execute("CREATE TABLE configs (id INTEGER PRIMARY KEY, run_name TEXT, config TEXT)")
        rows = [("a", 0, '{"loss": 3.0}'), ("a", 1, '{"loss": 2.0}'), ("b", 0, '{"loss": 4.0}')]
        rows += [("a", 2, '{"loss": '), ("b", 1, "[1]"), ("b", "x", '{"loss": 9.0}')]
        connection.executemany("INSERT INTO metrics (run_name, step, metrics) VALUES (?, ?, ?)", rows)
        connection.execute("INSERT INTO configs (run_name, config) VALUES ('a', '{\"n\": 7}'), ('b', '{')")
        connection.commit()
    reading = read_log(path)
    assert reading is not None
    assert {run.name: run.quantities["loss"] for run in reading.runs} == {"a": 2.0, "b": 4.0}
    assert reading.runs[0].config == {"n": 7}
    told = sorted(map(str, reading.skipped))
    assert told == [f"{path}: 1 unreadable configuration left out", f"{path}: 3 unreadable rows left out"]
