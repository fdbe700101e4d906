"""Go: the games are OpenSpiel's, but that there a position that comes back ends the game, and here it is illegal."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.chains import areas
from nextflop.lab.selfplay.games.conformance import check
from nextflop.lab.selfplay.games.go import Go, GoState

from .openspiel import replay
from .stones import Barred, follow

play, legal, observe = (jax.jit(rule, static_argnums=0) for rule in (Go.play, Go.legal, Go.observe))


def crowded(game: Go, games: int, seed: int) -> int:
    """Follow games in which nobody passes if he need not; count how often superko bars more than ko."""

    def step(state: GoState, key: jax.Array) -> tuple[GoState, tuple[Any, ...]]:
        allowed = game.legal(state)
        weights = jnp.where(allowed, 0.0, -jnp.inf).at[-1].set(-20.0)
        action = jax.random.categorical(key, weights).astype(jnp.int32)
        seen = allowed, game.over(state), game.outcome(state), game.observe(state).reshape(5, -1), action
        return game.play(state, action), seen

    keys = jax.random.split(jax.random.key(seed), (games, game.longest + 1))
    played = jax.jit(jax.vmap(lambda keys: jax.lax.scan(step, game.start(), keys)[1]))(keys)
    return follow(game, *(np.asarray(array).swapaxes(0, 1) for array in played))


def after(game: Go, moves: str, state: GoState | None = None) -> GoState:
    """The state after moves such as "c3 d4 pass", columns from the left and rows from the bottom."""
    state = state or game.start()
    for move in moves.split():
        assert legal(game, state)[point(game, move)], f"{move} is illegal"
        state = play(game, state, jnp.int32(point(game, move)))
    return state


def point(game: Go, name: str) -> int:
    """The number of a point or of the pass."""
    if name == "pass":
        return game.size**2
    return (game.size - int(name[1])) * game.size + "abcdefghi".index(name[0])


def drawn(game: Go, state: GoState) -> list[str]:
    """The board, X for the first player's stones."""
    own, other = np.asarray(observe(game, state))[:2]
    first, second = (own, other) if game.mover(state) == 0 else (other, own)
    return ["".join(".XO"[which] for which in row) for row in (first + 2 * second).astype(int)]


@pytest.mark.parametrize(
    "game", [Go.usual(5), pytest.param(Go(6, 4.0, 30), marks=pytest.mark.slow)], ids=lambda game: game.name
)
def test_it_keeps_what_the_interface_promises(game: Go) -> None:
    check(game, 16)


@pytest.mark.parametrize(("size", "games"), [(5, 200), (7, 20), (9, 20)])
def test_random_games_are_those_of_openspiel(size: int, games: int) -> None:
    game = Go.usual(size)
    replay(game, f"go(board_size={size},komi={game.komi})", games, view=Barred)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "games"), [(5, 10_000), (6, 1_000), (7, 500), (8, 200), (9, 200)])
def test_many_random_games_are_those_of_openspiel(size: int, games: int) -> None:
    game = Go(size, 0.5, 3 * size**2)
    theirs = f"go(board_size={size},komi=0.5,max_game_length={game.longest})"
    replay(game, theirs, games, seed=1, view=Barred)


def test_boards_that_fill_and_empty_follow_the_rules() -> None:
    assert crowded(Go(5, 0.5, 200), 10, seed=0) > 2


@pytest.mark.slow
def test_many_boards_that_fill_and_empty_follow_the_rules() -> None:
    assert crowded(Go(5, 1.0, 300), 400, seed=1) > 100


def test_a_ko_is_not_taken_back_at_once() -> None:
    game = Go.usual(5)
    state = after(game, "b3 c3 c4 d4 c2 d2 e5 e3 d3")
    assert drawn(game, state) == ["....X", "..XO.", ".X.XO", "..XO.", "....."]
    assert not legal(game, state)[point(game, "c3")]
    assert observe(game, state)[2].sum() == observe(game, state)[2, 2, 2] == 1.0
    later = after(game, "a1 a5", state)
    assert legal(game, later)[point(game, "c3")]


