"""The answer to a question of an audit, and what may be expected of one."""

import math
from collections.abc import Callable
from typing import NamedTuple

from nextflop.audits.declaration import Question


class Answer(NamedTuple):
    """A computed quantity.

    Attributes:
        value: what was found; nan if it could not be.
        low, high: its interval; an end that the data do not set is infinite, nan if there is no interval.
    """

    value: float
    low: float = math.nan
    high: float = math.nan


def _near(question: Question, answer: Answer) -> bool:
    assert question.published is not None
    return abs(answer.value - question.published) <= question.tolerance


def _inside(question: Question, answer: Answer) -> bool | None:
    assert question.published is not None
    if math.isnan(answer.low) or math.isnan(answer.high):
        return None
    return answer.low <= question.published <= answer.high


def _known(end: float) -> bool | None:
    return None if math.isnan(end) else math.isfinite(end)


EXPECTATIONS: dict[str, Callable[[Question, Answer], bool | None]] = {
    "near": _near,
    "inside": _inside,
    "at-most": lambda question, answer: answer.value <= question.limit,
    "at-least": lambda question, answer: answer.value >= question.limit,
    "high-at-most": lambda question, answer: None if math.isnan(answer.high) else answer.high <= question.limit,
    "low-at-least": lambda question, answer: None if math.isnan(answer.low) else answer.low >= question.limit,
    "ends-above": lambda question, answer: _known(answer.high),
    "ends-below": lambda question, answer: _known(answer.low),
}
"""Expectation → whether it holds of an answer; None if that cannot be told."""

WITH_PUBLISHED = ("near", "inside")
WITH_LIMIT = ("at-most", "at-least", "high-at-most", "low-at-least")


def holds(question: Question, answer: Answer) -> bool | None:
    """Whether an answer is what was expected; None if it cannot be told, or nothing was expected."""
    if not question.expect or math.isnan(answer.value):
        return None
    found = EXPECTATIONS[question.expect](question, answer)
    return None if found is None else bool(found)
