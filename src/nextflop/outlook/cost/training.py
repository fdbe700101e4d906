"""What a training run costs by three methods side by side: wear of owned chips with energy, rent, and purchase."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.cost.amortised import acquisition, energy_per_hour, hardware_per_hour
from nextflop.outlook.cost.draws import between, interval
from nextflop.outlook.cost.terms import BUILDING, STAFF, Terms
from nextflop.outlook.cost.work import Work
from nextflop.prices import MFU, Chip, Price, Quote
from nextflop.prices.mfu import SPREAD, measured

UNKNOWN = Interval(math.nan, math.nan, math.nan)
"""What cannot be told."""


@dataclass(frozen=True)
class Method:
    """What a run costs by one method.

    Attributes:
        name: "amortised", "cloud" or "acquisition".
        dollars: the cost, nan where it cannot be told.
        parts: of which hardware, energy.
        per_chip_hour: dollars a chip-hour; nan for a purchase.
        said: what it counts; or why it cannot be told.
        records: the prices that it rests on.
    """

    name: str
    dollars: Interval
    said: str
    parts: Mapping[str, Interval] = field(default_factory=dict)
    per_chip_hour: Interval = UNKNOWN
    records: tuple[Price, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The method as JSON."""
        return {
            "name": self.name,
            "dollars": self.dollars._asdict(),
            "parts": {name: part._asdict() for name, part in self.parts.items()},
            "per_chip_hour": self.per_chip_hour._asdict(),
            "said": self.said,
            "records": [one.to_json() for one in self.records],
        }


@dataclass(frozen=True)
class Training:
    """What a training run takes and costs.

    Attributes:
        work: what there is to compute.
        mfu: the share of the peak; measured from hours and FLOP where both are known, None where there are no FLOP.
        chip_hours: paid chip-hours.
        chips: how many chips, nan if not told.
        days: how long, nan if not told.
        kwh: energy at the meter, nan if the power of the chip is not known.
        methods: amortised, cloud, acquisition.
        development: compute of the development over that of the final run.
        whole: the development by the amortised method (by rent, where that is not known), with the staff.
        shares: share of hardware (or rent), energy and staff in it.
    """

    work: Work
    mfu: MFU | None
    chip_hours: Interval
    chips: int | float
    days: int | float
    kwh: Interval
    methods: tuple[Method, ...]
    development: int | float
    whole: Interval
    shares: Mapping[str, Interval]

    def to_json(self) -> dict[str, Json]:
        """The cost as JSON."""
        return {
            "work": self.work._asdict(),
            "mfu": None if self.mfu is None else self.mfu.to_json(),
            "chip_hours": self.chip_hours._asdict(),
            "chips": self.chips,
            "days": self.days,
            "kwh": self.kwh._asdict(),
            "methods": [method.to_json() for method in self.methods],
            "development": self.development,
            "whole": self.whole._asdict(),
            "shares": {name: share._asdict() for name, share in self.shares.items()},
        }

    def method(self, name: str) -> Method:
        """One of the methods by its name."""
        return next(method for method in self.methods if method.name == name)


def training(
    work: Work, chip: Chip, mfu: MFU, terms: Terms, rng: np.random.Generator, draws: int, level: int | float
) -> Training:
    """What a run costs, by every method that the terms allow.

    Args:
        work: what there is to compute.
        chip: on what.
        mfu: the share of the peak; not used where the chip-hours are known.
        terms: what is paid.
        rng: for the draws.
        draws: of the inputs that are known to a range.
        level: of the intervals.

    Raises:
        InputError: if the terms contradict themselves.
    """
    hours, share = _hours(work, chip, mfu, rng, draws)
    chips, days = _cluster(float(hours[0]), terms)
    if terms.bought is not None and terms.bought > terms.start:
        raise InputError("The chips were bought after the run began: correct one of the two days.")

    def told(values: np.ndarray) -> Interval:
        return interval(values, level)

    no = UNKNOWN
    energy, kwh, said = _energy(chip, terms, rng, draws)
    server, basis = _server_price(chip, terms.purchase, rng, draws)
    methods = []
    owned = None
    if server is None or energy is None:
        methods.append(Method("amortised", no, basis if server is None else said))
    else:
        assert terms.purchase is not None
        assert terms.electricity is not None
        paid = terms.purchase.used
        age = max(0.0, terms.start - (paid.day if terms.bought is None else terms.bought))
        wear = np.asarray(hardware_per_hour(server, age))
        owned = {"hardware": wear * hours, "energy": energy * hours}
        methods.append(
            Method(
                "amortised",
                told((wear + energy) * hours),
                f"wear of chips {age:.1f} years after their purchase, with servers and network, and electricity",
                {name: told(part) for name, part in owned.items()},
                told(wear + energy),
                (paid, terms.electricity.used),
            )
        )
    if terms.rent is None:
        methods.append(Method("cloud", no, f"no price of a chip-hour of {chip.name} is known on these terms"))
        rented = None
    else:
        rent = between(rng, draws, terms.rent.price.dollars, *terms.rent.ends)
        rented = {"rent": rent * hours}
        methods.append(
            Method(
                "cloud",
                told(rent * hours),
                f"rent, {terms.rent.price.commitment}, a record {terms.rent.age} days old",
                {},
                told(rent),
                (terms.rent.used,),
            )
        )
    if server is None or math.isnan(chips):
        why = basis if server is None else "it takes the number of chips, or of days"
        methods.append(Method("acquisition", no, why))
    else:
        assert terms.purchase is not None
        cost = np.asarray(acquisition(server, chips))
        methods.append(
            Method(
                "acquisition",
                told(cost),
                f"{chips:,.0f} chips with servers and network, kept afterwards",
                {"hardware": told(cost)},
                records=(terms.purchase.used,),
            )
        )
    whole, shares = _whole(owned or rented, terms, rng, draws)
    return Training(
        work,
        share,
        told(hours),
        chips,
        days,
        no if kwh is None else told(kwh * hours),
        tuple(methods),
        terms.development,
        told(whole),
        {name: told(part) for name, part in shares.items()},
    )


