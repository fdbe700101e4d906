"""Where the numbers of a position lie."""

import numpy as np
from jaxtyping import Int16

from nextflop.lab.selfplay.kernels.kernel import lean

MOVES, WINNER, OVER, BOARD = range(4)
"""Moves played; 1, -1 or 0; whether it is over; the first number of the board."""


@lean
def copy(position: Int16[np.ndarray, " numbers"], to: Int16[np.ndarray, " numbers"]) -> None:
    """Writes a position into another; a slice would compile a second longer for its words about unequal lengths."""
    for number in range(position.size):
        to[number] = position[number]
