"""Go: chains keep their labels, and a position holds every board before it, so that one that comes back is known.

The rules are those of `games.go`, which remembers boards by hashes of 64 bits; here they are kept whole, and nothing is
left to chance. After the head of a position lie, with n² points:

    board     n² numbers: of a stone one more than the point of its chain's last stone, negative for the second player
    verdicts  n² numbers: what a stone of the mover's would do on a point, `_NO`, `_LIVES` or `_REPEATS`
    passed    whether the last move was a pass
    past      the boards after 0, 1, … `longest` moves, ten points to a number: 3^0, 3^1, … 3^9 for the first player's
              stones, as much below zero for the second's, which are at most 29,524 in all and so fit 16 bits

A board of the past is 3 numbers on 5 × 5 and 9 on 9 × 9, a position 0.4 and 3.3 kB.
"""

import numpy as np
from jaxtyping import Bool, Float32, Int16

from nextflop.lab.selfplay.games.go import KOMI
from nextflop.lab.selfplay.kernels.kernel import kernel
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER, WINNER

_NO, _LIVES, _REPEATS = range(3)
_MANY = -1  # liberties of a chain that has more than one
_TEN = 10  # points to a number
_POWERS = 3 ** np.arange(_TEN)


def _near(corners: bool) -> np.ndarray:
    """Points beside or at the corners of each, shape (size, point, 4), for every size; size² stands for none."""
    steps = ((0, 0), (0, 2), (2, 0), (2, 2)) if corners else ((0, 1), (1, 0), (1, 2), (2, 1))
    largest = max(KOMI)
    table = np.zeros((largest + 1, largest**2, 4), np.int8)
    for size in KOMI:
        board = np.pad(np.arange(size**2).reshape(size, size), 1, constant_values=size**2)
        for way, (down, right) in enumerate(steps):
            table[size, : size**2, way] = board[down : down + size, right : right + size].reshape(-1)
    return table


_BESIDE, _CORNERS = _near(corners=False), _near(corners=True)


def numbers(size: int, longest: int) -> int:
    """Of a position, behind its head."""
    return 2 * size**2 + 1 + (longest + 1) * words(size)


def begin(position: Int16[np.ndarray, " numbers"], size: int) -> None:
    """On the empty board every stone lives."""
    position[BOARD + size**2 : BOARD + 2 * size**2] = _LIVES


@kernel
def words(size: int) -> int:
    """Numbers that hold a board of the past."""
    return (size * size + _TEN - 1) // _TEN


@kernel
def play(position: Int16[np.ndarray, " numbers"], size: int, komi: float, longest: int, action: int) -> None:
    """A stone on a point, or a pass."""
    cells, length = size * size, words(size)
    passed, now = BOARD + 2 * cells, BOARD + 2 * cells + 1 + position[MOVES] * length
    for number in range(now, now + length):
        position[number + length] = position[number]
    if action < cells:
        put(position, size, now + length, action)
    elif position[passed]:
        position[OVER] = 1
    position[passed] = action == cells
    position[MOVES] += 1
    if position[MOVES] == longest:
        position[OVER] = 1
    if position[OVER]:
        ahead = lead(position, size) - komi
        position[WINNER] = (ahead > 0) - (ahead < 0)
    judge(position, size)


