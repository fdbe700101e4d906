"""The rules of a game and a network as mctx asks for them."""

from typing import Any

import jax
import jax.numpy as jnp


def told(mctx: Any, game: Any, evaluate: Any) -> tuple[Any, Any]:
    """What the network says of positions, what is illegal ruled out; and the step from a position to the next."""

    def masked(state):
        logits, value = evaluate(jax.vmap(game.observe)(state))
        return jnp.where(jax.vmap(game.legal)(state), logits, -1e9), value

    def recurrent(_, key, action, state):
        after = jax.vmap(game.play)(state, action)
        logits, value = masked(after)
        over, sign = jax.vmap(game.over)(after), 1 - 2 * jax.vmap(game.mover)(state)
        reward = jnp.where(over & ~jax.vmap(game.over)(state), jax.vmap(game.outcome)(after) * sign, 0.0)
        step = mctx.RecurrentFnOutput(
            reward=reward, discount=jnp.where(over, 0.0, -1.0), prior_logits=logits, value=jnp.where(over, 0.0, value)
        )
        return step, after

    return masked, recurrent
