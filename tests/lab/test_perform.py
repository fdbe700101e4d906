"""Trials on worker processes: in order, once each, through kills and beside other processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nextflop.errors import StoreError, TrialError
from nextflop.evidence.files import read_lines
from nextflop.evidence.store import Store
from nextflop.lab.executors.local import local
from nextflop.lab.perform import ERROR, Progress, run_trials
from nextflop.lab.study import Study
from nextflop.lab.trial import Trial

HERE = Path(__file__).parent
PATIENCE = 60.0  # seconds before a test gives a process up


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the toy trials."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]))


def started(root: Path, number: int, count: int, pause: float) -> "subprocess.Popen[str]":
    words = [sys.executable, str(HERE / "nextflop_toys.py"), str(root), str(number), str(count), str(pause)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def until(condition: object, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s in vain for {what}"
        time.sleep(0.05)


def made(root: Path) -> list[str]:
    return [line["trial"] for line in read_lines(root / "made.jsonl")]


@pytest.fixture
def children() -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that a test started; whatever of them is left is killed with its whole session."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_trials_run_once_each_when_what_they_need_is_there(tmp_path: Path) -> None:
    from nextflop_toys import RUNNER, toys

    trials, heard = toys(6, 3, 0.0), list[Progress]()
    with local(2) as places:
        run_trials(trials, Store(tmp_path), RUNNER, places, heard.append)
        run_trials(trials, Store(tmp_path), RUNNER, places)  # all there: nothing to do
    assert sorted(made(tmp_path)) == sorted(trial.id for trial in trials)
    assert set(Store(tmp_path).finished()) == {trial.id for trial in trials}
    for line in read_lines(tmp_path / "made.jsonl"):
        needs = next(trial.needs for trial in trials if trial.id == line["trial"])
        assert tuple(line["seen"]) == needs
    assert {progress.id for progress in heard} <= {trial.id for trial in trials}
    assert all(0 <= progress.share <= 1 for progress in heard)


def test_what_fails_is_told_of_and_marked_and_the_rest_goes_on(tmp_path: Path) -> None:
    """One that raises, one whose disk is full, one that needs what failed, and two without anything to do with them."""
    from nextflop_toys import RUNNER

    bad = Trial("toy", "bad", {"fails": True})
    full = Trial("toy", "full", {"full": True})
    needs = Trial("toy", "needs it", {"count": 2}, (bad.id,))
    good = [Trial("toy", f"good {place}", {"count": 1, "place": place}) for place in range(2)]
    with pytest.raises(TrialError) as caught, local(1) as places:
        run_trials((bad, full, needs, *good), Store(tmp_path), RUNNER, places)
    said = str(caught.value)
    assert said.startswith("2 trials failed, 1 more that need what they make were not begun; all others are done")
    assert "bad: bad was told to fail." in said
    assert "full: Cannot work in" in said
    assert "No space left on device" in said
    assert "--resume" in said
    assert set(Store(tmp_path).finished()) == {trial.id for trial in good}
    assert "told to fail" in (Store(tmp_path).folder(bad.id) / ERROR).read_text()
    assert not list(tmp_path.glob(".sitting-*"))


def test_a_trial_whose_worker_died_is_begun_once_more(tmp_path: Path) -> None:
    from nextflop_toys import RUNNER

    once, other = (
        Trial("toy", "once", {"dies": "once", "count": 3}),
        Trial("toy", "other", {"count": 40, "pause": 0.02}),
    )
    with local(2) as places:
        run_trials((once, other), Store(tmp_path), RUNNER, places)
    assert set(Store(tmp_path).finished()) == {once.id, other.id}
    workers = list(read_lines(Store(tmp_path).folder(other.id) / "workers.jsonl"))
    assert len(workers) == 1  # the other worker was left alone
    deadly, good = Trial("toy", "deadly", {"dies": "always"}), Trial("toy", "good", {"count": 1})
    with pytest.raises(TrialError, match="deadly: its worker died twice; if memory ran out"), local(1) as places:
        run_trials((deadly, good), Store(tmp_path), RUNNER, places)
    assert good.id in Store(tmp_path).finished()


def test_a_killed_study_leaves_no_workers_and_goes_on_where_it_was(
    tmp_path: Path, children: list["subprocess.Popen[str]"]
) -> None:
    """SIGKILL of the study's own process alone: its workers notice within seconds, and no count is made twice."""
    first = started(tmp_path, 4, 40, 0.05)
    children.append(first)
    until(lambda: len(list(tmp_path.glob("runs/*/lines.jsonl"))) >= 2, "two trials under way")
    time.sleep(0.5)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    def still() -> bool:
        sizes = [path.stat().st_size for path in tmp_path.glob("runs/*/lines.jsonl")]
        time.sleep(0.5)
        return sizes == [path.stat().st_size for path in tmp_path.glob("runs/*/lines.jsonl")]

    until(still, "the orphaned workers to end")
    before = {path: len(path.read_text().splitlines()) for path in tmp_path.glob("runs/*/lines.jsonl")}
    assert 0 < sum(before.values()) < 160
    second = started(tmp_path, 4, 40, 0.0)
    children.append(second)
    out, error = second.communicate(timeout=PATIENCE)
    assert "done" in out, error
    assert len(made(tmp_path)) == len(set(made(tmp_path))) == 4
    for path in tmp_path.glob("runs/*/lines.jsonl"):
        counts = [line["count"] for line in read_lines(path)]
        assert counts == list(range(40))


def test_two_studies_in_one_folder_share_the_work(tmp_path: Path, children: list["subprocess.Popen[str]"]) -> None:
    pair = [started(tmp_path, 6, 10, 0.02) for _ in range(2)]
    children.extend(pair)
    outs = [process.communicate(timeout=PATIENCE) for process in pair]
    assert all("done" in out for out, _ in outs), outs
    assert len(made(tmp_path)) == len(set(made(tmp_path))) == 6
    study = Study.load(tmp_path)
    assert set(Store(tmp_path).finished()) == {trial.id for trial in study.trials}
    assert not list(tmp_path.glob(".declare-*"))


def test_of_two_declarations_the_first_holds(tmp_path: Path) -> None:
    from nextflop_toys import RUNNER, toys

    first = Study("toys", RUNNER, {"number": 2}, {}, toys(2, 1, 0.0)).declare(tmp_path)
    second = Study("toys", RUNNER, {"number": 4}, {}, toys(4, 1, 0.0)).declare(tmp_path)
    assert second == first == Study.load(tmp_path)
    (tmp_path / "study.json").write_text('{"name": "toys"}')
    with pytest.raises(StoreError, match="is not a study"):
        Study.load(tmp_path)
