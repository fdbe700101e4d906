"""Connect Four solved by search, on any board that a word of 64 bits holds."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt64

from nextflop.errors import InputError
from nextflop.lab.selfplay.kernels import drops
from nextflop.lab.selfplay.kernels.drops import Search
from nextflop.lab.selfplay.kernels.fours import Board, four

WORD = 64  # bits
TALLEST = 19  # rows, beyond which a step of three columns leaves the word


@dataclass(frozen=True, eq=False)
class Drops:
    """A board on which four in a row win, and what was found on it so far: one for each thread.

    Attributes:
        shape: rows and columns.
        board: the same in words of bits.
        search: what is kept between positions; it makes later ones faster and changes nothing else.
    """

    shape: tuple[int, int]
    board: Board
    search: Search

    @property
    def entered(self) -> int:
        """Positions that the search has looked at."""
        return int(self.search.entered[0])

    def after(
        self, observed: Float[np.ndarray, "positions planes height width"]
    ) -> Float[np.ndarray, "positions columns"]:
        """What a stone in each column leaves the mover with: 1 won, 0 drawn, -1 lost, NaN where none may be put.

        Perfect moves have the highest value of their row; how much less another has is its regret. On 6 × 7 a position
        takes 30 ms after 12 moves in the mean, 8 ms after 14 and 2 ms after 16.

        Args:
            observed: what `Game.observe` shows of positions, rows from the top.

        Raises:
            InputError: if they are of another board, or cannot be reached.
        """
        own, taken = self._read(observed)
        values = np.full((len(own), self.shape[1]), np.nan, np.float32)
        for mine, all_stones, row in zip(own, taken, values, strict=True):
            if not four(all_stones ^ mine, self.board.column):
                drops.worth(self.board, self.search, mine, all_stones, row)
        return values

    def _read(
        self, observed: Float[np.ndarray, "positions planes height width"]
    ) -> tuple[UInt64[np.ndarray, " positions"], UInt64[np.ndarray, " positions"]]:
        if observed.shape[2:] != self.shape:
            raise InputError(f"These boards are {observed.shape[2:]}, and the solution is of {self.shape}.")
        stones = observed[:, :2, ::-1].astype(np.uint64)
        own, other = (stones << _bits(*self.shape)).sum((2, 3), dtype=np.uint64).T
        filled, more = stones.sum(1), stones.sum((2, 3)).astype(int)
        hanging = (filled[:, 1:] > filled[:, :-1]).any((1, 2)) | (filled > 1).any((1, 2))
        uneven = ~np.isin(more[:, 1] - more[:, 0], (0, 1))
        won = np.array([four(stones, self.board.column) for stones in own], bool)
        if (hanging | uneven | won).any():
            raise InputError("One of these positions cannot be reached: is it of another game?")
        return own, own | other


def solve_drops(height: int = 6, width: int = 7) -> Drops:
    """Connect Four; nothing is searched before it is asked.

    Args:
        height: rows, at most 19.
        width: columns; there are at most 64 cells with one more row than the board has.
    """
    if not fits(height, width):
        raise InputError(
            f"No Connect Four of {height} × {width} cells is solved: take at most {TALLEST} rows, and at most {WORD}"
            " cells on the board with one row more."
        )
    bits, depths = _bits(height, width), height * width + 1
    order = np.array(sorted(range(width), key=lambda column: -abs(2 * column - width + 1)), np.int32)
    lanes = (np.uint64(1) << bits).sum(0, dtype=np.uint64)
    bottom, cells, seconds = (
        np.bitwise_or.reduce(np.uint64(1) << some, axis=None) for some in (bits[0], bits, bits[::-1][1::2])
    )
    board = Board(width, np.uint64(height + 1), bottom, cells, seconds, lanes[order], order)
    words, counts = np.zeros((2, depths), np.uint64), np.zeros((2, depths), np.int32)
    search = Search(
        table=np.zeros(2**drops.PLACES, np.uint64),
        record=np.zeros((2, WORD), np.int64),
        entered=np.zeros(1, np.int64),
        own=words[0],
        taken=words[1],
        moves=np.zeros((depths, width), np.uint64),
        count=counts[0],
        left=counts[1],
        scores=np.zeros(width, np.int64),
    )
    return Drops((height, width), board, search)


def fits(height: int, width: int) -> bool:
    """Whether a board can be searched."""
    return 1 <= height <= TALLEST and width >= 1 and (height + 1) * width <= WORD


def _bits(height: int, width: int) -> UInt64[np.ndarray, "height width"]:
    """The bit of every cell, rows from the bottom."""
    return np.arange(width, dtype=np.uint64) * np.uint64(height + 1) + np.arange(height, dtype=np.uint64)[:, None]
