"""Networks that read a position and say what to play and who will win.

Both are residual with ReZero (Bachlechner et al. 2021, arXiv:2003.04887): a block adds a share of what it computes, and
the share begins at 0, so that a network of any depth begins as a shallow one.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.game import Game

KINDS = ("mlp", "conv")
KERNEL = 3


@dataclass(frozen=True)
class Shape:
    """The shape of a network.

    Attributes:
        kind: "mlp", blocks of one matrix product, as Jones 2021 (arXiv:2104.03113); "conv", blocks of two 3 × 3
            convolutions.
        width: of the residual stream, units or channels.
        depth: blocks.
        planes, height, area: of an observation; area is height × width of the board.
        actions: of the game.
    """

    kind: str
    width: int
    depth: int
    planes: int
    height: int
    area: int
    actions: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.width < 1 or self.depth < 0:
            raise InputError(
                f"A network {self.kind!r} of width {self.width} and depth {self.depth} cannot be built: give one of "
                f"{' and '.join(KINDS)}, a width of 1 or more and a depth of 0 or more."
            )

    @classmethod
    def of(cls, game: Game[Any], width: int, depth: int, kind: str = "mlp") -> "Shape":
        """The shape for a game."""
        height, across = game.shape
        return cls(kind, width, depth, game.planes, height, height * across, game.actions)

    @property
    def size(self) -> str:
        """Width and depth, such as "64x2"."""
        return f"{self.width}x{self.depth}"

    @property
    def parameters(self) -> dict[str, int]:
        """Parameters by role."""
        w, conv = self.width, KERNEL**2
        if self.kind == "mlp":
            intake, block, read = self.planes * self.area * w + w, w * w + w + 1, w
        else:
            intake, block, read = self.planes * conv * w + w, 2 * (conv * w * w + w) + 1, w * self.area
        return {
            "intake": intake,
            "blocks": self.depth * block,
            "policy": read * self.actions + self.actions,
            "value": w + 1,
        }

    @property
    def flop(self) -> float:
        """FLOP of one evaluation: matrix products and convolutions, 2 a multiply-add."""
        w, conv = self.width, KERNEL**2
        if self.kind == "mlp":
            products = self.planes * self.area * w + self.depth * w * w + w * self.actions + w
        else:
            products = self.area * conv * (self.planes * w + 2 * self.depth * w * w) + w * self.area * self.actions + w
        return 2.0 * products


class Network(eqx.Module):
    """A network. Its arrays: the intake, the blocks one after another along their first axis, two heads."""

    shape: Shape = eqx.field(static=True)
    intake: tuple[Array, Array]
    blocks: tuple[Array, Array]
    share: Float[Array, " depth"]
    policy: tuple[Array, Array]
    value: tuple[Array, Array]

    @classmethod
    def init(cls, shape: Shape, key: PRNGKeyArray) -> "Network":
        """A network with fresh weights; it begins with no opinion on actions or values."""
        w, keys = shape.width, jax.random.split(key, 2)
        if shape.kind == "mlp":
            first, block, read = (shape.planes * shape.area, w), (shape.depth, w, w), w
            biases = (shape.depth, w)
        else:
            first = (KERNEL, KERNEL, shape.planes, w)
            block, read = (shape.depth, 2, KERNEL, KERNEL, w, w), w * shape.area
            biases = (shape.depth, 2, w)

        def normal(key: PRNGKeyArray, shape: tuple[int, ...], read: int) -> Array:
            return jax.random.normal(key, shape) * jnp.sqrt(2 / read)

        return cls(
            shape,
            (normal(keys[0], first, prod(first[:-1])), jnp.zeros(w)),
            (normal(keys[1], block, prod(block[-3 if shape.kind == "conv" else -2 : -1]) or 1), jnp.zeros(biases)),
            jnp.zeros(shape.depth),
            (jnp.zeros((read, shape.actions)), jnp.zeros(shape.actions)),
            (jnp.zeros(w), jnp.zeros(())),
        )

    def __call__(
        self, seen: Float[Array, "rows planes height width"]
    ) -> tuple[Float[Array, "rows actions"], Float[Array, " rows"]]:
        """Logits of the actions and the value, -1 to 1, both in the mover's view."""
        return self._mlp(seen) if self.shape.kind == "mlp" else self._conv(seen)

    def _mlp(self, seen: Array) -> tuple[Array, Array]:
        stream = seen.reshape(len(seen), -1) @ self.intake[0] + self.intake[1]
        for weight, bias, share in zip(*self.blocks, self.share, strict=True):
            stream = stream + share * (jax.nn.relu(stream) @ weight + bias)
        stream = jax.nn.relu(stream)
        return stream @ self.policy[0] + self.policy[1], jnp.tanh(stream @ self.value[0] + self.value[1])

    def _conv(self, seen: Array) -> tuple[Array, Array]:
        stream = _convolve(seen.transpose(0, 2, 3, 1), *self.intake)
        for weights, biases, share in zip(*self.blocks, self.share, strict=True):
            inner = _convolve(jax.nn.relu(stream), weights[0], biases[0])
            stream = stream + share * _convolve(jax.nn.relu(inner), weights[1], biases[1])
        stream = jax.nn.relu(stream)
        logits = stream.reshape(len(seen), -1) @ self.policy[0] + self.policy[1]
        return logits, jnp.tanh(stream.mean((1, 2)) @ self.value[0] + self.value[1])


def _convolve(stream: Array, weight: Array, bias: Array) -> Array:
    """A 3 × 3 convolution as one product of what lies around every cell: in a loop XLA's own is slow on processors."""
    height, width = stream.shape[1:3]
    padded = jnp.pad(stream, ((0, 0), (1, 1), (1, 1), (0, 0)))  # beyond the board is nothing
    near = [padded[:, row : row + height, column : column + width] for row in range(KERNEL) for column in range(KERNEL)]
    return jnp.concatenate(near, -1) @ weight.reshape(-1, weight.shape[-1]) + bias
