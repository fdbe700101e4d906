"""The first moves from which matches begin: games differ by their openings, never by noise."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.engine import Engine

DISTINCT, MOST = 5, 64


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


def telling(engine: Engine[Any]) -> Int[np.ndarray, "openings plies"]:
    """The openings of a study's matches: all first moves, or more moves where the first ones are much alike.

    So many moves are taken as make `DISTINCT` openings that no symmetry of the game turns into one another: one on most
    boards of Hex, two in Connect Four, three in Othello, where the first move is no choice. Of these at most `MOST` are
    played, a frozen sample.
    """
    images = [actions for _, actions in engine.game.symmetries()]
    plies = next(plies for plies in itertools.count(1) if _distinct(openings(engine, plies), images) >= DISTINCT)
    return openings(engine, plies, MOST)


def _distinct(found: Int[np.ndarray, "openings plies"], images: Sequence[Int[np.ndarray, " actions"]]) -> int:
    """How many of them no symmetry turns into one another."""
    return len({min(tuple(image[opening]) for image in images) for opening in found})
