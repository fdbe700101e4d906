"""What there is to spend and what it buys: a budget as a person writes it, a chip with its price, a deadline."""

import re
from math import inf
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.planning.ledger.situation import Assumption
from nextflop.prices import Rate
from nextflop.quantities import parse_positive, show

_HOURS = re.compile(r"(?P<amount>[\d.,_eE+^-]+\s?[kKMBGT]?)[- ]\s*(?:(?P<chip>[A-Za-z][\w .-]*?)[- ])?hours?", re.ASCII)
_ANY = ("chip", "GPU", "TPU", "accelerator")


class Budget(NamedTuple):
    """An amount and its unit, "FLOP", "USD" or "chip-hours"; of hours the chip, if it is named."""

    amount: float
    unit: str
    chip: str = ""


def budget(text: str | int | float) -> Budget:
    """Reads `1e22`, `1e22 FLOP`, `$5M`, `5M USD`, `100k hours`, `100k chip-hours` or `100k H100-hours`.

    Raises:
        InputError: if it is none of these, or not positive.
    """
    spelled = str(text).strip()
    if found := _HOURS.fullmatch(spelled):
        named = found["chip"] or ""
        return Budget(parse_positive(found["amount"], "budget", ""), "chip-hours", "" if named in _ANY else named)
    money = "$" in spelled or "USD" in spelled
    return Budget(parse_positive(spelled, "budget", "$" if money else "FLOP"), "USD" if money else "FLOP")


def flop_per_unit(unit: str, rate: Rate | None) -> float:
    """FLOP that one unit of a budget buys.

    Raises:
        InputError: if that takes a chip and none is given.
    """
    if unit == "FLOP":
        return 1.0
    if rate is None:
        raise InputError(f"A budget in {unit} needs a chip to say what it buys: give one, such as --chip H100.")
    return rate.flop_per_hour if unit == "chip-hours" else float(rate.flop(1.0))


def within(deadline_days: float | None, chips: float | None, rate: Rate | None) -> tuple[float, str]:
    """The FLOP that some chips make before a deadline, and how; infinite, and an empty reason, without one.

    Raises:
        InputError: if a deadline comes without chips, or chips without a deadline, or neither of them has a rate.
    """
    if deadline_days is None:
        return inf, ""
    if chips is None or rate is None:
        raise InputError(f"A deadline of {deadline_days:g} days needs the number of chips and which chip they are.")
    for name, value in (("deadline_days", deadline_days), ("chips", chips)):
        if not value > 0:
            raise InputError(f"The limit {name} = {value:g} is not positive: give more than 0.")
    most = chips * rate.flop_per_hour * 24 * deadline_days
    return most, f"the deadline: {chips:,.0f} {rate.chip.name} make no more in {deadline_days:g} days"


def assumptions(rate: Rate) -> tuple[Assumption, ...]:
    """The records behind a rate."""
    price, mfu = rate.price, rate.mfu
    usual = "assumed" if mfu.assumed else "as given"
    return (
        Assumption(
            f"price of a {rate.chip.name} hour", f"${price.dollars:g} ({price.commitment})", price.source, price.date
        ),
        Assumption(
            "FLOP of a paid hour", show(rate.flop_per_hour, "FLOP"), f"MFU {mfu.share:g}, {usual}; {rate.chip.source}"
        ),
    )
