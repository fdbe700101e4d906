"""Connect Four in words of bits: fours, and who has won or cannot because somebody answers in pairs.

A board is a word: columns from the left, each from its lowest cell up and with one bit above it that no stone takes.
Nothing here knows the rules of the games, which are judged with it.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int32, UInt64

from nextflop.lab.selfplay.kernels.kernel import kernel

SHORT, REACHED, OPEN = range(3)
"""Whether a mover reaches a goal, which is 1, a win, or 0, a draw at least; or nobody knows yet."""
ZERO, ONE, TWO, THREE, FOUR = (np.uint64(number) for number in range(5))  # words, or the compiler makes fractions


class Board(NamedTuple):
    """A board.

    Attributes:
        width: columns.
        column: bits of a column, one more than it has cells.
        bottom: the lowest cell of every column.
        cells: all of them.
        seconds: of every column the second cell from the top, the fourth and so on.
        lanes: the cells of every column, those of the centre last.
        order: which columns these are.
    """

    width: int
    column: np.uint64
    bottom: np.uint64
    cells: np.uint64
    seconds: np.uint64
    lanes: UInt64[np.ndarray, " width"]
    order: Int32[np.ndarray, " width"]


@kernel
def completing(stones: np.uint64, column: np.uint64) -> np.uint64:
    """Bits that make four in a row with three of the stones, taken cells and bits off the board among them."""
    found = stones << ONE & stones << TWO & stones << THREE
    for step in (column - ONE, column, column + ONE):
        up, down = stones << step, stones >> step
        found |= up & stones << TWO * step & (stones << THREE * step | down)
        found |= down & stones >> TWO * step & (stones >> THREE * step | up)
    return found


@kernel
def four(stones: np.uint64, column: np.uint64) -> bool:
    """Whether four of the stones are in a row."""
    for step in (ONE, column - ONE, column, column + ONE):
        pairs = stones & stones >> step
        if pairs & pairs >> TWO * step:
            return True
    return False


@kernel
def ones(word: np.uint64) -> int:
    """How many bits are set."""
    word -= word >> ONE & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (word >> TWO & np.uint64(0x3333333333333333))
    word = word + (word >> FOUR) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(word * np.uint64(0x0101010101010101) >> np.uint64(56))


@kernel
def paired(board: Board, own: np.uint64, other: np.uint64, goal: int) -> int:
    """What can be told of a position without moves, if somebody answers in pairs; else OPEN.

    He who will make the last move, the filler, can answer in the same column, and to the lowest empty cell of an odd
    number of them by that of another such column. So all that his rival gets are lowest cells and, from the top, second
    cells, fourth and so on. The rival cannot win if no four are among them, and loses if four are among what is left
    (claimeven and baseinverse in V. Allis, A Knowledge-based Approach of Connect-Four, 1988).
    """
    empty = board.cells ^ own ^ other
    lowest = (own | other) + board.bottom & board.cells
    filling = ones(empty) & 1 == 1  # whether the filler is the mover
    filler, rival = (own, other) if filling else (other, own)
    if four(rival | empty & board.seconds | lowest, board.column):
        if not holds(board, filler, rival, empty, lowest):
            return OPEN
        return SHORT if filling else REACHED
    if four(filler | empty & ~board.seconds & ~lowest, board.column):
        return REACHED if filling else SHORT
    if filling:
        return OPEN if goal else REACHED
    return SHORT if goal else OPEN


@kernel
def holds(board: Board, filler: np.uint64, rival: np.uint64, empty: np.uint64, lowest: np.uint64) -> bool:
    """Whether the rival wins by a threat at a second cell, fourth and so on from the top of a column.

    Without the cell below the threat and those above, the cells are of the other parity, so that it is he who can
    answer in pairs. If that leaves the filler without four, there comes the move when he has only the cell below.
    """
    threats = completing(rival, board.column) & empty & board.seconds & ~lowest
    for i in range(board.width):
        threat = threats & board.lanes[i]
        if threat:
            beyond = board.seconds & ~board.lanes[i]
            below = board.lanes[i] & (threat & ~threat + ONE) - ONE & ~board.seconds
            if not four(filler | lowest | empty & (beyond | below), board.column):
                return True
    return False
