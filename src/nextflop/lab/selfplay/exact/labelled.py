"""Positions that players meet, and what every action is worth in them by perfect play."""

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int16

from nextflop.errors import InputError, StoreError
from nextflop.lab.selfplay.arena.players import Anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.exact.drops import Drops, fits, solve_drops
from nextflop.lab.selfplay.exact.joins import LARGEST, Joins, solve_joins
from nextflop.lab.selfplay.exact.listing import Solution, solve_hex, solve_mnk
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk

POSITIONS = 1000
SEED = 1_000_003  # the positions are the same in every study
GUIDE = 100  # simulations of the anchor that makes half of the moves
EMPTY = {Connect: 30, Hex: 20}  # cells that are empty at most where positions are judged
_ROUNDS, _PART = 8, 50  # of games as many as positions are wanted; positions between two reports


class Labelled(NamedTuple):
    """Positions, and what every action is worth in them.

    Attributes:
        game: the name of their game.
        batch: the positions, of the compiled engine.
        worth: 1, 0 or -1 to the mover under perfect play; NaN where an action is illegal.
    """

    game: str
    batch: Int16[np.ndarray, "positions numbers"]
    worth: Float[np.ndarray, "positions actions"]

    def to_bytes(self) -> bytes:
        """A file in NumPy's format npz; equal positions give equal bytes."""
        file = io.BytesIO()
        np.savez(file, game=np.array(self.game), batch=self.batch, worth=self.worth)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Labelled":
        """What `to_bytes` gave.

        Raises:
            StoreError: if it is anything else.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                return cls(str(file["game"]), file["batch"], file["worth"])
        except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise StoreError("These bytes hold no labelled positions: restore the file, or label anew.") from error


def solved(game: Game[Any]) -> bool:
    """Whether the laboratory knows perfect play of a game: of Hex up to 5 × 5, tic-tac-toe, and Connect Four.

    Connect Four is any board on which four in a row win and (rows + 1) × columns are at most 64.
    """
    if isinstance(game, Connect):
        return game.k == 4 and fits(game.height, game.width)
    return (isinstance(game, Hex) and game.size <= LARGEST) or game == Mnk()


def labelled(game: Game[Any], count: int = POSITIONS, report: Callable[[float], None] = lambda share: None) -> Labelled:
    """Positions of games that are half played well: different ones, in which it matters what is played.

    Each move is at random with probability one half, and else that of the anchor with 100 simulations, so that there
    are positions that players meet and mistakes to be punished. Each game gives one position at most, after a number of
    moves that is random too. Those in which all actions are worth the same are left out.

    Positions of Connect Four are judged from where 30 cells are empty, on 6 × 7 from the 13th move on: there a thousand
    are made and labelled in half a minute on one core. A position takes four times as long with every two moves less,
    and two moves earlier the whole would take more than twice as long; what comes before is for matches to judge. Those
    of Hex 5 × 5 are judged from the sixth move on, for the same reason.

    Args:
        game: one that is `solved`.
        count: of positions; where a game has fewer, all that were met.
        report: told now and then what share of them there is.

    Raises:
        InputError: if the game is not solved.
    """
    if not solved(game):
        raise InputError(
            f"Perfect play of {game.name} is not known: take Hex up to 5 × 5, tic-tac-toe or Connect Four."
        )
    perfect, engine, rng = _perfect(game), Compiled(game), np.random.default_rng(SEED)
    seen: set[bytes] = set()
    found, worth, have = [], [], 0
    for positions in (part for _ in range(_ROUNDS) for part in _parts(_met(engine, count, rng), rng)):
        if have >= count:
            break
        new = positions[[position.tobytes() not in seen for position in positions]]
        seen.update(position.tobytes() for position in new)
        values = perfect.after(engine.look(new).observed.reshape(len(new), -1, *game.shape))
        matters = np.nanmax(values, 1) > np.nanmin(values, 1)
        found.append(new[matters])
        worth.append(values[matters])
        have += int(matters.sum())
        report(min(have / count, 1.0))
    return Labelled(game.name, np.concatenate(found)[:count], np.concatenate(worth)[:count])


def _perfect(game: Game[Any]) -> Drops | Joins | Solution:
    if isinstance(game, Connect):
        return solve_drops(game.height, game.width)
    if isinstance(game, Hex):
        return solve_hex(game.size) if game.size < LARGEST else solve_joins(game.size)
    return solve_mnk()


def _met(engine: Compiled, games: int, rng: np.random.Generator) -> Int16[np.ndarray, "positions numbers"]:
    """At most one position of each of so many games, in which it is to be moved; each once, in order of its numbers."""
    game, batch, found = engine.game, engine.start(games), []
    first = max([0, *(game.longest - most for kind, most in EMPTY.items() if isinstance(game, kind))])
    guide, ply = Anchor(game, GUIDE), 0
    while len(batch):
        look = engine.look(batch)
        going = np.flatnonzero(~look.over)
        batch, look = batch[going], look.take(going)
        if ply >= first:
            stop = rng.random(len(batch)) < 1.5 / (game.longest - first)
            found.append(batch[stop])
            batch, look = batch[~stop], look.take(np.flatnonzero(~stop))
        if len(batch):
            actions = np.where(look.legal, rng.random(look.legal.shape), -1).argmax(1)
            well = np.flatnonzero(rng.random(len(batch)) < 0.5)
            seeds = rng.integers(2**64, size=len(well), dtype=np.uint64)
            actions[well] = guide.choose(batch[well], look.take(well), seeds)[0]
            batch = engine.play(batch, actions)
        ply += 1
    return np.unique(np.concatenate(found), axis=0)


def _parts(
    positions: Int16[np.ndarray, "positions numbers"], rng: np.random.Generator
) -> Iterator[Int16[np.ndarray, "part numbers"]]:
    """The positions in random order, some at a time."""
    positions = rng.permutation(positions)
    for start in range(0, len(positions), _PART):
        yield positions[start : start + _PART]
