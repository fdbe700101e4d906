"""Perfect play of the smallest games, by listing every position: a judge that shares no code with the rules it judges.

Positions are pairs of sets of cells, a bit a cell by rows: the mover's stones and the other's, both as the mover sees
the board. They are listed by the stones on the board, and valued from the full board back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float, Int, Int8, UInt32

from nextflop.errors import InputError

Sets = UInt32[np.ndarray, " sets"]
Codes = UInt32[np.ndarray, " positions"]
"""Positions: the mover's cells in the lower half of the word, the other's in the upper."""

HALF = 16  # bits


NEVER = -128  # the value of positions that cannot be reached


@dataclass(frozen=True, eq=False)
class Solution:
    """Every position that can be reached, and its value to the mover: 1 won, 0 drawn, -1 lost.

    Attributes:
        shape: rows and columns.
        wins: of each set of cells, whether stones there have won, as their owner sees the board.
        turned: of each set of cells, the same set as the other player sees it.
        values: of positions as numbers to the base of 3, a digit a cell: 0 empty, 1 the mover's stone, 2 the other's.
    """

    shape: tuple[int, int]
    wins: Bool[np.ndarray, " sets"]
    turned: UInt32[np.ndarray, " sets"]
    values: Int8[np.ndarray, " numbers"]

    @property
    def positions(self) -> int:
        """How many can be reached, those of games that are over among them."""
        return int((self.values != NEVER).sum())

    def value(self, observed: Float[np.ndarray, "positions planes height width"]) -> Int8[np.ndarray, " positions"]:
        """What positions are worth to the mover: 1 won, 0 drawn, -1 lost.

        Args:
            observed: what `Game.observe` shows of them.
        """
        return self.values[_numbers(self._read(observed))]

    def after(
        self, observed: Float[np.ndarray, "positions planes height width"]
    ) -> Float[np.ndarray, "positions cells"]:
        """What a stone on each cell leaves the mover with: 1 won, 0 drawn, -1 lost, NaN where none may be put.

        Perfect moves have the highest value of their row; how much less another has is its regret.

        Args:
            observed: what `Game.observe` shows of positions.
        """
        codes = self._read(observed)
        values = np.full((len(codes), self.shape[0] * self.shape[1]), np.nan, np.float32)
        going = ~_lost(codes, self.wins, self.turned)
        for cell, free, children in _children(codes, self.shape, self.turned):
            values[free & going, cell] = -self.values[_numbers(children[going[free]])]
        return values

    def _read(self, observed: Float[np.ndarray, "positions planes height width"]) -> Codes:
        if observed.shape[2:] != self.shape:
            raise InputError(f"These boards are {observed.shape[2:]}, and the solution is of {self.shape}.")
        cells = observed[:, :2].reshape(len(observed), 2, -1).astype(np.uint32)
        own, other = (cells << np.arange(cells.shape[2], dtype=np.uint32)).sum(2, dtype=np.uint32).T
        codes = own | other << np.uint32(HALF)
        if (self.values[_numbers(codes)] == NEVER).any():
            raise InputError("One of these positions cannot be reached: is it of another game?")
        return codes


@cache
def solve_hex(size: int) -> Solution:
    """Hex without swap.

    Args:
        size: cells along a side, at most 4: 3 × 3 takes milliseconds, and 4 × 4 some seconds.
    """
    if not 2 <= size <= 4:
        raise InputError(f"Hex is solved by listing positions on 2 to 4 cells a side, not {size}.")
    sets, board = _sets(size, size), np.arange(size**2, dtype=np.uint32).reshape(size, size)
    left, right = (~np.uint32(np.bitwise_or.reduce(np.uint32(1) << column)) for column in (board[:, 0], board[:, -1]))
    one, row = np.uint32(1), np.uint32(size)
    reached = sets & np.bitwise_or.reduce(one << board[0])
    for _ in range(size**2):
        ahead, back = reached & right, reached & left  # what has a cell to its right, or to its left
        sideways = ahead << one | back >> one
        reached |= sets & (sideways | reached << row | reached >> row | back << (row - one) | ahead >> (row - one))
    wins = (reached >> row * (row - one)) != 0
    turned = np.zeros_like(sets)
    for cell, image in zip(board.ravel(), board.T.ravel(), strict=True):
        turned |= (sets >> cell & one) << image
    return _solve((size, size), wins, turned)


@cache
def solve_mnk(height: int = 3, width: int = 3, k: int = 3) -> Solution:
    """An m,n,k game; tic-tac-toe if nothing else is said.

    Args:
        height: rows.
        width: columns; there are at most 16 cells, and 12 take some seconds.
        k: stones in a row that win.
    """
    if not (height > 1 and width > 1 and height * width <= HALF and 1 < k <= max(height, width)):
        raise InputError(f"No m,n,k game of {height} × {width} cells with k = {k} is solved: take up to {HALF} cells.")
    sets = _sets(height, width)
    wins = np.zeros(len(sets), bool)
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        for row in range(height - (k - 1) * down):
            for column in range((k - 1) * (right < 0), width - (k - 1) * (right > 0)):
                line = sum(1 << (row + i * down) * width + column + i * right for i in range(k))
                wins |= sets & np.uint32(line) == line
    return _solve((height, width), wins, sets)


def _sets(height: int, width: int) -> Sets:
    return np.arange(2 ** (height * width), dtype=np.uint32)


def _lost(codes: Codes, wins: Bool[np.ndarray, " sets"], turned: Sets) -> Bool[np.ndarray, " positions"]:
    """Whether the other has won."""
    return wins[turned[codes >> np.uint32(HALF)]]


def _children(
    codes: Codes, shape: tuple[int, int], turned: Sets
) -> Iterator[tuple[int, Bool[np.ndarray, " positions"], UInt32[np.ndarray, " free"]]]:
    """Of each cell: the positions where it is free, and what they become by a stone there, as the next mover sees."""
    own, other = codes & np.uint32(2**HALF - 1), codes >> np.uint32(HALF)
    for cell in range(shape[0] * shape[1]):
        stone = np.uint32(1 << cell)
        free = (own | other) & stone == 0
        yield cell, free, turned[other[free]] | turned[own[free] | stone] << np.uint32(HALF)


@cache
def _thirds() -> Int[np.ndarray, " sets"]:
    """Of each set of cells the number that has a 1 for each of them, to the base of 3."""
    thirds = np.zeros(1, np.int64)
    for cell in range(HALF):
        thirds = np.concatenate([thirds, thirds + 3**cell])
    return thirds


def _numbers(codes: Codes) -> Int[np.ndarray, " positions"]:
    return _thirds()[codes & np.uint32(2**HALF - 1)] + 2 * _thirds()[codes >> np.uint32(HALF)]


def _solve(shape: tuple[int, int], wins: Bool[np.ndarray, " sets"], turned: Sets) -> Solution:
    cells = shape[0] * shape[1]
    values = np.full(3**cells, NEVER, np.int8)
    layers = [np.zeros(1, np.uint32)]  # positions by the number of stones, of games that go on
    for _ in range(cells):
        found = []
        for _, _, children in _children(layers[-1], shape, turned):
            numbers = _numbers(children)
            found.append(children[values[numbers] == NEVER])
            values[numbers] = 0
        codes = np.concatenate(found)
        lost = _lost(codes, wins, turned)
        values[_numbers(codes[lost])] = -1
        layers.append(codes[~lost])
    for codes in reversed(layers[:-1]):
        best = np.full(len(codes), -1, np.int8)
        for _, free, children in _children(codes, shape, turned):
            best[free] = np.maximum(best[free], -values[_numbers(children)])
        values[_numbers(codes)] = best
    return Solution(shape, wins, turned, values)
