"""Hex: every stone carries a label of its component, so a position knows who has won without a search."""

import numpy as np
from jaxtyping import Bool, Float32, Int16

from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER, WINNER

_FROM, _TO, _OWN = 1, 2, 3  # labels of the components at the two goal sides; others are an action plus _OWN
# The board has one empty cell more at the end of every row, and an empty row above and below.


@lean
def play(position: Int16[np.ndarray, " numbers"], size: int, action: int) -> None:
    """A stone on an empty cell: it joins the components that it touches."""
    width, sign = size + 1, 1 - 2 * (position[MOVES] & 1)
    along, across = action // size, action % size
    cell = BOARD + width + (along * width + across if sign > 0 else across * width + along)
    begins, ends, label = along == 0, along == size - 1, 0
    for step in (-width, 1 - width, -1, 1, width - 1, width):
        near = position[cell + step] * sign
        if near > 0:
            begins, ends, label = begins or near == _FROM, ends or near == _TO, near
    mark = _FROM if begins else _TO if ends else label if label else action + _OWN
    for step in (-width, 1 - width, -1, 1, width - 1, width):
        near = position[cell + step]
        if near * sign > 0 and near != mark * sign:
            for other in range(BOARD, position.size):
                if position[other] == near:
                    position[other] = mark * sign
    position[cell] = mark * sign
    position[MOVES] += 1
    if begins and ends:
        position[WINNER], position[OVER] = sign, 1


@lean
def legal(position: Int16[np.ndarray, " numbers"], size: int, out: Bool[np.ndarray, " actions"]) -> int:
    """The empty cells, in the mover's numbering."""
    width, count = size + 1, 0
    down, right = (1, width) if position[MOVES] & 1 else (width, 1)
    for along in range(size):
        for across in range(size):
            empty = position[BOARD + width + along * down + across * right] == 0
            out[along * size + across] = empty
            count += empty
    return count


@lean
def observe(position: Int16[np.ndarray, " numbers"], size: int, out: Float32[np.ndarray, " planes_cells"]) -> None:
    """Both players' stones; the second sees the board transposed."""
    width, sign, cells = size + 1, 1 - 2 * (position[MOVES] & 1), size * size
    down, right = (width, 1) if sign > 0 else (1, width)
    for along in range(size):
        for across in range(size):
            stone = position[BOARD + width + along * down + across * right] * sign
            out[along * size + across] = stone > 0
            out[cells + along * size + across] = stone < 0
