"""The policy that a search with PUCT approaches, without its visits' coarseness."""

import numpy as np
from jaxtyping import Array, Float, Int

HALVINGS = 32


def regularised(
    prior: Float[Array | np.ndarray, "*batch actions"],
    q: Float[Array | np.ndarray, "*batch actions"],
    weight: Float[Array | np.ndarray, "*batch 1"],
) -> Float[Array | np.ndarray, "*batch actions"]:
    r"""The policy y that maximises q·y − λ KL(prior, y), as NumPy or JAX has the arrays.

    It is λ prior / (α − q) with the α at which it sums to 1 (Grill et al. 2020, Monte-Carlo tree search as regularized
    policy optimization, arXiv 2007.12509, section 3), found by bisection.

    Args:
        prior: of the legal actions; 0 where an action is illegal.
        q: what the actions are worth, in the units of the search's score.
        weight: λ of `strength`.
    """
    xp, tiny = prior.__array_namespace__(), np.finfo(prior.dtype).tiny
    gap = weight * prior
    worth = xp.where(prior > 0, q, -xp.inf)
    low, high = (worth + gap).max(-1, keepdims=True), worth.max(-1, keepdims=True) + weight
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        heavy = (gap / xp.maximum(middle - q, xp.maximum(gap, tiny))).sum(-1, keepdims=True) > 1
        low, high = xp.where(heavy, middle, low), xp.where(heavy, high, middle)
    policy = gap / xp.maximum(high - q, xp.maximum(gap, tiny))
    return policy / policy.sum(-1, keepdims=True)


def strength(
    c: float | Float[Array | np.ndarray, "*batch"],
    visits: Float[Array | np.ndarray, "*batch"],
    actions: int | Int[Array | np.ndarray, "*batch"],
) -> Float[Array | np.ndarray, "*batch"]:
    r"""λ_N = c √N / (N + A), as in Grill et al. 2020: how much the prior weighs after N visits to A actions.

    Jones 2021 searches with c N / (N + A) (andyljones/boardlaw at 75a0407, `boardlaw/mcts/cpp/cuda.cu`, `policy`;
    acknowledged in issue 15). There the weight of the prior rises towards c with the visits, where it ought to fall;
    at 64 visits it is 8 times too large.

    Example:
        >>> import numpy as np
        >>> weights = strength(1.25, np.array([16.0, 64.0, 1024.0]), 25)
        >>> [round(float(weight), 3) for weight in weights]
        [0.122, 0.112, 0.038]
    """
    return c * visits**0.5 / (visits + actions)
