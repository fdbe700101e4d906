"""`nextflop import`, and the commands that take what it saved or a log as it is."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.run import Run
from nextflop.evidence.store import Store

MAP = "params=config.model.n,tokens=seen,loss=val/loss"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twenty-five runs of a Chinchilla law with curves of four points, and one that diverged."""
    rng = np.random.default_rng(3)
    place = Store(tmp_path / "log")
    for index, (n, d) in enumerate((n, d) for n in np.geomspace(1e7, 1e9, 5) for d in np.geomspace(1e9, 1e11, 5)):
        curve = []
        for step in range(1, 5):
            seen = d * step / 4
            loss = (1.8 + 480 * n**-0.35 + 2100 * seen**-0.37) * np.exp(rng.normal(0, 0.003))
            curve.append({"step": step, "seen": seen, "val/loss": float(loss)})
        place.add(Run(f"run {index}", "logged", curve[-1], {}, {"model": {"n": n}}, None, tuple(curve)))
    place.add(Run("gone", "logged", {"seen": 1.0, "val/loss": float("nan")}, {}, {"model": {"n": 1e7}}))
    return place.root


def test_without_a_mapping_the_keys_are_listed(nextflop, log: Path) -> None:
    outcome = nextflop("import", "log")
    assert outcome.code == 0
    assert "26 runs" in outcome.out
    assert re.search(r"config\.model\.n +26", outcome.out)
    assert "--map" in outcome.out
    told = nextflop("import", log, "--json").json["sources"][0]
    assert told["keys"]["val/loss"][0] == 26
    assert told["left_out"] == []


def test_the_columns_of_a_table_are_listed(nextflop, runs: Path) -> None:
    told = nextflop("import", runs, "--json").json["sources"][0]
    assert told["runs"] == 43
    assert told["keys"]["final loss"][0] == 43
    assert "final loss" in nextflop("import", runs).out


def test_an_import_says_what_it_saved_and_what_it_left_out(nextflop, log: Path, tmp_path: Path) -> None:
    words = ("import", log, "--map", MAP, "--convention", "loss=nats/token", "--out", "runs.csv")
    outcome = nextflop(*words)
    assert outcome.code == 0
    assert "25 rows in runs.csv" in outcome.out
    assert "nats per token" in outcome.out
    assert "run 'gone' left out: its 'val/loss' for loss is not finite" in outcome.err
    assert "Nothing says how params is counted: declare it with --convention." in outcome.err
    told = nextflop(*words, "--json").json
    assert told["rows"] == 25
    assert told["map"]["loss"] == "val/loss"
    assert told["sha256"] == json.loads((tmp_path / "runs.csv.json").read_text())["sha256"]


def test_a_saved_table_needs_no_mapping_and_keeps_its_conventions(nextflop, log: Path) -> None:
    nextflop("import", log, "--map", MAP, "--convention", "loss=nats per token", "--out", "runs.csv")
    told = nextflop("fit", "runs.csv", "--draws", 20, "--json").json
    assert told["conventions"] == {"loss": "nats per token"}
    assert told["left_out"] == ["run 'gone' left out: its 'val/loss' for loss is not finite"]
    assert told["runs"]["number"] == 25


def test_a_log_is_fitted_as_it_is(nextflop, log: Path) -> None:
    outcome = nextflop("fit", log, "--map", MAP, "--draws", 20, "--json")
    assert outcome.code == 0
    assert "run 'gone' left out" in outcome.err
    assert outcome.json["runs"]["number"] == 25
    assert outcome.json["estimate"]["alpha"]["value"] == pytest.approx(0.35, abs=0.1)
    text = nextflop("fit", log, "--map", MAP, "--draws", 20, "--convention", "params=total").out
    assert "25 runs of" in text
    assert "params: all." in text
    assert "Left out in reading: 1 entries" in text


