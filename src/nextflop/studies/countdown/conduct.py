"""From an empty folder, or one in which a study was stopped, to its answers."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, runtime_checkable

from nextflop.errors import InputError
from nextflop.evidence.files import Json, read_json, write_json
from nextflop.evidence.store import Store
from nextflop.lab import machine
from nextflop.lab.executor import Pool, Progress
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.study import BATCH, Scale, design
from nextflop.lab.study import Study, carry_out, has_study, processes
from nextflop.lab.trial import Trial
from nextflop.studies.countdown.answers import Scope, answer

SITTINGS = "sittings"  # one file for every time the study was measured at, with its wall seconds
RUNNER = "nextflop.lab.reasoning.trials:run"
SHORT = 5.0  # minutes; a shorter study makes every run with one seed, and its checks say what that is worth
DEFAULTS: Mapping[str, Json] = {
    "minutes": 10.0,
    "sizes": ((32, 2), (64, 2), (128, 2)),
    "numbers": 4,
}


@runtime_checkable
class Watcher(Protocol):
    """Who is told how the study goes."""

    def say(self, stage: str) -> None:
        """A new stage begins."""

    def plan(self, trials: Sequence[Trial], done: Sequence[str], workers: int) -> None:
        """What will run, and what is there already."""

    def __call__(self, progress: Progress) -> None:
        """One report of one trial."""


def conduct(
    root: Path, wanted: Mapping[str, Json], scope: Scope, resume: bool, watch: Watcher, workers: int | None = None
) -> dict[str, Json]:
    """Measures what is missing, fits, plans, and writes `answers.json`.

    Args:
        root: the study's folder.
        wanted: settings that the user gave; the rest are the defaults, or those of the study that is resumed.
        scope: the queries and the budget to plan for.
        resume: whether a study may be there already.
        watch: who is told how it goes.
        workers: processes; if not given one a core, or a single one where there is an accelerator.

    Returns:
        The answers, as written.

    Raises:
        InputError: if the folder holds a study and `resume` is false, or a study of other settings.
    """
    if workers is not None and workers < 1:
        raise InputError(f"--workers {workers} is too few: give 1 or more.")
    there = has_study(root)
    if there and not resume:
        raise InputError(
            f"{root} holds a study already: go on with it by --resume, or choose another folder with --out."
        )
    if there:
        _must_agree(Study.load(root), wanted, root)
    if not (there and _complete(Study.load(root), root)):
        began = time.monotonic()
        try:
            _measure(root, wanted, watch, workers)
        finally:  # a sitting that is broken off counts too
            if (root / "study.json").exists():
                name = f"{time.time_ns()}-{os.getpid()}.json"
                write_json(root / SITTINGS / name, {"seconds": time.monotonic() - began})
    watch.say("Fitting and planning")
    began = time.monotonic()
    answers = answer(Study.load(root), root, scope)
    measuring = sum(read_json(path)["seconds"] for path in (root / SITTINGS).glob("*.json"))
    answers["wall"] = {"measuring": measuring, "fitting and planning": time.monotonic() - began}
    write_json(root / "answers.json", answers)
    return answers


def _measure(root: Path, wanted: Mapping[str, Json], watch: Watcher, workers: int | None) -> None:
    watch.say("Starting the workers")
    number = workers or _workers()
    with processes(number) as pool:
        settings = {**DEFAULTS, **wanted}
        settings.setdefault("seeds", 2 if settings["minutes"] >= SHORT else 1)
        study = Study.load(root) if has_study(root) else _declare(root, settings, pool, number, watch)
        watch.plan(study.trials, Store(root).finished(), number)
        watch.say("Measuring")
        carry_out(study, root, pool, watch)


def _workers() -> int:
    with processes(1) as pool:
        about = pool.executor.submit(machine.describe, machine.cores()).result()
    return about.cores if about.backend == "cpu" else 1


def _declare(root: Path, settings: Mapping[str, Json], pool: Pool, workers: int, watch: Watcher) -> Study:
    game = Countdown(numbers=settings["numbers"])
    Store(root)  # an unwritable folder is told of before anything is timed
    about = pool.executor.submit(machine.describe, machine.cores()).result()
    watch.say("Timing this machine")
    timed = [pool.executor.submit(machine.time_steps, asdict(game), settings["sizes"], BATCH) for _ in range(workers)]
    step_seconds = tuple(max(times) for times in zip(*(future.result() for future in timed), strict=True))
    scale = Scale(settings["sizes"], settings["seeds"], settings["minutes"], workers, step_seconds)
    about = {**about._asdict(), "workers": workers, "step_seconds": step_seconds}
    return Study("countdown", RUNNER, settings, about, design(game, scale)).declare(root)


def _must_agree(study: Study, wanted: Mapping[str, Json], root: Path) -> None:
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
