"""A declared experiment: a folder that says what will be measured, and then holds it.

study.json     the declaration: settings, machine, every trial; written before the first trial begins
store.json     the folder is a store of runs (see `nextflop.evidence.store`)
runs/…
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nextflop import __version__
from nextflop.errors import InputError, StoreError
from nextflop.evidence.files import Json, read_json, write_json
from nextflop.evidence.run import Run
from nextflop.evidence.store import Store
from nextflop.lab.executors.executor import Executor
from nextflop.lab.perform import Progress, run_trials
from nextflop.lab.trial import Trial


@dataclass(frozen=True)
class Study:
    """A declaration.

    Attributes:
        name: the experiment, such as "countdown".
        runner: "module:function" that makes a run from a bench.
        settings: what the user asked for.
        machine: where it was first run.
        trials: every job, in the order in which they are best begun.
        version: of nextflop.
    """

    name: str
    runner: str
    settings: Mapping[str, Json]
    machine: Mapping[str, Json]
    trials: tuple[Trial, ...]
    version: str = __version__

    def to_json(self) -> dict[str, Json]:
        """The declaration as JSON."""
        return {**vars(self), "trials": [trial.to_json() for trial in self.trials]}

    @classmethod
    def load(cls, root: Path) -> "Study":
        """Reads the declaration of a folder.

        Raises:
            StoreError: if there is none, or it cannot be read.
        """
        record = read_json(root / "study.json")
        try:
            trials = tuple(Trial.from_json(trial) for trial in record.pop("trials"))
            return cls(trials=trials, **record)
        except (KeyError, TypeError) as error:
            raise StoreError(f"{root / 'study.json'} is not a study ({error}): choose another folder.") from error

    def declare(self, root: Path) -> "Study":
        """Writes the declaration; where another process has just written one, that one holds and is returned."""
        Store(root)
        with tempfile.TemporaryDirectory(dir=root, prefix=".declare-") as folder:
            draft = Path(folder) / "study.json"
            write_json(draft, self.to_json())
            with suppress(FileExistsError):
                os.link(draft, root / "study.json")
        return type(self).load(root)

    def runs(self, root: Path) -> dict[str, Run]:
        """Trial id → run, of the trials that are finished."""
        store = Store(root)
        done = set(store.finished())
        return {trial.id: store.load(trial.id) for trial in self.trials if trial.id in done}


def has_study(root: Path) -> bool:
    """Whether a folder holds a study.

    Raises:
        InputError: if it holds something else.
    """
    names = {path.name for path in root.iterdir()} if root.is_dir() else set()
    if "study.json" in names:
        return True
    # Another process may be about to declare a study here, or was killed when it was.
    known = {"store.json", "runs", "slurm"}
    others = {name for name in names - known if not name.startswith((".declare-", ".store.json."))}
    if others or (root.exists() and not root.is_dir()):
        raise InputError(f"{root} exists and is no study: choose another folder with --out.")
    return False


def carry_out(
    study: Study, root: Path, executor: Executor, on_progress: Callable[[Progress], None] = lambda progress: None
) -> dict[str, Run]:
    """Makes every run that is missing and returns all of them, trial id → run.

    Raises:
        TrialError: if trials failed; the other runs are made all the same.
    """
    run_trials(study.trials, Store(root), study.runner, executor, on_progress)
    return study.runs(root)
