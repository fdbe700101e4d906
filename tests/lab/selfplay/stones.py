"""The rules of Go by search from stone to stone, for comparison, and OpenSpiel's Go with superko as here."""

from typing import Any

import numpy as np

from nextflop.lab.selfplay.games.go import Go


class Barred:
    """OpenSpiel's position without the moves to an old position, which there end the game in a draw."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.state, name)

    def __str__(self) -> str:
        return str(self.state)

    def legal_actions(self) -> list[int]:
        return [action for action in self.state.legal_actions() if not self.drawn(self.state.child(action))]

    def drawn(self, state: Any) -> bool:
        return state.is_terminal() and state.returns() == [0.0, 0.0]


class Stones:
    """The rules by search from stone to stone: whose stone is where, 1 or -1, and the positions so far."""

    def __init__(self, size: int) -> None:
        points = range(size**2)
        self.near = {at: [to for to in points if self.touch(*divmod(at, size), *divmod(to, size))] for at in points}
        self.board, self.mover = (0,) * size**2, 1
        self.before = self.board
        self.past = {self.board}

    def touch(self, row: int, column: int, other_row: int, other_column: int) -> bool:
        return abs(row - other_row) + abs(column - other_column) == 1

    def region(self, board: list[int], at: int) -> tuple[set[int], set[int]]:
        """The points of the same kind that hang together with one, and what is on the points around them."""
        region, around, open_ = {at}, set(), [at]
        while open_:
            for to in self.near[open_.pop()]:
                if board[to] != board[at]:
                    around.add(board[to])
                elif to not in region:
                    region.add(to)
                    open_.append(to)
        return region, around

    def board_after(self, point: int) -> tuple[int, ...] | None:
        """The board after a stone; none if it may not be put there, old positions aside."""
        board = list(self.board)
        if board[point]:
            return None
        board[point] = self.mover
        for to in self.near[point]:
            if board[to] == -self.mover:
                chain, around = self.region(board, to)
                for stone in chain if 0 not in around else ():
                    board[stone] = 0
        return tuple(board) if 0 in self.region(board, point)[1] else None

    def legal(self) -> tuple[list[int], list[int], list[int]]:
        """Points where a stone may be put, those where only an old position forbids it, and an older than ko's."""
        boards = {point: self.board_after(point) for point in self.near}
        lives = [point for point, board in boards.items() if board]
        barred = [point for point in lives if boards[point] in self.past]
        return sorted({*lives} - {*barred}), barred, [point for point in barred if boards[point] != self.before]

    def play(self, action: int) -> None:
        self.before = self.board
        if action < len(self.board):
            self.board = self.board_after(action) or ()
            self.past.add(self.board)
        self.mover = -self.mover

    def lead(self) -> int:
        """How much more area the first player has."""
        lead = sum(self.board)
        for point in (at for at, stone in enumerate(self.board) if not stone):
            _, around = self.region(list(self.board), point)
            lead += sum(around) if len(around) == 1 else 0
        return lead


def follow(
    game: Go, allowed: np.ndarray, over: np.ndarray, outcome: np.ndarray, seen: np.ndarray, actions: np.ndarray
) -> int:
    """Holds games against the rules of `Stones` at every position; counts where superko bars more than ko does.

    Args:
        game: the sizes.
        allowed: what was legal, shape (plies, games, actions); plies are `longest` and one for the end.
        over, outcome: of shape (plies, games).
        seen: the planes, shape (plies, games, 5, points).
        actions: what was played, shape (plies, games).
    """
    older_points = 0
    for which in range(actions.shape[1]):
        stones, passes = Stones(game.size), 0
        for ply in range(game.longest + 1):
            ended = passes == 2 or ply == game.longest
            assert bool(over[ply, which]) == ended
            lead = stones.lead() - game.komi
            assert outcome[ply, which] == (np.sign(lead) if ended else 0)
            if ended:
                assert not allowed[ply, which].any()
                break
            free, barred, older = stones.legal()
            assert np.flatnonzero(allowed[ply, which]).tolist() == [*free, game.size**2]
            own, other, forbidden, passed, first = seen[ply, which]
            np.testing.assert_array_equal(own - other, np.array(stones.board) * stones.mover)
            assert np.flatnonzero(forbidden).tolist() == barred
            assert set(passed.tolist()) == {float(passes > 0)}
            assert set(first.tolist()) == {float(stones.mover == 1)}
            action = int(actions[ply, which])
            stones.play(action)
            passes = passes + 1 if action == game.size**2 else 0
            older_points += len(older)
    return older_points
