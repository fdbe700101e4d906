"""An agent in training: a generation of games, then the steps of the learner that they are worth."""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, PRNGKeyArray

from nextflop.errors import FitError
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.selfplay.engines.engine import Engine
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.training.play import play
from nextflop.lab.selfplay.training.replay import Replay

INIT, PLAY, LEARN = range(3)  # streams of randomness: a seed and a stream make a sequence of keys, one a generation


class Agent(eqx.Module):
    """What training changes: the learner, and the positions that it learns from. No game is ever under way."""

    learner: Learner[Network]
    replay: Replay

    @classmethod
    def init(cls, game: Game[Any], shape: Shape, recipe: Recipe, seed: int) -> "Agent":
        """An agent that has not played."""
        network = Network.init(shape, step_key(seed, INIT, 0))
        return cls(Learner.init(network, recipe), Replay.init(game, recipe.window))

    @property
    def average(self) -> Network:
        """The network that is measured and kept."""
        return self.learner.average


def generation(
    engine: Engine[Any], recipe: Recipe, seed: int, agent: Agent, number: int
) -> tuple[Agent, dict[str, float]]:
    """Plays and learns once.

    Returns:
        The agent; and "positions" that were played, "evaluations" of the network in self-play, "steps" of the learner,
        what `play` reports, and the mean losses of the steps: "policy_loss" in nats above the entropy of what is
        learned, "value_loss", mean square.

    Raises:
        FitError: if the network has lost its numbers.
    """
    rng = np.random.default_rng([seed, PLAY, number])
    played = play(engine, engine.read(agent.learner.model), recipe, rng)
    replay, count = agent.replay.add(played.positions), len(played.positions.outcome)
    steps = max(1, round(recipe.reuse * count / recipe.batch))
    images = tuple(np.stack(images) for images in zip(*engine.game.symmetries(), strict=True))
    learner, losses = _learn(
        recipe,
        tuple(map(jnp.asarray, images)),
        agent.learner,
        replay,
        step_key(seed, LEARN, number),
        jnp.asarray(steps),
    )
    losses = {name: float(value) / steps for name, value in losses.items()}
    if not np.isfinite(list(losses.values())).all():
        raise FitError(
            f"Training lost its numbers in generation {number}: {losses}. Take a smaller rate than {recipe.rate:g}."
        )
    counted = {"positions": float(count), "evaluations": float(played.evaluations), "steps": float(steps)}
    return Agent(learner, replay), {**counted, **played.reported, **losses}


def generations(
    engine: Engine[Any], recipe: Recipe, seed: int
) -> Callable[[Agent, int, int], tuple[Agent, dict[str, float]]]:
    """What `lab.loop.train` takes: generations from one number up to another, and the sums of what they report."""

    def advance(agent: Agent, first: int, goal: int) -> tuple[Agent, dict[str, float]]:
        sums: dict[str, float] = {}
        for number in range(first, goal):
            agent, reported = generation(engine, recipe, seed, agent, number)
            sums = {name: sums.get(name, 0.0) + value for name, value in reported.items()}
        return agent, sums

    return advance


@partial(eqx.filter_jit, donate="none")
def _learn(
    recipe: Recipe,
    images: tuple[Array, Array],
    learner: Learner[Network],
    replay: Replay,
    key: PRNGKeyArray,
    steps: Array,
) -> tuple[Learner[Network], dict[str, Array]]:
    """Steps on positions drawn from the ring, each seen in one of the symmetries of the game."""
    arrays, static = eqx.partition(learner, eqx.is_array)
    shape = learner.model.shape

    def body(number: Array, carry: tuple[Any, dict[str, Array]]) -> tuple[Any, dict[str, Array]]:
        pick, turn = jax.random.split(jax.random.fold_in(key, number))
        rows = jax.random.randint(pick, (recipe.batch,), 0, replay.filled)
        cells, actions = (
            image[jax.random.randint(turn, (recipe.batch,), 0, len(image))] for image in images
        )  # the same draw for both
        seen = replay.seen[rows].reshape(recipe.batch, shape.planes, shape.area)
        seen = jnp.take_along_axis(seen, cells[:, None, :], 2).astype(jnp.float32)
        legal, policy = (jnp.take_along_axis(part[rows], actions, 1) for part in (replay.legal, replay.policy))
        board = seen.reshape(recipe.batch, shape.planes, shape.height, -1)

        def loss(network: Network) -> tuple[Array, dict[str, Array]]:
            logits, values = network(board)
            logits = jnp.where(legal, logits, -1e9)
            entropy = -(policy * jnp.log(jnp.maximum(policy, 1e-30))).sum(-1)
            parts = {
                "policy_loss": (optax.softmax_cross_entropy(logits, policy) - entropy).mean(),
                "value_loss": ((values - replay.outcome[rows]) ** 2).mean(),
            }
            return parts["policy_loss"] + parts["value_loss"], parts

        now = eqx.combine(carry[0], static)
        (_, parts), gradient = eqx.filter_value_and_grad(loss, has_aux=True)(now.model)
        after = eqx.filter(now.update(gradient, recipe), eqx.is_array)
        return after, {name: carry[1][name] + value for name, value in parts.items()}

    zeros = {"policy_loss": jnp.zeros(()), "value_loss": jnp.zeros(())}
    arrays, sums = jax.lax.fori_loop(0, steps, body, (arrays, zeros))
    return eqx.combine(arrays, static), sums
