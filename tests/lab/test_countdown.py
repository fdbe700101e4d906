"""The verifier, the moves and the tokens, against a brute force that shares no code with them."""

from itertools import combinations_with_replacement, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.lab.reasoning.countdown import OPERATORS, Countdown, moves, read, solved, verify, write
from nextflop.lab.reasoning.teacher import demonstrate

from . import referee

judge = jax.jit(verify, static_argnums=0)
reaches = jax.jit(solved, static_argnums=0)
GAME = Countdown(numbers=3, largest=9, highest=30)


def test_every_answer_of_one_step_is_judged_as_the_brute_force_judges_it() -> None:
    game = Countdown(numbers=2, largest=4, highest=9)
    answers = np.array(list(product(range(game.vocabulary + 1), repeat=4)), dtype=np.int32)
    for hand in game.hands.tolist():
        right = {
            (a, game.highest + 1 + OPERATORS.index(sign), b, int(referee.outcome(a, sign, b)))
            for a, b in (hand, hand[::-1])
            for sign in OPERATORS
            if referee.outcome(a, sign, b) in range(1, 10)
        }
        verdicts, _ = judge(game, jnp.tile(jnp.asarray(hand), (len(answers), 1)), jnp.asarray(answers))
        assert {tuple(answer) for answer in answers[np.asarray(verdicts)[:, 0]].tolist()} == right


def spoiled(rng: np.random.Generator, answers: np.ndarray) -> np.ndarray:
    """Answers with one token in three rows out of four replaced: by any token at all, or by its neighbour."""
    spoiled, rows = answers.copy(), np.arange(len(answers))
    place = rng.integers(answers.shape[1], size=len(answers))
    anything = rng.integers(GAME.vocabulary, size=len(answers))
    nearby = answers[rows, place] + rng.choice([-1, 1], size=len(answers))
    spoiled[rows, place] = np.choose(rows % 4, [answers[rows, place], anything, nearby, anything])
    return spoiled


def test_valid_spoiled_and_random_answers_are_judged_as_the_brute_force_judges_them() -> None:
    rng = np.random.default_rng(0)
    demonstrations = np.asarray(demonstrate(GAME, jnp.asarray(GAME.hands), jax.random.key(0), 1000))
    problems, answers = demonstrations[:, : GAME.prompt], demonstrations[:, GAME.prompt :]
    noise = rng.integers(GAME.vocabulary, size=answers.shape).astype(np.int32)
    swapped = answers.reshape(-1, GAME.steps, 4)[:, :, [2, 1, 0, 3]].reshape(answers.shape)  # b op a = c
    for given_answers in (answers, swapped, spoiled(rng, answers), spoiled(rng, swapped), noise):
        verdicts, _ = judge(GAME, jnp.asarray(problems[:, :-1]), jnp.asarray(given_answers))
        expected = [
            referee.standing(GAME, p[:-1], a) for p, a in zip(problems.tolist(), given_answers.tolist(), strict=True)
        ]
        np.testing.assert_array_equal(verdicts, expected)
        right = reaches(GAME, jnp.asarray(problems), jnp.asarray(given_answers))
        expected = [referee.solves(GAME, p, a) for p, a in zip(problems.tolist(), given_answers.tolist(), strict=True)]
        np.testing.assert_array_equal(right, expected)
    assert np.mean(expected) == 0  # of random tokens; the three in between hold both right and wrong answers
    assert 0.2 < np.mean(np.asarray(reaches(GAME, jnp.asarray(problems), jnp.asarray(swapped)))) < 0.9


@pytest.mark.parametrize(
    ("text", "standing", "right"),
    [
        ("3 5 8 → 16: 3 + 5 = 8, 8 + 8 = 16", [True, True], True),
        ("3 5 8 → 16: 5 + 3 = 8, 8 + 8 = 16", [True, True], True),  # the order of a sum is free
        ("3 5 8 → 16: 8 + 8 = 16, 3 + 5 = 8", [False, False], False),  # one 8 used twice before there were two
        ("3 5 8 → 11: 3 + 8 = 11, 3 + 8 = 11", [True, False], False),  # a number used again
        ("3 5 8 → 10: 8 - 3 = 5, 5 + 5 = 10", [True, True], True),  # two fives, one dealt, one made
        ("3 5 8 → 11: 8 - 3 = 5, 5 + 6 = 11", [True, False], False),  # a number that never was
        ("3 5 8 → 6: 3 + 5 = 8, 8 + 8 = 16", [True, True], False),  # sound, and not the target
        ("3 5 8 → 16: 3 + 5 = 9, 8 + 8 = 16", [False, False], False),  # a false step spoils what follows
        ("7 2 3 → 6: 7 / 2 = 3, 3 + 3 = 6", [False, False], False),  # division must come out even
        ("7 2 1 → 4: 7 / 2 = 4, 4 * 1 = 4", [False, False], False),
        ("2 6 3 → 9: 6 / 2 = 3, 3 * 3 = 9", [True, True], True),
        ("2 6 3 → 9: 2 / 6 = 3, 3 * 3 = 9", [False, False], False),  # the order of a quotient is not
        ("2 6 4 → 8: 2 - 6 = 4, 4 + 4 = 8", [False, False], False),
        ("9 9 3 → 3: 9 / 9 = 1, 1 * 3 = 3", [True, True], True),
        ("9 4 3 → 12: 9 * 4 = 30, 30 - 18 = 12", [False, False], False),
        ("9 9 9 → 27: 9 + 9 = 18, 18 + 9 = 27", [True, True], True),
    ],
)
def test_answers_that_try_to_cheat_are_seen_through(text: str, standing: list[bool], right: bool) -> None:
    tokens = jnp.asarray(read(GAME, text))[None]
    verdicts, _ = verify(GAME, tokens[:, : GAME.numbers], tokens[:, GAME.prompt :])
    assert verdicts[0].tolist() == standing
    assert bool(solved(GAME, tokens[:, : GAME.prompt], tokens[:, GAME.prompt :])[0]) is right


