"""Which record answers a question about a price: the newest that held on the day, and what others say beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date, show_date
from nextflop.evidence.files import Json
from nextflop.prices.chip import Chip, chip
from nextflop.prices.record import Price, days, today
from nextflop.prices.table import of_csv, read_prices

NEAR = 90 / 365.25
"""Years: records so close to the newest one answer together with it, and the one in their middle is taken."""


DISCOUNTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"1y": (0.25, 0.35, 0.41), "3y": (0.49, 0.56, 0.64)}
)
"""Commitment → the smallest, middle and largest discount on the price on demand at AWS, Google, Azure and Lambda
(Cottier et al., arXiv:2405.21015); used where no record of the commitment exists."""


@dataclass(frozen=True)
class Quote:
    """A price for a question, and what else was said.

    Attributes:
        price: the record that is used.
        asked: the day for which it was asked, as a decimal year.
        beside: the records of the same 90 days and terms, the used one among them, cheapest first.
    """

    price: Price
    asked: float
    beside: tuple[Price, ...]

    @property
    def age(self) -> int:
        """Days from the record to the day for which it was asked."""
        return days(self.price.day, self.asked)

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest price that the records beside it tell."""
        lows, highs = zip(*(one.ends for one in self.beside), strict=True)
        return min(lows), max(highs)

    @property
    def used(self) -> Price:
        """The record with the range of those beside it, to be kept with an answer: it gives the same one again."""
        if len(self.beside) == 1:
            return self.price
        low, high = self.ends
        note = f"with {len(self.beside) - 1} records beside it"
        return replace(self.price, low=low, high=high, note=f"{self.price.note}; {note}".removeprefix("; "))

    def to_json(self) -> dict[str, Json]:
        """The record, its age in days, and the ends."""
        low, high = self.ends
        return {"price": self.price.to_json(), "age_days": self.age, "low": low, "high": high, "of": len(self.beside)}

    def __str__(self) -> str:
        low, high = self.ends
        others = f"; {len(self.beside)} records from {low:g} to {high:g}" if len(self.beside) > 1 else ""
        return f"{self.price}; {self.age} days old{others}"


def price(
    item: str | Chip,
    at: str | int | float | None = None,
    commitment: str | None = "on-demand",
    unit: str = "chip-hour",
    *,
    provider: str | None = None,
    region: str | None = None,
    records: Sequence[Price] | None = None,
) -> Quote:
    """The price of something on a day.

    Of the records that held on that day the newest counts, together with those up to 90 days older; among them the
    middle one is taken (the cheaper of two). Records of whoever asks (grade "own") go before all others. Where a chip
    has no price for a commitment of years, that on demand is lowered by the usual discounts and graded "estimate".

    Args:
        item: what is priced: a chip, or a name such as "electricity".
        at: the day, as `parse_date` reads it; today if not given. Later records are not looked at.
        commitment: on which terms; None for any.
        unit: per what.
        provider: only of this one.
        region: only of this one.
        records: where to look; `known()` if not given.

    Raises:
        InputError: if no record answers; the message says what there is.
    """
    if unit in ("chip-hour", "chip", "chip in a server"):
        item = chip(item).name
    elif isinstance(item, Chip):
        item = item.name
    day = parse_date(today() if at is None else at, "day of the price")
    about = [one for one in (known() if records is None else records) if one.item == item and one.unit == unit]
    wanted = [
        one
        for one in about
        if commitment in (None, one.commitment)
        and (provider is None or one.provider.casefold() == provider.casefold())
        and (region is None or one.region.casefold() == region.casefold())
    ]
    held = [one for one in wanted if one.day <= day]
    if not held and unit == "chip-hour" and commitment in DISCOUNTS and provider is region is None:
        held = _discounted(item, commitment, [one for one in about if one.day <= day])
    if not held:
        raise _none(item, unit, commitment, provider or region, day, about, wanted)
    if own := [one for one in held if one.grade == "own"]:
        held = own
    newest = max(one.day for one in held)
    near = sorted((one for one in held if one.day >= newest - NEAR), key=lambda one: (one.value, one.source))
    return Quote(near[(len(near) - 1) // 2], day, tuple(near))


@cache
def bundled() -> tuple[Price, ...]:
    """The snapshot that comes with the package."""
    place = files("nextflop.prices") / "snapshot" / "prices.csv"
    return of_csv(place.read_text(encoding="utf-8"), "the bundled snapshot")


def known(own: Path | None = None, refreshed: bool = True) -> tuple[Price, ...]:
    """All records: the bundled ones, what was refreshed on this machine, and those of a file.

    Args:
        own: a price file, TOML, CSV or an answer that was kept as JSON; what it prices, nothing else prices.
        refreshed: whether records that `refresh` has kept on this machine count.

    Raises:
        InputError: if the file is no price file.
        StoreError: if it cannot be read.
    """
    from nextflop.prices.refresh import kept

    others = (*bundled(), *(kept() if refreshed else ()))
    if own is None:
        return others
    given = read_prices(own)
    settled = {(one.item, one.unit, one.commitment) for one in given}
    return (*(one for one in others if (one.item, one.unit, one.commitment) not in settled), *given)


def _discounted(item: str, commitment: str, about: Sequence[Price]) -> list[Price]:
    """What a commitment of years would cost by the usual discounts, from the price on demand."""
    on_demand = [one for one in about if one.commitment == "on-demand"]
    if not on_demand:
        return []
    quote = price(item, max(one.day for one in on_demand), records=on_demand)
    least, middle, most = DISCOUNTS[commitment]
    low, high = quote.ends
    return [
        replace(
            quote.price,
            value=quote.price.value * (1 - middle),
            low=low * (1 - most),
            high=high * (1 - least),
            commitment=commitment,
            grade="estimate",
            note=f"{quote.price.value:g} on demand, {least:.0%} to {most:.0%} off for {commitment}",
        )
    ]


def _none(
    item: str, unit: str, terms: str | None, where: str | None, day: float, about: list[Price], wanted: list[Price]
) -> InputError:
    named = f"price of {item} per {unit}"
    if wanted:
        first = min(wanted, key=lambda one: one.day)
        return InputError(
            f"There is no {named} from before {show_date(day)}: the first is of {first.date}; ask for a later day, or "
            "give a price."
        )
    if not about:
        return InputError(f"There is no {named}: give one, or a price file that has it.")
    offered = ", ".join(sorted({one.commitment for one in about}))
    return InputError(
        f"There is no {named}, {terms or 'on any terms'}{f', from {where}' if where else ''}: there are prices "
        f"{offered}; ask for one of them, or give a price."
    )
