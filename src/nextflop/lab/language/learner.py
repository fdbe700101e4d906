"""The state of training and one step of it."""

from typing import Any, NamedTuple, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, PRNGKeyArray

from nextflop.lab.language.transformer import Shape, Transformer

REFERENCE_WIDTH = 64
AVERAGED = 6.94  # of the weight average: a width of a tenth of the run (Karras et al. 2024, arXiv:2312.02696)


class Recipe(NamedTuple):
    """How to train: AdamW at a constant rate after a short warm-up, gradients clipped by their global norm.

    Attributes:
        rate: learning rate at width 64; other widths take it times 64 / width, as wider layers sum more terms.
        warmup: steps of linear warm-up.
        decay: decoupled weight decay.
        second: decay of the second moment.
        clip: largest global norm of a gradient.
    """

    rate: float
    warmup: int = 50
    decay: float = 0.01
    second: float = 0.98
    clip: float = 1.0

    def optimiser(self, shape: Shape) -> optax.GradientTransformation:
        """The optimiser for a network of this shape."""
        rate = self.rate * REFERENCE_WIDTH / shape.width
        return optax.chain(
            optax.clip_by_global_norm(self.clip),
            optax.adamw(
                optax.linear_schedule(rate / self.warmup, rate, self.warmup - 1),
                b2=self.second,
                weight_decay=self.decay,
            ),
        )


class Learner(eqx.Module):
    """A network, the average of its weights over the last tenth of training, and its optimiser's memory.

    At a constant rate the weights jitter about the path that a decaying rate would take. Their average lies on that
    path at every step, so one run gives a finished network for every amount of data. It is `average` that is measured,
    kept and handed on; `model` is what the gradient is taken at. Training returns a new learner.
    """

    model: Transformer
    average: Transformer
    memory: optax.OptState
    taken: Int[Array, ""]

    @classmethod
    def init(cls, model: Transformer, recipe: Recipe) -> "Learner":
        """A learner that has not taken a step."""
        memory = recipe.optimiser(model.shape).init(eqx.filter(model, eqx.is_array))
        return cls(model, model, memory, jnp.zeros((), dtype=jnp.int32))

    def update(self, gradient: Transformer, recipe: Recipe) -> "Learner":
        """The learner after one step along a gradient of its model."""
        changes, memory = recipe.optimiser(self.model.shape).update(
            cast(Any, gradient), self.memory, eqx.filter(self.model, eqx.is_array)
        )
        model, taken = eqx.apply_updates(self.model, changes), self.taken + 1
        keep = (1 - 1 / taken) ** (AVERAGED + 1)
        average = jax.tree.map(lambda old, new: keep * old + (1 - keep) * new, self.average, model)
        return type(self)(model, average, memory, taken)


def answer_losses(model: Transformer, sequences: Int[Array, "batch time"], prompt: int) -> Float[Array, "batch answer"]:
    """Negative log-probability, in nats, of every token after the prompt; shape (batch, time − prompt)."""
    hidden, _ = model.read(sequences[:, :-1])
    logits = model.logits(hidden[:, prompt - 1 :])
    return optax.softmax_cross_entropy_with_integer_labels(logits, sequences[:, prompt:])


def supervised_step(
    learner: Learner, sequences: Int[Array, "batch time"], prompt: int, recipe: Recipe
) -> tuple[Learner, Float[Array, ""]]:
    """One step of maximum likelihood on demonstrations; returns the new learner and the loss before it."""

    def loss(model: Transformer) -> Float[Array, ""]:
        return answer_losses(model, sequences, prompt).mean()

    value, gradient = eqx.filter_value_and_grad(loss)(learner.model)
    return learner.update(gradient, recipe), value


def step_key(seed: Int[Array, ""] | int, stream: int, step: Int[Array, ""] | int) -> PRNGKeyArray:
    """The key of one step of one stream: a resumed run draws what the uninterrupted one would have drawn."""
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), stream), jnp.asarray(step))
