"""`nextflop check` and `nextflop backtest`: what they print and when the answer is no."""

import json
from pathlib import Path

import numpy as np
import pytest

from nextflop.cli.app import main
from nextflop.evidence.runs import Runs


def write(path: Path, runs: Runs) -> str:
    names = [name for name in runs.columns]
    rows = zip(*(runs[name] for name in names), strict=True)
    path.write_text("\n".join([",".join(names), *(",".join(f"{float(v):.8g}" for v in row) for row in rows)]))
    return str(path)


@pytest.fixture
def sound(tmp_path: Path, noisy: Runs) -> str:
    return write(tmp_path / "sound.csv", noisy)


@pytest.fixture
def spoiled(tmp_path: Path, noisy: Runs) -> str:
    loss = noisy["loss"].copy()
    small = np.argsort(noisy["tokens"])[:2]  # two runs that squares follow and absolute deviations do not
    loss[small] *= [1.6, 1.8]
    return write(tmp_path / "spoiled.csv", noisy.with_columns(loss=loss))


def test_a_sound_table_is_believed(sound: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", sound, "--draws", "100"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "No check failed." in out
    assert "would have foretold" in out
    assert "Other ways to ask for the best size" in out


def test_a_spoiled_table_is_not_and_the_exit_status_says_so(spoiled: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", spoiled, "--draws", "100", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["examination"]["believed"] is False
    failed = {v["code"] for v in record["examination"]["verdicts"] if v["outcome"] == "fail"}
    assert "multiverse" in failed
    assert record["examination"]["without_flagged"] is not None


def test_objectives_and_reasons_are_in_the_record(sound: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["fit", sound, "--objective", "absolute-log", "--pin", "E=1.8", "--reason", "measured entropy"]
    assert main([*arguments, "--draws", "20", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "pinball" in record["objective_name"]
    assert record["method"]["pinned"] == {"E": 1.8}
    assert record["method"]["reason"] == "measured entropy"


def test_backtest_prints_a_row_a_cut(sound: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", sound, "--draws", "50", "--folds", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("%" in line and "decades" not in line for line in lines) >= 3
    assert main(["backtest", sound, "--draws", "0", "--folds", "2", "--axis", "params", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["axis"] == "params"
    assert len(record["folds"]) == 2


def test_a_law_that_does_not_foretell_is_refused_by_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compute = np.geomspace(1e18, 1e22, 30)
    table = write(tmp_path / "bent.csv", Runs({"compute": compute, "loss": 3 - 0.002 * np.log10(compute / 1e17) ** 3}))
    assert main(["backtest", table, "--law", "power", "--draws", "50"]) == 1
    assert "fail" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--objective", "hubert"], "did you mean 'huber'"),
        (["--axis", "steps"], "no column 'steps'"),
        (["--resampling", "wilt"], "did you mean 'wild'"),
    ],
)
def test_what_cannot_be_asked_is_wrong_use(
    sound: str, more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", sound, "--draws", "10", *more]) == 2
    assert says in " ".join(capsys.readouterr().err.split())
