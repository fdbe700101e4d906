"""Whether a program plays our game: what it plays must be legal here, and it must count the end as we do."""

from typing import Any

import numpy as np

from nextflop.errors import ProgramError
from nextflop.lab.selfplay.engines.engine import Engine
from nextflop.lab.selfplay.outside.outsider import Outsider


def check(engine: Engine[Any], outsider: Outsider, games: int = 50, seed: int = 0) -> None:
    """Games against random play, half of them begun by the program; `ProgramError` tells the first that goes wrong.

    No program knows of a limit of moves: a game of Go that ours cuts short may be counted otherwise by one that takes
    dead stones off, so give rules whose `longest` leaves time to capture them.

    Args:
        engine: our rules.
        outsider: the program.
        games: how many.
        seed: of the random moves, and of the program where it takes one.
    """
    rng, playing = np.random.default_rng(seed), np.arange(games)
    batch, moves = engine.start(games), np.empty((games, 0), np.int32)
    while len(playing):
        look = engine.look(batch)
        actions = np.where(look.legal, rng.random(look.legal.shape), -1).argmax(1)
        theirs = np.flatnonzero(look.mover == playing % 2)
        if len(theirs):
            seeds = rng.integers(2**63, size=len(theirs)).astype(np.uint64)
            actions[theirs] = outsider.answer(moves[theirs], look.take(theirs), seeds)
        batch, moves = engine.play(batch, actions), np.column_stack([moves, actions])
        look = engine.look(batch)
        for row in np.flatnonzero(look.over):
            _agree(outsider, moves[row].tolist(), float(look.outcome[row]))
        alive = np.flatnonzero(~look.over)
        batch, moves, playing = engine.take(batch, alive), moves[alive], playing[alive]


def _agree(outsider: Outsider, moves: list[int], outcome: float) -> None:
    lead = outsider.lead(moves)
    if np.sign(lead) != outcome:
        words = " ".join(outsider.notation.write(moves))
        raise ProgramError(
            f"{outsider.name} counts {lead:g} for the first player, to whom our {outsider.game.name} gives {outcome:g},"
            f" after {words}: set its rules as ours are."
        )
