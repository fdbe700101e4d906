"""Random games in a batch, every position on record: for checks of rules, and as the weakest player there is."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from nextflop.lab.selfplay.games.game import Game


class Playout(NamedTuple):
    """Games from the start, each played for `longest` moves.

    Attributes:
        states: a state whose arrays have two more axes in front, (longest + 1, games): before each move, and at last.
        actions: what was played, as the mover numbers it; means nothing where the game was over before.
    """

    states: Any
    actions: Int[Array, "longest games"]


@partial(jax.jit, static_argnames=("game", "games"))
def playout(game: Game[Any], key: Array, games: int) -> Playout:
    """Games between two players who take any legal action with the same chance.

    Args:
        game: the rules.
        key: of `jax.random`; the same key gives the same games.
        games: how many.
    """

    def step(states: Any, key: Array) -> tuple[Any, tuple[Any, Array]]:
        legal = jax.vmap(game.legal)(states)
        actions = jax.random.categorical(key, jnp.where(legal, 0.0, -jnp.inf)).astype(jnp.int32)
        return jax.vmap(game.play)(states, actions), (states, actions)

    first = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (games, *jnp.shape(leaf))), game.start())
    last, (states, actions) = jax.lax.scan(step, first, jax.random.split(key, game.longest))
    return Playout(jax.tree.map(lambda run, end: jnp.concatenate([run, end[None]]), states, last), actions)
