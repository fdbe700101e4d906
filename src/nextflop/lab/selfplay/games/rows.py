"""What games of k stones in a row have in common: a board of bits, whose shifts find what stands in a row.

In batches of thousands it plays Connect Four several times as fast as a board of one number a cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int8, Int32

from nextflop.errors import InputError


class RowState(NamedTuple):
    """A position of a game of stones in a row.

    Attributes:
        stones: of the first player and of the second; bit c of a row is its cell in column c, and rows are counted from
            the top.
        moves: played so far.
        winner: 1 for the first player, -1 for the second, 0 for nobody.
    """

    stones: Int32[Array, "two height"]
    moves: Int[Array, ""]
    winner: Int8[Array, ""]


@dataclass(frozen=True)
class Rows:
    """A board on which k stones in a row, column or diagonal win; a full board without them is a draw.

    Attributes:
        height: rows of the board, 2 to 19.
        width: columns of the board, 2 to 19.
        k: stones in a row that win, 2 to the longer side.
    """

    height: int
    width: int
    k: int

    def __post_init__(self) -> None:
        if not (min(self.height, self.width) >= 2 and 2 <= self.k <= max(self.height, self.width) <= 19):
            raise InputError(f"{self} is not a game: take sides of 2 to 19 cells, and k of 2 to the longer side.")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def planes(self) -> int:
        """The mover's stones and the other's."""
        return 2

    @property
    def longest(self) -> int:
        """Until the board is full."""
        return self.height * self.width

    def start(self) -> RowState:
        """An empty board."""
        stones = jnp.zeros((2, self.height), jnp.int32)
        return RowState(stones, jnp.zeros((), jnp.int32), jnp.zeros((), jnp.int8))

    def put(self, state: RowState, row: Int[Array, ""], column: Int[Array, ""]) -> RowState:
        """The state after the mover has put a stone on an empty cell."""
        mover, alive = self.mover(state), ~self.over(state)
        stone = jnp.where((np.arange(self.height) == row) & alive, 1 << column, 0)
        mine = jnp.where(mover == 0, state.stones[0], state.stones[1]) | stone
        stones = jnp.where((np.arange(2) == mover)[:, None], mine, state.stones)
        winner = jnp.where(alive & self._in_a_row(mine), 1 - 2 * mover, state.winner).astype(jnp.int8)
        return RowState(stones, state.moves + alive, winner)

    def over(self, state: RowState) -> Bool[Array, ""]:
        """Whether someone has won or the board is full."""
        return (state.winner != 0) | (state.moves == self.longest)

    def outcome(self, state: RowState) -> Float[Array, ""]:
        """1 if the first player has won, -1 if the second, 0 for a draw and until the game is over."""
        return state.winner.astype(jnp.float32)

    def mover(self, state: RowState) -> Int[Array, ""]:
        """They take turns."""
        return state.moves % 2

    def observe(self, state: RowState) -> Float[Array, "planes height width"]:
        """The mover's stones and the other's."""
        planes = (state.stones[:, :, None] >> np.arange(self.width, dtype=np.int32)) & 1
        return jnp.where(self.mover(state) == 0, planes, planes[::-1]).astype(jnp.float32)

    def empty(self, state: RowState) -> Bool[Array, "height width"]:
        """Which cells have no stone."""
        taken = state.stones[0] | state.stones[1]
        return (taken[:, None] >> np.arange(self.width, dtype=np.int32)) & 1 == 0

    def place(self, state: RowState, action: Int[Array, ""]) -> Int[Array, ""]:
        """The action itself: both players see the board from the same side."""
        return action

    def _in_a_row(self, stones: Int32[Array, " height"]) -> Bool[Array, ""]:
        below = jnp.pad(stones, (0, self.k - 1))

        def line(slant: Callable[[Array, int], Array]) -> Array:
            return reduce(and_, [slant(below[down : down + self.height], down) for down in range(self.k)])

        along = reduce(and_, [stones >> right for right in range(self.k)])
        column, falling, rising = line(lambda row, _: row), line(jnp.right_shift), line(jnp.left_shift)
        return ((along | column | falling | rising) != 0).any()
