"""The m,n,k games: a stone on any empty cell, k in a row win. Tic-tac-toe is 3,3,3, and Gomoku's free form 15,15,5."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Array, Bool, Int

from nextflop.lab.selfplay.games.rows import Rows, RowState
from nextflop.lab.selfplay.games.turns import turns


@dataclass(frozen=True)
class Mnk(Rows):
    """The rules; actions are cells, numbered by rows. More than k in a row win too.

    Attributes:
        height: rows of the board, 2 to 19.
        width: columns of the board, 2 to 19.
        k: stones in a row that win, 2 to the longer side.
    """

    height: int = 3
    width: int = 3
    k: int = 3

    @property
    def name(self) -> str:
        """Such as "mnk-3x3-3"."""
        return f"mnk-{self.height}x{self.width}-{self.k}"

    @property
    def actions(self) -> int:
        """One a cell."""
        return self.longest

    def legal(self, state: RowState) -> Bool[Array, " actions"]:
        """The empty cells."""
        return self.empty(state).reshape(-1) & ~self.over(state)

    def play(self, state: RowState, action: Int[Array, ""]) -> RowState:
        """A stone on an empty cell."""
        return self.put(state, action // self.width, action % self.width)

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The eight turns and mirrors of a square, of which an oblong has four."""
        return tuple((cells, cells) for cells in turns(*self.shape))
