"""Random games replayed in OpenSpiel, whose rules nobody here wrote: who may do what, who moves, who wins, and when."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.playout import playout


class Record(NamedTuple):
    """Random games: of every position whether it is over, who moves, the outcome, what is legal, places, the action."""

    over: np.ndarray
    mover: np.ndarray
    outcome: np.ndarray
    legal: np.ndarray
    places: np.ndarray
    actions: np.ndarray


def played(game: Game[Any], seed: int, games: int) -> Record:
    """Random games by the array rules."""
    states, actions = playout(game, jax.random.key(seed), games)
    told = _told(game, states)
    return Record(*(np.asarray(array) for array in told), np.pad(np.asarray(actions), ((0, 1), (0, 0))))


@partial(jax.jit, static_argnames="game")
def _told(game: Game[Any], states: Any) -> tuple[jax.Array, ...]:
    def of_one(state: Any) -> tuple[jax.Array, ...]:
        places = jax.vmap(game.place, (None, 0))(state, jnp.arange(game.actions, dtype=jnp.int32))
        return game.over(state), game.mover(state), game.outcome(state), game.legal(state), places

    return jax.vmap(jax.vmap(of_one))(states)


def replay(
    game: Game[Any],
    theirs: str,
    games: int,
    seed: int = 0,
    action: Callable[[int], int] = lambda ours: ours,
    batch: int = 250,
    view: Callable[[Any], Any] = lambda state: state,
    play: Callable[[Game[Any], int, int], Record] = played,
) -> None:
    """Play random games by our rules and follow them move by move in OpenSpiel; both must agree at every position.

    Args:
        game: ours.
        theirs: such as "hex(num_cols=5,num_rows=5)"; the test is skipped where OpenSpiel is not installed.
        games: how many.
        seed: of the games.
        action: their number of an action, given ours as the first player numbers it.
        batch: games played at a time.
        view: of their states, where their rules are not quite ours.
        play: what plays our games, given a seed and how many: the array rules, unless another engine does.
    """
    rules = pytest.importorskip("pyspiel", reason="OpenSpiel is not installed: pip install open-spiel").load_game(
        theirs
    )
    number = np.array([action(ours) for ours in range(game.actions)])
    for first in range(0, games, batch):
        record = play(game, seed * 1_000_003 + first, min(batch, games - first))
        for which in range(min(batch, games - first)):
            _follow(view(rules.new_initial_state()), game, number, *(array[:, which] for array in record))


def _follow(
    state: Any,
    game: Game[Any],
    number: np.ndarray,
    over: np.ndarray,
    mover: np.ndarray,
    outcome: np.ndarray,
    legal: np.ndarray,
    places: np.ndarray,
    actions: np.ndarray,
) -> None:
    for ply in range(game.longest + 1):
        where = f"{game.name}, ply {ply} of {state.history()}, in OpenSpiel\n{state}"
        assert bool(over[ply]) == state.is_terminal(), f"over, by our rules: {over[ply]}; {where}"
        if over[ply]:
            assert outcome[ply] == np.sign(state.returns()[0]), f"our outcome is {outcome[ply]}; {where}"
            return
        ours = sorted(number[places[ply][legal[ply]]].tolist())
        assert ours == sorted(state.legal_actions()), f"legal, by our rules: {ours}; {where}"
        assert mover[ply] == state.current_player(), f"our mover is {mover[ply]}; {where}"
        assert outcome[ply] == 0, f"our outcome of a game not over is {outcome[ply]}; {where}"
        state.apply_action(int(number[places[ply][actions[ply]]]))
    raise AssertionError(f"{game.name} is not over after its {game.longest} moves")
