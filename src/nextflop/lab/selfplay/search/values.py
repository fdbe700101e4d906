"""What a position's children are worth, those that were not visited too, and the policy that follows.

Danihelka et al. 2022, Policy improvement by planning with Gumbel (ICLR), sections 4 and 5 and appendix D.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

VISIT_OFFSET, VALUE_SCALE = 50.0, 0.1
"""c_visit and c_scale of σ(q) = (c_visit + max N) c_scale q."""
LEAST = 1e-8
"""Range of values below which they count as equal."""


def estimates(
    prior: Float[Array | np.ndarray, "*batch actions"],
    raw: Float[Array | np.ndarray, "*batch"],
    visits: Float[Array | np.ndarray, "*batch actions"],
    total: Float[Array | np.ndarray, "*batch actions"],
) -> Float[Array | np.ndarray, "*batch actions"]:
    """The value of every action: the mean of its visits, or the mixed value of the position where there were none.

    Args:
        prior: the network's policy, 0 where an action is illegal; arrays of NumPy or JAX.
        raw: the network's value of the position.
        visits: to each child.
        total: sum of the values that those visits brought, in the view of the position's mover.
    """
    xp, tiny = prior.__array_namespace__(), np.finfo(prior.dtype).tiny
    seen = visits > 0
    q = total / xp.maximum(visits, 1.0)
    weight = xp.where(seen, xp.maximum(prior, tiny), 0.0)
    mean = (weight * q).sum(-1) / xp.maximum(weight.sum(-1), tiny)
    count = visits.sum(-1)
    return xp.where(seen, q, ((raw + count * mean) / (count + 1))[..., None])


def completed(
    logits: Float[Array, "*batch actions"],
    raw: Float[Array, "*batch"],
    visits: Float[Array, "*batch actions"],
    total: Float[Array, "*batch actions"],
) -> Float[Array, "*batch actions"]:
    """σ(q) of every action: its estimate, rescaled to 0 and 1 over those of a position; arguments of `estimates`, but
    logits for the prior, very low where an action is illegal.
    """
    q = estimates(jax.nn.softmax(logits), raw, visits, total)
    low, high = q.min(-1, keepdims=True), q.max(-1, keepdims=True)
    scale = (VISIT_OFFSET + visits.max(-1, keepdims=True)) * VALUE_SCALE
    return scale * (q - low) / jnp.maximum(high - low, LEAST)


def following(
    logits: Float[Array, "*batch actions"],
    raw: Float[Array, "*batch"],
    visits: Float[Array, "*batch actions"],
    total: Float[Array, "*batch actions"],
) -> Float[Array, "*batch actions"]:
    """How far each action's share of the visits is behind the improved policy's: the largest is visited next."""
    policy = jax.nn.softmax(logits + completed(logits, raw, visits, total))
    return policy - visits / (1 + visits.sum(-1, keepdims=True))
