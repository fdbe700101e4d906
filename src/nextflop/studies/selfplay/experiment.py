"""Hex by self-play as an experiment: its settings, the timing of the machine, its trials and its answers."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

from nextflop.evidence.files import Json
from nextflop.lab.executor import Pool
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.study import Scale, design
from nextflop.lab.selfplay.timing import time_generation
from nextflop.lab.study import Study
from nextflop.studies.conduct import Experiment
from nextflop.studies.selfplay.answers import Scope, answer

RUNNER = "nextflop.lab.selfplay.trials:run"
SMALLEST, BESIDE = 3, 2  # of the boards beside the study's own, and how many there are at most
SHORT = 5.0  # minutes; a shorter study makes every run with one seed, on one board
DEFAULTS: Mapping[str, Json] = {
    "minutes": 10.0,
    "board": 5,
    "sizes": ((8, 2), (16, 2), (32, 2), (64, 2), (128, 2)),
    "network": "mlp",
    "simulations": 16,
    "reuse": 4.0,
}


def hex_game(scope: Scope) -> Experiment:
    """The study of Hex, planned for a number of moves and a budget."""
    return Experiment(_settings, _declare, partial(answer, scope=scope))


def _settings(wanted: Mapping[str, Json]) -> Mapping[str, Json]:
    settings = {**DEFAULTS, **wanted}
    return {"seeds": 2 if settings["minutes"] >= SHORT else 1, **settings}


def _declare(settings: Mapping[str, Json], about: Mapping[str, Json], pool: Pool, workers: int) -> Study:
    board = Hex(settings["board"]).size
    boards = [board]
    if settings["minutes"] >= SHORT:
        boards = [*range(max(SMALLEST, board - BESIDE), board), board]
    games = tuple({"name": "hex", "size": size} for size in boards)
    recipe = asdict(Recipe(simulations=settings["simulations"], reuse=settings["reuse"]))
    spec = {"game": games[-1], "network": settings["network"], "recipe": recipe}
    timed = [pool.executor.submit(time_generation, {**spec, "size": list(size)}) for size in settings["sizes"]]
    seconds = tuple(future.result() for future in timed)
    scale = Scale(
        games,
        tuple(size**2 for size in boards),
        settings["network"],
        tuple(settings["sizes"]),
        settings["seeds"],
        settings["minutes"],
        workers,
        seconds,
        recipe,
    )
    return Study("hex", RUNNER, settings, {**about, "generation_seconds": list(seconds)}, design(scale))
