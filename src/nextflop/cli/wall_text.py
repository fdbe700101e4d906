"""What `nextflop wall` prints for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nextflop.cli.output import STYLES, print_line, print_table
from nextflop.outlook.wall.claims import claims
from nextflop.quantities import show as amount
from nextflop.report.wall_words import (
    beyond,
    chance,
    claimed,
    dated,
    doubts,
    headline,
    held,
    known,
    made,
    reproduced,
    sentence,
    span,
    tokens,
    under,
    when,
    years,
)

if TYPE_CHECKING:
    from nextflop.outlook.wall.backtest import WallBacktest
    from nextflop.outlook.wall.forecast import Wall
    from nextflop.outlook.wall.reproduction import Reproduction


def show(
    found: Sequence["Wall"],
    year: float | None,
    derived: "Reproduction | None",
    tables: "WallBacktest | None",
) -> None:
    """Prints the answer of the first model, all models side by side, and what belongs to them.

    Args:
        found: the forecasts.
        year: before which the wall is asked for.
        derived: the published model derived again, if that was asked for.
        tables: what public tables say, if that was asked for.
    """
    first = found[0]
    print_line(f"{headline(first)}.", style="bold")
    print_line(sentence(first))
    if first.tokens[1] == first.tokens[1]:
        print_line(f"The run that passes would read {tokens(first.tokens[1])} tokens in the median.")
    if year is not None:
        print_line(claimed(found, year))
    print_line()
    _side_by_side(found, year)
    _claims(found)
    _drivers(first)
    if derived is not None:
        _reproduction(derived)
    if tables is not None:
        _backtest(tables)
    _assumptions(first)
    for doubt in doubts(found):
        print_line(doubt, style="yellow" if "from memory" in doubt else "dim")


def _side_by_side(found: Sequence["Wall"], year: float | None) -> None:
    rows = []
    never = any(one.passage.never > 0 for one in found)
    for one in found:
        row = [one.model.name, when(one.median, one.passage), span(one.passage, one.level)]
        row += [] if year is None else [chance(one.before(year))]
        row += [chance(one.passage.passed), *([chance(one.passage.never)] if never else [])]
        rows.append(row)
    asked = () if year is None else (f"before {year:g}",)
    header = ("model", "median", f"{found[0].level:.0%}", *asked, "passed", *(("never",) if never else ()))
    print_table(header, rows, right=header[1:])
    print_line("passed: before the paths begin.", style="dim")
    print_line()


def _claims(found: Sequence["Wall"]) -> None:
    rows = [(one.model.name, *(under(claim, one) for claim in claims())) for one in found]
    if {cell for row in rows for cell in row[1:]} == {"-"}:
        return
    print_line("What has been said, as a probability under each model", style="bold")
    print_line()
    for claim in claims():
        print_line(f"{claim.short}: {claim.text} ({dated(claim.date)[:4]})", style="dim")
    print_line()
    names = [claim.short for claim in claims()]
    print_table(("model", *names), rows, right=names)


def _drivers(first: "Wall") -> None:
    print_line(f"What moves the date of {first.model.name}: each input at its 10% and at its 90%", style="bold")
    print_line()
    rows = []
    for driver in first.drivers:
        low, high = held(driver)
        dates = when(driver.low_date, first.passage), when(driver.high_date, first.passage)
        rows.append((driver.name, low, dates[0], high, dates[1], years(driver.swing), years(driver.width_known)))
    header = ("input", "10%", "date", "90%", "date there", "years", "left")
    print_table(header, rows, right=header[1:])
    if first.drivers:
        print_line(
            f"left: years between the ends of the {first.level:.0%} interval if the input were known to lie at its "
            f"median; now {years(first.drivers[0].width)}.",
            style="dim",
        )
    print_line(beyond())
    print_line()


def _reproduction(derived: "Reproduction") -> None:
    print_line("The published model, derived again from its inputs", style="bold")
    print_line()
    rows = [(row.quantity, *reproduced(row), row.remark) for row in derived.rows]
    print_table(("quantity", "published", "found", "agrees", "why not"), rows)
    for note in derived.notes:
        print_line(note, style="dim")
    print_line()


def _backtest(tables: "WallBacktest") -> None:
    print_line("What public tables say", style="bold")
    print_line()
    print_table(
        ("growth of training sets", "models", "orders a year", "95% interval"),
        [
            (one.name, f"{one.models}", f"{one.orders.value:.3f}", f"{one.orders.low:.3f} to {one.orders.high:.3f}")
            for one in tables.slopes
        ],
        right=("models", "orders a year", "95% interval"),
    )
    print_line(f"The record itself grew by {tables.pace:.2f} orders of magnitude a year in the last five years.")
    print_line()
    header = ("known before", "record then", "a year later", "80% interval", "came", "share below")
    rows = [
        (
            f"{one.cut}",
            amount(one.record),
            amount(one.median),
            f"{amount(one.low)} to {amount(one.high)}",
            amount(one.came),
            chance(one.share),
        )
        for one in tables.foretold
    ]
    print_table(header, rows, right=header)
    verdict = tables.verdict
    print_line(f"{verdict.outcome.value}: {verdict.sentence}", style=STYLES.get(verdict.outcome.value, ""))
    print_line()
    if tables.supply:
        header = ("crawl", "addresses known", "times a year")
        rows = [
            (one.crawl, amount(one.urls), "-" if one.growth != one.growth else f"{one.growth:.2f}")
            for one in tables.supply
        ]
        print_table(header, rows, right=header[1:])


def _assumptions(first: "Wall") -> None:
    print_line(f"What {first.model.name} assumes", style="bold")
    print_line()
    for side in (first.model.stock, *first.model.demands):
        print_line(f"{'stock' if side is first.model.stock else f'demand, {side.name}'}: {made(side)}")
    for one in first.model.inputs.values():
        value = f"{one.belief} {one.unit}".strip()
        print_line(f"{one.name}: {value}; {one.meaning}")
        print_line(f"    {known(one)}", style="dim")
    for series in first.model.series.values():
        print_line(f"{series.name}: by year, {series.unit}; {series.meaning}")
        print_line(f"    {known(series)}", style="dim")
    if first.model.correlations:
        pairs = ", ".join(f"{one} with {other} {value:g}" for (one, other), value in first.model.correlations.items())
        print_line(f"Correlated: {pairs}.")
    print_line(f"{first.draws} draws, seed {first.seed}; model sha256 {first.model.digest}", style="dim")
    print_line()
