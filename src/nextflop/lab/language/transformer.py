"""A decoder-only transformer: pre-norm, RMSNorm, squared ReLU, learned positions, embeddings tied to the output."""

from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from nextflop.errors import InputError

HEAD_WIDTH = 32  # one head for every 32 channels, at least two: small models keep two ways to look


@dataclass(frozen=True)
class Shape:
    """The shape of a transformer.

    Attributes:
        width: channels of the residual stream.
        depth: number of blocks.
        vocabulary: number of tokens.
        context: the most positions it can read.
    """

    width: int
    depth: int
    vocabulary: int
    context: int

    def __post_init__(self) -> None:
        if self.depth < 1 or self.width < 2 or self.width % self.heads:
            raise InputError(
                f"A transformer of size {self.size} cannot be built: give a depth of 1 or more and an even width, "
                f"a multiple of {HEAD_WIDTH} from {2 * HEAD_WIDTH} on, such as 64x2."
            )

    @property
    def heads(self) -> int:
        """Attention heads."""
        return max(2, self.width // HEAD_WIDTH)

    @property
    def size(self) -> str:
        """Width and depth as the user writes them, such as "64x2"."""
        return f"{self.width}x{self.depth}"

    @property
    def parameters(self) -> dict[str, int]:
        """Parameters by role. The embedding is the output matrix too and is counted once."""
        d, layers = self.width, self.depth
        return {
            "embedding": self.vocabulary * d,
            "position": self.context * d,
            "attention": 4 * d * d * layers,
            "mlp": 8 * d * d * layers,
            "norm": (2 * layers + 1) * d,
        }


class Cache(NamedTuple):
    """Keys and values of the positions read so far, each of shape (depth, batch, room, heads, head width)."""

    keys: Float[Array, "depth batch room heads channels"]
    values: Float[Array, "depth batch room heads channels"]


class Block(eqx.Module):
    """Attention and a two-layer perceptron, each added to the residual stream."""

    norm_attention: Float[Array, " width"]
    norm_mlp: Float[Array, " width"]
    qkv: Float[Array, "width three_width"]
    out: Float[Array, "width width"]
    up: Float[Array, "width four_width"]
    down: Float[Array, "four_width width"]
    heads: int = eqx.field(static=True)

    @classmethod
    def init(cls, shape: Shape, key: PRNGKeyArray) -> "Block":
        """Weights of variance 1/fan-in; what writes to the residual stream is damped by the number of writers."""
        d, keys = shape.width, jax.random.split(key, 4)
        damp = (2 * shape.depth) ** -0.5
        return cls(
            norm_attention=jnp.ones(d),
            norm_mlp=jnp.ones(d),
            qkv=jax.random.normal(keys[0], (d, 3 * d)) * d**-0.5,
            out=jax.random.normal(keys[1], (d, d)) * d**-0.5 * damp,
            up=jax.random.normal(keys[2], (d, 4 * d)) * d**-0.5,
            down=jax.random.normal(keys[3], (4 * d, d)) * (4 * d) ** -0.5 * damp,
            heads=shape.heads,
        )

    def project(self, x: Float[Array, "batch time width"]) -> tuple[Float[Array, "batch time heads channels"], ...]:
        """Queries, keys and values of every position."""
        batch, time, width = x.shape
        qkv = rms_norm(x, self.norm_attention).reshape(batch * time, width) @ self.qkv
        q, k, v = jnp.moveaxis(qkv.reshape(batch, time, 3, self.heads, width // self.heads), 2, 0)
        return q, k, v

    def finish(
        self,
        x: Float[Array, "batch time width"],
        q: Float[Array, "batch time heads channels"],
        k: Float[Array, "batch room heads channels"],
        v: Float[Array, "batch room heads channels"],
        visible: Bool[Array, "time room"],
    ) -> Float[Array, "batch time width"]:
        """The block's output, given the keys and values that each position may look at."""
        batch, time, width = x.shape
        scores = jnp.einsum("bthc,bshc->bhts", q, k) * q.shape[-1] ** -0.5
        weights = jax.nn.softmax(jnp.where(visible, scores, -jnp.inf), axis=-1)
        seen = jnp.einsum("bhts,bshc->bthc", weights, v).reshape(batch * time, width)
        x = x + (seen @ self.out).reshape(batch, time, width)
        hidden = jnp.square(jax.nn.relu(rms_norm(x, self.norm_mlp).reshape(batch * time, width) @ self.up))
        return x + (hidden @ self.down).reshape(batch, time, width)


class Transformer(eqx.Module):
    """The network. Logits are computed in the parameters' own precision, float32 unless cast."""

    embedding: Float[Array, "vocabulary width"]
    position: Float[Array, "context width"]
    blocks: tuple[Block, ...]
    norm: Float[Array, " width"]
    shape: Shape = eqx.field(static=True)

    @classmethod
    def init(cls, shape: Shape, key: PRNGKeyArray) -> "Transformer":
        """Random weights."""
        keys = jax.random.split(key, shape.depth + 2)
        return cls(
            embedding=jax.random.normal(keys[0], (shape.vocabulary, shape.width)) * shape.width**-0.5,
            position=jax.random.normal(keys[1], (shape.context, shape.width)) * 0.02,
            blocks=tuple(Block.init(shape, k) for k in keys[2:]),
            norm=jnp.ones(shape.width),
            shape=shape,
        )

    def logits(self, x: Float[Array, "*batch width"]) -> Float[Array, "*batch vocabulary"]:
        """Logits of the next token from the residual stream."""
        return rms_norm(x, self.norm) @ self.embedding.T

    def read(self, tokens: Int[Array, "batch time"]) -> tuple[Float[Array, "batch time width"], Cache]:
        """The residual stream after the last block at every position, and the keys and values for going on."""
        time = tokens.shape[1]
        visible = jnp.tril(jnp.ones((time, time), dtype=bool))
        x = self.embedding[tokens] + self.position[:time]
        keys, values = [], []
        for block in self.blocks:
            q, k, v = block.project(x)
            x = block.finish(x, q, k, v, visible)
            keys.append(k)
            values.append(v)
        return x, Cache(jnp.stack(keys), jnp.stack(values))

    def read_one(
        self, token: Int[Array, " batch"], at: Int[Array, ""], cache: Cache
    ) -> tuple[Float[Array, "batch width"], Cache]:
        """Reads one more token a sequence, at position `at`, and adds it to the cache."""
        visible = (jnp.arange(cache.keys.shape[2]) <= at)[None]
        x = (self.embedding[token] + self.position[at])[:, None]
        keys, values = cache
        for layer, block in enumerate(self.blocks):
            q, k, v = block.project(x)
            keys = jax.lax.dynamic_update_slice(keys, k[None], (layer, 0, at, 0, 0))
            values = jax.lax.dynamic_update_slice(values, v[None], (layer, 0, at, 0, 0))
            x = block.finish(x, q, keys[layer], values[layer], visible)
        return x[:, 0], Cache(keys, values)


def rms_norm(x: Float[Array, "*batch width"], gain: Float[Array, " width"]) -> Float[Array, "*batch width"]:
    """Root-mean-square normalisation over the channels (Zhang & Sennrich 2019, arXiv:1910.07467)."""
    return x * jax.lax.rsqrt(jnp.mean(jnp.square(x), axis=-1, keepdims=True) + 1e-6) * gain
