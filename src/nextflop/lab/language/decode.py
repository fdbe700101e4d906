"""Cached generation: what has been read is never read again."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from nextflop.lab.language.transformer import Cache, Transformer


class Reading(NamedTuple):
    """A batch of sequences in the middle of generation.

    Attributes:
        pending: the last token of each sequence, chosen and not yet read; shape (batch,).
        at: the position of the pending tokens.
        cache: keys and values of everything before.
    """

    pending: Int[Array, " batch"]
    at: Int[Array, ""]
    cache: Cache


class Rolled(NamedTuple):
    """Generated tokens with the log-probability (nats, at temperature 1) of each; both (batch, length)."""

    tokens: Int[Array, "batch length"]
    log_probs: Float[Array, "batch length"]


def start(model: Transformer, prompts: Int[Array, "batch time"], length: int) -> Reading:
    """Reads prompts of two tokens or more, with room to generate `length` tokens."""
    _, cache = model.read(prompts[:, :-1])
    room = ((0, 0), (0, 0), (0, length), (0, 0), (0, 0))
    cache = Cache(jnp.pad(cache.keys, room), jnp.pad(cache.values, room))
    return Reading(prompts[:, -1], jnp.asarray(prompts.shape[1] - 1), cache)


def choose(reading: Reading, rows: Int[Array, " chosen"]) -> Reading:
    """The sequences named by `rows`, each as often as it is named: copies for sampling, survivors for a beam."""
    cache = Cache(reading.cache.keys[:, rows], reading.cache.values[:, rows])
    return Reading(reading.pending[rows], reading.at, cache)


def roll(
    model: Transformer, reading: Reading, key: PRNGKeyArray, length: int, temperature: float = 1.0
) -> tuple[Rolled, Reading]:
    """Samples `length` more tokens for each sequence. The key is consumed."""

    def step(
        reading: Reading, key: PRNGKeyArray
    ) -> tuple[Reading, tuple[Int[Array, " batch"], Float[Array, " batch"]]]:
        hidden, cache = model.read_one(reading.pending, reading.at, reading.cache)
        log_probs = jax.nn.log_softmax(model.logits(hidden))
        token = jax.random.categorical(key, log_probs / temperature)
        chosen = jnp.take_along_axis(log_probs, token[:, None], axis=1)[:, 0]
        return Reading(token, reading.at + 1, cache), (token, chosen)

    reading, (tokens, log_probs) = jax.lax.scan(step, reading, jax.random.split(key, length))
    return Rolled(tokens.T, log_probs.T), reading


def generate(
    model: Transformer,
    prompts: Int[Array, "batch time"],
    key: PRNGKeyArray,
    length: int,
    samples: int = 1,
    temperature: float = 1.0,
) -> Rolled:
    """Samples several continuations of each prompt, which is read once.

    Args:
        model: the network.
        prompts: tokens, shape (batch, time), time of 2 or more.
        key: consumed.
        length: tokens to generate.
        samples: continuations of each prompt.
        temperature: 1 samples from the model's own distribution.

    Returns:
        Tokens and log-probabilities of shape (batch · samples, length), the samples of a prompt side by side.
    """
    rows = jnp.repeat(jnp.arange(prompts.shape[0]), samples)
    reading = choose(start(model, prompts, length), rows)
    return roll(model, reading, key, length, temperature)[0]
