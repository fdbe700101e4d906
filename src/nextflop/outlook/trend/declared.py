"""Public series, declared: one TOML each in the folder `public`, saying which column of which data set it is."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

import numpy as np

from nextflop.evidence import bundled
from nextflop.evidence.dates import parse_date
from nextflop.evidence.runs import Runs
from nextflop.outlook.trend.rows import by_week, series_of
from nextflop.outlook.trend.scale import scale
from nextflop.outlook.trend.series import Rule, Series
from nextflop.published import find as find_set
from nextflop.published import read


class Declared(NamedTuple):
    """A public series.

    Attributes:
        name: what it is called here.
        title: what it is.
        set, table: where its rows are, in `nextflop.published`.
        value: the quantity of the table that is the series.
        unit: of the values.
        meaning: what "slowing" is said of, one of `series.MEANINGS`.
        scale, floor, ceiling: see `scale.Scale`.
        rule: which rows are the frontier.
        falls: whether progress is downwards.
        start, since: where the trend and the question begin, as dates; "" for none.
        windows: further stretches whose pace is shown, (start, end); "" for an open end.
        per: "year" if each value came about since the row before, and is to be divided by that time.
        weeks: a text quantity that ends with year and week, where the table has no dates.
        notes: what a reader must know.
    """

    name: str
    title: str
    set: str
    table: str
    value: str
    unit: str
    meaning: str
    scale: str
    rule: str
    floor: float | None = None
    ceiling: float | None = None
    falls: bool = False
    start: str = ""
    since: str = ""
    windows: tuple[tuple[str, str], ...] = ()
    per: str = ""
    weeks: str = ""
    notes: tuple[str, ...] = ()


def names() -> tuple[str, ...]:
    """The names of all public series, sorted."""
    return bundled.names(_folder())


@cache
def find(name: str) -> Declared:
    """A public series by its name.

    Raises:
        InputError: if there is none of that name.
    """
    record = bundled.load(_folder(), name, "public series")
    record["windows"] = tuple((start, end) for start, end in record.get("windows", ()))
    record["notes"] = tuple(record.get("notes", ()))
    return Declared(name=name, **record)


def public(name: str, *, online: bool = False) -> Series:
    """Reads a public series.

    Args:
        name: one of `names`.
        online: whether its file may be downloaded.

    Raises:
        InputError: if there is none of that name.
        StoreError: if its file is not here, or not the one in the register.
    """
    known = find(name)
    runs = read(known.set, known.table, online=online)
    if known.weeks:
        runs = runs.with_columns(date=by_week(runs[known.weeks]))
    if known.per:
        runs = _per_year(runs, known.value)
    made = series_of(runs, known.value, scale(known.scale, known.floor, known.ceiling), Rule.parse(known.rule))
    # Far from the years of any series, and finite: an open end.
    windows = tuple((_date(start) or 0.0, _date(end) or 1e4) for start, end in known.windows)
    return replace(
        made,
        name=name,
        title=known.title,
        unit=f"{known.unit} a {known.per}".strip() if known.per else known.unit,
        meaning=known.meaning,
        falls=known.falls,
        start=_date(known.start),
        since=_date(known.since),
        windows=windows,
        source=runs.source,
        version=find_set(known.set).version,
        notes=(*made.notes, *known.notes),
    )


def _date(text: str) -> float | None:
    return parse_date(text) if text else None


def _per_year(runs: Runs, value: str) -> Runs:
    """Values over the time since the row before; the first row has none."""
    order = np.argsort(runs["date"], kind="stable")
    later = runs.where(order[1:])
    return later.with_columns(**{value: later[value] / np.diff(runs["date"][order])})


def _folder() -> Traversable:
    return files("nextflop.outlook.trend") / "public"
