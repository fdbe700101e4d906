"""`nextflop trend`: how fast a series grows, whether it slows, and what rows without a value may hide."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.output import STYLES, print_json, print_line, print_table, progress
from nextflop.cli.rerun import typed
from nextflop.errors import InputError, unknown

if TYPE_CHECKING:
    from nextflop.outlook.trend.answer import Trend

_QUARTERS = 12  # shown; --json has them all
_Flag = Annotated[bool, Parameter(negative="", show_default=False)]
_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]


def trend(
    series: str | None = None,
    /,
    *,
    map: _Texts = (),
    scale: str | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
    rule: str | None = None,
    unit: str | None = None,
    meaning: str | None = None,
    falls: bool | None = None,
    start: Annotated[str | None, Parameter(name="--from")] = None,
    since: str | None = None,
    until: str | None = None,
    window: _Texts = (),
    to: _Texts = (),
    reach: _Texts = (),
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    alarm: float = 0.05,
    power: float = 0.8,
    online: _Flag = False,
    page: Path | None = None,
    json: _Flag = False,
) -> int:
    """How fast does a series grow, and does it slow? Exit status 1 if slowing is seen. Without a series, lists them.

    Args:
        series: a public series, or a table with a date and a value a row; a row without a value was not disclosed.
        map: of a table: quantity=column pairs such as date=released,value=score; also censored, error, group and name.
        scale: on which the series is a line: log, logit or as-is.
        floor: of a benchmark on the scale logit: what guessing gives.
        ceiling: of a benchmark on the scale logit: the best that can be had.
        rule: which rows are the frontier: every, record, or top-10 for those among the ten largest when they came.
        unit: of the values of a table.
        meaning: what slowing is said of, such as "capability against time".
        falls: progress is downwards, as for a price.
        start: leave out rows before this date.
        since: from where on slowing is asked about; by default the date of the middle point, or what is declared.
        until: until when the series was watched; by default the last row.
        window: a further stretch whose pace is of interest, such as 2023-07-01..2024-11-01.
        to: a date at which the line is foretold.
        reach: a value; when does the line reach it?
        draws: series of the references.
        seed: seed of all draws.
        level: level of the intervals.
        alarm: how often slowing may be seen where there is none.
        power: the probability with which the smallest slowdown that is named would have been seen.
        online: download the file of a public series if it is not on this machine.
        page: write the answer as one self-contained HTML file.
        json: print JSON.
    """
    if series is None:
        _list(json)
        return 0
    columns = _columns(map)
    windows = [_window(text) for text in window]
    with progress().status("Reading the series and simulating ones that do not slow …"):
        from nextflop.outlook.trend.trend import trend as ask

        found = ask(
            series,
            columns=columns,
            scale=scale,
            floor=floor,
            ceiling=ceiling,
            rule=rule,
            unit=unit,
            meaning=meaning,
            falls=falls,
            start=start,
            since=since,
            until=until,
            windows=windows,
            to=to,
            reach=reach,
            draws=draws,
            seed=seed,
            level=level,
            alarm=alarm,
            power=power,
            online=online,
        )
    if page is not None:
        from nextflop.report.trend_page import write_trend_page

        write_trend_page(page, found, typed())
        progress().print(f"Page: {page}", soft_wrap=True, markup=False)
    if json:
        print_json(found.to_json())
    else:
        _show(found)
    return 1 if found.slowing else 0


def _columns(texts: tuple[str, ...]) -> dict[str, str] | None:
    from nextflop.cli.options import pairs
    from nextflop.outlook.trend.rows import COLUMNS

    found = pairs(texts, "map")
    for name in found:
        if name not in COLUMNS:
            raise unknown("quantity of a series", name, COLUMNS)
    return {"date": "date", "value": "value", **found} if found else None


def _window(text: str) -> tuple[str, str]:
    start, dots, end = text.partition("..")
    if not dots:
        raise InputError(f"The window {text!r} has no two ends: write it like 2023-07-01..2024-11-01.")
    return start, end


def _list(json: bool) -> None:
    from nextflop.outlook.trend.declared import find, names

    known = [find(name) for name in names()]
    if json:
        print_json({"series": [one._asdict() for one in known]})
        return
    print_table(
        ("name", "series", "slowing is of"),
        [(one.name, one.title, one.meaning) for one in known],
    )
    print_line("nextflop trend NAME asks one of them; nextflop trend FILE a table of your own.")


def _show(found: "Trend") -> None:
    from nextflop.evidence.dates import show_date
    from nextflop.outlook.trend import words

    series = found.series
    known = int(found.used.points.known.sum())
    print_line(f"{series.title}: {series.meaning}, {show_date(found.start)} to {show_date(found.until)}", style="bold")
    print_line(f"{series.source}{f'; {series.version}' if series.version else ''}", style="dim")
    print_line(
        f"{known} points ({series.rule.words}) of {int(series.known.sum())} values in {len(series)} rows; scale "
        f"{series.scale.name}."
    )
    print_line()
    header = ("window", "points", words.pace_unit(series), f"{found.level:.0%} interval", "if independent", "robust")
    print_table(
        header,
        [
            (
                f"{show_date(one.start)} to {show_date(one.end)}",
                f"{one.points}",
                words.pace_cell(series, one.pace.value),
                words.span_words(series, one.pace),
                words.span_words(series, one.plain),
                words.pace_cell(series, one.robust.value),
            )
            for one in found.windows
        ],
        right=header[1:],
    )
    if len(found.readings) > 1:
        _show_readings(found)
    for one in found.projections:
        there = found.value(one)
        low, high = (words.value_words(series, end) for end in there["point"][1:])
        far = f", {one.beyond:.0%} of the span beyond the last value" if one.beyond else ""
        print_line(
            f"On {there['date']}, if the pace lasts: {words.value_words(series, there['line'].value)}; a single point "
            f"{low} to {high}{far}."
        )
    for one in found.reached:
        level = float(series.scale.back(series.sign * one.level))
        low, high = (words.date_words(end) for end in one.date[1:])
        print_line(
            f"{words.value_words(series, level)} is reached on {words.date_words(one.date.value)}, if the pace lasts "
            f"({low} to {high})."
        )
    if found.projections or found.reached:
        print_line()
    for verdict in found.verdicts:
        print_line(f"{verdict.outcome.value}: {verdict.sentence}", style=STYLES.get(verdict.outcome.value, ""))
    for note in series.notes:
        print_line(f"Note: {note}", style="dim")


def _show_readings(found: "Trend") -> None:
    from nextflop.outlook.trend import words

    series = found.series
    rows = [
        (
            words.reading_words(series, name),
            words.pace_words(series, one.before.value),
            words.pace_words(series, one.after.value),
            f"{one.chance:.2g}",
        )
        for name, one in found.readings.items()
        if one is not None
    ]
    print_table(("if rows without a value were", "pace before", "pace after", "p"), rows, right=("p",))
    if found.silent:
        shown = ", ".join(f"{one.name} {one.known}/{one.rows}" for one in found.quarters[-_QUARTERS:])
        print_line(f"Rows with a value, of groups that have been at the frontier, by quarter: {shown}.")
        print_line()
