"""Perfect play of Hex by search: whether the mover joins his sides.

He does where bridges join them after one stone, and fails where they join the other's. Where they would join the
other's after one stone of his, a move must be on that stone's cell or in those bridges.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64, UInt64

from nextflop.lab.selfplay.kernels.bridges import Board, completing, distances, joined, linked, lowest
from nextflop.lab.selfplay.kernels.fours import ONE, OPEN, REACHED, SHORT, ones
from nextflop.lab.selfplay.kernels.kernel import kernel

PLACES = 22  # bits of a place in the table: 32 MB
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits about even: neighbours lie far apart
SHIFT, HALF = np.uint64(64 - PLACES), np.uint64(25)
KNOWN, SECOND, JOINS = (np.uint64(1 << bit) for bit in (63, 62, 61))  # what an entry tells beside the stones


class Search(NamedTuple):
    """What searches on one board remember, and the line of play that is being looked at.

    Attributes:
        table: positions with their answers; 0 where there is none.
        entered: positions looked at so far.
        own, other: of every depth the mover's stones, and the other's.
        distance, scores: of each player, side and cell, and of the moves while they are put in order.
        moves: of every depth those worth trying, the most promising first.
        count, tried: how many there are, and how many have been tried.
    """

    table: UInt64[np.ndarray, " places"]
    entered: Int64[np.ndarray, " one"]
    own: UInt64[np.ndarray, " depths"]
    other: UInt64[np.ndarray, " depths"]
    distance: Int64[np.ndarray, "players sides cells"]
    scores: Int64[np.ndarray, " cells"]
    moves: UInt64[np.ndarray, "depths cells"]
    count: Int64[np.ndarray, " depths"]
    tried: Int64[np.ndarray, " depths"]


@kernel
def judged(board: Board, own: np.uint64, other: np.uint64, player: int) -> tuple[int, np.uint64]:
    """What bridges say of a position that no stone ends: REACHED, SHORT, or OPEN and the moves that may reach."""
    moves = rest = board.cells & ~(own | other)
    if linked(board, other, own, 1 - player):
        return SHORT, moves
    while rest:
        stone = lowest(rest)
        rest ^= stone
        if linked(board, own | stone, other, player):
            return REACHED, stone
    rest = moves
    while rest:
        stone = lowest(rest)
        rest ^= stone
        bridges = linked(board, other | stone, own, 1 - player)
        if bridges:
            moves &= bridges | stone
            rest &= moves
    return OPEN if moves else SHORT, moves


@kernel
def order(
    board: Board, search: Search, own: np.uint64, other: np.uint64, player: int, depth: int, moves: np.uint64
) -> int:
    """Puts moves in order, those first that are nearest to all four sides; returns how many there are."""
    near, scores, count = search.distance, search.scores, 0
    for side in range(2):
        distances(board, own, other, player, side, near[0, side])
        distances(board, other, own, 1 - player, side, near[1, side])
    while moves:
        move = lowest(moves)
        moves ^= move
        cell, at = ones(move - ONE), count
        score = near[:, :, cell].sum()
        while at and scores[at - 1] > score:
            scores[at], search.moves[depth, at] = scores[at - 1], search.moves[depth, at - 1]
            at -= 1
        scores[at], search.moves[depth, at] = score, move
        count += 1
    return count


@kernel
def entry(search: Search, depth: int, player: int) -> np.uint64:
    """The position of a depth as the table keeps it."""
    key = KNOWN | search.own[depth] | search.other[depth] << HALF
    return key | SECOND if player else key


@kernel
def learn(search: Search, depth: int, player: int, found: int) -> None:
    """Adds the answer of a depth to the table."""
    key = entry(search, depth, player)
    search.table[key * SPREAD >> SHIFT] = key | JOINS if found == REACHED else key


@kernel
def known(search: Search, depth: int, player: int) -> int:
    """What the table has of the position of a depth: an answer, or OPEN."""
    key = entry(search, depth, player)
    kept = search.table[key * SPREAD >> SHIFT]
    if kept & ~JOINS != key:
        return OPEN
    return REACHED if kept & JOINS else SHORT


@kernel
def enter(board: Board, search: Search, depth: int, player: int) -> int:
    """Looks at the position of a depth: whether its mover joins his sides, or OPEN and moves to try."""
    search.entered[0] += 1
    own, other = search.own[depth], search.other[depth]
    if completing(board, own, other, player):
        return REACHED
    moves = completing(board, other, own, 1 - player)
    if moves & (moves - ONE):
        return SHORT
    found = known(search, depth, player)
    if found != OPEN:
        return found
    if not moves:
        found, moves = judged(board, own, other, player)
        if found != OPEN:
            learn(search, depth, player, found)
            return found
    search.count[depth], search.tried[depth] = order(board, search, own, other, player, depth, moves), 0
    return OPEN


@kernel
def joins(board: Board, search: Search, own: np.uint64, other: np.uint64, player: int) -> bool:
    """Whether a player, who is the mover and has these stones, joins his sides; nobody has yet."""
    depth = 0
    search.own[0], search.other[0] = own, other
    found = enter(board, search, 0, player)
    while True:
        if found == OPEN:
            move = search.moves[depth, search.tried[depth]]
            search.tried[depth] += 1
            search.own[depth + 1], search.other[depth + 1] = search.other[depth], search.own[depth] | move
            depth += 1
            found = enter(board, search, depth, player ^ (depth & 1))
        elif depth == 0:
            return found == REACHED
        else:
            depth -= 1
            if found == SHORT:
                found = REACHED
            elif search.tried[depth] < search.count[depth]:
                found = OPEN
                continue
            else:
                found = SHORT
            learn(search, depth, player ^ (depth & 1), found)


@kernel
def over(board: Board, own: np.uint64, player: int) -> bool:
    """Whether a player's stones join his sides."""
    begins, ends = board.sides[player]
    return joined(board, own, begins) & ends != 0


@kernel
def wins(board: Board, search: Search, own: np.uint64, other: np.uint64, player: int, stone: np.uint64) -> bool:
    """Whether a stone on an empty cell leaves the mover where he joins his sides, or does so itself."""
    if stone & completing(board, own, other, player):
        return True
    return not joins(board, search, other, own | stone, 1 - player)


@kernel
def worth(
    board: Board, search: Search, own: np.uint64, other: np.uint64, player: int, out: Float32[np.ndarray, " cells"]
) -> None:
    """Writes what a stone on each cell leaves the mover with, 1 or -1, NaN where there is one; nobody has won."""
    for cell in range(out.size):
        stone = ONE << np.uint64(cell)
        out[cell] = np.nan if stone & (own | other) else 1 if wins(board, search, own, other, player, stone) else -1


@kernel
def winning(board: Board, search: Search, own: np.uint64, other: np.uint64, player: int) -> int:
    """A cell on which a stone of the mover wins, -1 if there is none."""
    if over(board, other, 1 - player):
        return -1
    moves = completing(board, own, other, player)
    if moves:
        return ones(lowest(moves) - ONE)
    if not joins(board, search, own, other, player):
        return -1
    spare = search.count.size - 1  # a depth that no search comes to
    for i in range(order(board, search, own, other, player, spare, board.cells & ~(own | other))):
        move = search.moves[spare, i]
        if not joins(board, search, other, own | move, 1 - player):
            return ones(move - ONE)
    return -1
