"""A second opinion on Countdown, in plain Python with exact fractions: slow, short, sharing no code with the game."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from nextflop.lab.reasoning.countdown import Countdown

SIGNS = "+-*/"


def outcome(a: int, sign: str, b: int) -> Fraction:
    if sign == "/":
        return Fraction(a, b)
    return Fraction({"+": a + b, "-": a - b, "*": a * b}[sign])


def standing(game: Countdown, numbers: Sequence[int], answer: Sequence[int]) -> list[bool]:
    """For every step whether it and all before it stand."""
    hand, verdicts = Counter(numbers), []
    for a, token, b, c in zip(*[iter(answer)] * 4, strict=True):
        stands = all(verdicts) and 0 <= token - game.highest - 1 < 4
        stands = stands and min(a, b, c) >= 1 and max(a, b, c) <= game.highest and Counter([a, b]) <= hand
        stands = stands and outcome(a, SIGNS[token - game.highest - 1], b) == c
        if stands:
            hand = hand - Counter([a, b]) + Counter([c])
        verdicts.append(stands)
    return verdicts


def solves(game: Countdown, problem: Sequence[int], answer: Sequence[int]) -> bool:
    return all(standing(game, problem[:-1], answer)) and answer[-1] == problem[-1]


def steps(game: Countdown, hand: Sequence[int]) -> set[tuple[int, str, int, int]]:
    """Every distinct step that a hand allows, larger number first."""
    found = set()
    for pair in combinations([number for number in hand if number > 0], 2):
        for sign in SIGNS:
            result = outcome(max(pair), sign, min(pair))
            if result.denominator == 1 and 1 <= result <= game.highest:
                found.add((max(pair), sign, min(pair), int(result)))
    return found


def plays(game: Countdown, hand: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Every play of a hand as answer tokens, with its chance when each step is drawn evenly from those allowed."""
    allowed = steps(game, hand)
    if len(hand) == 1:
        yield (), Fraction(1)
    for a, sign, b, c in allowed:
        left = [*(Counter(hand) - Counter([a, b])).elements(), c]
        for rest, chance in plays(game, left):
            yield (a, game.highest + 1 + SIGNS.index(sign), b, c, *rest), chance / len(allowed)


def surprises(game: Countdown, hand: Sequence[int]) -> dict[tuple[int, ...], float]:
    """Play → -log p(play | hand, target) in nats."""
    chances = dict(plays(game, hand))
    targets: Counter[int] = Counter()
    for play, chance in chances.items():
        targets[play[-1]] += chance
    return {play: -math.log(chance / targets[play[-1]]) for play, chance in chances.items()}


def entropy(game: Countdown, hand: Sequence[int]) -> float:
    """H(play | hand, target) in nats an answer token."""
    chances, surprise = dict(plays(game, hand)), surprises(game, hand)
    return math.fsum(float(chances[play]) * surprise[play] for play in chances) / game.answer
