"""What every executor promises: results and exceptions come back, the dead harm no other call, nothing is left."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from shutil import which

import pytest

from nextflop.errors import FitError, InputError, StoreError
from nextflop.evidence.files import read_lines
from nextflop.evidence.store import Store
from nextflop.lab.executors import executor as promises
from nextflop.lab.executors.executor import Executor, WorkerDied
from nextflop.lab.executors.local import local
from nextflop.lab.executors.named import check
from nextflop.lab.executors.ray import ray
from nextflop.lab.executors.slurm import slurm
from nextflop.lab.perform import run_trials

HERE = Path(__file__).parent
PATIENCE = 60.0  # seconds before a test gives a process up
Open = Callable[[int], AbstractContextManager[Executor]]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the toys."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("slurm", "ray")]  # real clusters


@pytest.fixture(params=["local", "submitit", *SLOW])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens an executor with so many workers. Under "submitit" processes of this machine stand for jobs of Slurm."""
    if request.param in ("submitit", "slurm"):
        pytest.importorskip("submitit", reason="submitit is not installed: pip install 'nextflop[slurm]'")
        here = which("sinfo") and subprocess.run(["sinfo"], capture_output=True).returncode == 0
        if request.param == "slurm" and not here:
            pytest.skip("no Slurm here: run this where sbatch works")
        cluster = "slurm" if request.param == "slurm" else "local"
        return lambda workers: slurm(workers, tmp_path / "slurm", cluster)
    if request.param == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install 'nextflop[ray]'")
        return ray
    return local


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s in vain for {what}"
        time.sleep(0.05)


def runs(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def process_in(path: Path) -> int:
    until(lambda: path.exists() and bool(path.read_text()), f"a call to write {path.name}")
    return int(path.read_text())


def test_calls_return_and_raise_elsewhere_what_they_return_and_raise(opened: Open, tmp_path: Path) -> None:
    from nextflop_toys import add, fail, note

    with opened(2) as places:
        assert isinstance(places, Executor)
        sums = [places.submit(add, place, 1) for place in range(4)]
        wrong = places.submit(fail, "as it was")
        elsewhere = places.submit(note, tmp_path / "note", 0.0)
        assert all(isinstance(future, Future) for future in sums)
        assert [future.result() for future in sums] == [1, 2, 3, 4]
        with pytest.raises(FitError, match=r"^as it was$"):
            wrong.result()
        assert elsewhere.result() == process_in(tmp_path / "note") != os.getpid()


def test_a_dead_worker_harms_its_own_call_alone(opened: Open, tmp_path: Path) -> None:
    from nextflop_toys import add, die, note

    with opened(2) as places:
        long = places.submit(note, tmp_path / "long", 3.0)
        process = process_in(tmp_path / "long")
        with pytest.raises(WorkerDied):
            places.submit(die).result(PATIENCE)
        assert places.submit(add, 1, 1).result(PATIENCE) == 2
        assert long.result(PATIENCE) == process


def test_at_an_exception_what_waits_is_dropped_and_what_runs_is_ended(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nextflop_toys import note

    monkeypatch.setattr(promises, "GRACE", 0.5)
    with pytest.raises(KeyboardInterrupt), opened(1) as places:  # noqa: PT012 (what is tested is how the block ends)
        places.submit(note, tmp_path / "first", 600.0)
        later = places.submit(note, tmp_path / "later", 600.0)
        process = process_in(tmp_path / "first")
        raise KeyboardInterrupt
    assert later.cancelled()
    until(lambda: not runs(process), "the worker to end")
    assert not (tmp_path / "later").exists()


def test_at_an_exception_what_runs_may_finish_and_nothing_more_is_waited_for(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nextflop_toys import linger, note

    monkeypatch.setattr(promises, "GRACE", 10 * PATIENCE)
    with pytest.raises(KeyboardInterrupt), opened(1) as places:  # noqa: PT012 (what is tested is how the block ends)
        places.submit(linger, tmp_path / "begun", tmp_path / "ended", 1.0)
        later = places.submit(note, tmp_path / "later", 600.0)
        until((tmp_path / "begun").exists, "the call to begin")
        left = time.monotonic()
        raise KeyboardInterrupt
    assert time.monotonic() - left < PATIENCE
    assert (tmp_path / "ended").exists()
    assert later.cancelled()


def test_a_worker_killed_in_the_middle_loses_nothing(opened: Open, tmp_path: Path) -> None:
    """The trial goes on from what it had written, in another process; every other is made once."""
    from nextflop_toys import RUNNER, toys

    root = tmp_path / "study"
    trials, store, killed = toys(4, 30, 0.05), Store(root), list[int]()

    def kill(progress: object) -> None:
        with suppress(StopIteration, StoreError):
            worker = next(read_lines(store.folder(trials[0].id) / "workers.jsonl"))["process"]
            if not killed:
                killed.append(worker)
                os.kill(worker, signal.SIGKILL)

    with opened(2) as places:
        run_trials(trials, store, RUNNER, places, kill)
    assert set(store.finished()) == {trial.id for trial in trials}
    made = [line["trial"] for line in read_lines(root / "made.jsonl")]
    assert len(made) == len(set(made)) == 4
    for trial in trials:
        assert [line["count"] for line in read_lines(store.folder(trial.id) / "lines.jsonl")] == list(range(30))
        workers = [line["process"] for line in read_lines(store.folder(trial.id) / "workers.jsonl")]
        assert len(workers) == (2 if trial is trials[0] else 1)
    assert killed


@pytest.mark.parametrize(
    ("name", "workers", "sentence"),
    [
        ("slrum", 2, "did you mean 'slurm'"),
        ("local", 0, "--workers 0 is too few"),
        ("ray", None, "--executor ray takes as many places of the cluster as --workers says"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_a_sentence(name: str, workers: int | None, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check(name, workers)


@pytest.mark.parametrize(("open_", "extra"), [(lambda: ray(1), "ray"), (lambda: slurm(1, Path("none")), "slurm")])
def test_an_extra_that_is_not_installed_is_named(
    open_: Callable[[], AbstractContextManager[Executor]], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ray", "submitit"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InputError, match=rf"pip install 'nextflop\[{extra}\]'"), open_():
        pass


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Ends the cluster of Ray that a failed test may have left."""
    yield
    with suppress(ImportError):
        import ray as client

        client.shutdown()


def test_compiled_programs_are_kept_where_the_user_says_or_until_the_study_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> str:
        with local(1) as places:
            return places.submit(os.getenv, "JAX_COMPILATION_CACHE_DIR").result()

    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    assert "nextflop-compiled-" in told()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    assert told() == str(tmp_path)
