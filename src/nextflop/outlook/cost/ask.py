"""What a model costs: to train, to serve, over its life, and what its text costs; with every price that was used."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import parse_date, show_date
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit
from nextflop.outlook.cost.assumptions import assumptions
from nextflop.outlook.cost.life import Life, life
from nextflop.outlook.cost.served import Serve, Served, served
from nextflop.outlook.cost.terms import Terms
from nextflop.outlook.cost.text import TextCost, texts
from nextflop.outlook.cost.training import Training, training
from nextflop.outlook.cost.work import Given, work
from nextflop.planning.constants import Constants
from nextflop.prices import COMMITMENTS, MFU, Chip, Price, Quote, api_prices, known, price
from nextflop.prices import chip as find_chip
from nextflop.prices.mfu import of_sixteen_bits
from nextflop.prices.record import today
from nextflop.quantities import parse_positive

MOST_DRAWS = 1_000_000
"""More say nothing more, and take the memory of the machine."""

Day = str | int | float | None


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Attributes:
        chip: on what it is trained.
        training: the training run; None if no work was told.
        served: the serving; None if it was not asked for.
        life: the model over its life by FLOP; None if nothing is served or N and D are not told.
        life_paid: the same with a FLOP of serving at its price; None if that is not known.
        texts: what text costs; none if it was not asked for.
        assumptions: what was assumed because it was not told, a sentence each.
        records: every price record that was used.
        at: the day for which prices were looked up, as a decimal year.
        level: of the intervals.
        draws: of the inputs that are known to a range.
        seed: of the draws.
    """

    chip: Chip
    training: Training | None
    served: Served | None
    life: Life | None
    life_paid: Life | None
    texts: tuple[TextCost, ...]
    assumptions: tuple[str, ...]
    records: tuple[Price, ...]
    at: int | float
    level: int | float
    draws: int
    seed: int

    def to_json(self) -> dict[str, Json]:
        """The costs as JSON, with the records of all prices and chips."""
        parts = ("training", "served", "life", "life_paid")
        told = {name: None if (part := getattr(self, name)) is None else part.to_json() for name in parts}
        return {
            "chip": self.chip.to_json(),
            **told,
            "texts": [one.to_json() for one in self.texts],
            "assumptions": list(self.assumptions),
            "records": [one.to_json() for one in self.records],
            "at": show_date(self.at),
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
        }


def cost(
    *,
    flop: Given = None,
    params: Given = None,
    tokens: Given = None,
    chip_hours: Given = None,
    chip: str | Chip = "H100 SXM",
    mfu: int | float | MFU | None = None,
    dollars_per_hour: int | float | Price | None = None,
    commitment: str = "on-demand",
    purchase: int | float | Price | None = None,
    electricity: int | float | Price | None = None,
    chips: int | float | None = None,
    days: int | float | None = None,
    at: Day = None,
    bought: Day = None,
    pue: int | float | None = None,
    development: int | float = 1.0,
    staff: int | float | None = None,
    serve: Serve | None = None,
    serve_on: str | Chip | None = None,
    api_model: str | None = None,
    api_provider: str | None = None,
    constants: Fit | Constants | str = "besiroglu",
    text_tokens: Given = None,
    licensed: int | float | Price | None = None,
    prices: Path | Sequence[Price] | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: int | float = 0.9,
) -> Cost:
    """What a model costs to train by three methods, to serve, and over its life.

    Args:
        flop: training FLOP of the model, without recomputation; or
        params: parameters that a token passes through, with
        tokens: the tokens trained on, C = 6ND; or
        chip_hours: paid chip-hours, which go before what would follow from the FLOP.
        chip: on what.
        mfu: share of the dense 16-bit peak, or an `MFU` with its four fields; 0.375 with the spread of published runs,
            if not given.
        dollars_per_hour: of a chip-hour: a number, a record, or looked up.
        commitment: the terms on which it is looked up.
        purchase: dollars of a chip with its share of the server: a number, a record, or looked up.
        electricity: dollars a kilowatt-hour: a number, a record, or looked up.
        chips: how many, for the price of buying them.
        days: or how long the run takes, from which their number follows.
        at: the day on which the run begins and for which prices are looked up; today if not given.
        bought: the day on which the chips were bought, for which their price is looked up; that of the newest record,
            if not given.
        pue: power of the building over that of the machines.
        development: all compute of the development over that of the final run; about 10 where a share of 0.1 is final.
        staff: share of the staff in the cost of the development.
        serve: how the model is served.
        serve_on: the chip for that; the same if not given.
        api_model: a served model whose prices by the token are shown beside, with the extra `prices`.
        api_provider: who serves it.
        constants: of the loss law, for the cheapest model over the life: a name, a set, or a fit.
        text_tokens: so many tokens of text are priced.
        licensed: dollars a million tokens of licensed text, a number or a record.
        prices: a price file (CSV, TOML, or a kept JSON answer), which prices what it names alone; or the records
            themselves, and no others.
        draws: of the inputs that are known to a range.
        seed: of the draws.
        level: of the intervals.

    Raises:
        InputError: if nothing was asked, or something cannot be used.
        FitError: if the constants cannot reach the quality of the model.
        StoreError: if the price file cannot be read.
    """
    run = work(flop, params, tokens, chip_hours)
    if run is None and serve is None and text_tokens is None:
        raise InputError(
            "There is nothing to price: give FLOP, parameters with tokens, or chip-hours to train, a model to serve, "
            "or tokens of text."
        )
    if serve is None and (api_model is not None or api_provider is not None or serve_on is not None):
        raise InputError("The prices of a served model stand beside one's own: say with serve how that is served.")
    if commitment not in COMMITMENTS:
        raise unknown("commitment", commitment, COMMITMENTS)
    _check(development, staff, pue, chips, days, draws, seed, level)
    held = known(prices) if prices is None or isinstance(prices, Path) else tuple(prices)
    day = parse_date(today() if at is None else at, "day of the run")
    unit = find_chip(chip)
    share = mfu if isinstance(mfu, MFU) else of_sixteen_bits(unit, mfu)
    if run is not None and not math.isnan(run.chip_hours) and not (share.assumed and share.goodput == 1):
        told = "goodput" if share.assumed else "MFU"
        raise InputError(f"The chip-hours are told, so the {told} follows from them: give only one of the two.")
    rng = np.random.default_rng(seed)
    rent = _quote(dollars_per_hour, unit.name, "chip-hour", commitment, day, held)
    when = None if bought is None else parse_date(bought, "day of the purchase")
    trained = terms = None
    if run is not None:
        terms = Terms(
            rent,
            _purchase(purchase, unit, day if when is None else min(when, day), held),
            _quote(electricity, "electricity", "kWh", None, day, held),
            day,
            when,
            chips,
            days,
            pue,
            float(development),
            staff,
        )
        trained = training(run, unit, share, terms, rng, draws, level)
    asked = None
    if serve is not None:
        on = unit if serve_on is None else find_chip(serve_on)
        own = dollars_per_hour if on == unit else None
        paid = _quote(own, on.name, "chip-hour", commitment, day, held)
        api = () if api_model is None else api_prices(api_model, day, api_provider)
        asked = served(serve, on, paid, rng, draws, level, api)
    by_flop = by_price = None
    if run is not None and asked is not None and run.tokens > 0 and (total := asked.serve.written + asked.serve.read):
        by_flop = life(constants, run.params, run.tokens, total, 1.0, level)
        if rent is not None and not math.isnan(asked.life.value):
            assert trained is not None
            paid_flop = trained.method("cloud").dollars.value / run.flop
            dearer = asked.life.value / (2 * asked.serve.model.passed * total) / paid_flop
            by_price = life(constants, run.params, run.tokens, total, dearer, level)
    wanted = math.nan if text_tokens is None else parse_positive(text_tokens, "tokens of text", "tokens")
    told = _texts(wanted, rent, licensed) if text_tokens is not None or licensed is not None else ()
    records = [*(one for method in trained.methods for one in method.records)] if trained else []
    records += [*(asked.records if asked else ()), *(asked.api if asked else ())]
    records += [one.record for one in told if one.record is not None]
    return Cost(
        unit,
        trained,
        asked,
        by_flop,
        by_price,
        told,
        assumptions(trained, share, terms, asked),
        tuple(dict.fromkeys(records)),
        day,
        level,
        draws,
        seed,
    )