PLUS, MINUS, TIMES, BY = range(31, 35)


@pytest.mark.parametrize(
    "answer",
    [
        (5, MINUS, 5, 0),  # nothing below 1
        (5, MINUS, 5, 1),
        (0, PLUS, 5, 5),  # token 0 is no number: not at hand,
        (5, PLUS, 0, 5),  # not even in the place that a used number leaves,
        (5, BY, 0, 5),  # and not a divisor
        (5, TIMES, 0, 0),
        (5, 0, 5, 10),  # nor an operator
        (5, 5, 5, 10),
        (5, BY + 1, 5, 1),  # beyond the vocabulary
        (PLUS, PLUS, 5, 5),
        (5, PLUS, 5, PLUS),
        (-5, TIMES, -5, 25),
    ],
)
def test_tokens_that_are_no_numbers_never_stand(answer: tuple[int, ...]) -> None:
    verdicts, _ = verify(GAME, jnp.array([[5, 5, 5]]), jnp.array([answer]))
    assert not verdicts.any()
    used = jnp.array([[5, PLUS, 5, 10, *answer]])  # one five left, a ten, and an empty place
    assert verify(GAME, jnp.array([[5, 5, 5]]), used)[0].tolist() == [[True, False]]


def test_a_result_above_the_highest_is_refused_though_its_token_exists() -> None:
    # 15 + 16 = 31, and 31 is the token of the plus sign; 15 × 2 = 30 is the highest number.
    game = Countdown(numbers=2, largest=16, highest=30)
    hands, answers = jnp.array([[15, 16], [15, 2]]), jnp.array([[15, PLUS, 16, 31], [15, TIMES, 2, 30]])
    assert verify(game, hands, answers)[0].tolist() == [[False], [True]]


def test_the_hand_that_is_left_holds_the_result_and_not_the_numbers_used() -> None:
    tokens = jnp.asarray(read(GAME, "3 5 8 → 16: 5 + 3 = 8"))[None]
    verdicts, hand = verify(GAME, tokens[:, :3], tokens[:, 4:])
    assert verdicts.tolist() == [[True]]
    assert sorted(hand[0].tolist()) == [0, 8, 8]


@pytest.mark.parametrize("game", [Countdown(2, 9, 12), Countdown(3, 8, 20), Countdown(4, 4, 11)], ids=repr)
def test_the_moves_of_a_hand_are_complete_and_distinct(game: Countdown) -> None:
    # Whole hands and hands in play: any number of empty places, anywhere, and results up to the highest.
    rng = np.random.default_rng(1)
    played = rng.integers(0, game.highest + 1, size=(300, game.numbers)) * (rng.random((300, game.numbers)) < 0.8)
    doubled = played[:, rng.integers(game.numbers, size=game.numbers)]
    hands = np.concatenate([game.hands, rng.permuted(game.hands, axis=1), played, doubled]).astype(np.int32)
    results, high, low = moves(game, hands)
    for hand, result, large, small in zip(hands.tolist(), results, high, low, strict=True):
        pair, operator = np.nonzero(result)
        found = [
            (int(large[p]), OPERATORS[o], int(small[p]), int(result[p, o])) for p, o in zip(pair, operator, strict=True)
        ]
        assert len(found) == len(set(found))
        assert set(found) == referee.steps(game, hand)
    in_jax = moves(game, jnp.asarray(hands))
    for plain, traced in zip((results, high, low), in_jax, strict=True):
        np.testing.assert_array_equal(plain, traced)


def test_the_hands_are_all_multisets_once() -> None:
    expected = list(combinations_with_replacement(range(1, 10), 3))
    assert [tuple(hand) for hand in GAME.hands.tolist()] == expected
    assert len(expected) == 165  # 11 choose 3


@given(data=st.data(), numbers=st.integers(2, 6), highest=st.integers(1, 200))
@settings(max_examples=200, deadline=None)
def test_a_sequence_that_is_written_is_read_back(data: st.DataObject, numbers: int, highest: int) -> None:
    game = Countdown(numbers, 1, highest)
    length = game.prompt + 4 * data.draw(st.integers(0, game.steps))
    tokens = np.array(data.draw(st.lists(st.integers(1, game.vocabulary - 1), min_size=length, max_size=length)))
    np.testing.assert_array_equal(read(game, write(game, tokens)), tokens)


def test_the_tokens_are_written_as_a_person_reads_them() -> None:
    game = Countdown()
    text = "3 7 8 2 → 24: 8 - 2 = 6, 7 - 3 = 4, 6 * 4 = 24"
    tokens = read(game, text)
    assert tokens.tolist() == [3, 7, 8, 2, 24, 8, 101, 2, 6, 7, 101, 3, 4, 6, 102, 4, 24]
    assert write(game, tokens) == text


@pytest.mark.parametrize("word", ["0", "100", "x", "-3", "?", "^"])
def test_a_word_that_is_no_token_is_named(word: str) -> None:
    with pytest.raises(InputError, match=r"is no token of .*: write numbers and"):
        read(Countdown(), f"3 7 8 2 → 24: 8 + {word} = 9")


@pytest.mark.parametrize("rules", [(1, 5, 9), (7, 5, 9), (3, 0, 9), (3, 10, 9)])
def test_rules_that_make_no_game_are_refused(rules: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="is not a game: deal 2 to 6 numbers"):
        Countdown(*rules)
