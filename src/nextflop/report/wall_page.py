"""The page for the data wall: the date, what it rests on, what moves it, and what public tables say of it."""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nextflop import __version__
from nextflop.outlook.wall.after import TIMES, after
from nextflop.outlook.wall.backtest import WallBacktest
from nextflop.outlook.wall.claims import claims
from nextflop.outlook.wall.forecast import Wall
from nextflop.outlook.wall.model import GRADES, Input, Series
from nextflop.outlook.wall.reproduction import Reproduction
from nextflop.quantities import show
from nextflop.report import wall_words as words
from nextflop.report.figures.wall_dates import dates_figure
from nextflop.report.figures.wall_drivers import drivers_figure
from nextflop.report.figures.wall_fan import fan_figure
from nextflop.report.figures.wall_records import records_figure
from nextflop.report.page import render, write


def write_wall_report(
    path: Path,
    found: Sequence[Wall],
    year: float | None,
    derived: Reproduction | None,
    tables: WallBacktest | None,
    command: str,
) -> Path:
    """Writes the page for some models of the data wall as one self-contained HTML file.

    Args:
        path: where it goes.
        found: the forecasts; the first is shown in full.
        year: a date before which the wall is asked for; None for none.
        derived: the published model derived again; None where it is beside the point.
        tables: what public tables say; None where they are not on this machine.
        command: what a person types to make the page again.

    Returns:
        The path.

    Raises:
        StoreError: if the page cannot be written.
    """
    first = found[0]
    headline = words.headline(first)
    html = render(
        "wall.html.jinja",
        title=f"{headline} · nextflop",
        kind="The data wall",
        subject=", ".join(one.model.name for one in found),
        headline=headline,
        lede=[words.sentence(first), *([words.claimed(found, year)] if year is not None else [])],
        doubts=words.doubts(found),
        tiles=[_tile(one, year) for one in found[:4]],
        contents=_contents(derived, tables),
        level=f"{first.level:.0%}",
        year=None if year is None else f"{year:g}",
        names=[one.model.name for one in found],
        models=[_model(one, year) for one in found],
        claims=_claims(found),
        drivers=_drivers(first),
        pictures={
            "fan": fan_figure(first),
            "dates": dates_figure(found, year),
            "drivers": drivers_figure(first),
            "records": None if tables is None else records_figure(tables),
        },
        first=first.model,
        after=[
            {
                "name": one.exponents.name,
                "exponents": f"α = {one.exponents.alpha:g}, β = {one.exponents.beta:g}",
                "source": one.exponents.source,
                "worth": [f"{worth:.3g}×" for worth in (*one.worth, one.end)],
                "orders": f"{np.log10(one.end):.2f}",
            }
            for one in after()
        ],
        times=[f"{times:,.0f}×" for times in TIMES],
        reproduction=None
        if derived is None
        else [(row.quantity, *words.reproduced(row), row.remark, row.agrees) for row in derived.rows],
        notes=() if derived is None else derived.notes,
        tables=None if tables is None else _tables(tables),
        verdicts=() if tables is None else (tables.verdict,),
        assumptions=[_assumption(one) for _, one in _parts(first)],
        grades=GRADES,
        others=[
            {
                "name": one.model.name,
                "rows": [_assumption(new) for name, new in _parts(one) if new != dict(_parts(first)).get(name)],
            }
            for one in found[1:]
        ],
        receipt=_receipt(found, tables, command),
    )
    return write(path, html)


def _contents(derived: Reproduction | None, tables: WallBacktest | None) -> list[tuple[str, str]]:
    return [
        ("paths", "Demand and stock"),
        ("models", "Model by model"),
        ("moves", "What moves the date"),
        ("after", "After the wall"),
        *([("published", "The published model")] if derived else []),
        *([("tables", "What tables say")] if tables else []),
        ("assumptions", "Assumptions"),
        ("methods", "Methods and receipt"),
    ]


def _tile(one: Wall, year: float | None) -> Mapping[str, str]:
    found = one.passage
    asked = ""
    if year is not None and one.model.start < year <= one.model.horizon:
        asked = f", before {year:g}: {words.chance(one.before(year))}"
    return {
        "meaning": one.model.name,
        "value": words.when(found.median, found),
        "unit": "",
        "range": f"{words.span(found, one.level)}{asked}",
    }


