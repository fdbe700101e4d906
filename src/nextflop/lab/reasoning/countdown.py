"""Countdown with number tokens: reach a target from given numbers, all used once; every step is checked exactly.

A problem of n numbers is a sequence of n + 1 prompt tokens, the numbers as dealt and the target. An answer is n − 1
steps of four tokens `a op b c`, read "a op b = c". Every c lies in 1 … `highest`, so division must come out even and
subtraction stays above zero. Token 0 is unused, 1 … highest are the numbers, the next four the operators + − × ÷.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int

from nextflop.errors import InputError

OPERATORS = "+-*/"
STEP = 4  # tokens of one step


@dataclass(frozen=True)
class Countdown:
    """The rules.

    Attributes:
        numbers: how many numbers are dealt, 2 to 6.
        largest: the largest number dealt.
        highest: the largest target and intermediate result.
    """

    numbers: int = 4
    largest: int = 20
    highest: int = 99

    def __post_init__(self) -> None:
        if not (2 <= self.numbers <= 6 and 1 <= self.largest <= self.highest):
            raise InputError(f"{self} is not a game: deal 2 to 6 numbers, none above the highest result.")

    @property
    def vocabulary(self) -> int:
        """Number of tokens."""
        return self.highest + 1 + len(OPERATORS)

    @property
    def prompt(self) -> int:
        """Tokens of a problem."""
        return self.numbers + 1

    @property
    def steps(self) -> int:
        """Steps of an answer."""
        return self.numbers - 1

    @property
    def answer(self) -> int:
        """Tokens of an answer."""
        return STEP * self.steps

    @property
    def context(self) -> int:
        """Positions that a network must read: the last token of an answer is only written."""
        return self.prompt + self.answer - 1

    @cached_property
    def hands(self) -> Int[np.ndarray, "hands numbers"]:
        """Every multiset of numbers that can be dealt, each once, in lexicographic order."""
        return np.array(list(combinations_with_replacement(range(1, self.largest + 1), self.numbers)), dtype=np.int32)

    @cached_property
    def pairs(self) -> Int[np.ndarray, "pairs two"]:
        """Pairs of places in a hand."""
        return np.array(list(combinations(range(self.numbers), 2)), dtype=np.int32)


def moves(
    game: Countdown, hand: Int[Any, "batch numbers"]
) -> tuple[Int[Any, "batch pairs four"], Int[Any, "batch pairs"], Int[Any, "batch pairs"]]:
    """Every distinct step that a hand allows, larger number first; NumPy in, NumPy out, and JAX likewise.

    Args:
        game: the rules.
        hand: numbers left, 0 for a place that is empty.

    Returns:
        The result of each operator on each pair of places, 0 where the step is not allowed or repeats that of an
        earlier pair with equal numbers; and the larger and smaller number of each pair.
    """
    xp = hand.__array_namespace__()
    left, right = hand[:, game.pairs[:, 0]], hand[:, game.pairs[:, 1]]
    high, low = xp.maximum(left, right), xp.minimum(left, right)
    there = low > 0
    name = high * (game.highest + 1) + low
    earlier = np.tril(np.ones((len(game.pairs),) * 2, dtype=bool), -1)
    repeats = xp.any((name[:, :, None] == name[:, None, :]) & earlier & there[:, None, :], axis=-1)
    divisor = xp.maximum(low, 1)
    quotient = xp.where(high % divisor == 0, high // divisor, 0)
    results = xp.stack([high + low, high - low, high * low, quotient], axis=-1)
    allowed = (there & ~repeats)[..., None] & (results >= 1) & (results <= game.highest)
    return xp.where(allowed, results, 0), high, low


def verify(
    game: Countdown, numbers: Int[Array, "batch numbers"], answers: Int[Array, "batch tokens"]
) -> tuple[Bool[Array, "batch steps"], Int[Array, "batch numbers"]]:
    """Checks answers, or the first steps of answers, step by step.

    A step stands if both its numbers are at hand, its operator is one, and its result is right and within bounds; the
    numbers may come in either order wherever the arithmetic allows it.

    Args:
        game: the rules.
        numbers: the numbers dealt.
        answers: tokens of whole steps, shape (batch, 4 · steps).

    Returns:
        For every step whether it and all before it stand, and the hand that is left (meaningless after a false step).
    """
    hand, good, verdicts = numbers, jnp.ones(len(numbers), dtype=bool), []
    for step in range(answers.shape[1] // STEP):
        a, operator, b, c = (answers[:, STEP * step + place] for place in range(STEP))
        hand, has_a, place = _take(hand, a)
        hand, has_b, _ = _take(hand, b)
        divisor = jnp.maximum(b, 1)
        result = jnp.select(
            [operator == game.highest + 1 + index for index in range(len(OPERATORS))],
            [a + b, a - b, a * b, jnp.where(a % divisor == 0, a // divisor, 0)],
            0,
        )
        good &= has_a & has_b & (c == result) & (c >= 1) & (c <= game.highest)
        hand = jnp.where(jnp.arange(game.numbers) == place[:, None], c[:, None], hand)
        verdicts.append(good)
    return jnp.stack(verdicts, axis=1), hand


def solved(
    game: Countdown, problems: Int[Array, "batch prompt"], answers: Int[Array, "batch answer"]
) -> Bool[Array, " batch"]:
    """Whether whole answers reach the target by allowed steps alone."""
    verdicts, _ = verify(game, problems[:, : game.numbers], answers)
    return verdicts[:, -1] & (answers[:, -1] == problems[:, -1])


def write(game: Countdown, tokens: Int[np.ndarray, " tokens"]) -> str:
    """A sequence as a person reads it: "3 7 8 2 → 24: 8 - 2 = 6, 7 - 3 = 4, 6 * 4 = 24"."""
    words = [_word(game, int(token)) for token in tokens]
    problem = f"{' '.join(words[: game.numbers])} → {words[game.numbers]}"
    answer = words[game.prompt :]
    steps = [answer[index : index + STEP] for index in range(0, len(answer), STEP)]
    return problem + ": " + ", ".join(f"{' '.join(step[:3])} = {' '.join(step[3:])}" for step in steps)


def read(game: Countdown, text: str) -> Int[np.ndarray, " tokens"]:
    """The tokens of a text that `write` made.

    Raises:
        InputError: if a word is neither a number of the game nor an operator.
    """
    words = text.replace("→", " ").replace(":", " ").replace(",", " ").replace("=", " ").split()
    known = {_word(game, token): token for token in range(1, game.vocabulary)}
    try:
        return np.array([known[word] for word in words], dtype=np.int32)
    except KeyError as error:
        raise InputError(f"{error.args[0]!r} is no token of {game}: write numbers and + - * /.") from None


def _word(game: Countdown, token: int) -> str:
    if 1 <= token <= game.highest:
        return str(token)
    return OPERATORS[token - game.highest - 1] if game.highest < token < game.vocabulary else "?"


def _take(
    hand: Int[Array, "batch numbers"], value: Int[Array, " batch"]
) -> tuple[Int[Array, "batch numbers"], Bool[Array, " batch"], Int[Array, " batch"]]:
    """The hand without one number of this value, whether it held one, and the place it was at."""
    match = hand == value[:, None]
    found = match.any(axis=1) & (value > 0)
    place = jnp.argmax(match, axis=1)
    emptied = (jnp.arange(hand.shape[1]) == place[:, None]) & found[:, None]
    return jnp.where(emptied, 0, hand), found, place
