"""The Countdown study as an experiment: its settings, the timing of the machine, its trials and its answers."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

from nextflop.evidence.files import Json
from nextflop.lab import machine
from nextflop.lab.executors.executor import Executor
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.study import BATCH, Scale, design
from nextflop.lab.study import Study
from nextflop.studies.conduct import Experiment
from nextflop.studies.countdown.answers import Scope, answer

RUNNER = "nextflop.lab.reasoning.trials:run"
SHORT = 5.0  # minutes; a shorter study makes every run with one seed, and its checks say what that is worth
DEFAULTS: Mapping[str, Json] = {
    "minutes": 10.0,
    "sizes": ((32, 2), (64, 2), (128, 2)),
    "numbers": 4,
}


def countdown(scope: Scope) -> Experiment:
    """The study, planned for some queries and a budget."""
    return Experiment("countdown", _settings, _declare, partial(answer, scope=scope))


def _settings(wanted: Mapping[str, Json]) -> Mapping[str, Json]:
    settings = {**DEFAULTS, **wanted}
    Countdown(numbers=settings["numbers"])  # refuses what it cannot be, before the machine is timed
    return {"seeds": 2 if settings["minutes"] >= SHORT else 1, **settings}


def _declare(settings: Mapping[str, Json], about: Mapping[str, Json], places: Executor, workers: int) -> Study:
    game = Countdown(numbers=settings["numbers"])
    timed = [places.submit(machine.time_steps, asdict(game), settings["sizes"], BATCH) for _ in range(workers)]
    step_seconds = tuple(max(times) for times in zip(*(future.result() for future in timed), strict=True))
    scale = Scale(settings["sizes"], settings["seeds"], settings["minutes"], workers, step_seconds)
    return Study("countdown", RUNNER, settings, {**about, "step_seconds": step_seconds}, design(game, scale))