def _hours(work: Work, chip: Chip, mfu: MFU, rng: np.random.Generator, draws: int) -> tuple[np.ndarray, MFU | None]:
    if not math.isnan(work.chip_hours):
        known = np.full(1 + draws, work.chip_hours)
        return known, None if math.isnan(work.flop) else measured(
            work.flop, chip, work.chip_hours, mfu.number, mfu.sparse
        )
    hours = work.flop / mfu.flops(chip) / 3600
    if not math.isfinite(hours):
        raise InputError(f"{work.flop:g} FLOP at an MFU of {mfu.share:g} take no number of hours: correct one of them.")
    if not mfu.assumed:
        return np.full(1 + draws, hours), mfu
    shares = between(rng, draws, float(mfu.share), SPREAD[0.1], SPREAD[0.9], 0.8)
    return hours * mfu.share / np.minimum(shares, 1.0), mfu


def _cluster(hours: int | float, terms: Terms) -> tuple[float, float]:
    """How many chips and for how many days, as far as one of them is told."""
    chips, days = (math.nan if one is None else float(one) for one in (terms.chips, terms.days))
    if terms.chips is not None and terms.days is not None:
        held = chips * days * 24
        if abs(held / hours - 1) > 0.25:
            raise InputError(
                f"{chips:,.0f} chips for {days:g} days are {held:.3g} chip-hours, and the run takes "
                f"{hours:.3g}: give only one of the two."
            )
        return chips, days
    if terms.chips is not None:
        return chips, hours / chips / 24
    return hours / days / 24, days


def _energy(
    chip: Chip, terms: Terms, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray | None, np.ndarray | None, str]:
    """Dollars and kilowatt-hours of energy a chip-hour, or why there are none."""
    if terms.electricity is None:
        return None, None, "no price of electricity is known"
    low, high = BUILDING
    drawn = between(rng, draws, math.sqrt(low * high), low, high)
    pue = np.maximum(drawn, 1.0) if terms.pue is None else np.full(1 + draws, terms.pue)
    try:
        kwh = np.asarray(energy_per_hour(chip.server_kw, chip.tdp_share, pue, 1.0))
    except InputError as error:
        return None, None, str(error)
    quote = terms.electricity
    return kwh * between(rng, draws, quote.price.dollars, *quote.ends), kwh, ""


def _server_price(
    chip: Chip, purchase: Quote | None, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray | None, str]:
    """Dollars of a chip with its share of the server, or why they are not known."""
    if purchase is None:
        return None, f"no price to buy {chip.name} is known on the day of the purchase"
    prices = between(rng, draws, purchase.price.dollars, *purchase.ends)
    return prices * (chip.server_price if purchase.price.unit == "chip" else 1.0), ""


def _whole(
    parts: Mapping[str, np.ndarray] | None, terms: Terms, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The cost of the development with its staff, and the shares in it."""
    if parts is None:
        return np.full(1 + draws, math.nan), {}
    low, high = STAFF
    share = np.full(1 + draws, terms.staff) if terms.staff is not None else None
    if share is None:
        share = between(rng, draws, math.sqrt(low * high), low, high)
    compute = terms.development * np.sum(list(parts.values()), axis=0)
    whole = compute / (1 - share)
    shares = {name: terms.development * part / whole for name, part in parts.items()}
    return whole, {**shares, "staff": share}
