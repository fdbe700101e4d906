"""The state of training a network, whatever it learns from, and the keys of its random draws."""

from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int, PRNGKeyArray

AVERAGED = 6.94  # of the weight average: a width of a tenth of the run (Karras et al. 2024, arXiv:2312.02696)

M = TypeVar("M", bound=eqx.Module)
"""A network, which has a `shape`."""


@runtime_checkable
class Recipe(Protocol):
    """How to train, as far as the learner must know."""

    def optimiser(self, shape: Any) -> optax.GradientTransformation:
        """The optimiser for a network of this shape."""
        ...


class Learner(eqx.Module, Generic[M]):
    """A network, the average of its weights over the last tenth of training, and its optimiser's memory.

    At a constant rate the weights jitter about the path that a decaying rate would take. Their average lies on that
    path at every step, so one run gives a finished network for every amount of data. It is `average` that is measured,
    kept and handed on; `model` is what the gradient is taken at. Training returns a new learner.
    """

    model: M
    average: M
    memory: optax.OptState
    taken: Int[Array, ""]

    @classmethod
    def init(cls, model: M, recipe: Recipe) -> "Learner[M]":
        """A learner that has not taken a step."""
        memory = recipe.optimiser(cast(Any, model).shape).init(eqx.filter(model, eqx.is_array))
        return cls(model, model, memory, jnp.zeros((), dtype=jnp.int32))

    def update(self, gradient: M, recipe: Recipe) -> "Learner[M]":
        """The learner after one step along a gradient of its model."""
        changes, memory = recipe.optimiser(cast(Any, self.model).shape).update(
            cast(Any, gradient), self.memory, eqx.filter(self.model, eqx.is_array)
        )
        model, taken = eqx.apply_updates(self.model, changes), self.taken + 1
        keep = (1 - 1 / taken) ** (AVERAGED + 1)
        average = jax.tree.map(lambda old, new: keep * old + (1 - keep) * new, self.average, model)
        return type(self)(model, average, memory, taken)


def step_key(seed: Int[Array, ""] | int, stream: int, step: Int[Array, ""] | int) -> PRNGKeyArray:
    """The key of one step of one stream: a resumed run draws what the uninterrupted one would have drawn."""
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), stream), jnp.asarray(step))
