"""Hex in words of bits: what stones join, what bridges join, and how far a side is.

A bridge is two empty cells that both touch what they join: whoever takes one, the other is left. Cells are bits by
rows; a cell touches those above, to the upper right, right, below, to the lower left and left. The first player joins
top and bottom, the second left and right. Nothing here knows the rules of the games, which are judged with it.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt64

from nextflop.lab.selfplay.kernels.fours import ONE, ZERO, ones
from nextflop.lab.selfplay.kernels.kernel import kernel

FAR = 30  # steps to a side that is out of reach


class Board(NamedTuple):
    """A board.

    Attributes:
        size: cells along a side.
        cells: all of them.
        left, right: the outer columns.
        sides: of each player the cells at his two sides, shape (2, 2).
        footing: of each player, side and cell, the bridge between a stone there and the side; none where it is 0.
        ends: of each bridge between two cells, these cells.
        bridge: the two cells of it.
    """

    size: np.uint64
    cells: np.uint64
    left: np.uint64
    right: np.uint64
    sides: UInt64[np.ndarray, "players two"]
    footing: UInt64[np.ndarray, "players two cells"]
    ends: UInt64[np.ndarray, "bridges two"]
    bridge: UInt64[np.ndarray, " bridges"]


@kernel
def lowest(cells: np.uint64) -> np.uint64:
    """The first of some cells."""
    return cells & (~cells + ONE)


@kernel
def touched(board: Board, cells: np.uint64) -> np.uint64:
    """The cells that touch one of some cells."""
    ahead, back = cells & ~board.right, cells & ~board.left
    sideways = ahead << ONE | back >> ONE | back << (board.size - ONE) | ahead >> (board.size - ONE)
    return (sideways | cells << board.size | cells >> board.size) & board.cells


@kernel
def joined(board: Board, stones: np.uint64, seeds: np.uint64) -> np.uint64:
    """The stones that hang together with one of the seeds."""
    found = seeds & stones
    while True:
        more = (found | touched(board, found)) & stones
        if more == found:
            return found
        found = more


@kernel
def completing(board: Board, own: np.uint64, other: np.uint64, player: int) -> np.uint64:
    """The empty cells on which a stone joins a player's sides."""
    begins, ends = board.sides[player]
    one = touched(board, joined(board, own, begins)) | begins
    return one & (touched(board, joined(board, own, ends)) | ends) & ~(own | other)


@kernel
def linked(board: Board, own: np.uint64, other: np.uint64, player: int) -> np.uint64:
    """The cells of bridges that join a player's sides whoever moves, no cell in two of them; 0 if none are found.

    Bridges are taken as they come, so a chain may be overlooked; one that is found holds. Stones alone do not join the
    sides here: that is the end of the game.
    """
    begins, ends = board.sides[player]
    empty, used, chain = board.cells & ~(own | other), ZERO, joined(board, own, begins)
    while True:
        before, rest = chain, own & ~chain
        while rest:
            stone = lowest(rest)
            rest ^= stone
            foot = board.footing[player, 0, ones(stone - ONE)]
            if foot and not foot & ~(empty & ~used):
                used |= foot
                chain |= joined(board, own, stone)
                rest &= ~chain
        for i in range(board.bridge.size):
            bridge, (one, another) = board.bridge[i], board.ends[i]
            if bridge & ~(empty & ~used) or not own & one or not own & another:
                continue
            if bool(chain & one) != bool(chain & another):
                used |= bridge
                chain |= joined(board, own, one | another)
        if chain & ends:
            return used
        rest = chain
        while rest:
            stone = lowest(rest)
            rest ^= stone
            foot = board.footing[player, 1, ones(stone - ONE)]
            if foot and not foot & ~(empty & ~used):
                return used | foot
        if chain == before:
            return ZERO


@kernel
def distances(
    board: Board, own: np.uint64, other: np.uint64, player: int, side: int, out: Int64[np.ndarray, " cells"]
) -> None:
    """Writes of every empty cell how many stones a player needs to join it with a side, itself among them.

    What a bridge joins counts as joined. It is an estimate: bridges may share cells.
    """
    empty = board.cells & ~(own | other)
    chain = joined(board, own, board.sides[player, side])
    front, seen, rest = board.sides[player, side] & empty, ZERO, own | empty
    while rest:
        cell = lowest(rest)
        rest ^= cell
        foot = board.footing[player, side, ones(cell - ONE)]
        if foot and not foot & ~empty:
            chain |= joined(board, own, cell)
            front |= cell & empty
    out[:] = FAR
    for steps in range(1, FAR):
        front = (front | reached(board, own, empty, chain)) & ~seen
        if not front:
            break
        seen |= front
        rest = front
        while rest:
            cell = lowest(rest)
            rest ^= cell
            out[ones(cell - ONE)] = steps
        chain = front | joined(board, own, touched(board, front))
        front = ZERO


@kernel
def reached(board: Board, own: np.uint64, empty: np.uint64, chain: np.uint64) -> np.uint64:
    """The empty cells that touch a chain, or that a bridge joins with it, or that touch what a bridge joins with it."""
    found = touched(board, chain)
    for i in range(board.bridge.size):
        if board.bridge[i] & ~empty:
            continue
        one, another = board.ends[i]
        if bool(chain & one) != bool(chain & another):
            far = another if chain & one else one
            found |= touched(board, joined(board, own, far)) if own & far else far
    return found & empty
