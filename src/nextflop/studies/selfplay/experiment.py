"""A game learned by self-play as an experiment: its settings, the timing of the machine, its trials and its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.lab.executors.executor import Executor
from nextflop.lab.selfplay.exact.labelled import solved
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.outside.named import outsider
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.study import Board, Scale, Way, check, design
from nextflop.lab.selfplay.timing import time_generation, time_match, time_outside
from nextflop.lab.study import Study
from nextflop.studies.conduct import Experiment
from nextflop.studies.selfplay.answers import Scope, answer
from nextflop.studies.selfplay.measure import ELO, REGRET, Measure

RUNNER = "nextflop.lab.selfplay.trials:run"
SMALLEST, BESIDE = 3, 2  # of the boards of Hex beside the study's own, and how many there are at most
SHORT = 5.0  # minutes; a shorter study makes every run with one seed, on one board
LABELLING = {
    "connect4": 30.0,
    "hex": 10.0,
}  # seconds of labelling positions by perfect play, where they are more than one
LONGER = {"connect4": 1.6}  # times as long as untrained games, those of a run in the mean; about 1 on Hex
GAMES: Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "hex": (("size",), (5,)),
    "connect4": (("height", "width"), (6, 7)),
    "othello": (("size",), (6,)),
    "go": (("size",), (5,)),
    "mnk": (("height", "width", "k"), (5, 5, 4)),
}
"""Game → what tells its board, and the board if none is asked for."""
VARIED = ("simulations", "reuse")
"""Fields of the recipe of which a study may try several values; the first is its own."""
JUDGES: Mapping[str, Measure] = {"perfect": REGRET, "matches": ELO}
"""Who judges agents → what strength is told in."""
DEFAULTS: Mapping[str, Json] = {
    "minutes": 10.0,
    "network": "mlp",
    "search": "gumbel",
    "simulations": (16,),
    "reuse": (4.0,),
    "temperature": 0.0,
    "outside": (),
}


SIZES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "mlp": ((8, 2), (16, 2), (32, 2), (64, 2), (128, 2)),
    "conv": ((2, 1), (4, 1), (6, 1), (10, 1), (16, 1)),  # for as many parameters, an evaluation is ten times the FLOP
}
"""Network → width and depth of those of a study, if none are asked for."""


def self_play(game: str, scope: Scope) -> Experiment:
    """The study of a game, planned for a number of moves and a budget.

    Strength is regret against perfect play where a judge knows it, Elo elsewhere and on every board of Hex, unless the
    settings name the judge.

    Args:
        game: one of `GAMES`.
        scope: what to plan for.
    """
    return Experiment(game, partial(_settings, game), partial(_declare, game), partial(answer, scope=scope))


def _settings(game: str, wanted: Mapping[str, Json]) -> Mapping[str, Json]:
    """All settings; what cannot be built of them is refused here, before the machine is timed."""
    settings: dict[str, Json] = {"board": GAMES[game][1], **DEFAULTS, **wanted}
    sizes = SIZES.get(settings["network"], SIZES["mlp"])
    settings = {"seeds": 2 if settings["minutes"] >= SHORT else 1, "sizes": sizes, **settings}
    check(settings["sizes"], settings["seeds"], settings["temperature"])
    declared = _declared(game, settings["board"])
    judge = _judge(declared, wanted.get("judge"))
    settings = {**settings, "judge": judge, "measure": JUDGES[judge].name}
    for axis in (*VARIED, "outside"):
        if len(set(settings[axis])) < len(settings[axis]):
            given = ",".join(one if isinstance(one, str) else f"{one:g}" for one in settings[axis])
            raise InputError(f"--{axis} {given} names one twice: give each once.")
    if settings["outside"] and judge != "matches":
        raise InputError("--outside names programs to play against, but perfect play judges here: add --judge matches.")
    for program in settings["outside"]:
        outsider(game_of(declared), program).close()
    _recipes(declared, settings)
    for width, depth in settings["sizes"]:
        Shape.of(game_of(declared), width, depth, settings["network"])
    return settings


def _judge(declared: Mapping[str, Json], wanted: Json) -> str:
    """Who judges: whom the user wants, or perfect play where it is known, except of Hex."""
    game = game_of(declared)
    if wanted is None:
        return "perfect" if declared["name"] != "hex" and solved(game) else "matches"
    if wanted not in JUDGES:
        raise InputError(f"--judge {wanted} is none: give {' or '.join(JUDGES)}.")
    if wanted == "perfect" and not solved(game):
        raise InputError(
            f"--judge perfect cannot judge {game.name}: perfect play of it is not known here. Give --judge matches, "
            "or a --board that is solved: hex up to 5, connect4 with (rows + 1) x columns up to 64, mnk 3x3x3."
        )
    return str(wanted)


def _declared(game: str, board: Sequence[int]) -> dict[str, Json]:
    fields = GAMES[game][0]
    if len(board) != len(fields):
        given, wanted = ("x".join(map(str, sizes)) for sizes in (board, GAMES[game][1]))
        raise InputError(f"--board {given} is no board of {game}: give {' x '.join(fields)}, such as {wanted}.")
    return {"name": game, **dict(zip(fields, board, strict=True))}


def _recipes(declared: Mapping[str, Json], settings: Mapping[str, Json]) -> tuple[Recipe, dict[str, list[Recipe]]]:
    """How agents train: from such positions as they are judged in; and what else is tried, one change at a time.

    Matches begin after the first moves, and half of the games of the usual recipe do. Regret is told in positions of
    games of which half of the moves are random: there all games begin with random moves, at most half a longest game.

    Returns:
        The study's own recipe, and the others by the field in which each differs from it.
    """
    own = Recipe(search=settings["search"], **{axis: settings[axis][0] for axis in VARIED})
    if settings["measure"] != ELO.name:
        own = replace(own, opened=1.0, opening=game_of(declared).longest // 2)
    return own, {axis: [replace(own, **{axis: value}) for value in settings[axis][1:]] for axis in VARIED}


def _declare(
    game: str, settings: Mapping[str, Json], about: Mapping[str, Json], places: Executor, workers: int
) -> Study:
    boards = [settings["board"]]
    if game == "hex" and settings["minutes"] >= SHORT:
        (size,) = settings["board"]
        boards = [*((smaller,) for smaller in range(max(SMALLEST, size - BESIDE), size)), *boards]
    games = [_declared(game, board) for board in boards]
    own, others = _recipes(games[-1], settings)
    middle = settings["sizes"][len(settings["sizes"]) // 2]
    ways = [(size, own, "") for size in settings["sizes"]]
    ways += [(middle, recipe, axis) for axis, recipes in others.items() for recipe in recipes]
    spec = {"game": games[-1], "network": settings["network"]}
    timed = [
        places.submit(time_generation, {**spec, "recipe": asdict(recipe), "size": list(size)})
        for size, recipe, _ in ways
    ]
    matches: list[float | None] = [None] * len(games)
    if settings["measure"] == ELO.name:
        played = [places.submit(time_match, declared) for declared in games]
        matches = [future.result() for future in played]
    met = {program: places.submit(time_outside, games[-1], program) for program in settings["outside"]}
    # Perfect play stands beside the matches of Hex; of Connect Four it would take as long again as they do.
    labels = game == "hex" or settings["measure"] == REGRET.name
    seconds = [future.result() for future in timed]
    trained = [
        Way(size, asdict(recipe), LONGER.get(game, 1.0) * each, axis)
        for (size, recipe, axis), each in zip(ways, seconds, strict=True)
    ]
    every = [_board(declared, match, labels) for declared, match in zip(games, matches, strict=True)]
    every[-1] = every[-1]._replace(outside={program: future.result() for program, future in met.items()})
    scale = Scale(
        tuple(every),
        settings["network"],
        tuple(way for way in trained if not way.varied),
        tuple(way for way in trained if way.varied),
        settings["seeds"],
        settings["minutes"],
        workers,
        settings["temperature"],
    )
    return Study(game, RUNNER, settings, {**about, "generation_seconds": seconds}, design(scale))


def _board(declared: Mapping[str, Json], match: float | None, labels: bool) -> Board:
    game = game_of(declared)
    seconds = LABELLING.get(declared["name"], 1.0) if labels and solved(game) else None
    return Board(declared, int(np.prod(game.shape)), match, seconds)
