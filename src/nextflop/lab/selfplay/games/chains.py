"""Chains of stones on a board of Go: what touches them, which are in atari, whose area is what; all points at once."""

from functools import cache

import jax.numpy as jnp
import numpy as np
from jax.lax import population_count, while_loop
from jaxtyping import Array, Bool, Int8, Shaped, UInt32


@cache
def zobrist(size: int) -> np.ndarray:
    """Random keys of two words for each player and point, shape (2, 2, points), the same on every machine.

    A position's hash is the sum of its stones' keys, modulo 2^32 in each word.
    """
    return np.random.default_rng(size).integers(0, 2**32, (2, 2, size**2), dtype=np.uint32)


@cache
def around(size: int) -> np.ndarray:
    """The four neighbours of each point, and of the pass after them, which has none: n² stands for no point."""
    board = np.pad(np.arange(size**2).reshape(size, size), 1, constant_values=size**2)
    sides = board[:-2, 1:-1], board[2:, 1:-1], board[1:-1, :-2], board[1:-1, 2:]
    return np.append(np.stack(sides, -1).reshape(-1, 4), np.full((1, 4), size**2), 0)


def near(values: Shaped[Array, "*some points"], size: int) -> Shaped[Array, "4 *some points"]:
    """What is on the four neighbours of each point, 0 off the board."""
    board = values.reshape(*values.shape[:-1], size, size)
    padded = jnp.pad(board, [(0, 0)] * (board.ndim - 2) + [(1, 1), (1, 1)])
    sides = padded[..., :-2, 1:-1], padded[..., 2:, 1:-1], padded[..., 1:-1, :-2], padded[..., 1:-1, 2:]
    return jnp.stack(sides).reshape(4, *values.shape)


def atari(labels: Int8[Array, " points"], size: int) -> Bool[Array, " points"]:
    """Stones whose chain has a single liberty.

    Args:
        labels: of each point its chain, of either sign, n² at most; 0 where it is empty.
        size: points along a side.
    """
    # A liberty counts once for each stone that it touches. How many there are, the sum of their numbers and that of
    # the squares tell whether they are all the same: then, and only then, Cauchy and Schwarz's inequality is equal.
    points = np.arange(size**2, dtype=np.uint32)
    moments = jnp.where(labels == 0, np.stack([points**0, points, points**2]), 0)
    chain = jnp.abs(labels).astype(jnp.int32)
    sums = jnp.zeros((3, size**2 + 1), jnp.uint32).at[:, chain].add(near(moments, size).sum(0))[:, chain]
    return (labels != 0) & (sums[0] * sums[2] == sums[1] ** 2)


def areas(labels: Int8[Array, " points"], size: int) -> UInt32[Array, "2"]:
    """Points of each player: his stones, and empty points from which paths over empty points lead to his alone.

    Args:
        labels: positive where the first player has a stone, negative where the second has, 0 where a point is empty.
        size: points along a side.
    """
    rows = labels.reshape(size, size)  # of which each becomes a word of bits
    stones, empty = (
        jnp.where(cells, np.uint32(1) << np.arange(size, dtype=np.uint32), 0).sum(-1, dtype=jnp.uint32)
        for cells in (jnp.stack([rows > 0, rows < 0]), rows == 0)
    )

    def spread(grown: tuple[Array, Array]) -> tuple[Array, Array]:
        _, now = grown
        tall = jnp.pad(now, [(0, 0), (1, 1)])
        return now, now | (empty & (now << 1 | now >> 1 | tall[:, :-2] | tall[:, 2:]))

    _, reach = while_loop(lambda grown: (grown[0] != grown[1]).any(), spread, spread((stones, stones)))
    return population_count(reach & ~reach[::-1]).sum(1, dtype=jnp.uint32)
