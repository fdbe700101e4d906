"""Costs and gains as a person who pays for them reads them."""

import math
from collections.abc import Callable

from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.equivalent import FACTORS, Compute
from nextflop.planning.ledger.situation import Situation
from nextflop.quantities import show

_CENTS = 1e-3  # dollars, below which no digits are told


def dollars(value: float) -> str:
    """An amount of money; what is next to nothing in words."""
    return f"less than ${_CENTS:g}" if 0 < value < _CENTS else show(value, "$")


def span(interval: Interval, write: Callable[[float], str]) -> str:
    """A value with its interval, each as it is written; the value alone where the ends read alike."""
    value, low, high = (write(end) for end in interval)
    return f"{value} ({low} to {high})" if low != high and interval.low < interval.high else value


def cost(flop: float, given: Situation) -> str:
    """What some compute costs, such as "4.77e19 FLOP, $67 of compute"; FLOP alone where compute has no price."""
    said = show(flop, "FLOP")
    return said if given.flop_price is None else f"{said}, {dollars(flop * given.flop_price)} of compute"


def paid(flop: float, given: Situation) -> str:
    """What something costs in the money of the plan: dollars, or FLOP where compute has no price."""
    return show(flop, "FLOP") if given.flop_price is None else dollars(flop * given.flop_price)


def amount(gain: float, compute: Compute) -> str:
    """The compute that brings as much as a gain, in dollars or FLOP; "more than any" where no amount of it does."""
    flop = compute.flop(gain)
    if math.isinf(flop):
        return "more than any"
    return show(flop, "FLOP") if math.isnan(compute.price) else dollars(flop * compute.price)


def as_much(gain: float, compute: Compute) -> str:
    """What a gain is worth, such as "as much as $1.4M more of compute"."""
    if math.isinf(compute.flop(gain)):
        return f"more than any compute alone brings, were it {FACTORS[-1]:g} times the budget"
    return f"as much as {amount(gain, compute)} more of compute"