def _check(
    development: int | float,
    staff: int | float | None,
    pue: int | float | None,
    chips: int | float | None,
    days: int | float | None,
    draws: int,
    seed: int,
    level: int | float,
) -> None:
    for what, value, holds, expected in (
        ("development multiple", development, 1 <= development < math.inf, "1 for the final run alone, or more"),
        ("share of staff", staff, staff is None or 0 <= staff < 1, "a share of at least 0 and below 1"),
        ("PUE", pue, pue is None or 1 <= pue < math.inf, "1 or more, such as 1.1"),
        ("number of chips", chips, chips is None or 0 < chips < math.inf, "a number above 0"),
        ("number of days", days, days is None or 0 < days < math.inf, "a number above 0"),
        ("number of draws", draws, 0 <= draws <= MOST_DRAWS, f"0 to {MOST_DRAWS}"),
        ("seed", seed, seed >= 0, "0 or more"),
        ("level", level, 0 < level < 1, "a number between 0 and 1, such as 0.9"),
    ):
        if not holds:
            raise InputError(f"The {what} {value:g} cannot be used: give {expected}.")


def _quote(
    given: int | float | Price | None,
    item: str,
    unit: str,
    terms: str | None,
    day: int | float,
    records: Sequence[Price],
) -> Quote | None:
    """The price as given, or as looked up; None if there is none."""
    if given is None:
        try:
            return price(item, day, terms, unit, records=records)
        except InputError:
            return None
    if isinstance(given, Price):
        if given.unit != unit:
            raise InputError(f"The price of {item} is wanted per {unit}, and the record is per {given.unit}.")
        record = given
    else:
        record = Price(item, given, "USD", unit, terms or "list", show_date(day), "given by the caller", grade="own")
    return Quote(record, day, (record,))


def _purchase(
    given: int | float | Price | None, chip: Chip, day: int | float, records: Sequence[Price]
) -> Quote | None:
    """The price of a chip in its server; of a chip alone, where there is no other."""
    if isinstance(given, Price) and given.unit == "chip":
        return Quote(given, day, (given,))
    found = _quote(given, chip.name, "chip in a server", "purchase", day, records)
    return found or _quote(None, chip.name, "chip", "purchase", day, records)


def _texts(tokens: int | float, rent: Quote | None, licensed: int | float | Price | None) -> tuple[TextCost, ...]:
    from nextflop.prices import given

    record = licensed
    if licensed is not None and not isinstance(licensed, Price):
        record = given("licensed text", licensed, "million tokens of text", "list")
    hourly = 2.0 if rent is None else rent.price.dollars
    return texts(float(hourly), tokens, record if isinstance(record, Price) else None)
