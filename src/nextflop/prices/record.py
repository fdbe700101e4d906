"""A price is a record and never a bare number: what, per what, on which terms, where, when, and who says so."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from types import MappingProxyType

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import YEAR, parse_date
from nextflop.evidence.files import Json

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "chip-hour": "one accelerator for an hour, with its share of the server",
        "chip": "one accelerator to own, without a server",
        "chip in a server": "one accelerator to own, with its share of the server, without the cluster's network",
        "kWh": "a kilowatt-hour of electricity",
        "million tokens in": "a million tokens that a served model reads",
        "million tokens out": "a million tokens that a served model writes",
        "million tokens of text": "a million tokens of text to train on: licensed, written or generated",
    }
)
"""What prices are of."""

COMMITMENTS: Mapping[str, str] = MappingProxyType(
    {
        "on-demand": "rented by the hour, to be given back at any time",
        "spot": "rented by the hour, may be taken back at any time",
        "1y": "rented with a commitment of one year",
        "3y": "rented with a commitment of three years",
        "purchase": "bought",
        "owned": "what an hour costs those who own the chip: wear, power, place",
        "list": "a list price with no commitment to speak of",
    }
)
"""The terms on which something is sold."""

GRADES: Mapping[str, str] = MappingProxyType(
    {
        "own": "given by whoever asks",
        "primary": "read at the seller or in the paper",
        "table": "in a public table that names its own source",
        "second-hand": "told by a public text that is not the seller's",
        "estimate": "worked out, not sold at that price",
    }
)
"""How far a record is from the sale, best first."""


@dataclass(frozen=True)
class Price:
    """One dated price.

    Attributes:
        item: what is priced: a chip by the name that `chip` gives it, a model, "electricity", "licensed text" …
        value: the price.
        currency: such as "USD"; nothing here converts one into another.
        unit: per what, one of `UNITS`.
        commitment: on which terms, one of `COMMITMENTS`.
        date: the day on which it held, as 2025-03-17, or the month as 2026-09.
        source: who says so: an address, a paper, a file.
        provider: who sells, if known.
        region: where, if known.
        grade: how far the record is from the sale, one of `GRADES`.
        low: where the source gives a range, its lower end; else nan.
        high: its upper end; else nan.
        via: where it was read, if not at the source itself.
        sha256: digest of the file in which it was read, if it was a file.
        note: what else there is to know.
    """

    item: str
    value: int | float
    currency: str
    unit: str
    commitment: str
    date: str
    source: str
    provider: str = ""
    region: str = ""
    grade: str = "primary"
    low: int | float = math.nan
    high: int | float = math.nan
    via: str = ""
    sha256: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for what in ("item", "currency", "source"):
            if not getattr(self, what).strip():
                raise InputError(f"A price without {what} is a bare number: say its {what}.")
        for what, known in (("unit", UNITS), ("commitment", COMMITMENTS), ("grade", GRADES)):
            if getattr(self, what) not in known:
                raise unknown(f"{what} of a price", getattr(self, what), known)
        if not (math.isfinite(self.value) and self.value > 0):
            raise InputError(f"The price of {self.item} is {self.value:g}: a price is above 0; leave out what is free.")
        for end, wrong in ((self.low, self.low > self.value), (self.high, self.high < self.value)):
            if not math.isnan(end) and (wrong or not end > 0):
                raise InputError(f"The range of the price of {self.item} leaves out the price {self.value:g}: mend it.")
        parse_date(self.date, f"date of the price of {self.item}")

    @property
    def day(self) -> float:
        """The date as a decimal year."""
        return parse_date(self.date)

    @property
    def ends(self) -> tuple[float, float]:
        """The range that the source gives, or twice the price."""
        low, high = (self.value if math.isnan(end) else end for end in (self.low, self.high))
        return float(low), float(high)

    @property
    def dollars(self) -> float:
        """The value of a price in US dollars.

        Raises:
            InputError: if it is in another currency.
        """
        if self.currency != "USD":
            raise InputError(
                f"The price of {self.item} is in {self.currency} and the others are in USD: convert it at the rate of "
                f"{self.date} and say so in its note."
            )
        return float(self.value)

    def to_json(self) -> dict[str, Json]:
        """The record as JSON, without what is empty."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value != "" and value == value}

    def __str__(self) -> str:
        where = " ".join(part for part in (self.provider, self.region) if part)
        spread = "" if math.isnan(self.low) else f" ({self.low:g} to {self.high:g})"
        return (
            f"{self.item}: {self.value:g} {self.currency}{spread} a {self.unit}, {self.commitment}, {self.date}"
            f"{f', {where}' if where else ''} [{self.grade}: {self.source}]"
        )


def given(item: str, value: int | float, unit: str, commitment: str, source: str = "given by the caller") -> Price:
    """The record of a price in dollars that somebody has just typed, dated today."""
    return Price(item, float(value), "USD", unit, commitment, today(), source, grade="own")


def today() -> str:
    """This day in UTC, as 2026-11-25: the calendar of records that were downloaded."""
    return datetime.now(UTC).date().isoformat()


def days(since: float, until: float) -> int:
    """Whole days between two decimal years."""
    return round((until - since) * YEAR)
