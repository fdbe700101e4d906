"""From an empty folder, or one in which a study was stopped, to its answers."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from nextflop.errors import InputError
from nextflop.evidence.files import Json, read_json, write_json
from nextflop.evidence.store import Store
from nextflop.lab import machine
from nextflop.lab.executors.executor import Executor
from nextflop.lab.executors.local import local
from nextflop.lab.executors.named import EXECUTORS, check
from nextflop.lab.perform import Progress
from nextflop.lab.study import Study, carry_out, has_study
from nextflop.lab.trial import Trial

SITTINGS = "sittings"  # one file for every time the study was measured at, with its wall seconds


@runtime_checkable
class Watcher(Protocol):
    """Who is told how the study goes."""

    def say(self, stage: str) -> None:
        """A new stage begins."""

    def plan(self, trials: Sequence[Trial], done: Sequence[str], workers: int) -> None:
        """What will run, and what is there already."""

    def __call__(self, progress: Progress) -> None:
        """One report of one trial."""


@dataclass(frozen=True)
class Experiment:
    """What a study does in its three stages.

    Attributes:
        name: of the study.
        settings: what the user asked for → all settings, those that he left open too.
        declare: settings, the machine's description, an executor and the number of its workers → the declaration, once
            the workers have been timed.
        answer: a finished study and its folder → the answers.
    """

    name: str
    settings: Callable[[Mapping[str, Json]], Mapping[str, Json]]
    declare: Callable[[Mapping[str, Json], Mapping[str, Json], Executor, int], Study]
    answer: Callable[[Study, Path], dict[str, Json]]


def conduct(
    experiment: Experiment,
    root: Path,
    wanted: Mapping[str, Json],
    resume: bool,
    watch: Watcher,
    workers: int | None = None,
    executor: str = "local",
) -> dict[str, Json]:
    """Measures what is missing, fits, plans, and writes `answers.json`.

    Args:
        experiment: what is studied.
        root: the study's folder.
        wanted: settings that the user gave; the rest are the defaults, or those of the study that is resumed.
        resume: whether a study may be there already.
        watch: who is told how it goes.
        workers: trials at once; if not given one a core of this machine, or a single one where it has an accelerator.
        executor: where they run, one of `EXECUTORS`; any but "local" must be given the workers.

    Returns:
        The answers, as written.

    Raises:
        InputError: if the folder holds a study and `resume` is false, or a study of other settings; if there is no such
            executor, or what it works through is not installed.
        TrialError: if trials failed; the others are made and kept.
    """
    check(executor, workers)
    there = has_study(root)
    if there and not resume:
        raise InputError(
            f"{root} holds a study already: go on with it by --resume, or choose another folder with --out."
        )
    if there:
        _must_agree(Study.load(root), experiment.name, wanted, root)
    if not (there and _complete(Study.load(root), root)):
        began = time.monotonic()
        try:
            _measure(experiment, root, wanted, watch, workers, executor)
        finally:  # a sitting that is broken off counts too
            if (root / "study.json").exists():
                name = f"{time.time_ns()}-{os.getpid()}.json"
                write_json(root / SITTINGS / name, {"seconds": time.monotonic() - began})
    watch.say("Fitting and planning")
    began = time.monotonic()
    answers = experiment.answer(Study.load(root), root)
    measuring = sum(read_json(path)["seconds"] for path in (root / SITTINGS).glob("*.json"))
    answers["wall"] = {"measuring": measuring, "fitting and planning": time.monotonic() - began}
    write_json(root / "answers.json", answers)
    return answers


def _measure(
    experiment: Experiment,
    root: Path,
    wanted: Mapping[str, Json],
    watch: Watcher,
    workers: int | None,
    executor: str,
) -> None:
    study = Study.load(root) if has_study(root) else None
    settings = {} if study else experiment.settings(wanted)
    Store(root)  # settings that cannot be, and an unwritable folder, are told of before anything is started
    watch.say("Starting the workers")
    number = workers or _workers()
    with EXECUTORS[executor](number, root) as places:
        study = study or _declare(experiment, settings, places, number, watch).declare(root)
        watch.plan(study.trials, Store(root).finished(), number)
        watch.say("Measuring")
        carry_out(study, root, places, watch)


def _workers() -> int:
    with local(1) as places:
        about = places.submit(machine.describe, machine.cores()).result()
    return about.cores if about.backend == "cpu" else 1


def _declare(
    experiment: Experiment, settings: Mapping[str, Json], places: Executor, workers: int, watch: Watcher
) -> Study:
    about = places.submit(machine.describe, machine.cores()).result()
    watch.say("Timing the workers")
    return experiment.declare(settings, {**about._asdict(), "workers": workers}, places, workers)


def _must_agree(study: Study, name: str, wanted: Mapping[str, Json], root: Path) -> None:
    if study.name != name:
        raise InputError(f"{root} holds a study of {study.name}, not of {name}: choose another folder with --out.")
    for name, value in wanted.items():
        if name in study.settings and _listed(study.settings[name]) != _listed(value):
            raise InputError(
                f"{root} holds a study with {name} {study.settings[name]}, not {value}: leave --{name} out to go on, "
                "or choose another folder with --out."
            )


def _complete(study: Study, root: Path) -> bool:
    return {trial.id for trial in study.trials} <= set(Store(root).finished())


def _listed(value: Json) -> Json:
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