def test_two_stones_sent_return_one_but_not_into_an_old_position() -> None:
    # White has b1 and sends a1; Black takes both from c1. White's taking of c1 would leave b1 alone again. It is not
    # the same player's turn then, so only positional superko forbids it; and two stones were taken, so it is no ko.
    game = Go.usual(5)
    before = after(game, "a2 b1 b2 d1 e5 c2 pass")
    state = after(game, "a1 c1", before)
    assert drawn(game, before)[3:] == ["XXO..", ".O.O."]
    assert drawn(game, state)[3:] == ["XXO..", "..XO."]
    assert not legal(game, state)[point(game, "b1")]
    assert observe(game, state)[2, 4, 1] == 1.0
    elsewhere = after(game, "e4 d5", state)  # with other stones on the board the position is a new one
    assert legal(game, elsewhere)[point(game, "b1")]


def test_a_chain_that_is_met_on_two_sides_is_taken_once() -> None:
    # Black lives around the corner with a1; White takes it with three stones that he lets him put there. To take them
    # back from a1, which they touch twice, would leave what was there before.
    game = Go.usual(5)
    state = after(game, "a3 e5 b3 e4 c2 d5 c1 d4 a1 b2 pass a2 pass b1")
    assert drawn(game, state)[2:] == ["XX...", "OOX..", ".OX.."]
    assert not legal(game, state)[point(game, "a1")]
    assert observe(game, state)[2, 4, 0] == 1.0


def test_a_snapback_takes_what_has_just_taken() -> None:
    game = Go.usual(5)
    state = after(game, "a3 a2 b3 b2 c3 c2 d2 c1 d1 e5 a1 b1 a1")
    assert drawn(game, state) == ["....O", ".....", "XXX..", "...X.", "X..X."]


def test_a_stone_that_joins_no_liberty_is_illegal_unless_it_takes() -> None:
    game = Go.usual(5)
    one = after(game, "e5 a2 e4 b1")
    assert not legal(game, one)[point(game, "a1")]
    assert observe(game, one)[2].sum() == 0.0  # it is no question of superko
    # Black's a1 and b1 have one liberty more, c1: to fill it would kill the three.
    three = after(game, "a1 a2 b1 b2 e5 c2 e4 d1")
    assert not legal(game, three)[point(game, "c1")]


def test_points_between_the_two_in_a_seki_are_nobodys() -> None:
    first = ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "b5", "c1", "c5"]
    second = ["e1", "e2", "e3", "e4", "e5", "d1", "d2", "d3", "d4", "d5", "c3"]
    moves = " ".join(move for pair in zip(first, [*second, "pass"], strict=True) for move in pair)
    game = Go.usual(5)
    state = after(game, moves)
    ended = after(game, "pass", state)
    assert drawn(game, state) == ["XXXOO", "XX.OO", "XXOOO", "XX.OO", "XXXOO"]
    assert game.outcome(state) == 0.0
    assert game.over(ended)
    assert not legal(game, ended).any()
    assert areas(ended.labels, 5).tolist() == [12, 11]
    assert [Go(5, komi, 50).outcome(ended) for komi in (0.5, 1.0, 1.5)] == [1.0, 0.0, -1.0]


def test_an_empty_board_is_nobodys_and_a_lone_stone_has_it_all() -> None:
    game = Go(9, 80.5, 4)
    assert game.outcome(after(game, "pass pass")) == -1.0
    assert game.outcome(after(game, "e5 pass pass")) == 1.0
    cut_short = after(game, "a1 i9 c3 d5")
    assert game.over(cut_short)
    assert game.outcome(cut_short) == -1.0


def test_names_tell_what_is_not_usual() -> None:
    names = [Go.usual(9).name, Go(9, 6.0, 162).name, Go(5, 7.5, 30).name]
    assert names == ["go-9x9", "go-9x9-komi-6", "go-5x5-longest-30"]


@pytest.mark.parametrize(
    ("size", "komi", "longest", "why"),
    [
        (4, 7.5, 50, "5 to 9 points a side, not 4"),
        (9, 7.25, 162, "multiple of a half"),
        (9, 7.5, 1, "at least 2, not 1"),
    ],
)
def test_what_is_no_game_is_refused(size: int, komi: float, longest: int, why: str) -> None:
    with pytest.raises(InputError, match=why):
        Go(size, komi, longest)
