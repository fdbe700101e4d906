"""Othello: discs between the new one and another of its colour turn over."""

import numpy as np
from jaxtyping import Bool, Int16

from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER, WINNER


def begin(position: Int16[np.ndarray, " numbers"], size: int) -> None:
    """Puts the four first discs: the rising diagonal is the first player's."""
    low = BOARD + (size // 2 - 1) * size + size // 2 - 1
    position[low], position[low + 1], position[low + size], position[low + size + 1] = -1, 1, 1, -1


@lean
def closed(position: Int16[np.ndarray, " numbers"], size: int, cell: int, sign: int, down: int, right: int) -> int:
    """How many of the other's discs lie in one direction between an empty cell and a disc of `sign`."""
    y, x, count = cell // size + down, cell % size + right, 0
    while 0 <= y < size and 0 <= x < size:
        disc = position[BOARD + y * size + x] * sign
        if disc >= 0:
            return count if disc else 0
        y, x, count = y + down, x + right, count + 1
    return 0


@lean
def turns_any(position: Int16[np.ndarray, " numbers"], size: int, cell: int, sign: int) -> bool:
    """Whether a disc of `sign` on a cell would turn any over."""
    if position[BOARD + cell]:
        return False
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if (down or right) and closed(position, size, cell, sign, down, right):
                return True
    return False


@lean
def may_move(position: Int16[np.ndarray, " numbers"], size: int, sign: int) -> bool:
    """Whether a player has anything but a pass."""
    for cell in range(size * size):  # noqa: SIM110 -- the compiler knows loops, not generators
        if turns_any(position, size, cell, sign):
            return True
    return False


@lean
def play(position: Int16[np.ndarray, " numbers"], size: int, action: int) -> None:
    """A disc on a cell, or a pass."""
    sign = 1 - 2 * (position[MOVES] & 1)
    position[MOVES] += 1
    if action < size * size:
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                if down or right:
                    step = down * size + right
                    for place in range(closed(position, size, action, sign, down, right)):
                        position[BOARD + action + (place + 1) * step] = sign
        position[BOARD + action] = sign
    if not (may_move(position, size, -sign) or may_move(position, size, sign)):
        lead = 0
        for cell in range(size * size):
            lead += position[BOARD + cell]
        position[WINNER], position[OVER] = (lead > 0) - (lead < 0), 1


@lean
def legal(position: Int16[np.ndarray, " numbers"], size: int, out: Bool[np.ndarray, " actions"]) -> int:
    """Cells where a disc turns others over; where there is none, to pass."""
    sign, count = 1 - 2 * (position[MOVES] & 1), 0
    for cell in range(size * size):
        out[cell] = turns_any(position, size, cell, sign)
        count += out[cell]
    out[size * size] = count == 0
    return max(count, 1)
