"""Demonstrations without search, from a teacher whose entropy is known exactly.

The teacher deals a hand, plays it forward at random, every distinct allowed step with the same chance, and calls the
last result the target. Problem and solution are drawn together, so nothing is ever searched for; and since a play
determines its target, H(play | hand, target) = H(play | hand) − H(target | hand), both by enumeration. That
conditional entropy is the loss that no learner of these demonstrations can go below.
"""

import hashlib
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray

from nextflop.errors import InputError
from nextflop.lab.reasoning.countdown import OPERATORS, Countdown, moves

HELD_OUT_SHARE = 0.1


class Split(NamedTuple):
    """Hands for training and hands held out: no multiset of numbers is in both."""

    train: Int[np.ndarray, "train numbers"]
    held_out: Int[np.ndarray, "held numbers"]


def split(game: Countdown, share: float = HELD_OUT_SHARE) -> Split:
    """Divides the hands by a digest of their numbers: the same in every run, on every machine and version."""
    marks = [hashlib.sha256(bytes(hand.tolist())).digest() for hand in game.hands]
    order = np.array(sorted(range(len(marks)), key=marks.__getitem__))
    held = round(share * len(order))
    return Split(game.hands[np.sort(order[held:])], game.hands[np.sort(order[:held])])


@partial(jax.jit, static_argnames=("game", "batch"))
@partial(jax.jit, static_argnames=("game", "batch"))
def demonstrate(
    game: Countdown, hands: Int[Array, "hands numbers"], key: PRNGKeyArray, batch: int
) -> Int[Array, "batch tokens"]:
    """Draws problems with solutions: prompt and answer tokens, shape (batch, prompt + answer). The key is consumed."""
    key_hand, key_order, key_play = jax.random.split(key, 3)
    dealt = hands[jax.random.randint(key_hand, (batch,), 0, len(hands))]
    dealt = jax.random.permutation(key_order, dealt, axis=1, independent=True)
    hand, answer = dealt, []
    for step_key in jax.random.split(key_play, game.steps):
        results, high, low = moves(game, hand)
        results = results.reshape(batch, -1)
        move = jax.random.categorical(step_key, jnp.where(results > 0, 0.0, -jnp.inf))
        pair, operator = jnp.divmod(move, len(OPERATORS))
        row = jnp.arange(batch)
        result = results[row, move]
        places = jnp.asarray(game.pairs)[pair]
        hand = hand.at[row, places[:, 0]].set(result).at[row, places[:, 1]].set(0)
        answer += [high[row, pair], game.highest + 1 + operator, low[row, pair], result]
    return jnp.concatenate([dealt, answer[-1][:, None], jnp.stack(answer, axis=1)], axis=1)


def problems(game: Countdown, hands: Int[np.ndarray, "hands numbers"], number: int, seed: int) -> np.ndarray:
    """Distinct problems over the given hands, as the teacher would deal them; int32 of shape (number, prompt).

    Raises:
        InputError: if the hands do not hold that many.
    """
    found: dict[tuple[int, ...], np.ndarray] = {}
    for attempt in range(20):
        key = jax.random.fold_in(jax.random.key(seed), attempt)
        for problem in np.asarray(demonstrate(game, jnp.asarray(hands), key, 2 * number))[:, : game.prompt]:
            found.setdefault((*sorted(problem[:-1].tolist()), int(problem[-1])), problem)
        if len(found) >= number:
            return np.stack(list(found.values())[:number]).astype(np.int32)
    raise InputError(f"{len(hands)} hands hold only {len(found)} problems: ask for fewer than {number}.")


def entropy(game: Countdown, hands: Int[np.ndarray, "hands numbers"], chunk: int = 500) -> float:
    """The teacher's entropy of an answer given its problem, in nats an answer token, averaged over the hands.

    Every play of every hand is enumerated, `chunk` hands at a time.
    """
    total = sum(_entropy(game, hands[first : first + chunk]) for first in range(0, len(hands), chunk))
    return total / len(hands) / game.answer


def _entropy(game: Countdown, hands: np.ndarray) -> float:
    """Sum over hands of H(play | hand) − H(target | hand), in nats."""
    hand, log_p, origin = hands, np.zeros(len(hands)), np.arange(len(hands))
    for _ in range(game.steps):
        results, _, _ = moves(game, hand)
        state, pair, operator = np.nonzero(results)
        log_p = (log_p - np.log(np.count_nonzero(results, axis=(1, 2))))[state]
        result, places, row = results[state, pair, operator], game.pairs[pair], np.arange(len(state))
        hand, origin = hand[state].copy(), origin[state]
        hand[row, places[:, 0]], hand[row, places[:, 1]] = result, 0
    p, target = np.exp(log_p), hand.max(axis=1)
    p_target = np.bincount(origin * (game.highest + 1) + target, weights=p)
    p_target = p_target[p_target > 0]
    return float(-(p * log_p).sum() + (p_target * np.log(p_target)).sum())
