"""The policy gradient: unbiased, silent where there is nothing to learn, and strong enough to raise the reward."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.lab.language.learner import Recipe
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.reasoning.reinforce import advantages, reinforce_step, surrogate

from .conftest import Played

ARM = 0.3  # chance of the arm that pays
GROUPS, SIZE = 200_000, 4


def test_the_estimate_is_unbiased_on_two_arms() -> None:
    """A policy of one logit pulls one of two arms; the gradient of its expected reward is p (1 - p).

    The mean over 200,000 groups has a standard error of about 0.0004. Leaving the sample itself out of its baseline
    must come within 5 standard errors (false alarm 6e-7); leaving it in is off by a quarter, more than 100 of them.
    """
    pulls = np.random.default_rng(0).random((GROUPS, SIZE)) < ARM
    rewards, scores = pulls.astype(np.float64), pulls - ARM  # d log π / d logit of each pull
    truth = ARM * (1 - ARM)

    def estimate(weights: np.ndarray) -> tuple[float, float]:
        each = (weights * scores).mean(axis=1)
        return float(each.mean()), float(each.std() / np.sqrt(GROUPS))

    mean, error = estimate(np.asarray(advantages(jnp.asarray(rewards, dtype=jnp.float32))))
    assert error < 0.001
    assert abs(mean - truth) < 5 * error
    biased, error = estimate(rewards - rewards.mean(axis=1, keepdims=True))
    assert abs(biased - truth * (SIZE - 1) / SIZE) < 5 * error
    assert abs(biased - truth) > 50 * error


def test_advantages_sum_to_nothing_and_compare_with_the_others() -> None:
    rewards = jnp.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    weights = advantages(rewards)
    np.testing.assert_allclose(weights.sum(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(weights[0], [1.0, -0.5, -0.5], atol=1e-6)
    np.testing.assert_allclose(weights[1], 0.0, atol=1e-6)


def test_the_surrogates_gradient_is_the_weighted_score(two_numbers: Played) -> None:
    """Term by term against the gradient of each answer's own log-probability."""
    game, hands, model = two_numbers
    from nextflop.lab.reasoning.teacher import demonstrate

    sequences = demonstrate(game, hands, jax.random.key(3), 3)
    weights = jnp.array([0.7, -1.1, 0.4])

    def log_prob(model: object, index: jax.Array) -> jax.Array:
        one = jnp.zeros(3).at[index].set(-3.0)  # the surrogate is the negative mean over three
        return surrogate(model, sequences, one, game.prompt)[0]

    whole = eqx.filter_jit(eqx.filter_grad(lambda model: surrogate(model, sequences, weights, game.prompt)[0]))(model)
    part = eqx.filter_jit(eqx.filter_grad(log_prob))
    parts = [part(model, jnp.asarray(index)) for index in range(3)]
    for total, *pieces in zip(jax.tree.leaves(whole), *map(jax.tree.leaves, parts), strict=True):
        expected = -sum(weight * piece for weight, piece in zip(weights, pieces, strict=True)) / 3
        np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-5)


def test_equal_rewards_move_nothing(two_numbers: Played) -> None:
    game, hands, model = two_numbers
    from nextflop.lab.reasoning.teacher import demonstrate

    sequences = demonstrate(game, hands, jax.random.key(3), 8)
    objective = eqx.filter_grad(lambda model, weights: surrogate(model, sequences, weights, game.prompt)[0])
    gradient = eqx.filter_jit(objective)(model, jnp.zeros(8))
    assert all(float(jnp.abs(leaf).max()) == 0.0 for leaf in jax.tree.leaves(gradient))


def test_reward_rises_and_entropy_falls(two_numbers: Played) -> None:
    """Sixty steps on an easy game: rewards of 512 answers a step, a standard error of about 0.02 each."""
    game, hands, model = two_numbers
    recipe = Recipe(rate=5e-4, warmup=5, decay=0.0)

    @eqx.filter_jit
    def step(learner: Learner, number: jax.Array) -> tuple[Learner, dict[str, jax.Array]]:
        return reinforce_step(game, hands, recipe, learner, step_key(0, 1, number), 32, 16)

    learner, seen = Learner.init(model, recipe), []
    for number in range(60):
        learner, reported = step(learner, jnp.asarray(number))
        seen.append({name: float(value) for name, value in reported.items()})
    first, last = (
        {name: np.mean([point[name] for point in part]) for name in seen[0]} for part in (seen[:5], seen[-5:])
    )
    assert last["reward"] > first["reward"] + 0.1
    assert last["entropy"] < first["entropy"]
    assert 0 < last["signal"] <= 1
    assert first["reward"] == pytest.approx(0.5, abs=0.45)  # a start that can be raised at all
