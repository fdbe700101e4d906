"""What else a budget buys, in sentences: which option is best, from how many queries on, and what to measure before."""

import math

from nextflop.fitting.fit import Interval
from nextflop.planning.ledger import words
from nextflop.planning.ledger.bought.amount import amount
from nextflop.planning.ledger.bought.break_even import BreakEven
from nextflop.planning.ledger.bought.measure import Measurement
from nextflop.planning.ledger.bought.part import Part, Row
from nextflop.planning.ledger.bought.parts import Parts
from nextflop.planning.ledger.decisive import Experiment
from nextflop.planning.ledger.situation import Use
from nextflop.quantities import show

_MUCH_LESS, _ALL = 0.8, 0.995
_PER_CENT = 0.01
_LARGE = 1000.0  # of a response, from which on it is written in full


def standing(part: Part) -> str:
    """What a part is about and where one stands."""
    return f"For {part.title}, standing at {level(part.standing.value)}"


def level(value: float) -> str:
    """A response: three digits, or all before the point."""
    return f"{value:.0f}" if abs(value) >= _LARGE else f"{value:.3g}"


def levels(interval: Interval) -> str:
    """A response with its interval."""
    value, low, high = (level(end) for end in interval)
    return f"{value} ({low} to {high})" if low != high else value


def bridged(bought: Parts) -> Part | None:
    """The part in which text and purchases are one currency; None without a bridge."""
    return next((part for part in bought.parts if any(row.kind == "text" for row in part.rows)), None)


def best(part: Part) -> str:
    """The best option of a part with its amount, such as "more samples at 64 samples"."""
    row = part.row(part.best)
    return row.name if math.isnan(row.amount) else f"{row.name} at {amount(row.amount, row.unit)}"


def across(bought: Parts) -> str:
    """Which option is best where a bridge puts text and all else on one ledger; empty without a bridge."""
    part = bridged(bought)
    return "" if part is None else f"For {part.title}, the best is {best(part)}: {comes_to(part)}"


def comes_to(part: Part) -> str:
    """What the best option over a bridge comes to and takes, and what the best of the other kind comes to."""
    first = part.row(part.best)
    text = first.kind == "text"
    others = [row for row in part.rows if (row.kind == "text") != text]
    sign = -1.0 if part.lower else 1.0
    other = max(others, key=lambda row: sign * row.outcome.value)
    spends = "" if text else f" {_spends(first)}"
    return (
        f"{levels(first.outcome)}, the best of all with probability {first.probability:.2f}.{spends} The best of "
        f"{'what is not text' if text else 'text'}, {other.name}, comes to {levels(other.outcome)}."
    )


def _spends(row: Row) -> str:
    """How much of the budget a purchase takes, and how little of it brings nearly all of the gain."""
    said = f"It takes {_share(row.share)} of the budget"
    if row.enough_share < _MUCH_LESS * row.share:
        said += f", and {amount(row.enough, row.unit)}, {_share(row.enough_share)}, bring 95% of the gain"
    if row.held == "nothing" and row.share < _ALL:
        said += "; more would not help"
    return f"{said}."


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= _PER_CENT else f"{share:.1%}" if share >= _PER_CENT / 10 else "less than 0.1%"


def served(one: BreakEven, use: Use) -> str:
    """On which side of a break-even a plan lies; empty where there is no telling, or no need."""
    there = use.queries if one.unit == "queries" else use.tokens
    low, high = one.value.low, one.value.high
    if low == high and low in {0.0, math.inf}:
        return ""
    side = "above that" if there > high else "below that" if there < low else "within that interval"
    return f"This plan serves {show(there)}, {side}."


def beside(row: Row) -> str:
    """Other readings at the amount that is bought; empty where there are none."""
    told = "; ".join(f"{name} {levels(interval)}" for name, interval in row.beside.items())
    return f"At {amount(row.amount, row.unit)}, {row.name}: {told}." if told else ""


def measure(one: Measurement | Experiment, part: Part, trainer: str = "") -> str:
    """What to measure before deciding."""
    if isinstance(one, Experiment):
        return words.run(one, trainer)
    return f"measure {part.row(one.code).name} at {amount(one.amount, one.unit)}"


def worth(one: Measurement | Experiment, part: Part) -> str:
    """What a measurement costs, foretells and settles."""
    foretold = ", ".join(f"{name} {level(value)}" for name, value in one.foretold.items())
    return (
        f"{show(one.flop, 'FLOP')}, {one.share:.2%} of the budget. Foretold: {foretold}. It is worth {one.gain:.2g} of "
        f"{part.response}, {one.known:.0%} of what knowing the truth would be."
    )
