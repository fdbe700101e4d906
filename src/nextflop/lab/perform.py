"""Runs the trials of a study, each once what it needs is there; one that fails leaves the others alone."""

import json
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError, NextflopError, StoreError, TrialError
from nextflop.evidence.run import Run
from nextflop.evidence.store import Store
from nextflop.lab.executors.executor import Executor, WorkerDied
from nextflop.lab.trial import Bench, Stopped, Trial

ERROR = "error.txt"  # in the folder of a trial that failed: where and why
EVERY = 0.2  # seconds between two reports of a trial
NAMED = 5  # causes that are told at most


class Progress(NamedTuple):
    """How a trial goes: its id, the share done, a few words."""

    id: str
    share: float
    words: str


def perform(runner: str, root: Path, trial: Trial, sitting: Path | None = None) -> str:
    """Runs one trial and stores its run; a run that is there already is not made again.

    Args:
        runner: "module:function" of a function from `Bench` to `Run`.
        root: the folder of the store.
        trial: the job.
        sitting: the folder that hears how it goes; the trial stops soon after that folder is gone.

    Returns:
        The id of the trial.
    """
    store = Store(root)
    bench = Bench(store, trial) if sitting is None else Bench(store, trial, _teller(sitting / trial.id), _gone(sitting))
    with bench.owned():
        if trial.id not in bench.store.finished():
            failed = bench.folder / ERROR
            failed.unlink(missing_ok=True)
            module, name = runner.split(":")
            try:
                run: Run = getattr(import_module(module), name)(bench)
                bench.store.add(run, trial.id)
            except Stopped:
                raise
            except Exception:
                with suppress(OSError):  # a full disk, say
                    failed.write_text(traceback.format_exc(), encoding="utf-8")
                raise
    return trial.id


def run_trials(
    trials: Sequence[Trial],
    store: Store,
    runner: str,
    executor: Executor,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Runs every trial that the store does not hold yet, in the given order as far as needs and workers allow.

    A trial whose worker died is begun once more. One that fails is left, with what needs it; all others are run.

    Raises:
        TrialError: if trials failed, once the others are done.
        InputError: if a trial needs one that does not exist.
    """
    done = set(store.finished())
    waiting = [trial for trial in trials if trial.id not in done]
    running: dict[Future[str], Trial] = {}
    again: set[str] = set()
    failed: dict[str, Exception] = {}
    heard: dict[str, Progress] = {}
    root = store.root.resolve()  # workers may be in another folder
    with _sitting(root) as sitting:
        while waiting or running:
            for trial in [trial for trial in waiting if done.issuperset(trial.needs)]:
                waiting.remove(trial)
                running[executor.submit(perform, runner, root, trial, sitting)] = trial
            if not running:
                break
            ended, _ = wait(running, timeout=EVERY, return_when=FIRST_COMPLETED)
            for trial in running.values():
                progress = _told(sitting / trial.id)
                if progress is not None and progress != heard.get(trial.id):
                    heard[trial.id] = progress
                    on_progress(progress)
            for future in ended:
                trial = running.pop(future)
                try:
                    done.add(future.result())
                    on_progress(Progress(trial.id, 1.0, "done"))
                except WorkerDied as error:
                    if trial.id in again:
                        failed[trial.id] = error
                    else:
                        again.add(trial.id)
                        waiting.insert(0, trial)
                except Exception as error:
                    failed[trial.id] = error
    if failed:
        names = {trial.id: trial.name for trial in trials}
        raise _summed({names[id]: error for id, error in failed.items()}, len(waiting)) from next(iter(failed.values()))
    if waiting:
        names = ", ".join(trial.name for trial in waiting)
        raise InputError(f"What these trials need is neither in the study nor in the store: {names}.")


def _summed(failed: Mapping[str, Exception], left: int) -> TrialError:
    causes: dict[str, list[str]] = {}
    for name, error in failed.items():
        said = (
            str(error)
            if isinstance(error, NextflopError)
            else f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        )
        if isinstance(error, WorkerDied):
            said = f"its worker died twice; if memory ran out, use smaller --sizes. {error}"
        causes.setdefault(said, []).append(name)
    told = [f"{', '.join(names)}: {said.rstrip('.')}." for said, names in causes.items()]
    more = [f"And {len(told) - NAMED} other causes."] if len(told) > NAMED else []
    number = "1 trial" if len(failed) == 1 else f"{len(failed)} trials"
    needing = f", {left} more that need what they make were not begun" if left else ""
    return TrialError(
        f"{number} failed{needing}; all others are done and kept. {' '.join([*told[:NAMED], *more])} "
        f"Mend that and go on with --resume; runs/<id>/{ERROR} has the details."
    )


@contextmanager
def _sitting(root: Path) -> Iterator[Path]:
    """A folder in that of the study, which workers on any machine see; it goes, and they stop, when the block ends."""
    try:
        folder = Path(tempfile.mkdtemp(dir=root, prefix=".sitting-"))
    except OSError as error:
        raise StoreError(f"Cannot work in {root}: {error.strerror or error}.") from error
    try:
        yield folder
    finally:
        over = folder.rename(folder.with_name(f"{folder.name}-over"))  # at once, while workers still write there
        shutil.rmtree(over, ignore_errors=True)


def _gone(sitting: Path) -> Callable[[], bool]:
    return lambda: not sitting.exists()


def _teller(path: Path) -> Callable[[float, str], None]:
    """Keeps a trial's last report in a file. What is not written is not missed: a report is no result."""
    last = 0.0

    def tell(share: float, words: str) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY:
            last, draft = time.monotonic(), path.with_suffix(".draft")
            with suppress(OSError):
                draft.write_text(json.dumps([share, words]))
                draft.replace(path)

    return tell


def _told(path: Path) -> Progress | None:
    try:
        share, words = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return Progress(path.name, share, words)
