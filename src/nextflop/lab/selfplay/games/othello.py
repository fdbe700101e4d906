"""Othello on n × n cells: a disc turns over every row of the other's discs that it closes in; most discs win."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.lax import population_count
from jaxtyping import Array, Bool, Float, Int, UInt32

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.turns import turns

Bits = tuple[UInt32[Array, ""], UInt32[Array, ""]]
"""A set of cells: a bit for each of the upper half, the first cell in the lowest bit, and so of the lower half."""


class OthelloState(NamedTuple):
    """A position of Othello.

    Attributes:
        own: discs of the mover, a bit a cell: a word for the upper and one for the lower half, the lowest bit first.
        other: discs of the other.
        open: cells where the mover may put a disc.
        moves: played so far, passes among them.
        ended: whether neither has a move.
    """

    own: UInt32[Array, "2"]
    other: UInt32[Array, "2"]
    open: UInt32[Array, "2"]
    moves: Int[Array, ""]
    ended: Bool[Array, ""]


@dataclass(frozen=True)
class Othello:
    """The rules; action n² is to pass, which is legal only for who has no other move.

    The board is the same in both views. Rows of discs are followed in all cells at once, by shifts of words of bits.

    Attributes:
        size: cells along a side, 4, 6 or 8.
    """

    size: int = 8

    def __post_init__(self) -> None:
        if self.size not in (4, 6, 8):
            raise InputError(f"Othello is played here on 4, 6 or 8 cells a side, not {self.size}.")

    @property
    def name(self) -> str:
        """Such as "othello-8x8"."""
        return f"othello-{self.size}x{self.size}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.size, self.size

    @property
    def planes(self) -> int:
        """The mover's discs and the other's."""
        return 2

    @property
    def actions(self) -> int:
        """One a cell, and to pass."""
        return self.size**2 + 1

    @property
    def longest(self) -> int:
        """Four cells are filled at the start; no pass comes first, last or after another."""
        return 2 * (self.size**2 - 4) - 1

    def start(self) -> OthelloState:
        """Two discs each on the four cells in the middle; the first player has the rising diagonal."""
        middle = self.size // 2 - 1
        left, right = 1 << middle, 1 << (middle + 1)
        upper = middle * self.size  # the first cell of the upper half's last row
        own = jnp.array([right << upper, left], jnp.uint32)
        other = jnp.array([left << upper, right], jnp.uint32)
        return OthelloState(own, other, self._open(own, other), jnp.zeros((), jnp.int32), jnp.zeros((), bool))

    def legal(self, state: OthelloState) -> Bool[Array, " actions"]:
        """Cells where a disc turns others over; where there is none, to pass."""
        return jnp.append(self._cells(state.open), (state.open == 0).all() & ~state.ended)

    def play(self, state: OthelloState, action: Int[Array, ""]) -> OthelloState:
        """A disc on a cell, or a pass."""
        cells = np.arange(self.size**2).reshape(2, -1)
        bits = np.uint32(1) << np.arange(self.size**2 // 2, dtype=np.uint32)
        disc = jnp.where(cells == action, bits, 0).sum(1, dtype=jnp.uint32)  # a pass is no cell: nothing turns over
        rows = self._rows(disc, state.other)
        turned = reduce(or_, (jnp.where((end & state.own).any(), row, jnp.uint32(0)) for row, end in rows))
        own, other = state.other & ~turned, state.own | disc | turned
        open_, back = self._open(own, other), self._open(other, own)
        after = OthelloState(own, other, open_, state.moves + 1, ((open_ | back) == 0).all())
        return OthelloState(*(jnp.where(state.ended, old, new) for old, new in zip(state, after, strict=True)))

    def over(self, state: OthelloState) -> Bool[Array, ""]:
        """Whether neither has a move."""
        return state.ended

    def outcome(self, state: OthelloState) -> Float[Array, ""]:
        """1 if the first player has more discs, -1 if the second has, 0 for as many."""
        own, other = population_count(jnp.stack([state.own, state.other])).sum(1).astype(jnp.int32)
        lead = jnp.sign(own - other) * (1 - 2 * self.mover(state))
        return jnp.where(state.ended, lead, 0).astype(jnp.float32)

    def mover(self, state: OthelloState) -> Int[Array, ""]:
        """They take turns, and a pass is a turn."""
        return state.moves % 2

    def observe(self, state: OthelloState) -> Float[Array, "planes height width"]:
        """The mover's discs and the other's."""
        cells = jnp.stack([self._cells(state.own), self._cells(state.other)])
        return cells.reshape(2, *self.shape).astype(jnp.float32)

    def place(self, state: OthelloState, action: Int[Array, ""]) -> Int[Array, ""]:
        """The action itself: both players see the same board."""
        return action

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Half a turn and the mirrors in the diagonals, which keep the start; to pass stays to pass."""
        return tuple((cells, np.append(cells, self.size**2)) for cells in turns(*self.shape)[::2])

    def _cells(self, words: UInt32[Array, "2"]) -> Bool[Array, " cells"]:
        return (words[:, None] >> np.arange(self.size**2 // 2, dtype=np.uint32) & 1).reshape(-1).astype(bool)

    def _open(self, own: UInt32[Array, "2"], other: UInt32[Array, "2"]) -> UInt32[Array, "2"]:
        """Empty cells at the end of a row of the other's discs that begins at one's own."""
        ends = (end for _, end in self._rows(own, other))
        return reduce(or_, ends) & ~(own | other)

    def _rows(self, begin: UInt32[Array, "2"], through: UInt32[Array, "2"]) -> list[tuple[Array, Array]]:
        """In each of eight directions the cells of `through` that follow `begin` without a gap, and those one on."""
        rows = []
        for step in (1, self.size - 1, self.size, self.size + 1, -1, 1 - self.size, -self.size, -1 - self.size):
            upper, lower = reached = self._next((begin[0], begin[1]), through, step)
            for _ in range(self.size - 3):
                reached = self._next(reached, through, step)
                upper, lower = upper | reached[0], lower | reached[1]
            rows.append((jnp.stack([upper, lower]), jnp.stack(self._shift((upper, lower), step))))
        return rows

    def _next(self, bits: Bits, through: UInt32[Array, "2"], step: int) -> Bits:
        upper, lower = self._shift(bits, step)
        return upper & through[0], lower & through[1]

    def _shift(self, bits: Bits, step: int) -> Bits:
        """Every bit `step` cells on; what crosses a side of the board is gone."""
        (upper, lower), half, by = bits, self.size**2 // 2, abs(step)
        if step > 0:
            upper, lower = upper << by, lower << by | upper >> (half - by)
        else:
            upper, lower = upper >> by | lower << (half - by), lower >> by
        right = (step + 1) % self.size - 1  # columns to the right: -1, 0 or 1
        before = np.arange(half) % self.size - right
        inside = np.uint32((((before >= 0) & (before < self.size)) << np.arange(half)).sum())
        return upper & inside, lower & inside
