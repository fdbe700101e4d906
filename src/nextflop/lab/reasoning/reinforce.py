"""Group-relative policy gradient with the verifier's reward, strictly on-policy.

For every problem the policy samples a group of answers; an answer's advantage is its reward less the mean reward of
the *others* in its group. Leaving the answer itself out keeps the estimate unbiased (Kool et al. 2019; Ahmadian et
al. 2024, arXiv:2402.14740); the group mean of Shao et al. 2024 (arXiv:2402.03300) differs by the factor (G − 1)/G.
Groups in which all answers fare alike carry no signal and contribute nothing. There is no penalty on the distance
from the start and no normalisation by the spread: Adam is indifferent to the scale.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from nextflop.lab.language.decode import generate
from nextflop.lab.language.learner import Recipe
from nextflop.lab.language.transformer import Transformer
from nextflop.lab.learner import Learner
from nextflop.lab.reasoning.countdown import Countdown, solved
from nextflop.lab.reasoning.teacher import demonstrate


def advantages(rewards: Float[Array, "groups samples"]) -> Float[Array, "groups samples"]:
    """Reward less the mean of the others in the group; groups need two samples or more."""
    size = rewards.shape[1]
    return (rewards - rewards.mean(axis=1, keepdims=True)) * (size / (size - 1))


def surrogate(
    model: Transformer, sequences: Int[Array, "batch time"], weights: Float[Array, " batch"], prompt: int
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """A loss whose gradient is the policy gradient, and the policy's entropy in nats an answer token.

    Args:
        model: the policy.
        sequences: prompts with answers sampled from this very policy.
        weights: the advantage of each answer.
        prompt: tokens of a prompt.
    """
    hidden, _ = model.read(sequences[:, :-1])
    log_probs = jax.nn.log_softmax(model.logits(hidden[:, prompt - 1 :]))
    chosen = jnp.take_along_axis(log_probs, sequences[:, prompt:, None], axis=-1)[..., 0]
    entropy = -(jnp.exp(log_probs) * log_probs).sum(axis=-1).mean()
    return -(weights * chosen.sum(axis=1)).mean(), entropy


def reinforce_step(
    game: Countdown,
    hands: Int[Array, "hands numbers"],
    recipe: Recipe,
    learner: Learner,
    key: PRNGKeyArray,
    prompts: int,
    samples: int,
) -> tuple[Learner, dict[str, Array]]:
    """One step: fresh problems, a group of answers to each, the verifier's reward, one update.

    Args:
        game: the rules.
        hands: hands to deal from; the teacher poses the problems, its solutions are thrown away.
        recipe: the optimiser's settings.
        learner: the policy before the step.
        key: consumed.
        prompts: problems a step.
        samples: answers to each.

    Returns:
        The policy after the step; and of the step: mean "reward", "entropy" in nats a token, and "signal", the share
        of groups in which some answers are right and some wrong.
    """
    key_pose, key_answer = jax.random.split(key)
    problems = demonstrate(game, hands, key_pose, prompts)[:, : game.prompt]
    answers = generate(learner.model, problems, key_answer, game.answer, samples).tokens
    problems = jnp.repeat(problems, samples, axis=0)
    rewards = solved(game, problems, answers).astype(jnp.float32).reshape(prompts, samples)
    weights = advantages(rewards).reshape(-1)
    sequences = jnp.concatenate([problems, answers], axis=1)
    (_, entropy), gradient = eqx.filter_value_and_grad(surrogate, has_aux=True)(
        learner.model, sequences, weights, game.prompt
    )
    signal = (rewards.min(axis=1) < rewards.max(axis=1)).mean()
    return learner.update(gradient, recipe), {"reward": rewards.mean(), "entropy": entropy, "signal": signal}
