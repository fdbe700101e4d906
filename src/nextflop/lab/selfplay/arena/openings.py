"""The first moves from which matches begin: games differ by their openings, never by noise."""

import itertools
from typing import Any

import numpy as np
from jaxtyping import Int

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.engine import Engine


def openings(
    engine: Engine[Any], plies: int, count: int | None = None, seed: int = 0
) -> Int[np.ndarray, "openings plies"]:
    """Legal first moves, after which nobody has won: all of them in order, or a frozen sample.

    Args:
        engine: of the game.
        plies: moves of an opening.
        count: how many at most; all if not given.
        seed: of the sample.

    Raises:
        InputError: if the game has no opening of so many moves.
    """
    every = np.array(list(itertools.product(range(engine.game.actions), repeat=plies)), int).reshape(-1, plies)
    batch, alive = engine.start(len(every)), np.ones(len(every), bool)
    for ply in range(plies):
        alive &= engine.look(batch).legal[np.arange(len(every)), every[:, ply]]
        # An illegal action may do anything, so that game is stopped where it stands by an action that is legal.
        legal = np.where(alive, every[:, ply], engine.look(batch).legal.argmax(1))
        batch = engine.play(batch, legal)
    alive &= ~engine.look(batch).over
    found = every[alive]
    if not len(found):
        raise InputError(f"{engine.game.name} has no opening of {plies} moves after which it goes on: give fewer.")
    if count is None or count >= len(found):
        return found
    return found[np.sort(np.random.default_rng(seed).choice(len(found), count, replace=False))]
