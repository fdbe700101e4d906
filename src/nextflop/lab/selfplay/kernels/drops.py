"""Perfect play of Connect Four by search: what every move is worth, won, drawn or lost.

A search asks one question of a position: does its mover reach a goal, a win or a draw at least? He does if some move
leaves the other short of the opposite goal, so that alpha-beta has no windows but these two.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt64

from nextflop.lab.selfplay.kernels.fours import (
    FOUR,
    ONE,
    OPEN,
    REACHED,
    SHORT,
    TWO,
    ZERO,
    Board,
    completing,
    ones,
    paired,
)
from nextflop.lab.selfplay.kernels.kernel import kernel

PLACES = 17  # bits of a place in the table: 1 MB, which the nearest large cache holds; more are slower
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd: a product with it can be undone
SHIFT, REST, FACTS = np.uint64(64 - PLACES), np.uint64(2 ** (64 - PLACES) - 1), np.uint64(15)
THREAT = 16  # what a threat adds to a move's record, where the order of moves is chosen


class Search(NamedTuple):
    """What searches on one board remember, and the line of play that is being looked at.

    Attributes:
        table: what is known of positions. Of a key times `SPREAD` the upper bits are the place; the others are kept
            there, above four facts: reaches a draw, falls short of it, reaches a win, falls short of it.
        record: of each player and cell, how often more a stone there was the move that reached a goal than it was not.
        entered: positions looked at so far.
        own, taken: of every depth the mover's stones, and all stones.
        moves: of every depth the moves, the most promising last.
        count, left: how many there are, and how many have not been tried.
        scores: of the moves while they are put in order.
    """

    table: UInt64[np.ndarray, " places"]
    record: Int64[np.ndarray, "two cells"]
    entered: Int64[np.ndarray, " one"]
    own: UInt64[np.ndarray, " depths"]
    taken: UInt64[np.ndarray, " depths"]
    moves: UInt64[np.ndarray, "depths width"]
    count: Int32[np.ndarray, " depths"]
    left: Int32[np.ndarray, " depths"]
    scores: Int64[np.ndarray, " width"]


@kernel
def known(search: Search, own: np.uint64, taken: np.uint64, goal: int) -> int:
    """What the table has of a position: an answer, or OPEN.

    The sum of the mover's stones and all stones is the key: in every column it tells how many there are and whose.
    """
    spread = (own + taken) * SPREAD
    entry = search.table[spread >> SHIFT]
    if entry >> FOUR != spread & REST:
        return OPEN
    facts = entry >> (TWO if goal else ZERO)
    return REACHED if facts & ONE else SHORT if facts & TWO else OPEN


@kernel
def learn(search: Search, own: np.uint64, taken: np.uint64, goal: int, found: int) -> None:
    """Adds an answer to the table: who reaches a win reaches a draw, and who falls short of a draw does of a win."""
    reached = np.uint64(0b0101) if goal else np.uint64(0b0001)
    short = np.uint64(0b1000) if goal else np.uint64(0b1010)
    facts = reached if found == REACHED else short
    spread = (own + taken) * SPREAD
    place, rest = spread >> SHIFT, spread & REST
    entry = search.table[place]
    if entry >> FOUR == rest:
        facts |= entry & FACTS
    search.table[place] = rest << FOUR | facts


@kernel
def enter(board: Board, search: Search, depth: int, goal: int) -> int:
    """Looks at the position of a depth, whose mover cannot win at once: the answer, or OPEN and moves to try."""
    search.entered[0] += 1
    own, taken = search.own[depth], search.taken[depth]
    other, empty = taken ^ own, board.cells ^ taken
    if not empty:
        return SHORT if goal else REACHED
    threats = completing(other, board.column) & empty
    moves = taken + board.bottom & board.cells
    if moves & threats:
        moves &= threats
        if moves & moves - ONE:
            return SHORT
    moves &= ~(threats >> ONE)  # a stone there would let the other complete his four above it
    if not moves:
        return SHORT
    found = paired(board, own, other, goal)
    if found == OPEN:
        found = known(search, own, taken, goal)
    if found != OPEN:
        return found
    count, mover = 0, ones(taken) & 1
    for i in range(board.width):
        move = moves & board.lanes[i]
        if not move:
            continue
        answer = known(search, other, taken | move, 1 - goal)
        if answer == SHORT:
            learn(search, own, taken, goal, REACHED)
            return REACHED
        if answer == REACHED:
            continue
        ahead = completing(own | move, board.column) & (empty ^ move)
        score, at = search.record[mover, ones(move - ONE)] + THREAT * ones(ahead), count
        while at and search.scores[at - 1] > score:
            search.scores[at], search.moves[depth, at] = search.scores[at - 1], search.moves[depth, at - 1]
            at -= 1
        search.scores[at], search.moves[depth, at] = score, move
        count += 1
    if not count:
        learn(search, own, taken, goal, SHORT)
        return SHORT
    search.count[depth] = search.left[depth] = count
    return OPEN


@kernel
def credit(search: Search, depth: int) -> None:
    """Puts on record that the last move tried at a depth reached the goal, and those before it did not."""
    record, last = search.record[ones(search.taken[depth]) & 1], search.left[depth]
    for i in range(last + 1, search.count[depth]):
        record[ones(search.moves[depth, i] - ONE)] -= 1
    record[ones(search.moves[depth, last] - ONE)] += search.count[depth] - last - 1


@kernel
def reaches(board: Board, search: Search, own: np.uint64, taken: np.uint64, goal: int) -> int:
    """Whether the mover, who cannot win at once, reaches a goal: REACHED or SHORT."""
    depth = 0
    search.own[0], search.taken[0] = own, taken
    found = enter(board, search, 0, goal)
    while True:
        if found == OPEN:
            search.left[depth] -= 1
            move = search.moves[depth, search.left[depth]]
            search.own[depth + 1] = search.taken[depth] ^ search.own[depth]
            search.taken[depth + 1] = search.taken[depth] | move
            depth += 1
            found = enter(board, search, depth, goal ^ (depth & 1))
        elif depth == 0:
            return found
        else:
            depth -= 1
            if found == SHORT:
                found = REACHED
                credit(search, depth)
            elif search.left[depth]:
                found = OPEN
                continue
            else:
                found = SHORT
            learn(search, search.own[depth], search.taken[depth], goal ^ (depth & 1), found)


@kernel
def worth(board: Board, search: Search, own: np.uint64, taken: np.uint64, out: Float32[np.ndarray, " width"]) -> None:
    """Writes what a stone in each column leaves the mover with, 1, 0 or -1, NaN in full ones; no four may be there."""
    other, empty = taken ^ own, board.cells ^ taken
    wins, moves = completing(own, board.column), taken + board.bottom & board.cells
    for i in range(board.width):
        column, move = board.order[i], moves & board.lanes[i]
        after = taken | move
        if not move:
            out[column] = np.nan
        elif move & wins:
            out[column] = 1
        elif (
            completing(other, board.column) & (empty ^ move) & after + board.bottom
            or reaches(board, search, other, after, 1) == REACHED
        ):
            out[column] = -1
        else:
            out[column] = 0 if reaches(board, search, other, after, 0) == REACHED else 1
