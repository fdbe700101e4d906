"""Hex on n × n cells, without the swap: whoever joins his two sides wins, and one of the two always does."""

from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int8

from nextflop.errors import InputError

FROM, TO, OWN = 1, 2, 3  # labels of the components that touch the two goal sides; other labels are a cell plus OWN


class HexState(NamedTuple):
    """A position of Hex.

    Attributes:
        labels: of each cell the component of stones that it belongs to; negative for the second player's, 0 where the
            cell is empty. Rows have one empty cell more at their end, and there is an empty row above and below.
        moves: played so far.
        winner: 1 for the first player, -1 for the second, 0 until the game is over.
    """

    labels: Int8[Array, " padded"]
    moves: Int[Array, ""]
    winner: Int8[Array, ""]


@dataclass(frozen=True)
class Hex:
    """The rules; cells are numbered by rows, and a cell touches those above and to the upper right, not upper left.

    The first player joins top and bottom, the second left and right. Seen transposed the second joins top and bottom
    too, so that is his view. A new stone takes the smallest label among the components that it touches, and they take
    it too, so a position knows who has won without a search.

    Attributes:
        size: cells along a side, 3 to 11.
    """

    size: int = 5

    def __post_init__(self) -> None:
        if not 3 <= self.size <= 11:
            raise InputError(f"Hex is played here on 3 to 11 cells a side, not {self.size}.")

    @property
    def name(self) -> str:
        """Such as "hex-5x5"."""
        return f"hex-{self.size}x{self.size}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.size, self.size

    @property
    def planes(self) -> int:
        """The mover's stones and the other's."""
        return 2

    @property
    def actions(self) -> int:
        """One a cell."""
        return self.size**2

    @property
    def longest(self) -> int:
        """A full board has a winner."""
        return self.size**2

    def start(self) -> HexState:
        """An empty board."""
        padded = (self.size + 2) * (self.size + 1)
        return HexState(jnp.zeros(padded, jnp.int8), jnp.zeros((), jnp.int32), jnp.zeros((), jnp.int8))

    def legal(self, state: HexState) -> Bool[Array, " actions"]:
        """The empty cells."""
        return (self._view(state) == 0).reshape(-1) & (state.winner == 0)

    def play(self, state: HexState, action: Int[Array, ""]) -> HexState:
        """A stone on an empty cell."""
        size, width, sign = self.size, self.size + 1, self._sign(state)
        along, across = action // size, action % size  # rows and columns as the mover sees them
        cell = jnp.where(sign > 0, along * width + across, across * width + along) + width
        # Transposed, the same six cells touch: the two diagonal ones change places.
        near = state.labels[cell + np.array([-width, 1 - width, -1, 1, width - 1, width])] * sign
        near = jnp.where(near > 0, near, action.astype(jnp.int8) + OWN)
        begins = (along == 0) | (near == FROM).any()
        ends = (along == size - 1) | (near == TO).any()
        label = jnp.where(begins, FROM, jnp.where(ends, TO, near.min())).astype(jnp.int8)
        joined = (state.labels[:, None] == near * sign).any(1) | (np.arange(state.labels.size) == cell)
        alive = state.winner == 0
        return HexState(
            labels=jnp.where(joined & alive, label * sign, state.labels),
            moves=state.moves + alive,
            winner=jnp.where(alive & begins & ends, sign, state.winner),
        )

    def over(self, state: HexState) -> Bool[Array, ""]:
        """Whether someone has joined his sides."""
        return state.winner != 0

    def outcome(self, state: HexState) -> Float[Array, ""]:
        """1 if the first player has won, -1 if the second; nobody draws."""
        return state.winner.astype(jnp.float32)

    def mover(self, state: HexState) -> Int[Array, ""]:
        """They take turns."""
        return state.moves % 2

    def observe(self, state: HexState) -> Float[Array, "planes height width"]:
        """The mover's stones and the other's, on the board that the mover plays from top to bottom."""
        view = self._view(state) * self._sign(state)
        return jnp.stack([view > 0, view < 0]).astype(jnp.float32)

    def place(self, state: HexState, action: Int[Array, ""]) -> Int[Array, ""]:
        """The cell, counted by rows of the board as the first player sees it."""
        return jnp.where(self._sign(state) > 0, action, action % self.size * self.size + action // self.size)

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The board as it is, and turned by 180 degrees."""
        cells = np.arange(self.actions)
        return (cells, cells), (cells[::-1], cells[::-1])

    def _sign(self, state: HexState) -> Int8[Array, ""]:
        return (1 - 2 * (state.moves % 2)).astype(jnp.int8)

    def _view(self, state: HexState) -> Int8[Array, "size size"]:
        board = state.labels.reshape(self.size + 2, self.size + 1)[1:-1, :-1]
        return jnp.where(self._sign(state) > 0, board, board.T)
