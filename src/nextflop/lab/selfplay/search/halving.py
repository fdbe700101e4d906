"""Sequential halving: which of the considered actions are visited when (Karnin et al. 2013).

A phase visits its actions the same number of times, then the better half goes on. The set of a phase is fixed when it
begins and the subtrees of its actions do not meet, so one visit to each of them is one step: 16 simulations over 16
actions are one step, 64 over 16 are 15.
"""

from functools import cache
from math import ceil, log2
from typing import NamedTuple

import numpy as np


class Schedule(NamedTuple):
    """The steps of a search, for every number of actions that may be considered: arrays (considered + 1, steps).

    Attributes:
        width: actions that a step visits; 0 when the search is over.
        begins: whether it begins a phase.
    """

    width: np.ndarray
    begins: np.ndarray


@cache
def schedule(simulations: int, considered: int) -> Schedule:
    """The steps of a search with so many simulations, as in Danihelka et al. 2022 (Policy improvement by planning with
    Gumbel, algorithm 2): phases of at least one visit, never fewer than two actions, until all simulations are spent.
    """
    every = [_steps(simulations, number) for number in range(considered + 1)]
    longest = max(map(len, every))
    width, begins = np.zeros((considered + 1, longest), np.int32), np.zeros((considered + 1, longest), bool)
    for number, steps in enumerate(every):
        for place, (size, begun) in enumerate(steps):
            width[number, place], begins[number, place] = size, begun
    return Schedule(width, begins)


@cache
def abreast(simulations: int, considered: int) -> Schedule:
    """The same with the last steps of all searches in the last column: what a last visit finds, nobody goes beyond."""
    width, begins = schedule(simulations, considered)
    idle = (width == 0).sum(1)
    return Schedule(*(np.stack([np.roll(*row) for row in zip(part, idle, strict=True)]) for part in (width, begins)))


def _steps(simulations: int, number: int) -> list[tuple[int, bool]]:
    if number < 2:
        return [(number, place == 0) for place in range(simulations if number else 0)]
    steps, left, size, halvings = [], simulations, number, ceil(log2(number))
    while left:
        for place in range(max(1, simulations // (halvings * size))):
            steps.append((min(size, left), place == 0))
            left -= steps[-1][0]
            if not left:
                break
        size = max(2, size // 2)
    return steps
