"""How long a generation takes on this machine, asked of the worker processes that will do the work."""

import time

from nextflop.evidence.files import Json
from nextflop.lab.selfplay.training.agent import Agent, generation
from nextflop.lab.selfplay.trials.agents import setting

TIMED = 3


def time_generation(spec: dict[str, Json]) -> float:
    """Seconds of one generation, the best of a few after one that compiles."""
    engine, shape, recipe = setting(spec)
    agent, seconds = Agent.init(engine.game, shape, recipe, 0), []
    for number in range(1 + TIMED):
        clock = time.perf_counter()
        agent, _ = generation(engine, recipe, 0, agent, number)
        seconds.append(time.perf_counter() - clock)
    return min(seconds[1:])
