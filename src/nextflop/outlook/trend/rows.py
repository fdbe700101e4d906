"""From a table to a series: dates, values, bounds, groups."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date
from nextflop.evidence.readers.read import from_log_or_table
from nextflop.evidence.runs import Runs
from nextflop.outlook.trend.scale import Scale
from nextflop.outlook.trend.series import MEANINGS, Rule, Series

COLUMNS = ("date", "value", "censored", "error", "group", "name")
"""What a table of one's own may hold; only the first two are needed."""

_WEEK = re.compile(r"(\d{4})-(\d{2})$", re.ASCII)
_READ_AS = {"group": "cluster"}  # a quantity that is kept as text


def own(path: Path | str, columns: Mapping[str, str], scale: Scale, rule: Rule) -> Series:
    """Reads a series of one's own.

    Args:
        path: CSV, TSV, JSON Lines or Parquet.
        columns: what is in `COLUMNS` → the column that holds it. A column "censored" has 1 where a value is a lower
            bound, -1 where it is an upper one; "error" is the standard error in the unit of the value; "group" names
            who made it. A row without a value is one that was not disclosed.
        scale: on which the series is a line.
        rule: which rows are the frontier.

    Raises:
        InputError: if the file or a column cannot be used.
    """
    mapped = {_READ_AS.get(name, name): column for name, column in columns.items()}
    runs = from_log_or_table(path, None, mapped, {}, blank=("value", "censored", "error", "cluster", "name"))
    made = series_of(runs, "value", scale, rule)
    return replace(made, name=Path(path).stem, title=Path(path).name)


def series_of(runs: Runs, value: str, scale: Scale, rule: Rule) -> Series:
    """A table as a series, its rows in order of date.

    Args:
        runs: with columns "date" and the value; "censored", "error", "cluster" and "name" where there are any.
        value: the column of values.
        scale: on which the series is a line.
        rule: which rows are the frontier.

    Raises:
        InputError: if a column is missing or cannot be used, or no row has a value.
    """
    for name in ("date", value):
        if name not in runs or runs[name].dtype.kind != "f":
            raise InputError(f"A series needs a column {name!r} of numbers (there are {', '.join(runs.columns)}).")
    runs = runs.where(np.argsort(runs["date"], kind="stable"))
    values = runs[value]
    sides = np.nan_to_num(runs["censored"]) if "censored" in runs else np.zeros(len(runs))
    if not np.isin(sides, (-1, 0, 1)).all():
        raise InputError("The column of censored values holds other numbers than -1, 0 and 1: correct it.")
    if not (~np.isnan(values)).any():
        raise InputError("No row of the series has a value: give some, or another column.")
    notes = list(runs.notes)
    values, sides = scale.bounded(values, sides)
    outside = ~np.isnan(values) & np.isnan(scale.to(values))
    if outside.any():
        row = int(np.argmax(outside))
        raise InputError(
            f"The value {values[row]:g} does not lie on the scale {scale.name}: take another scale, or correct the row."
        )
    return Series(
        name=value,
        title=value,
        unit="",
        meaning=MEANINGS[-1],
        scale=scale,
        rule=rule,
        dates=runs["date"],
        values=values,
        sides=sides,
        errors=_errors(runs, values, scale),
        groups=runs.columns.get("cluster"),
        labels=runs.columns.get("name"),
        source=runs.source,
        notes=tuple(notes),
    )


def by_week(texts: np.ndarray) -> np.ndarray:
    """The Mondays of texts that end with a year and a week, such as CC-MAIN-2024-42, as decimal years.

    Raises:
        InputError: if a text does not.
    """
    found = []
    for text in texts:
        match = _WEEK.search(str(text))
        if match is None:
            raise InputError(f"{str(text)!r} does not end with a year and a week, as CC-MAIN-2024-42 does.")
        found.append(parse_date(date.fromisocalendar(int(match[1]), int(match[2]), 1).isoformat()))
    return np.array(found)


def _errors(runs: Runs, values: np.ndarray, scale: Scale) -> np.ndarray | None:
    """Standard errors on the scale, by its slope at each value; the usual one where a row has none."""
    if "error" not in runs:
        return None
    errors = runs["error"]
    if (errors < 0).any():
        raise InputError(f"A standard error is {errors[errors < 0][0]:g}: give 0 or more.")
    step = 1e-6 * np.maximum(np.abs(values), 1e-300)
    on_scale = errors * np.abs(scale.to(values + step) - scale.to(values - step)) / (2 * step)
    some = on_scale[np.isfinite(on_scale)]
    return np.where(np.isfinite(on_scale), on_scale, some.mean()) if len(some) else None