def _model(one: Wall, year: float | None) -> Mapping[str, str]:
    asked = "-"
    if year is not None and one.model.start < year <= one.model.horizon:
        asked = words.chance(one.before(year))
    return {
        "name": one.model.name,
        "title": one.model.title,
        "domain": one.model.domain,
        "median": words.when(one.median, one.passage),
        "range": words.span(one.passage, one.level),
        "asked": asked,
        "passed": words.chance(one.passage.passed),
        "never": words.chance(one.passage.never),
        "tokens": words.tokens(one.tokens[1]),
    }


def _claims(found: Sequence[Wall]) -> list[Mapping[str, object]]:
    return [
        {
            "text": claim.text,
            "stated": words.chance(claim.stated),
            "source": claim.source,
            "grade": claim.grade,
            "under": [words.under(claim, one) for one in found],
        }
        for claim in claims()
        if any(claim.domain == one.model.domain for one in found)
    ]


def _drivers(first: Wall) -> list[Mapping[str, str]]:
    rows: list[Mapping[str, str]] = []
    for driver in first.drivers:
        low, high = words.held(driver)
        rows.append(
            {
                "meaning": driver.meaning,
                "unit": driver.unit,
                "low": low,
                "low_date": words.when(driver.low_date, first.passage),
                "high": high,
                "high_date": words.when(driver.high_date, first.passage),
                "swing": words.years(driver.swing),
                "left": words.years(driver.width_known),
            }
        )
    return rows


def _tables(tables: WallBacktest) -> Mapping[str, object]:
    return {
        "pace": f"{tables.pace:.2f}",
        "slopes": [
            {
                "name": one.name,
                "models": f"{one.models}",
                "value": f"{one.orders.value:.3f}",
                "range": f"{one.orders.low:.3f} to {one.orders.high:.3f}",
            }
            for one in tables.slopes
        ],
        "foretold": [
            {
                "cut": f"{one.cut}",
                "record": show(one.record),
                "median": show(one.median),
                "range": f"{show(one.low)} to {show(one.high)}",
                "came": show(one.came),
                "share": words.chance(one.share),
            }
            for one in tables.foretold
        ],
    }


def _parts(found: Wall) -> list[tuple[str, Input | Series]]:
    return [*found.model.inputs.items(), *found.model.series.items()]


def _assumption(one: Input | Series) -> Mapping[str, str]:
    if isinstance(one, Series):
        ends = (f"{one.median[place]:.2f} in {one.years[place]:.0f}" for place in (0, -1))
        belief, more = f"{' to '.join(ends)} ({one.level:.0%} interval by year)", []
    else:
        belief, more = str(one.belief), [text for text in (one.why, one.licence) if text]
    return {
        "name": one.name,
        "meaning": one.meaning,
        "belief": belief,
        "unit": one.unit,
        "date": "" if np.isnan(one.date) else words.dated(one.date),
        "grade": one.grade,
        "source": one.source,
        "more": " ".join(text if text.endswith(".") else f"{text}." for text in more),
    }


def _share(share: float) -> str:
    return f"; {words.chance(share)} of the draws"


def _receipt(found: Sequence[Wall], tables: WallBacktest | None, command: str) -> list[tuple[str, str]]:
    first = found[0]
    correlated = [
        (f"Correlated in {one.model.name}", f"{pair[0]} with {pair[1]}: {value:g}")
        for one in found
        for pair, value in one.model.correlations.items()
    ]
    whole = sum(side.weight for side in first.model.demands)
    return [
        ("Stock", words.made(first.model.stock)),
        *(
            (f"Demand, {side.name}", f"{words.made(side)}{'' if side.weight == whole else _share(side.weight / whole)}")
            for side in first.model.demands
        ),
        ("Draws", f"{first.draws} whole paths a model, seed {first.seed}; every input has a stream of its own"),
        ("First passage", "in continuous time: paths are straight lines of the logarithm between shared years"),
        ("Intervals", f"{first.level:.0%}, order statistics of the draws"),
        *((f"Digest of {one.model.name}", f"sha256 {one.model.digest}") for one in found),
        *correlated,
        *(("Table", source) for source in dict.fromkeys(one.source for one in (tables.slopes if tables else ()))),
        ("Versions", f"nextflop {__version__}, Python {platform.python_version()}, NumPy {np.__version__}"),
        ("To make it again", command),
    ]
