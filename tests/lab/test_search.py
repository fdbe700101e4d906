"""Sampling and step-verified beams."""

import jax
import jax.numpy as jnp
import numpy as np

from nextflop.lab.reasoning.search import Beam, beam_search, sample
from nextflop.lab.reasoning.teacher import problems

from .conftest import Played


def posed(played: Played, number: int) -> jax.Array:
    return jnp.asarray(problems(played.game, np.asarray(played.hands), number, seed=5))


def success_rates(played: Played, asked: jax.Array) -> np.ndarray:
    """The exact chance that one answer is right, by summing over every answer of four tokens."""
    from nextflop.lab.language.learner import answer_losses
    from nextflop.lab.reasoning.countdown import solved

    game = played.game
    axes = np.meshgrid(*[np.arange(game.vocabulary)] * game.answer, indexing="ij")
    answers = jnp.asarray(np.stack([axis.ravel() for axis in axes], axis=1), dtype=jnp.int32)

    @jax.jit
    def rate(problem: jax.Array) -> jax.Array:
        repeated = jnp.broadcast_to(problem, (len(answers), game.prompt))
        losses = answer_losses(played.model, jnp.concatenate([repeated, answers], axis=1), game.prompt)
        return jnp.where(solved(game, repeated, answers), jnp.exp(-losses.sum(axis=1)), 0.0).sum()

    return np.array([float(rate(problem)) for problem in asked])


def test_sampled_successes_have_the_policys_own_chances(two_numbers: Played) -> None:
    """4 problems × 4,096 samples against exact chances: within 5 standard errors, a false alarm of 2e-6 in all."""
    asked, number = posed(two_numbers, 4), 4096
    expected = success_rates(two_numbers, asked)
    seen = np.asarray(sample(two_numbers.game, two_numbers.model, asked, jax.random.key(7), number)).mean(axis=1)
    error = np.sqrt(expected * (1 - expected) / number) + 1e-4
    assert (np.abs(seen - expected) < 5 * error).all()
    assert 0.05 < expected.mean() < 0.95  # a policy that is sometimes right, or the test could not fail


def test_a_beam_of_one_step_is_so_many_samples(two_numbers: Played) -> None:
    """With a single step nothing is pruned: a beam solves what as many independent samples solve."""
    asked = posed(two_numbers, 8)
    rates = success_rates(two_numbers, asked)
    beam = Beam(2, 3)
    assert beam.samples == 6
    found = [
        np.asarray(beam_search(two_numbers.game, two_numbers.model, asked, jax.random.key(seed), beam))
        for seed in range(300)
    ]
    expected = 1 - (1 - rates) ** beam.samples
    error = np.sqrt(expected * (1 - expected) / 300) + 1e-3
    assert (np.abs(np.mean(found, axis=0) - expected) < 5 * error).all()  # false alarm 5e-6 in all


def test_a_wider_beam_solves_no_fewer(three_numbers: Played) -> None:
    asked = posed(three_numbers, 40)
    shares = [
        float(beam_search(three_numbers.game, three_numbers.model, asked, jax.random.key(1), Beam(*beam)).mean())
        for beam in ((1, 1), (4, 4))
    ]
    single = float(sample(three_numbers.game, three_numbers.model, asked, jax.random.key(2), 256).mean())
    assert shares[1] > shares[0]
    # A beam of one partial answer, continued once, is one sample: 40 problems, a standard error of at most 0.08.
    assert abs(shares[0] - single) < 5 * 0.08
