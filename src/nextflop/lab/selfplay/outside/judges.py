"""The programs that play our games and can be had from Debian, each at the strength that is asked for."""

import os
import shutil

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.outside import notation
from nextflop.lab.selfplay.outside.languages import Gtp, Uci
from nextflop.lab.selfplay.outside.outsider import Outsider
from nextflop.lab.selfplay.outside.program import Program

_GAMES = "/usr/games"  # where Debian puts them, which is not on every path


def gnugo(game: Go, level: int = 10, processes: int = 1, patience: float = 60.0) -> Outsider:
    """GNU Go 3.8 (Debian's gnugo) with area scoring and positional superko, as our rules are.

    It captures what is dead before it passes, because our rules count every stone for alive. Each move takes its seed.

    Args:
        game: the rules.
        level: 1 to 10, its own measure.
        processes: that answer side by side.
        patience: seconds that a move may take.

    Raises:
        InputError: if it is not installed or has no such level.
    """
    _within("level", level, 10)
    rules = ("--chinese-rules", "--forbid-suicide", "--positional-superko", "--capture-all-dead", "--never-resign")
    command = (found("gnugo"), "--mode", "gtp", *rules, "--level", str(level))
    speakers = tuple(
        Gtp(Program(command, patience), (f"boardsize {game.size}", f"komi {game.komi:g}"), "set_random_seed")
        for _ in range(processes)
    )
    return Outsider(f"gnugo-{level}", game, speakers, notation.go(game))


def grhino(game: Othello, level: int = 3, processes: int = 1, patience: float = 60.0) -> Outsider:
    """GRhino 0.16.1 (Debian's grhino) without variation: in one position it does the same.

    Args:
        game: the rules; it knows 8 × 8 only.
        level: 1 to 5, its own measure.
        processes: that answer side by side.
        patience: seconds that a move may take.

    Raises:
        InputError: if it is not installed, or has no such level or board.
    """
    _within("level", level, 5)
    if game.size != 8:
        raise InputError(f"GRhino plays Othello on 8 cells a side, not {game.size}: give Othello(8).")
    command = (found("gtp-rhino", package="grhino"), "--level", str(level), "--rand", "0", "--book", "0")
    speakers = tuple(Gtp(Program(command, patience), ("boardsize 8",), passes=False) for _ in range(processes))
    return Outsider(f"grhino-{level}", game, speakers, notation.othello(game))


def fairy_stockfish(game: Mnk | Connect, nodes: int = 10_000, processes: int = 1, patience: float = 60.0) -> Outsider:
    """Fairy-Stockfish 11.1 (Debian's fairy-stockfish) at stones in a row, whose rules it is told.

    Its strength is the size of its search and never its "skill", which draws from the clock.

    Args:
        game: the rules; up to 10 rows and 12 columns.
        nodes: of the search, a move.
        processes: that answer side by side.
        patience: seconds that a move may take.

    Raises:
        InputError: if it is not installed or the board is too large.
    """
    _within("nodes", nodes, 10**9)
    if game.height > 10 or game.width > 12:
        raise InputError(f"Fairy-Stockfish has boards of up to 10 rows and 12 columns, not {game.name}.")
    command = (found("fairy-stockfish"),)
    speakers = tuple(Uci(Program(command, patience), game.name, _variant(game), nodes) for _ in range(processes))
    return Outsider(f"fairy-stockfish-{nodes}", game, speakers, notation.drops(game))


def found(program: str, package: str | None = None) -> str:
    """The path of a program that is installed.

    Raises:
        InputError: if it is not.
    """
    path = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_GAMES}")
    if path is None:
        raise InputError(f"{program} is not installed: `apt-get install {package or program}`, or another opponent.")
    return path


def _within(what: str, given: int, highest: int) -> None:
    if not 1 <= given <= highest:
        raise InputError(f"{what} is 1 to {highest:,} here, not {given:,}.")


def _variant(game: Mnk | Connect) -> str:
    """The game as pieces that only come from the hand; moves without a capture, however many, end no game."""
    stones = (game.longest + 1) // 2 * "P" + game.longest // 2 * "p"
    board = "/".join([str(game.width)] * game.height)
    rules = {
        "maxRank": game.height,
        "maxFile": game.width,
        "immobile": "p",
        "startFen": f"{board}[{stones}] w - - 0 1",
        "pieceDrops": "true",
        "dropOnTop": str(isinstance(game, Connect)).lower(),
        "doubleStep": "false",
        "castling": "false",
        "stalemateValue": "draw",
        "immobilityIllegal": "false",
        "nMoveRule": 0,
        "connectN": game.k,
    }
    return "\n".join([f"[{game.name}]", *(f"{name} = {value}" for name, value in rules.items())]) + "\n"
