"""How fast does a series grow, does it slow, and could these points have shown it?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.dates import parse_date, show_date
from nextflop.judging.rows import disclosed
from nextflop.judging.verdict import Verdict
from nextflop.outlook.trend import declared, verdicts
from nextflop.outlook.trend.answer import Trend
from nextflop.outlook.trend.change import change
from nextflop.outlook.trend.frontier import Frontier, frontier, quarters
from nextflop.outlook.trend.project import ahead, lines, reached
from nextflop.outlook.trend.readings import CENSORED, LARGER, NAIVE, NONE, Read, read
from nextflop.outlook.trend.rows import own
from nextflop.outlook.trend.scale import scale as scale_of
from nextflop.outlook.trend.series import MEANINGS, Rule, Series
from nextflop.outlook.trend.sought import seek
from nextflop.outlook.trend.windows import window
from nextflop.quantities import parse

_MOST = 400
_BAND = 60  # dates at which the line is drawn
_FEWEST = 4
_EXACT = 1e-12  # relative distance from a line that is rounding
_FAR = 1e4  # a date that none reaches


def trend(
    series: str | Path | Series,
    *,
    columns: Mapping[str, str] | None = None,
    scale: str | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
    rule: str | None = None,
    unit: str | None = None,
    meaning: str | None = None,
    falls: bool | None = None,
    start: str | float | None = None,
    since: str | float | None = None,
    until: str | float | None = None,
    windows: Sequence[tuple[str | float, str | float]] = (),
    to: Sequence[str | float] = (),
    reach: Sequence[str | float] = (),
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    alarm: float = 0.05,
    power: float = 0.8,
    online: bool = False,
) -> Trend:
    """Growth of a series with its interval, and whether it slowed.

    Args:
        series: the name of a public series, the path of a table of one's own, or a `Series`.
        columns: of a table of one's own: "date", "value", and where there are any "censored", "error", "group" and
            "name" → the column that holds it.
        scale: "log", "logit" or "as-is"; by default that of the public series, else "log".
        floor, ceiling: of a benchmark, for "logit".
        rule: "every", "record" or "top-10"; by default that of the public series, else "every".
        unit: of the values of one's own table.
        meaning: what "slowing" is said of, one of `series.MEANINGS`.
        falls: whether progress is downwards.
        start: where the trend begins; by default where the public series says, else with the first row.
        since: from where on slowing is asked about; by default where the public series says, else the date of the
            middle point, which is chosen without a look at the values.
        until: until when the series was watched; by default the last row, with a value or without.
        windows: further stretches whose pace is of interest, (start, end).
        to: dates at which the line and a single point are foretold.
        reach: values that the line may reach.
        draws: series of the references.
        seed: of all draws.
        level: of the intervals.
        alarm: how often slowing may be seen where there is none.
        power: the probability with which the smallest slowdown that is named would have been seen.
        online: whether the file of a public series may be downloaded.

    Raises:
        InputError: if the series or a setting cannot be used.
        StoreError: if a public series is not on this machine.
        FitError: if there are too few values for any pace.
    """
    _check(draws, seed, level, alarm, power)
    given = _read(series, columns, scale, floor, ceiling, rule, online)
    given = _changed(given, unit, meaning, falls)
    found = frontier(given)
    first, last = _ends(given, start, until)
    used = read(given, found, first, last)
    rows = used.rows[used.rows >= 0]
    _enough(given, used, rows, first)
    values = used.points.dates[used.points.known]
    middle = float(np.quantile(values, 0.5, method="higher"))
    cut = _date(since, "since") if since is not None else given.since
    cut = middle if cut is None or not first < cut <= last else cut
    if since is not None and not first < _date(since, "since") <= last:
        raise InputError(
            f"Slowing since {since} cannot be asked of a series from {_span(first, last)}: give a date there."
        )
    how: dict[str, Any] = {"draws": draws, "seed": seed, "level": level}
    whole = read(given, found, -np.inf, last)
    asked = [(_date(a, "window"), _date(b, "window")) for a, b in windows]
    main = window(used.points, first, _FAR, seed=seed, level=level)
    assert main is not None
    others = (window(whole.points, a, b, seed=seed, level=level) for a, b in (*given.windows, *asked))
    ends = float(used.points.dates[0]), last
    paces = tuple(
        one._replace(start=max(one.start, float(given.dates[0])), end=min(one.end, last))
        for one in (main._replace(start=ends[0]), *(one for one in others if one is not None))
    )
    silent = int((found.silent & (given.dates >= first) & (given.dates <= last)).sum())
    ways = {CENSORED: used}
    for way in (NAIVE, LARGER, NONE) if silent or (given.sides[rows] != 0).any() else ():
        other = read(given, found, first, last, way, since=cut, pace=main.pace.value)
        if not _same(other, used):
            ways[way] = other
    readings = {way: change(one.points, cut, alarm=alarm, power=power, **how) for way, one in ways.items()}
    sought = seek(used.points, **how)
    drawn = lines(used.points, seed=seed)
    targets = [_date(date, "date to foretell") for date in to]
    grid = np.linspace(ends[0], max([last, *targets]), _BAND)
    levels = [given.sign * float(given.scale.to(np.array(parse(value, "level to reach")))) for value in reach]
    said = [verdicts.slowing(given, readings, cut, alarm, power, silent)]
    said += [] if sought is None else [verdicts.broken(given, sought, alarm)]
    said.append(verdicts.remembered(paces[0]))
    if silent:
        said.append(_disclosure(given, found, cut, first, last))
    near = verdicts.bounded(given, rows)
    said += [] if near is None else [near]
    return Trend(
        series=given,
        start=first,
        since=cut,
        until=last,
        rows=rows,
        used=used,
        windows=paces,
        readings=readings,
        sought=sought,
        quarters=tuple(one for one in quarters(given, found) if first - 0.25 < one.start <= last),
        silent=silent,
        rivals=found.rivals,
        band=tuple(ahead(drawn, used.points, float(date), seed=seed, level=level) for date in grid),
        projections=tuple(ahead(drawn, used.points, date, seed=seed, level=level) for date in targets),
        reached=tuple(reached(drawn, place, share=level) for place in levels),
        level=level,
        alarm=alarm,
        power=power,
        draws=draws,
        seed=seed,
        verdicts=tuple(said),
    )


def _read(
    series: str | Path | Series,
    columns: Mapping[str, str] | None,
    scale: str | None,
    floor: float | None,
    ceiling: float | None,
    rule: str | None,
    online: bool,
) -> Series:
    if isinstance(series, Series):
        given = series
    elif isinstance(series, str) and series in declared.names():
        if scale is not None or floor is not None or ceiling is not None or columns:
            raise InputError(
                f"{series} is a public series, whose columns and scale are declared: leave columns, scale, floor and "
                "ceiling out."
            )
        given = declared.public(series, online=online)
    elif isinstance(series, str) and not Path(series).exists() and not Path(series).suffix:
        declared.find(series)  # says which there are
        raise AssertionError
    else:
        made = scale_of(scale or "log", floor, ceiling)
        return own(series, columns or {"date": "date", "value": "value"}, made, Rule.parse(rule or "every"))
    return given if rule is None else replace(given, rule=Rule.parse(rule))


def _changed(given: Series, unit: str | None, meaning: str | None, falls: bool | None) -> Series:
    if meaning is not None and meaning not in MEANINGS:
        raise InputError(f"Slowing of {meaning!r} is not known: say which it is, one of {'; '.join(MEANINGS)}.")
    return replace(
        given,
        unit=given.unit if unit is None else unit,
        meaning=given.meaning if meaning is None else meaning,
        falls=given.falls if falls is None else falls,
    )


def _same(one: Read, other: Read) -> bool:
    """Whether two readings have the same points."""
    return all(
        np.array_equal(getattr(one.points, name), getattr(other.points, name)) for name in ("dates", "low", "high")
    )


def _ends(given: Series, start: str | float | None, until: str | float | None) -> tuple[float, float]:
    first = _date(start, "start") if start is not None else given.start
    first = float(given.dates[0]) if first is None else first
    last = float(given.dates[-1]) if until is None else _date(until, "until")
    if not first < last:
        raise InputError(f"The series from {_span(first, last)} has no length: give an earlier start or a later end.")
    return first, last


def _enough(given: Series, used: Read, rows: np.ndarray, first: float) -> None:
    known = int(used.points.known.sum())
    if known < _FEWEST or len(np.unique(used.points.dates[used.points.known])) < 3:
        raise FitError(
            f"From {show_date(first)} on, {known} values of {given.title} are at the frontier ({given.rule.words}), "
            f"too few for a pace: give {_FEWEST} or more on three dates, an earlier start, or another rule."
        )
    if len(used.points.dates) > _MOST:
        raise InputError(
            f"{len(rows)} points are more than the {_MOST} that are taken: give a later start, or the rule record or "
            "top-10."
        )
    if np.ptp(_off_line(used)) < _EXACT:
        raise FitError(
            f"A line meets all {known} points exactly, so how they scatter is not known: give more points, or values "
            "as they were measured."
        )


def _off_line(used: Read) -> np.ndarray:
    """Distances of the values from a line, relative to their size on the scale."""
    known = used.points.known
    dates, values = used.points.dates[known], used.points.low[known]
    return (values - np.polynomial.Polynomial.fit(dates, values, 1)(dates)) / max(float(np.abs(values).max()), 1.0)


def _check(draws: int, seed: int, level: float, alarm: float, power: float) -> None:
    for name, value, holds, expected in (
        ("level", level, 0 < level < 1, "a number between 0 and 1, such as 0.9"),
        ("false-alarm rate", alarm, 0 < alarm < 0.5, "a number between 0 and 0.5, such as 0.05"),
        ("power", power, alarm < power < 1, "a number between the false-alarm rate and 1"),
        ("seed", seed, seed >= 0, "0 or more"),
        (
            "number of draws",
            draws,
            draws * alarm >= 5 or not alarm > 0,
            f"{int(np.ceil(5 / max(alarm, 1e-6)))} or more",
        ),
    ):
        if not holds:
            raise InputError(f"The {name} {value} cannot be used: give {expected}.")


def _date(given: str | float, what: str) -> float:
    return parse_date(given, what)


def _span(first: float, last: float) -> str:
    return f"{show_date(first)} to {show_date(last)}"


def _disclosure(given: Series, found: Frontier, since: float, first: float, last: float) -> Verdict:
    inside = found.rivals & (given.dates >= first) & (given.dates <= last)
    late = given.dates >= since
    silent, spoken = found.silent & inside, ~found.silent & inside
    counts = int((silent & ~late).sum()), int((silent & late).sum()), 0
    return disclosed(counts, int((spoken & ~late).sum()), int((spoken & late).sum()))
