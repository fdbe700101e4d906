"""Hex: the games are OpenSpiel's, and what is known of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.playout import playout

from .openspiel import replay


@pytest.mark.parametrize("size", [3, 5, 11])
def test_random_games_are_those_of_openspiel(size: int) -> None:
    replay(Hex(size), f"hex(num_cols={size},num_rows={size})", 200)


@pytest.mark.slow
@pytest.mark.parametrize("size", range(3, 12))
def test_ten_thousand_random_games_are_those_of_openspiel(size: int) -> None:
    replay(Hex(size), f"hex(num_cols={size},num_rows={size})", 10_000, seed=1)


def test_every_game_is_won() -> None:
    game = Hex(4)
    last = jax.tree.map(lambda leaf: leaf[-1], playout(game, jax.random.key(0), 200).states)
    assert set(np.asarray(jax.vmap(game.outcome)(last)).tolist()) == {-1.0, 1.0}


def test_the_second_player_sees_the_board_transposed() -> None:
    game = Hex(3)
    state = game.play(game.start(), jnp.int32(1))
    assert np.argwhere(game.observe(state)).tolist() == [[1, 1, 0]]
    assert int(game.place(state, jnp.int32(1))) == 3


@pytest.mark.parametrize("size", [2, 12])
def test_sizes_are_3_to_11(size: int) -> None:
    with pytest.raises(InputError, match=f"3 to 11 cells a side, not {size}"):
        Hex(size)
