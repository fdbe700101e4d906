"""The rules of the laboratory's games as the kernels know them: a small integer tells the games apart.

A position is a row of numbers: how many moves were made, who has won, whether it is over, then the board, and in Go
what has been. The first player's stones are positive, the second's negative. Functions given to compiled code as
arguments would have to be compiled anew in every process; a number does not.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int16

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.kernels import go, hexes, othello, rows
from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER, WINNER

HEX, CONNECT, MNK, OTHELLO, GO = range(5)


class Rules(NamedTuple):
    """A game.

    Attributes:
        kind: which of the games.
        height, width: of the board.
        k: stones in a row that win, where they do.
        komi: points for the second player, where they count.
        longest: moves after which the game is over.
        actions: as the game has.
        planes: likewise.
        numbers: in a position.
    """

    kind: int
    height: int
    width: int
    k: int
    komi: float
    longest: int
    actions: int
    planes: int
    numbers: int


_LONGEST = int(np.iinfo(np.int16).max)
_KINDS: dict[type, int] = {Hex: HEX, Connect: CONNECT, Mnk: MNK, Othello: OTHELLO, Go: GO}


def known(game: Game[Any]) -> bool:
    """Whether the kernels know a game."""
    return type(game) in _KINDS


def rules_of(game: Game[Any]) -> Rules:
    """The rules of a game.

    Raises:
        InputError: if the kernels do not know it.
    """
    if not known(game):
        raise InputError(f"{game.name} has no compiled rules: take the engine that runs any game, Xla.")
    if game.longest > _LONGEST:
        raise InputError(f"{game.name} may take {game.longest} moves; the kernels count to {_LONGEST}.")
    (height, width), k, komi = game.shape, getattr(game, "k", 0), getattr(game, "komi", 0.0)
    if isinstance(game, Hex):
        board = (height + 2) * (width + 1)
    else:
        board = go.numbers(height, game.longest) if isinstance(game, Go) else height * width
    return Rules(_KINDS[type(game)], height, width, k, komi, game.longest, game.actions, game.planes, BOARD + board)


def start(rules: Rules) -> Int16[np.ndarray, " numbers"]:
    """The position before the first move."""
    position = np.zeros(rules.numbers, np.int16)
    if rules.kind == OTHELLO:
        othello.begin(position, rules.height)
    elif rules.kind == GO:
        go.begin(position, rules.height)
    return position


@lean
def play(rules: Rules, position: Int16[np.ndarray, " numbers"], action: int) -> None:
    """Changes a position by an action of its mover; one that is over stays as it is."""
    if position[OVER]:
        return
    if rules.kind == HEX:
        hexes.play(position, rules.height, action)
    elif rules.kind == CONNECT:
        rows.drop(position, rules.height, rules.width, rules.k, action)
    elif rules.kind == MNK:
        rows.put(position, rules.height, rules.width, rules.k, action)
    elif rules.kind == OTHELLO:
        othello.play(position, rules.height, action)
    else:
        go.play(position, rules.height, rules.komi, rules.longest, action)


@lean
def legal(rules: Rules, position: Int16[np.ndarray, " numbers"], out: Bool[np.ndarray, " actions"]) -> int:
    """Writes what the mover may do, and returns how many actions that are; none where the game is over."""
    if position[OVER]:
        out[:] = False
        return 0
    if rules.kind == HEX:
        return hexes.legal(position, rules.height, out)
    if rules.kind == CONNECT:
        return rows.open_columns(position, rules.width, out)
    if rules.kind == MNK:
        return rows.open_cells(position, out)
    if rules.kind == OTHELLO:
        return othello.legal(position, rules.height, out)
    return go.legal(position, rules.height, out)


@lean
def sensible(rules: Rules, position: Int16[np.ndarray, " numbers"], out: Bool[np.ndarray, " actions"]) -> int:
    """Likewise what games at random choose from: all that is legal, but in Go what would keep them from their end."""
    if rules.kind == GO and not position[OVER]:
        return go.sensible(position, rules.height, out)
    return legal(rules, position, out)


@lean
def observe(rules: Rules, position: Int16[np.ndarray, " numbers"], out: Float32[np.ndarray, " planes_cells"]) -> None:
    """Writes what the mover sees, his stones first."""
    if rules.kind == HEX:
        hexes.observe(position, rules.height, out)
    elif rules.kind == GO:
        go.observe(position, rules.height, out)
    else:
        cells, sign = rules.height * rules.width, 1 - 2 * (position[MOVES] & 1)
        for cell in range(cells):
            stone = position[BOARD + cell] * sign
            out[cell] = stone > 0
            out[cells + cell] = stone < 0


@lean
def outcome(position: Int16[np.ndarray, " numbers"]) -> float:
    """1 if the mover has won, -1 if the other has, 0 for a draw and while the game goes on."""
    return float(position[WINNER] * (1 - 2 * (position[MOVES] & 1)))
