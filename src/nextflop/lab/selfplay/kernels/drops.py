"""Perfect play of Connect Four by search: what every move is worth, won, drawn or lost.

A board is a word of bits: columns from the left, each from its lowest cell up and with one bit above it that no stone
takes. A search asks one question of a position: does its mover reach a goal, which is 1, a win, or 0, a draw at least?
He does if some move leaves the other short of the opposite goal, so that alpha-beta has no windows but these two.

It shares no rules with the games that it judges.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt64

from nextflop.lab.selfplay.kernels.kernel import kernel

SHORT, REACHED, OPEN = range(3)
ZERO, ONE, TWO, THREE, FOUR = (np.uint64(number) for number in range(5))  # words, or the compiler makes fractions
PLACES = 17  # bits of a place in the table: 1 MB, which the nearest large cache holds; more are slower
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd: a product with it can be undone
SHIFT, REST, FACTS = np.uint64(64 - PLACES), np.uint64(2 ** (64 - PLACES) - 1), np.uint64(15)
THREAT = 16  # what a threat adds to a move's record, where the order of moves is chosen


class Board(NamedTuple):
    """A board.

    Attributes:
        width: columns.
        column: bits of a column, one more than it has cells.
        bottom: the lowest cell of every column.
        cells: all of them.
        seconds: of every column the second cell from the top, the fourth and so on.
        lanes: the cells of every column, those of the centre last.
        order: which columns these are.
    """

    width: int
    column: np.uint64
    bottom: np.uint64
    cells: np.uint64
    seconds: np.uint64
    lanes: UInt64[np.ndarray, " width"]
    order: Int32[np.ndarray, " width"]


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
def completing(stones: np.uint64, column: np.uint64) -> np.uint64:
    """Bits that make four in a row with three of the stones, taken cells and bits off the board among them."""
    found = stones << ONE & stones << TWO & stones << THREE
    for step in (column - ONE, column, column + ONE):
        up, down = stones << step, stones >> step
        found |= up & stones << TWO * step & (stones << THREE * step | down)
        found |= down & stones >> TWO * step & (stones >> THREE * step | up)
    return found


@kernel
def four(stones: np.uint64, column: np.uint64) -> bool:
    """Whether four of the stones are in a row."""
    for step in (ONE, column - ONE, column, column + ONE):
        pairs = stones & stones >> step
        if pairs & pairs >> TWO * step:
            return True
    return False


@kernel
def ones(word: np.uint64) -> int:
    """How many bits are set."""
    word -= word >> ONE & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (word >> TWO & np.uint64(0x3333333333333333))
    word = word + (word >> FOUR) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(word * np.uint64(0x0101010101010101) >> np.uint64(56))


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
def paired(board: Board, own: np.uint64, other: np.uint64, goal: int) -> int:
    """What can be told of a position without moves, if somebody answers in pairs; else OPEN.

    He who will make the last move, the filler, can answer in the same column, and to the lowest empty cell of an odd
    number of them by that of another such column. So all that his rival gets are lowest cells and, from the top, second
    cells, fourth and so on. The rival cannot win if no four are among them, and loses if four are among what is left
    (claimeven and baseinverse in V. Allis, A Knowledge-based Approach of Connect-Four, 1988).
    """
    empty = board.cells ^ own ^ other
    lowest = (own | other) + board.bottom & board.cells
    filling = ones(empty) & 1 == 1  # whether the filler is the mover
    filler, rival = (own, other) if filling else (other, own)
    if four(rival | empty & board.seconds | lowest, board.column):
        if not holds(board, filler, rival, empty, lowest):
            return OPEN
        return SHORT if filling else REACHED
    if four(filler | empty & ~board.seconds & ~lowest, board.column):
        return REACHED if filling else SHORT
    if filling:
        return OPEN if goal else REACHED
    return SHORT if goal else OPEN


@kernel
def holds(board: Board, filler: np.uint64, rival: np.uint64, empty: np.uint64, lowest: np.uint64) -> bool:
    """Whether the rival wins by a threat at a second cell, fourth and so on from the top of a column.

    Without the cell below the threat and those above, the cells are of the other parity, so that it is he who can
    answer in pairs. If that leaves the filler without four, there comes the move when he has only the cell below.
    """
    threats = completing(rival, board.column) & empty & board.seconds & ~lowest
    for i in range(board.width):
        threat = threats & board.lanes[i]
        if threat:
            beyond = board.seconds & ~board.lanes[i]
            below = board.lanes[i] & (threat & ~threat + ONE) - ONE & ~board.seconds
            if not four(filler | lowest | empty & (beyond | below), board.column):
                return True
    return False


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
    """Writes what a stone in every column leaves the mover of an open position: 1, 0 or -1; NaN where it is full."""
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
