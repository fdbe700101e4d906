"""`nextflop cost`: what a model costs to train, to serve and over its life, and what its text costs."""

import math
from typing import Annotated

from cyclopts import Parameter

from nextflop.cli.cost_options import PriceOptions, ServeOptions, TrainOptions, money
from nextflop.cli.cost_text import show, show_chips, show_growth
from nextflop.cli.output import print_json, progress
from nextflop.errors import InputError
from nextflop.evidence.dates import show_date
from nextflop.evidence.files import Json
from nextflop.quantities import parse_positive


def cost(
    train: TrainOptions | None = None,
    serve: ServeOptions | None = None,
    prices: PriceOptions | None = None,
    *,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """What a model costs: to train by three methods side by side, to serve, and over its life; and what text costs.

    Give --flop, or --params with --tokens, or --chip-hours to price a training run; --layers and --width with --params
    to price serving; --text to price text; --trend to see how the cost of the largest runs grows.

    Args:
        train: what is trained.
        serve: how it is served.
        prices: where prices come from.
        json: print JSON, with every price record that was used.
    """
    train, serve, prices = train or TrainOptions(), serve or ServeOptions(), prices or PriceOptions()
    if prices.clouds is not None and not prices.refresh:
        raise InputError("--clouds says what --refresh downloads: give that too.")
    if prices.online and not prices.trend:
        raise InputError("--online allows a download for --trend and needs it.")
    if prices.refresh:
        _refresh(prices.clouds)
    told: dict[str, Json] = {}
    if prices.list:
        _list(prices, json)
        return
    asked = serve.serve(train.params)
    works = train.flop or train.tokens or train.chip_hours
    if not works and asked is None and prices.text is None:
        if not prices.trend:
            raise InputError(
                "There is nothing to price: give --flop, --params with --tokens, or --chip-hours to train; --layers, "
                "--width and --params to serve; --text; or --trend."
            )
    else:
        told = _price(train, serve, prices, json)
    if prices.trend:
        from nextflop.outlook.cost import cost_growth

        grown = [cost_growth(largest=largest, online=prices.online) for largest in (5, 10, 0)]
        told = {**told, "growth": [one.to_json() for one in grown]}
        if not json:
            show_growth(grown)
    if json:
        print_json(told)


def _price(train: TrainOptions, serve: ServeOptions, prices: PriceOptions, json: bool) -> dict[str, Json]:
    from nextflop.outlook.cost import cost as ask
    from nextflop.prices import chip as find

    chip = find(train.chip)
    works = train.flop or train.tokens or train.chip_hours
    found = ask(
        flop=train.flop,
        params=train.params if works else None,
        tokens=train.tokens,
        chip_hours=train.chip_hours,
        chip=chip,
        mfu=train.share(chip),
        dollars_per_hour=money(train.price, chip.name, "chip-hour", train.commitment),
        commitment=train.commitment,
        purchase=money(train.purchase, chip.name, "chip in a server", "purchase"),
        electricity=money(train.electricity, "electricity", "kWh", "list"),
        chips=None if train.chips is None else parse_positive(train.chips, "number of chips", ""),
        days=train.days,
        at=train.at,
        bought=train.bought,
        pue=train.pue,
        development=train.development,
        staff=train.staff,
        serve=serve.serve(train.params),
        serve_on=serve.serve_on,
        api_model=serve.api_model,
        api_provider=serve.api_provider,
        constants=serve.constants,
        text_tokens=prices.text,
        licensed=money(prices.licensed, "licensed text", "million tokens of text", "list"),
        prices=prices.prices,
        draws=prices.draws,
        seed=prices.seed,
        level=prices.level,
    )
    run = found.training
    if run is not None and all(math.isnan(method.dollars.value) for method in run.methods):
        raise InputError(f"No price of {chip.name} is known on {show_date(found.at)}: give --price, or another --at.")
    if json:
        return found.to_json()
    show(found)
    return {}


def _list(prices: PriceOptions, json: bool) -> None:
    from nextflop.prices import chips, known

    records = known(prices.prices)
    if json:
        print_json({"chips": [one.to_json() for one in chips()], "records": [one.to_json() for one in records]})
    else:
        show_chips(records)


def _refresh(clouds: str | None) -> None:
    from nextflop.prices import refresh
    from nextflop.prices.refresh import CLOUDS

    names = tuple(CLOUDS) if clouds is None else tuple(name.strip() for name in clouds.split(","))
    with progress().status(f"Downloading the catalogues of {', '.join(names)} …"):
        refresh(names)
