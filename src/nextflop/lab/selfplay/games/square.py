"""The turns and mirrors of a square board."""

import numpy as np


def turns(size: int) -> tuple[np.ndarray, ...]:
    """The eight permutations of the cells of a square board, numbered by rows, the identity first.

    Args:
        size: cells along a side.
    """
    board = np.arange(size**2).reshape(size, size)
    return tuple(np.rot90(side, quarter).reshape(-1) for side in (board, board.T) for quarter in range(4))
