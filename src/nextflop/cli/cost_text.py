"""`nextflop cost` in words and tables."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.fitting.fit import Interval
    from nextflop.outlook.cost import Cost, CostGrowth, Served, Training
    from nextflop.outlook.cost.life import Life
    from nextflop.prices import Price


def show(found: "Cost") -> None:
    """The costs that were asked for, what was assumed, and the records of the prices."""
    if found.training is not None:
        _training(found, found.training)
    if found.served is not None:
        _served(found.served, found.level)
    if found.life is not None:
        _life(found.life, found.life_paid)
    if found.texts:
        print_line("Text", style="bold")
        print_line()
        print_table(
            ("kind", "a million tokens", "all of it", "how"),
            [
                (
                    one.kind,
                    _dollars(one.per_million),
                    "-" if math.isnan(one.dollars) else _dollars(one.dollars),
                    one.said,
                )
                for one in found.texts
            ],
            right=("a million tokens", "all of it"),
        )
    for text in found.assumptions:
        print_line(f"Assumed: {text}")
    if found.assumptions:
        print_line()
    for record in found.records:
        print_line(f"Price: {record}", style="dim")


def show_growth(grown: Sequence["CostGrowth"]) -> None:
    """The growth of the cost of the largest runs, by who counts as one of them."""
    print_line("Growth of the cost of training, amortised hardware and energy", style="bold")
    print_line()
    print_table(
        ("counted", "models", "times a year", "95% interval"),
        [
            (
                f"the {one.largest} largest of their day" if one.largest else "all of the table",
                f"{one.models}",
                f"{one.growth.value:.2f}",
                f"{one.growth.low:.2f} to {one.growth.high:.2f}",
            )
            for one in grown
        ],
        right=("models", "times a year", "95% interval"),
    )
    print_line("Published: 2.4 [2.0 to 3.1] (Cottier et al. 2024, arXiv:2405.21015), by another choice of models.")
    print_line(grown[0].source, style="dim")


def show_chips(records: Sequence["Price"]) -> None:
    """The chips that are known, with the newest price on every term and its date."""
    from nextflop.errors import InputError
    from nextflop.prices import chips, price

    def newest(item: str, terms: str, unit: str = "chip-hour") -> str:
        try:
            record = price(item, commitment=terms, unit=unit, records=records).price
        except InputError:
            return "-"
        return "-" if record.grade == "estimate" else f"{_dollars(record.dollars)} ({record.date[:4]})"

    def figure(value: float, unit: float = 1.0) -> str:
        return "-" if math.isnan(value) else f"{value / unit:.0f}"

    header = ("chip", "TFLOP/s", "GB", "W", "on demand", "3 years", "to buy")
    print_table(
        header,
        [
            (
                one.name,
                figure(one.peaks.get("bf16") or one.peaks.get("fp16") or math.nan, 1e12),
                figure(one.memory, 1e9),
                figure(one.tdp),
                newest(one.name, "on-demand"),
                newest(one.name, "3y"),
                newest(one.name, "purchase", "chip in a server"),
            )
            for one in chips()
        ],
        right=header[1:],
    )
    print_line(
        "TFLOP/s: dense, 16 bits. Prices with their year, of a chip with its share of the server. "
        f"{len(records)} records; --json has them all, with sources."
    )


def _training(found: "Cost", run: "Training") -> None:
    what = "" if math.isnan(run.work.flop) else f"{amount(run.work.flop, 'FLOP')}, "
    print_line(f"Training: {what}{amount(run.chip_hours.value)} hours of {found.chip.name}", style="bold")
    print_line()
    if run.mfu is not None:
        print_line(f"MFU {run.mfu}.")
    facts = []
    if not math.isnan(run.chip_hours.low):
        facts.append(f"{amount(run.chip_hours.low)} to {amount(run.chip_hours.high)} chip-hours")
    if not math.isnan(run.chips):
        facts.append(f"{run.chips:,.0f} chips for {run.days:.3g} days")
    if not math.isnan(run.kwh.value):
        facts.append(f"{run.kwh.value / 1e6:.3g} GWh at the meter")
    if facts:
        print_line(f"{'; '.join(facts)}.")
    print_line()
    span = f"{found.level:.0%} interval"
    print_table(
        ("method", "cost", span, "a chip-hour", "what it counts"),
        [
            (
                method.name,
                _dollars(method.dollars.value),
                _span(method.dollars),
                _dollars(method.per_chip_hour.value),
                method.said,
            )
            for method in run.methods
        ],
        right=("cost", span, "a chip-hour"),
    )
    if run.shares:
        parts = ", ".join(f"{name} {share.value:.0%}" for name, share in run.shares.items())
        times = "the final run" if run.development == 1 else f"{run.development:g} times the final run"
        print_line(f"With staff, {times}: {_dollars(run.whole.value)}{_spread(run.whole, found.level)}: {parts}.")
    print_line()


def _served(found: "Served", level: float) -> None:
    serve, chips = found.serve, f"{found.serve.chips:g} {found.chip.name}"
    print_line(f"Serving: {amount(serve.model.params)} parameters in {serve.model.weights} on {chips}", style="bold")
    print_line()
    curve = found.curve
    print_table(
        ("batch", "ms a token", "tokens/s", "waits for", "a million out"),
        [
            (
                f"{curve.batch[row]:.0f}",
                f"{curve.seconds[row] * 1000:.3g}",
                amount(float(curve.tokens_per_second[row])),
                "memory" if curve.memory[row] >= 1 else "compute",
                _dollars(float(found.curve_out[row])),
            )
            for row in range(len(curve.batch))
        ],
        right=("batch", "ms a token", "tokens/s", "a million out"),
    )
    where = f"At a batch of {serve.batch:g}, {float(found.point.seconds[0]) * 1000:.3g} ms a token"
    if math.isnan(found.out.value):
        print_line(f"{where}; no price of a chip-hour of {found.chip.name} is known: give one for money.")
    else:
        print_line(
            f"{where}: {_dollars(found.out.value)} a million tokens written{_spread(found.out, level)}, "
            f"{_dollars(found.into.value)} a million read. By FLOP alone a million written would cost "
            f"{_dollars(found.by_flop.value)}: {amount(found.flop_per_token, 'FLOP')} each."
        )
    if serve.written + serve.read > 0 and not math.isnan(found.life.value):
        tokens = f"{amount(serve.written)} tokens written and {amount(serve.read)} read"
        print_line(f"Over its life, {tokens}: {_dollars(found.life.value)}{_spread(found.life, level)}.")
    if not math.isnan(found.query[0]):
        print_line(
            f"A query of {serve.trials:g} samples is worth {amount(found.query[0], 'FLOP')}, {found.query[1]:.0%} of "
            f"it memory traffic at {found.intensity:.0f} FLOP a byte (Kinetics, arXiv:2506.05333)."
        )
    for one in found.api:
        print_line(f"Sold at {_dollars(one.dollars)} a {one.unit}: {one.item}, {one.provider}, {one.date}.")
    print_line()


def _life(by_flop: "Life", by_price: "Life | None") -> None:
    law = by_flop.best.law
    values = ", ".join(f"{name} {value:.6g}" for name, value in law["values"].items())
    print_line(f"The same quality over its life, by {law['name']} ({values})", style="bold")
    print_line()
    for way, one in (("by FLOP", by_flop), ("by price", by_price)):
        if one is None:
            continue
        best = one.best
        weight = "" if best.serving_price == 1 else f", a FLOP of serving being {best.serving_price:.3g} of training"
        pays = (
            "its size pays for no number of tokens"
            if math.isinf(one.break_even)
            else f"its size pays from {amount(max(one.break_even, 0.0))} tokens on"
        )
        print_line(
            f"Cheapest {way}{weight}: {amount(best.params.value)} parameters, {amount(best.tokens.value)} tokens, "
            f"{best.saving.value:.1%} below the Chinchilla optimum ({amount(best.plain_params.value)} parameters). "
            f"Yours costs {one.excess:.1%} more than the cheapest; against the Chinchilla optimum {pays}."
        )
    print_line()


def _dollars(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"${value:.3g}" if 0 < value < 1 else amount(value, "$")


def _spread(values: "Interval", level: float) -> str:
    return "" if math.isnan(values.low) else f" ({level:.0%}: {_span(values)})"


def _span(values: "Interval") -> str:
    return "-" if math.isnan(values.low) else f"{_dollars(values.low)} to {_dollars(values.high)}"
