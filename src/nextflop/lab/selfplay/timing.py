"""How long generations and matches take on this machine, asked of the worker processes that will do the work."""

import time
from collections.abc import Mapping

import numpy as np

from nextflop.evidence.files import Json
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import telling
from nextflop.lab.selfplay.arena.players import Anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.outside.named import outsider
from nextflop.lab.selfplay.training.agent import Agent, generation
from nextflop.lab.selfplay.trials.agents import setting

TIMED, ENOUGH = 3, 5.0  # generations at most, and seconds after which no other one is begun
STRONGER, WEAKER = 30, 10  # simulations of the anchors whose match is timed
OPENINGS = 8  # of it, about


def time_generation(spec: dict[str, Json]) -> float:
    """Seconds of one generation, the best of a few after one that compiles; of one alone where they are long."""
    engine, shape, recipe = setting(spec)
    agent, seconds = Agent.init(engine.game, shape, recipe, 0), []
    for number in range(1 + TIMED):
        clock = time.perf_counter()
        agent, _ = generation(engine, recipe, 0, agent, number)
        seconds.append(time.perf_counter() - clock)
        if number and sum(seconds) > ENOUGH:
            break
    return min(seconds[1:])


def time_match(declared: Mapping[str, Json]) -> float:
    """Seconds of a match between anchors over all openings of a game, for every simulation that its sides have a move.

    It is told by some of the openings, the best of a few times after one that compiles.
    """
    engine = Compiled(game_of(declared))
    one, other = Anchor(engine.game, STRONGER), Anchor(engine.game, WEAKER)
    (some, times), seconds = _some(engine), []
    gauntlet(engine, one, (other,), some[:1])
    for _ in range(TIMED):
        clock = time.perf_counter()
        gauntlet(engine, one, (other,), some)
        seconds.append(time.perf_counter() - clock)
    return min(seconds) * times / (STRONGER + WEAKER)


def time_outside(declared: Mapping[str, Json], program: str) -> float:
    """Seconds of a match between a program and the weakest anchor that searches, over all openings of a game.

    Raises:
        InputError: if there is no such program.
        ProgramError: if it fails.
    """
    engine = Compiled(game_of(declared))
    weak, (some, times) = Anchor(engine.game, WEAKER), _some(engine)
    gauntlet(engine, weak, (Anchor(engine.game, 0),), some[:1])  # compiles
    with outsider(engine.game, program) as rival:
        clock = time.perf_counter()
        gauntlet(engine, weak, (rival,), some)
        seconds = time.perf_counter() - clock
    return seconds * times


def _some(engine: Compiled) -> tuple[np.ndarray, float]:
    """About `OPENINGS` of a game's, and how many times as many there are."""
    firsts = telling(engine)
    some = firsts[:: -(-len(firsts) // OPENINGS)]
    return some, len(firsts) / len(some)
