"""The teacher: sound demonstrations, hands that never cross the split, and an entropy that is known exactly."""

import hashlib
import math
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.reasoning.countdown import Countdown, solved
from nextflop.lab.reasoning.teacher import demonstrate, entropy, problems, split

from . import referee

SMALL = Countdown(numbers=3, largest=6, highest=20)
GAMES = [Countdown(2, 5, 10), SMALL, Countdown(), Countdown(5, 7, 40)]


def multisets(hands: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(sorted(hand)) for hand in hands.tolist()}


def test_training_and_held_out_hands_are_disjoint_and_complete() -> None:
    for game in GAMES:
        train, held_out = split(game)
        assert len(held_out) == round(0.1 * len(game.hands))
        assert len(train) + len(held_out) == len(game.hands)
        assert multisets(train) | multisets(held_out) == multisets(game.hands)
        assert not multisets(train) & multisets(held_out)


def test_the_split_is_the_same_on_every_machine_and_version() -> None:
    held_out = split(Countdown()).held_out
    assert held_out[:3].tolist() == [[1, 1, 2, 17], [1, 1, 3, 11], [1, 1, 3, 13]]
    assert hashlib.sha256(held_out.astype("<i4").tobytes()).hexdigest()[:16] == "8adf1071aad3966a"


@pytest.mark.parametrize("game", GAMES, ids=repr)
def test_demonstrations_deal_from_the_given_hands_alone_and_always_verify(game: Countdown) -> None:
    for part in split(game):
        hands = part[:40]
        sequences = demonstrate(game, jnp.asarray(hands), jax.random.key(0), 3000)
        dealt, answers = np.asarray(sequences[:, : game.numbers]), sequences[:, game.prompt :]
        assert multisets(dealt) == multisets(hands)  # 3,000 draws miss one of 40 with chance below 40·e^-75
        assert bool(solved(game, sequences[:, : game.prompt], answers).all())
        for sequence in sequences[:100].tolist():
            assert referee.solves(game, sequence[: game.prompt], sequence[game.prompt :])


def test_numbers_are_dealt_in_any_order() -> None:
    sequences = demonstrate(SMALL, jnp.array([[1, 2, 3]]), jax.random.key(0), 6000)
    orders = Counter(map(tuple, sequences[:, :3].tolist()))
    # Six orders, 1,000 of each expected with a standard deviation of 29: five of them fail falsely once in 3e5 runs.
    assert len(orders) == 6
    assert all(abs(count - 1000) < 5 * 29 for count in orders.values())


@pytest.mark.parametrize("game", GAMES[1:], ids=repr)
def test_no_held_out_problem_is_a_training_problem(game: Countdown) -> None:
    train, held_out = split(game)
    posed = problems(game, held_out, 40, seed=1)
    assert posed.shape == (40, game.prompt)
    assert multisets(posed[:, :-1]) <= multisets(held_out)
    assert not multisets(posed[:, :-1]) & multisets(train)
    assert len({(*sorted(problem[:-1]), problem[-1]) for problem in posed.tolist()}) == 40
    np.testing.assert_array_equal(posed, problems(game, held_out, 40, seed=1))


def test_more_problems_than_there_are_is_refused() -> None:
    with pytest.raises(InputError, match=r"2 hands hold only .* problems: ask for fewer than 100"):
        problems(SMALL, SMALL.hands[:2], 100, seed=0)


def test_the_entropy_of_hands_that_can_be_worked_out_by_hand() -> None:
    game = Countdown(numbers=2, largest=4, highest=9)
    # 2, 3: 5, 1 and 6 are three targets of one play each. 2, 4: 6, 8, and 2 by two plays, half of all. 4, 4: 8 and 1.
    for hand, nats in (([2, 3], 0.0), ([2, 4], 0.5 * math.log(2)), ([4, 4], 0.0)):
        assert entropy(game, np.array([hand], dtype=np.int32)) == pytest.approx(nats / 4, abs=1e-15)


@pytest.mark.parametrize("chunk", [1, 7, 500])
def test_the_entropy_of_a_small_game_equals_the_sum_over_all_plays(chunk: int) -> None:
    expected = math.fsum(referee.entropy(SMALL, hand) for hand in SMALL.hands.tolist()) / len(SMALL.hands)
    assert 0.1 < expected < 0.5
    # 56 hands of some 30 plays: sums of a few thousand terms in float64.
    assert entropy(SMALL, SMALL.hands, chunk) == pytest.approx(expected, rel=1e-12)


def test_the_entropy_of_the_default_game_is_the_mean_surprise_of_its_demonstrations() -> None:
    game = Countdown()
    hands = split(game).held_out[::50]
    surprise = {tuple(hand): referee.surprises(game, hand) for hand in hands.tolist()}
    sequences = np.asarray(demonstrate(game, jnp.asarray(hands), jax.random.key(3), 20_000)).tolist()
    drawn = [surprise[tuple(sorted(s[: game.numbers]))][tuple(s[game.prompt :])] / game.answer for s in sequences]
    error = np.std(drawn) / math.sqrt(len(drawn))
    # 4.5 standard errors of a mean of 20,000: fails falsely once in 150,000 runs, were the key not fixed.
    assert abs(np.mean(drawn) - entropy(game, hands)) < 4.5 * error
    assert error < 0.002  # sharp enough to see a teacher that forgets that the target is given, which adds 0.3
