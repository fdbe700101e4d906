"""The turns and mirrors of a board."""

import numpy as np


def turns(height: int, width: int) -> tuple[np.ndarray, ...]:
    """The permutations of the cells, numbered by rows, that keep the shape: eight of a square, four of an oblong.

    The identity is the first.
    """
    board = np.arange(height * width).reshape(height, width)
    images = [np.rot90(side, quarter) for side in (board, board.T) for quarter in range(4)]
    return tuple(image.reshape(-1) for image in images if image.shape == board.shape)
