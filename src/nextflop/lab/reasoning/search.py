"""Sampling with a final verifier, and beam search with a verifier of every step, at equal numbers of tokens."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from nextflop.lab.language.decode import choose, generate, roll, start
from nextflop.lab.language.transformer import Transformer
from nextflop.lab.reasoning.countdown import STEP, Countdown, solved, verify


class Beam(NamedTuple):
    """A beam: `width` partial answers are kept, each is continued `branch` times a step."""

    width: int
    branch: int

    @property
    def samples(self) -> int:
        """How many independent answers cost the same tokens."""
        return self.width * self.branch


@partial(jax.jit, static_argnames=("game", "samples"))
def sample(
    game: Countdown, model: Transformer, problems: Int[Array, "problems prompt"], key: PRNGKeyArray, samples: int
) -> Bool[Array, "problems samples"]:
    """Independent answers to each problem, right or wrong. The key is consumed."""
    answers = generate(model, problems, key, game.answer, samples).tokens
    return solved(game, jnp.repeat(problems, samples, axis=0), answers).reshape(-1, samples)


@partial(jax.jit, static_argnames=("game", "beam"))
def beam_search(
    game: Countdown, model: Transformer, problems: Int[Array, "problems prompt"], key: PRNGKeyArray, beam: Beam
) -> Bool[Array, " problems"]:
    """Whether a step-verified beam solves each problem.

    Each step samples `branch` continuations of every partial answer, drops those whose steps do not stand, and keeps
    the `width` most probable of the rest (no value function: probability is all there is to rank by). A problem is
    solved if any whole answer is right. The first step samples width · branch continuations of the bare problem, so
    a beam generates exactly the tokens of `beam.samples` answers. The key is consumed.
    """
    number = len(problems)
    rows = jnp.repeat(jnp.arange(number), beam.samples)
    reading = choose(start(model, problems, game.answer), rows)
    answers = jnp.zeros((len(rows), 0), dtype=jnp.int32)
    log_prob = jnp.zeros(len(rows))
    for step_key in jax.random.split(key, game.steps):
        rolled, reading = roll(model, reading, step_key, STEP)
        answers = jnp.concatenate([answers, rolled.tokens.astype(jnp.int32)], axis=1)
        stands = verify(game, problems[rows, : game.numbers], answers)[0][:, -1]
        log_prob = jnp.where(stands, log_prob + rolled.log_probs.sum(axis=1), -jnp.inf)
        if answers.shape[1] == game.answer:
            break
        best = jax.lax.top_k(log_prob.reshape(number, beam.samples), beam.width)[1]
        kept = (best + beam.samples * jnp.arange(number)[:, None]).reshape(-1)
        kept = jnp.repeat(kept, beam.branch)
        reading, answers, log_prob = choose(reading, kept), answers[kept], log_prob[kept]
    return solved(game, problems[rows], answers).reshape(number, beam.samples).any(axis=1)
