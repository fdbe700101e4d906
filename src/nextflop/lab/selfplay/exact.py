"""Agents judged by perfect play, where the game is solved: no league, no scale that ends."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from nextflop.lab.selfplay.arena.players import Player
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.engine import Engine, Read
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.solve import Solution, solve_hex, solve_mnk

POSITIONS = 1000
SEED = 1_000_003  # the positions are the same in every study


class Labelled(NamedTuple):
    """Positions of random games, and what every action is worth in them.

    Attributes:
        batch: the positions, of the compiled engine.
        worth: 1, 0 or -1 to the mover under perfect play; NaN where an action is illegal.
    """

    batch: Any
    worth: np.ndarray

    def to_bytes(self) -> bytes:
        """As an npz file."""
        import io

        out = io.BytesIO()
        np.savez(out, batch=self.batch, worth=self.worth)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Labelled":
        """Back."""
        import io

        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(arrays["batch"], arrays["worth"])


def solved(game: Game[Any]) -> bool:
    """Whether the laboratory can list all positions of a game."""
    return (isinstance(game, Hex) and game.size <= 4) or (isinstance(game, Mnk) and game == Mnk())


@cache
def labelled(game: Game[Any], count: int = POSITIONS) -> Labelled:
    """Positions after a random number of random moves, each once: open ones, in which it matters what is played."""
    solution: Solution = solve_hex(game.size) if isinstance(game, Hex) else solve_mnk()
    engine, rng = Compiled(game), np.random.default_rng(SEED)
    batch, found = engine.start(8 * count), []
    while len(batch):
        look = engine.look(batch)
        batch, legal = batch[~look.over], look.legal[~look.over]
        stop = rng.random(len(batch)) < 1.5 / game.longest
        found.append(batch[stop])
        batch, legal = batch[~stop], legal[~stop]
        if len(batch):
            batch = engine.play(batch, np.where(legal, rng.random(legal.shape), -1).argmax(1))
    positions = np.unique(np.concatenate(found), axis=0)
    worth = solution.after(engine.look(positions).observed.reshape(len(positions), -1, *game.shape))
    matters = np.flatnonzero(np.nanmax(worth, 1) > np.nanmin(worth, 1))
    kept = rng.permutation(matters)[:count]
    return Labelled(positions[kept], worth[kept])


def judge(engine: Engine[Any], player: Player, found: Labelled, seed: int = 0) -> dict[str, float]:
    """How a player fares in positions whose best moves are known.

    Returns:
        "optimal": the share of moves that are as good as the best; "regret": the outcome that a move gives away, mean,
        0 to 2.
    """
    seeds = np.random.SeedSequence([SEED, seed]).generate_state(len(found.worth), np.uint64)
    actions, asked = player.choose(found.batch, engine.look(found.batch), seeds)
    lost = np.nanmax(found.worth, 1) - found.worth[np.arange(len(actions)), actions]
    return {
        "optimal": float((lost == 0).mean()),
        "regret": float(lost.mean()),
        "regret_error": float(lost.std() / len(lost) ** 0.5),
        "evaluations": float(asked),
    }


def value_error(engine: Engine[Any], read: Read, found: Labelled) -> float:
    """Root mean square of a network's values against those of perfect play."""
    values = read(engine.look(found.batch).observed)[1]
    return float(np.sqrt(np.mean((values - np.nanmax(found.worth, 1)) ** 2)))
