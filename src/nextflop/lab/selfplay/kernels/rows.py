"""Games of k stones in a row: only lines through the last stone can have become long enough."""

import numpy as np
from jaxtyping import Bool, Int16

from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER, WINNER


@lean
def put(position: Int16[np.ndarray, " numbers"], height: int, width: int, k: int, cell: int) -> None:
    """A stone on an empty cell."""
    sign = 1 - 2 * (position[MOVES] & 1)
    position[BOARD + cell] = sign
    position[MOVES] += 1
    row, column = cell // width, cell % width
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        length = 1
        for side in (1, -1):
            y, x = row + side * down, column + side * right
            while 0 <= y < height and 0 <= x < width and position[BOARD + y * width + x] == sign:
                length, y, x = length + 1, y + side * down, x + side * right
        if length >= k:
            position[WINNER], position[OVER] = sign, 1
    if position[MOVES] == height * width:
        position[OVER] = 1


@lean
def drop(position: Int16[np.ndarray, " numbers"], height: int, width: int, k: int, column: int) -> None:
    """A stone into a column that is not full."""
    row = height - 1
    while position[BOARD + row * width + column]:
        row -= 1
    put(position, height, width, k, row * width + column)


@lean
def open_cells(position: Int16[np.ndarray, " numbers"], out: Bool[np.ndarray, " actions"]) -> int:
    """The empty cells."""
    count = 0
    for cell in range(out.size):
        out[cell] = position[BOARD + cell] == 0
        count += out[cell]
    return count


@lean
def open_columns(position: Int16[np.ndarray, " numbers"], width: int, out: Bool[np.ndarray, " actions"]) -> int:
    """The columns that are not full."""
    return open_cells(position, out[:width])