def test_points_of_a_curve_are_drawn_together(nextflop, log: Path) -> None:
    direct = nextflop("fit", log, "--map", MAP, "--points", "every", "--draws", 40, "--json").json
    nextflop("import", log, "--map", MAP, "--points", "every", "--out", "every.csv")
    saved = nextflop("fit", "every.csv", "--draws", 40, "--json").json
    assert direct["runs"]["number"] == saved["runs"]["number"] == 100
    assert direct["estimate"] == saved["estimate"]
    named = nextflop("fit", "every.csv", "--cluster", "cluster", "--draws", 40, "--json").json
    assert named["estimate"] == saved["estimate"]


def test_backtest_and_report_take_a_log(nextflop, log: Path, tmp_path: Path) -> None:
    assert nextflop("backtest", log, "--map", MAP, "--draws", 20, "--folds", 2, "--json").json["left_out"]
    assert nextflop("report", log, "--map", MAP, "--draws", 20, "--out", "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    assert "Left out" in page
    assert "run &#39;gone&#39; left out" in page


def test_parquet_is_as_easy_as_csv(nextflop, runs: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    mapping = "params=N,tokens=tokens,loss=final loss"
    nextflop("import", runs, "--map", mapping, "--out", "runs.parquet")
    (tmp_path / "runs.parquet.json").unlink()
    one = nextflop("fit", "runs.parquet", "--draws", 20, "--json").json
    other = nextflop("fit", runs, "--map", mapping, "--draws", 20, "--json").json
    assert one["estimate"] == other["estimate"]


def test_sources_that_count_differently_are_converted_or_refused(nextflop, runs: Path) -> None:
    columns = "params=N,tokens=tokens,loss=final loss,flop=N"
    for way in ("FLOP", "MAC"):
        nextflop("import", runs, "--map", columns, "--convention", f"flop={way}", "--out", f"{way}.csv")
    plain = "params=params,tokens=tokens,loss=loss,flop=flop"
    refused = nextflop("import", "FLOP.csv", "MAC.csv", "--map", plain, "--out", "both.csv")
    assert refused.code == 2
    assert "convert one of them first with flop=FLOP (FLOP = 2 × MAC)" in refused.err
    done = nextflop(
        "import", "FLOP.csv", "MAC.csv", "--map", plain, "--convert", "flop=FLOP", "--out", "both.csv", "--json"
    )
    assert done.json["rows"] == 86
    assert done.json["conventions"]["flop"] == "FLOP"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["log", "--map", MAP], "--map says what to import and --out is missing"),
        (["log", "--map", "loss", "--out", "a.csv"], "--map 'loss' is not a pair"),
        (["log", "--map", "loss=val_loss", "--out", "a.csv"], "log has no key 'val_loss' for loss; its keys are"),
        (["log", "--map", MAP, "--points", "lats", "--out", "a.csv"], "There is no choice of points 'lats'"),
        (["log", "--map", MAP, "--convention", "los=nats", "--out", "a.csv"], "did you mean 'loss'?"),
        (["log", "--map", MAP, "--convert", "loss=bits per byte", "--out", "a.csv"], "declare first how it is counted"),
        (["none", "--map", MAP, "--out", "a.csv"], "Cannot read none: No such file or directory"),
        (["wandb://me/sweep", "--map", MAP, "--out", "a.csv"], "is on the network: allow it with --online"),
        (["log", "--map", MAP, "--out", "log"], "log is not empty: name a new folder"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(
    nextflop, log: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    outcome = nextflop("import", *words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert sentence in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert not (tmp_path / "a.csv").exists()


def test_a_pipe_is_read_once(nextflop, runs: Path, tmp_path: Path) -> None:
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(runs.read_bytes()))
    writer.start()
    told = nextflop("import", pipe, "--map", "loss=final loss", "--out", "a.csv", "--json").json
    writer.join()
    assert told["rows"] == 43
    assert len(told["sources"][0]["digest"]) == 64


def test_a_key_of_the_log_is_shown_and_never_markup(nextflop, tmp_path: Path) -> None:
    Store(tmp_path / "odd").add(Run("[red]x", "logged", {"[bold]loss": 2.0}, config={"a": "[link=x]\x1b[31m"}))
    outcome = nextflop("import", "odd")
    assert "[bold]loss" in outcome.out
    assert "\x1b" not in outcome.out
