"""Othello: on 8 × 8 the games are OpenSpiel's, on other boards those of rules written here cell by cell."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.conformance import check
from nextflop.lab.selfplay.games.othello import Othello, OthelloState
from nextflop.lab.selfplay.games.playout import playout

from .openspiel import replay

WAYS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]


class Discs:
    """The rules by walks from cell to cell: who has which cell, 0 or 1, and who moves."""

    def __init__(self, size: int) -> None:
        low, high = size // 2 - 1, size // 2
        self.size, self.mover = size, 0
        self.cells = {(low, high): 0, (high, low): 0, (low, low): 1, (high, high): 1}

    def turned(self, cell: tuple[int, int], player: int) -> list[tuple[int, int]]:
        turned = []
        for down, right in WAYS:
            row, column = cell[0] + down, cell[1] + right
            walked = []
            while self.cells.get((row, column)) == 1 - player:
                walked.append((row, column))
                row, column = row + down, column + right
            if (row, column) in self.cells:
                turned += walked
        return turned

    def cells_for(self, player: int) -> list[int]:
        every = [(row, column) for row in range(self.size) for column in range(self.size)]
        return [
            row * self.size + column
            for row, column in every
            if (row, column) not in self.cells and self.turned((row, column), player)
        ]

    def legal(self) -> list[int]:
        cells = self.cells_for(self.mover)
        return cells or ([self.size**2] if self.cells_for(1 - self.mover) else [])

    def play(self, action: int) -> None:
        cell = divmod(action, self.size)
        if action < self.size**2:
            turned = self.turned(cell, self.mover)
            self.cells.update(dict.fromkeys([cell, *turned], self.mover))
        self.mover = 1 - self.mover

    def lead(self) -> int:
        return sum(1 - 2 * player for player in self.cells.values())


def follow_discs(size: int, games: int, seed: int) -> None:
    game = Othello(size)
    states, actions = playout(game, jax.random.key(seed), games)
    told = jax.jit(jax.vmap(jax.vmap(lambda state: (game.legal(state), game.over(state), game.outcome(state)))))(states)
    legal, over, outcome, actions = (np.asarray(array) for array in (*told, actions))
    for which in range(games):
        discs = Discs(size)
        for ply in range(game.longest + 1):
            allowed = discs.legal()
            assert np.flatnonzero(legal[ply, which]).tolist() == allowed
            assert bool(over[ply, which]) == (not allowed)
            assert outcome[ply, which] == (0 if allowed else np.sign(discs.lead()))
            if not allowed:
                break
            discs.play(int(actions[ply, which]))
        else:
            raise AssertionError(f"The game is not over after its {game.longest} moves.")


def after(game: Othello, moves: list[int]) -> OthelloState:
    state, play = game.start(), jax.jit(game.play)
    for move in moves:
        assert game.legal(state)[move]
        state = play(state, jnp.int32(move))
    return state


@pytest.mark.parametrize("size", [4, 6])
def test_it_keeps_what_the_interface_promises(size: int) -> None:
    check(Othello(size), 32)


def test_random_games_are_those_of_openspiel() -> None:
    replay(Othello(8), "othello", 200)


@pytest.mark.slow
def test_ten_thousand_games_are_those_of_openspiel() -> None:
    replay(Othello(8), "othello", 10_000, seed=1)


@pytest.mark.parametrize(("size", "games"), [(4, 200), (6, 100)])
def test_smaller_boards_follow_the_same_rules(size: int, games: int) -> None:
    follow_discs(size, games, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("size", [4, 6, 8])
def test_smaller_boards_follow_the_same_rules_in_many_games(size: int) -> None:
    follow_discs(size, 10_000 if size == 6 else 1_000, seed=1)


def test_who_has_no_move_passes_and_nobody_else() -> None:
    game = Othello(8)
    assert not game.legal(game.start())[64]
    state = after(game, [19, 18, 37, 11, 3, 4, 17, 2])
    assert np.flatnonzero(game.legal(state)).tolist() == [64]
    passed = after(game, [19, 18, 37, 11, 3, 4, 17, 2, 64])
    assert game.mover(passed) == 1
    assert game.legal(passed).any()
    assert not game.legal(passed)[64]
    np.testing.assert_array_equal(game.observe(passed), game.observe(state)[::-1])


def test_a_game_without_discs_of_the_other_is_over() -> None:
    # e6 f4 e3 f6 g5 d6 e7 f5 c5: the shortest game there is.
    names = ["e6", "f4", "e3", "f6", "g5", "d6", "e7", "f5", "c5"]
    game = Othello(8)
    moves = [(int(name[1]) - 1) * 8 + "abcdefgh".index(name[0]) for name in names]
    state = after(game, moves)
    assert game.over(state)
    assert game.outcome(state) == 1.0
    assert game.observe(state).sum((1, 2)).tolist() == [0.0, 13.0]
    assert not game.legal(state).any()


def test_other_boards_are_refused() -> None:
    with pytest.raises(InputError, match="4, 6 or 8 cells a side, not 7"):
        Othello(7)
