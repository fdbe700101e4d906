"""Programs by their names as a user gives them, such as "gnugo-10": the program and how strong it plays."""

from collections.abc import Callable, Mapping
from typing import Any

from nextflop.errors import InputError, unknown
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.outside.judges import fairy_stockfish, gnugo, grhino
from nextflop.lab.selfplay.outside.outsider import Outsider

PROGRAMS: Mapping[str, tuple[Callable[..., Outsider], tuple[type, ...], str]] = {
    "gnugo": (gnugo, (Go,), "go"),
    "grhino": (grhino, (Othello,), "othello"),
    "fairy-stockfish": (fairy_stockfish, (Mnk, Connect), "mnk and connect4"),
}
"""Name → what starts it at a strength of its own measure, the rules that it plays, and those in words."""


def outsider(game: Game[Any], name: str) -> Outsider:
    """The program of a name, in one process.

    Args:
        game: the rules.
        name: such as "gnugo-10", "grhino-3" or "fairy-stockfish-10000".

    Raises:
        InputError: if there is no such program, it is not installed, has no such strength, or does not play the game.
    """
    program, _, strength = name.rpartition("-")
    if program not in PROGRAMS:
        raise unknown("program", program or name, PROGRAMS)
    start, plays, words = PROGRAMS[program]
    if not strength.isdecimal():
        raise InputError(f"{name} does not say how strong {program} plays: write {program}-1, by its own measure.")
    if not isinstance(game, plays):
        raise InputError(f"{program} does not play {game.name}: it plays {words}.")
    return start(game, int(strength))
