"""Which rows are the frontier, who could have been there, and how many of those disclose anything."""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.dates import parse_date, show_date
from nextflop.outlook.trend.series import Series

LEADS = 3.0
"""Years for which a group that has been at the frontier counts as one that may be there."""


class Quarter(NamedTuple):
    """Disclosure in one quarter.

    Attributes:
        start: its first day, as a decimal year.
        name: such as 2025Q1.
        rows: by groups at the frontier.
        known: rows of them with a value.
    """

    start: float
    name: str
    rows: int
    known: int


class Frontier(NamedTuple):
    """The rows that count.

    Attributes:
        rows: places of the frontier rows in the series.
        rivals: which rows of the series come from a group at the frontier, whether they have a value or not.
        silent: which of them have none.
    """

    rows: np.ndarray
    rivals: np.ndarray
    silent: np.ndarray


def frontier(series: Series) -> Frontier:
    """Applies the rule of the series, and finds the rows that could be at the frontier and say nothing.

    A row without a value can be at the frontier if its group was there in the three years before; where groups are
    not known, every such row can.
    """
    worth = series.sign * np.where(series.sides * series.sign >= 0, series.values, np.nan)
    if series.rule.kind == "every":
        rows = np.flatnonzero(series.known)
    elif series.rule.kind == "record":
        rows = _records(series.dates, worth)
    else:
        ahead = (series.dates <= series.dates[:, None]) & (worth > worth[:, None])
        rows = np.flatnonzero(~np.isnan(worth) & (ahead.sum(axis=1) < series.rule.count))
    rivals = _rivals(series, rows)
    return Frontier(rows, rivals, rivals & ~series.known)


def standing(series: Series, rows: np.ndarray, date: float) -> int | None:
    """The frontier row that was the best at a date; None if there was none yet."""
    past = rows[series.dates[rows] <= date]
    return int(past[(series.sign * series.values[past]).argmax()]) if len(past) else None


def quarters(series: Series, found: Frontier) -> tuple[Quarter, ...]:
    """Disclosure by quarter, from the first to the last row of a group at the frontier."""
    dates = series.dates[found.rivals]
    if not len(dates):
        return ()
    place = quarter_of(dates)
    silent = found.silent[found.rivals]
    return tuple(
        Quarter(
            parse_date(f"{q // 4}-{1 + 3 * (q % 4):02d}"),
            f"{q // 4}Q{q % 4 + 1}",
            int((place == q).sum()),
            int(((place == q) & ~silent).sum()),
        )
        for q in range(place.min(), place.max() + 1)
    )


def quarter_of(dates: np.ndarray) -> np.ndarray:
    """The quarters of dates by the calendar, counted from the year 0."""
    days = [show_date(float(date)) for date in dates]
    return np.array([4 * int(day[:4]) + (int(day[5:7]) - 1) // 3 for day in days], dtype=int)


def _records(dates: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """The best row of each day that is above all of the days before."""
    order = np.lexsort((-np.nan_to_num(worth, nan=-np.inf), dates))
    best, rows = -np.inf, []
    for row in order:
        if worth[row] > best:
            best = worth[row]
            rows.append(row)
    return np.array(rows, dtype=int)


def _rivals(series: Series, rows: np.ndarray) -> np.ndarray:
    if series.groups is None:
        rivals = ~series.known
        rivals[rows] = True
        return rivals
    members = [{name.strip() for name in str(text).split(",")} - {""} for text in series.groups]
    last: dict[str, list[float]] = {}
    for row in rows:
        for name in members[row]:
            last.setdefault(name, []).append(float(series.dates[row]))
    rivals = np.array(
        [
            any(0 <= date - was <= LEADS for name in group for was in last.get(name, ()))
            for group, date in zip(members, series.dates, strict=True)
        ],
        dtype=bool,
    )
    rivals[rows] = True
    return rivals
