"""Networks to search with."""

import jax
import jax.numpy as jnp
import numpy as np

from nextflop.lab.selfplay.network import Network, Shape


def opinionated(game, kind: str = "mlp", seed: int = 0) -> Network:
    """A network whose heads and blocks say something; a fresh one says nothing."""
    rng = np.random.default_rng(seed)
    network = Network.init(Shape.of(game, 24, 2, kind), jax.random.key(seed))
    return jax.tree.map(lambda leaf: jnp.asarray(leaf + 0.2 * rng.normal(size=leaf.shape), jnp.float32), network)
