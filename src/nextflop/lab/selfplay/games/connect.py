"""Connect Four on any board and for any number of stones in a row: they fall to the lowest empty cell of a column."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Array, Bool, Int

from nextflop.lab.selfplay.games.rows import Rows, RowState


@dataclass(frozen=True)
class Connect(Rows):
    """The rules; actions are columns, from the left.

    Attributes:
        height: rows of the board, 2 to 19.
        width: columns of the board, 2 to 19.
        k: stones in a row that win, 2 to the longer side.
    """

    height: int = 6
    width: int = 7
    k: int = 4

    @property
    def name(self) -> str:
        """Such as "connect-6x7-4"."""
        return f"connect-{self.height}x{self.width}-{self.k}"

    @property
    def actions(self) -> int:
        """One a column."""
        return self.width

    def legal(self, state: RowState) -> Bool[Array, " actions"]:
        """The columns that are not full."""
        return self.empty(state)[0] & ~self.over(state)

    def play(self, state: RowState, action: Int[Array, ""]) -> RowState:
        """A stone into a column that is not full."""
        taken = (state.stones[0] | state.stones[1]) >> action & 1
        return self.put(state, self.height - 1 - taken.sum(), action)

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The board as it is, and its mirror image left to right."""
        cells, columns = np.arange(self.longest).reshape(self.shape), np.arange(self.width)
        return (cells.ravel(), columns), (cells[:, ::-1].ravel(), columns[::-1])