@kernel
def put(position: Int16[np.ndarray, " numbers"], size: int, now: int, point: int) -> None:
    """A stone, without those that it takes; the present board is kept from the number `now` on."""
    cells, sign = size * size, 1 - 2 * (position[MOVES] & 1)
    mark = sign * (point + 1)
    position[BOARD + point] = mark
    position[now + point // _TEN] += sign * _POWERS[point % _TEN]
    for beside in _BESIDE[size, point]:
        chain = position[BOARD + beside] if beside < cells else 0
        if chain * sign > 0:
            for other in range(cells):
                if position[BOARD + other] == chain:
                    position[BOARD + other] = mark
        elif chain and not breathes(position, size, chain):
            for other in range(cells):
                if position[BOARD + other] == chain:
                    position[BOARD + other] = 0
                    position[now + other // _TEN] += sign * _POWERS[other % _TEN]


@kernel
def breathes(position: Int16[np.ndarray, " numbers"], size: int, chain: int) -> bool:
    """Whether a chain has a liberty."""
    cells = size * size
    for point in range(cells):
        if position[BOARD + point] == chain:
            for beside in _BESIDE[size, point]:
                if beside < cells and position[BOARD + beside] == 0:
                    return True
    return False


@kernel
def liberties(position: Int16[np.ndarray, " numbers"], size: int) -> np.ndarray:
    """Of each chain, by its label without the sign, one more than the point of its only liberty, or `_MANY`."""
    cells = size * size
    only = np.zeros(cells + 1, np.int16)
    for point in range(cells):
        if position[BOARD + point] == 0:
            for beside in _BESIDE[size, point]:
                chain = abs(position[BOARD + beside]) if beside < cells else 0
                if chain and only[chain] != point + 1:
                    only[chain] = _MANY if only[chain] else point + 1
    return only


@kernel
def judge(position: Int16[np.ndarray, " numbers"], size: int) -> None:
    """Writes what a stone of the mover's would do on every point."""
    cells, sign, only = size * size, 1 - 2 * (position[MOVES] & 1), liberties(position, size)
    for point in range(cells):
        lives, takes = False, False
        if position[BOARD + point] == 0:
            for beside in _BESIDE[size, point]:
                if beside < cells:
                    chain = position[BOARD + beside] * sign
                    single = only[abs(chain)] != _MANY
                    lives |= chain == 0 or (chain > 0) != single
                    takes |= chain < 0 and single
        back = takes and taken_before(position, size, only, point)
        position[BOARD + cells + point] = _REPEATS if back else _LIVES if lives else _NO
    grown_before(position, size)


@kernel
def taken_before(position: Int16[np.ndarray, " numbers"], size: int, only: np.ndarray, point: int) -> bool:
    """Whether the board was before as a stone of the mover's that takes some would leave it."""
    cells, length, sign = size * size, words(size), 1 - 2 * (position[MOVES] & 1)
    past = BOARD + 2 * cells + 1
    now = past + position[MOVES] * length
    board = position[now : now + length].copy()
    board[point // _TEN] += sign * _POWERS[point % _TEN]
    for other in range(cells):
        chain = position[BOARD + other] * sign
        if chain < 0 and only[-chain] == point + 1:
            board[other // _TEN] += sign * _POWERS[other % _TEN]
    for before in range(past, now, length):
        word = 0
        while word < length and position[before + word] == board[word]:
            word += 1
        if word == length:
            return True
    return False


@kernel
def grown_before(position: Int16[np.ndarray, " numbers"], size: int) -> None:
    """Writes where a stone that takes none would repeat a board: those of the past that have one stone more."""
    cells, length, sign = size * size, words(size), 1 - 2 * (position[MOVES] & 1)
    past = BOARD + 2 * cells + 1
    now = past + position[MOVES] * length
    for before in range(past, now, length):
        word, differ, where = 0, 0, 0
        while word < length and differ < 2:
            if position[before + word] != position[now + word]:
                differ, where = differ + 1, word
            word += 1
        if differ == 1:
            for point in range(where * _TEN, min((where + 1) * _TEN, cells)):
                more = position[before + where] - position[now + where] == sign * _POWERS[point % _TEN]
                if more and position[BOARD + cells + point] == _LIVES:
                    position[BOARD + cells + point] = _REPEATS


@kernel
def lead(position: Int16[np.ndarray, " numbers"], size: int) -> int:
    """How much more area the first player has."""
    cells, more = size * size, True
    reach = np.zeros(cells + 1, np.int8)  # whose stones paths lead to: 1, 2, or both; beyond the board nobody's
    for point in range(cells):
        stone = position[BOARD + point]
        reach[point] = 1 if stone > 0 else 2 if stone < 0 else 0
    while more:
        more = False
        for point in range(cells):
            if position[BOARD + point] == 0:
                found = reach[point]
                for beside in _BESIDE[size, point]:
                    found |= reach[beside]
                more |= found != reach[point]
                reach[point] = found
    ahead = 0
    for point in range(cells):
        ahead += (reach[point] == 1) - (reach[point] == 2)
    return ahead


@kernel
def legal(position: Int16[np.ndarray, " numbers"], size: int, out: Bool[np.ndarray, " actions"]) -> int:
    """Points where a stone lives and makes a new board; and to pass."""
    cells, count = size * size, 1
    for point in range(cells):
        out[point] = position[BOARD + cells + point] == _LIVES
        count += out[point]
    out[cells] = True
    return count


@kernel
def sensible(position: Int16[np.ndarray, " numbers"], size: int, out: Bool[np.ndarray, " actions"]) -> int:
    """What is legal but for the mover's own eyes; to pass only where nothing else is left.

    An eye is an empty point with his stones, or the edge, on all sides; the other has at most one of its corners, and
    none at the edge. Who never fills those is done when only they are left, and his chains live by them. What is left
    of a false eye or a seki is played, for better or worse.
    """
    cells, sign, count = size * size, 1 - 2 * (position[MOVES] & 1), 0
    for point in range(cells):
        out[point] = position[BOARD + cells + point] == _LIVES and not eye(position, size, point, sign)
        count += out[point]
    out[cells] = count == 0
    return max(count, 1)


@kernel
def eye(position: Int16[np.ndarray, " numbers"], size: int, point: int, sign: int) -> bool:
    """Whether an empty point is an eye of the player with that sign."""
    cells = size * size
    for beside in _BESIDE[size, point]:
        if beside < cells and position[BOARD + beside] * sign <= 0:
            return False
    bad, edge = 0, 0
    for corner in _CORNERS[size, point]:
        if corner == cells:
            edge = 1
        elif position[BOARD + corner] * sign < 0:
            bad += 1
    return bad + edge < 2


@kernel
def observe(position: Int16[np.ndarray, " numbers"], size: int, out: Float32[np.ndarray, " planes_cells"]) -> None:
    """The mover's stones, the other's, points barred by superko; 1 after a pass; 1 for the first player."""
    cells, second = size * size, position[MOVES] & 1
    for point in range(cells):
        stone = position[BOARD + point] * (1 - 2 * second)
        out[point] = stone > 0
        out[cells + point] = stone < 0
        out[2 * cells + point] = position[BOARD + cells + point] == _REPEATS
        out[3 * cells + point] = position[BOARD + 2 * cells]
        out[4 * cells + point] = 1 - second
