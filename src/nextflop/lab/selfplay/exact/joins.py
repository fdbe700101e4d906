"""Hex solved by search, up to five cells a side."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Int, Int64, UInt64

from nextflop.errors import InputError
from nextflop.lab.selfplay.kernels import joins
from nextflop.lab.selfplay.kernels.bridges import Board
from nextflop.lab.selfplay.kernels.joins import Search

LARGEST = 5  # cells a side: both players' stones fill a word, and six would take hours

Positions = tuple[UInt64[np.ndarray, " positions"], UInt64[np.ndarray, " positions"], Int64[np.ndarray, " positions"]]
"""The mover's stones and the other's, in bits of cells as the first player sees them, and who moves."""


@dataclass(frozen=True, eq=False)
class Joins:
    """A board of Hex, and what was found on it so far: one for each thread.

    Attributes:
        size: cells along a side.
        board: the same in words of bits.
        search: what is kept between positions; it makes later ones faster and changes nothing else.
    """

    size: int
    board: Board
    search: Search

    @property
    def entered(self) -> int:
        """Positions that the search has looked at."""
        return int(self.search.entered[0])

    def after(
        self, observed: Float[np.ndarray, "positions planes height width"]
    ) -> Float[np.ndarray, "positions cells"]:
        """What a stone on each cell leaves the mover with: 1 won, -1 lost, NaN where none may be put.

        Args:
            observed: what `Game.observe` shows of positions.

        Raises:
            InputError: if they are of another board, or cannot be reached.
        """
        values = np.full((len(observed), self.size**2), np.nan, np.float32)
        for own, other, player, row in zip(*self._read(observed), values, strict=True):
            if not joins.over(self.board, other, 1 - player):
                joins.worth(self.board, self.search, own, other, player, row)
                if player:
                    row[:] = row.reshape(self.size, self.size).T.ravel()
        return values

    def winning(self, observed: Float[np.ndarray, "positions planes height width"]) -> Int[np.ndarray, " positions"]:
        """A winning action of each mover, -1 where there is none: he has lost, or the game is over.

        Args, Raises: as `after`.
        """
        read = self._read(observed)
        cells = np.array(
            [joins.winning(self.board, self.search, *position) for position in zip(*read, strict=True)], int
        )
        transposed = cells % self.size * self.size + cells // self.size
        return np.where((cells >= 0) & (read[2] == 1), transposed, cells)

    def _read(self, observed: Float[np.ndarray, "positions planes height width"]) -> Positions:
        if observed.shape[2:] != (self.size, self.size):
            raise InputError(
                f"These boards are {observed.shape[2:]}, and the solution is of {self.size} × {self.size}."
            )
        stones = observed[:, :2] > 0
        counts = stones.sum((2, 3))
        player = counts[:, 1] - counts[:, 0]  # the second has one stone less than the first when he moves
        if not np.isin(player, (0, 1)).all() or stones.all(1).any():
            raise InputError("One of these positions cannot be reached: is it of another game?")
        seen = np.where(player[:, None, None, None] == 1, stones.swapaxes(2, 3), stones)
        bits = np.uint64(1) << np.arange(self.size**2, dtype=np.uint64)
        own, other = (seen.reshape(len(seen), 2, -1) * bits).sum(2, dtype=np.uint64).T
        return own, other, player.astype(np.int64)


@cache
def solve_joins(size: int) -> Joins:
    """Hex without swap; nothing is searched before it is asked.

    Args:
        size: cells along a side, 3 to 5.
    """
    if not 3 <= size <= LARGEST:
        raise InputError(f"Hex is searched to its end on 3 to {LARGEST} cells a side, not {size}.")
    area = size**2
    near = np.array([_bits(_near(cell, size)) for cell in range(area)])
    one, other = np.tril_indices(area, -1)
    apart = (near[one] >> other.astype(np.uint64) & np.uint64(1) == 0) & (
        np.bitwise_count(near[one] & near[other]) == 2
    )
    one, other = one[apart], other[apart]
    grid = np.arange(area).reshape(size, size)
    outer = ((grid[0], grid[1]), (grid[-1], grid[-2])), ((grid[:, 0], grid[:, 1]), (grid[:, -1], grid[:, -2]))
    footing = np.zeros((2, 2, area), np.uint64)
    for player, sides in enumerate(outer):
        for side, (edge, second) in enumerate(sides):
            for cell in second:
                feet = near[cell] & _bits(edge)
                footing[player, side, cell] = feet if np.bitwise_count(feet) == 2 else 0
    board = Board(
        np.uint64(size),
        _bits(np.arange(area)),
        _bits(grid[:, 0]),
        _bits(grid[:, -1]),
        np.array([[_bits(edge) for edge, _ in sides] for sides in outer], np.uint64),
        footing,
        np.uint64(1) << np.stack([one, other], 1).astype(np.uint64),
        near[one] & near[other],
    )
    depths = area + 2
    search = Search(
        table=np.zeros(2**joins.PLACES, np.uint64),
        entered=np.zeros(1, np.int64),
        own=np.zeros(depths, np.uint64),
        other=np.zeros(depths, np.uint64),
        distance=np.zeros((2, 2, area), np.int64),
        scores=np.zeros(area, np.int64),
        moves=np.zeros((depths, area), np.uint64),
        count=np.zeros(depths, np.int64),
        tried=np.zeros(depths, np.int64),
    )
    return Joins(size, board, search)


def _near(cell: int, size: int) -> Int[np.ndarray, " cells"]:
    """The cells that touch one."""
    row, column = divmod(cell, size)
    around = ((row + down, column + right) for down, right in ((-1, 0), (-1, 1), (0, 1), (1, 0), (1, -1), (0, -1)))
    return np.array([y * size + x for y, x in around if 0 <= y < size and 0 <= x < size])


def _bits(cells: Int[np.ndarray, " cells"]) -> np.uint64:
    return np.bitwise_or.reduce(np.uint64(1) << cells.astype(np.uint64))
