"""How a transformer learns from demonstrations: the settings, and one step."""

from typing import NamedTuple

import equinox as eqx
import optax
from jaxtyping import Array, Float, Int

from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner

REFERENCE_WIDTH = 64


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
