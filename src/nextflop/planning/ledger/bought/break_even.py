"""From how many queries on what is paid once beats what is paid for every query."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.bought.scenarios import rows
from nextflop.planning.ledger.bought.search import Bought, least_amount
from nextflop.planning.ledger.pooled import weighted
from nextflop.planning.ledger.situation import Situation
from nextflop.quantities import show


@dataclass(frozen=True)
class BreakEven:
    """Where two options are worth the same.

    Attributes:
        code: such as "queries:rl/search"; what stands first is better above the value.
        name: for people.
        value: over draws and laws; infinite where the first never gets better, 0 where it always is.
        unit: "queries" or "tokens".
        sentence: what it means.
    """

    code: str
    name: str
    value: Interval
    unit: str
    sentence: str

    def to_json(self) -> dict[str, Json]:
        """The numbers and the sentence."""
        return {**vars(self), "value": self.value._asdict()}


def break_evens(once: Bought, each_time: Bought, situation: Situation, level: float) -> tuple[BreakEven, ...]:
    """The queries, and the tokens that they are served with, at which both options are worth the same at this budget.

    The more queries a budget must serve, the less it buys for each of them. The break-even is the number of queries
    for which it still buys the amount that brings as much as what is paid once, that bought as decided.

    Args:
        once: paid once.
        each_time: paid for every query.
        situation: with its budget and use.
        level: of the interval.
    """
    queries = _queries(once, each_time, situation)
    value = weighted(queries, np.ones(len(queries)), level)
    first, second = once.purchase, each_time.purchase
    tokens = situation.use.tokens_per_query
    return tuple(
        BreakEven(
            f"{unit}:{first.code}/{second.code}",
            f"{unit} above which {first.title} beats {second.title}",
            Interval(*(size * end for end in value)),
            unit,
            _sentence(first.title, second.title, Interval(*(size * end for end in value)), unit),
        )
        for unit, size in (("queries", 1.0), ("tokens", tokens))
        if size > 0
    )


def _queries(once: Bought, each_time: Bought, situation: Situation) -> np.ndarray:
    paid, drawn = (rows(one.pool.shares, one.purchase.together or one.purchase.code) for one in (once, each_time))
    start, by_one = each_time.purchase.start, each_time.unit / situation.use.queries
    high = min(each_time.purchase.most, start + situation.flop / by_one)  # all of the budget on one query
    needed = least_amount(each_time, once.outcome[paid], drawn, high)
    with np.errstate(divide="ignore"):
        return np.where(np.isinf(needed), 0.0, situation.flop / (by_one * np.maximum(needed - start, 0.0)))


def _sentence(first: str, second: str, value: Interval, unit: str) -> str:
    head = f"Paid once, {first} "
    served = "queries" if unit == "queries" else "tokens served"
    if value.low == value.high == 0:
        return head + f"beats {second} however few {served} there are."
    if value.low == value.high == np.inf:
        return head + f"never beats {second} at this budget."
    middle, low, high = (_amount(end) for end in value)
    span = f" (from {low} to {high})" if low != high else ""
    return head + f"beats {second}, which is paid for every query, above {middle} {served}{span}."


def _amount(value: float) -> str:
    return "any number of" if np.isinf(value) else show(value)
