"""Inputs and series of a model out of their tables."""

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import parse_date
from nextflop.outlook.wall.distributions import SHAPES, Distribution, Fixed, between
from nextflop.outlook.wall.model import GRADES, Input, Series
from nextflop.outlook.wall.tables import Tables, known, listed, number

_INPUT = (
    "meaning", "unit", "value", "range", "level", "shape", "whole", "least",
    "source", "date", "grade", "licence", "why", "ask",
)  # fmt: skip
_SHARE = "share"
"""The unit of an input that is a part of a whole."""
_SERIES = ("meaning", "unit", "years", "median", "low", "high", "level", "source", "date", "grade")


def input_of(name: str, entry: Tables) -> Input:
    """An input out of its table.

    Raises:
        InputError: if a key or a number cannot be used, or there is no value.
    """
    known(f"input {name}", entry, _INPUT)
    unit = str(entry.get("unit", ""))
    return Input(
        name=name,
        meaning=str(entry.get("meaning", name.replace("_", " "))),
        unit=unit,
        belief=_belief(name, entry, 1.0 if unit == _SHARE else np.inf),
        source=str(entry.get("source", "not stated")),
        date=parse_date(entry["date"], f"date of {name}") if "date" in entry else np.nan,
        grade=grade_of(name, entry),
        licence=str(entry.get("licence", "")),
        why=str(entry.get("why", "")),
        asked=str(entry.get("ask", "")),
    )


def grade_of(name: str, entry: Tables) -> str:
    """How far a table says that it may be believed; assumed unless it does.

    Raises:
        InputError: if there is no such grade.
    """
    grade = str(entry.get("grade", "assumed"))
    if grade not in GRADES:
        raise unknown(f"grade of {name}", grade, GRADES)
    return grade


def _belief(name: str, entry: Tables, most: float) -> Distribution:
    """What is believed, no value or end of an interval above the most there can be."""
    if "value" in entry and "range" in entry:
        raise InputError(f"The input {name} has a value and a range: give the one or the other.")
    if "value" in entry:
        return Fixed(_at_most(most, number(entry, "value", 0, name), name))
    if "range" not in entry:
        if "ask" in entry:
            raise InputError(f"The model needs {name} from you, {entry['ask']}: give it with --set {name}=…")
        raise InputError(f"The input {name} has neither a value nor a range: give one.")
    ends = entry["range"]
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise InputError(f"The range of {name} is {ends!r}: give its two ends, such as [0.1, 0.4].")
    shape = str(entry.get("shape", SHAPES[0]))
    more = {key: number(entry, key, 0, f"{key} of {name}") for key in ("whole", "least") if key in entry}
    low, high = (_at_most(most, number({"end": end}, "end", 0, f"end of {name}"), name) for end in ends)
    return between(name, low, high, number(entry, "level", 0.95, f"level of {name}"), shape, **more)


def _at_most(most: float, value: float, name: str) -> float:
    if value > most:
        raise InputError(f"The {_SHARE} {name} would be {value:g}: give at most {most:g}.")
    return value


def series_of(name: str, entry: Tables) -> Series:
    """A series by years out of its table.

    Raises:
        InputError: if a key or a number cannot be used, or the columns do not fit together.
    """
    known(f"series {name}", entry, _SERIES)
    columns = {}
    for key in ("years", "median", "low", "high"):
        try:
            columns[key] = np.array([float(value) for value in listed(entry, key)])
        except (TypeError, ValueError):
            raise InputError(f"{key} of the series {name} holds something that is no number: correct it.") from None
    years, median, low, high = columns.values()
    if not all(np.isfinite(column).all() for column in columns.values()):
        raise InputError(f"The series {name} holds a number that is not finite: correct it.")
    if len(years) < 2 or not (np.diff(years) > 0).all() or not len(years) == len(median) == len(low) == len(high):
        raise InputError(
            f"The series {name} needs two or more years in rising order, and as many of median, low and high."
        )
    if not ((low <= median) & (median <= high)).all():
        raise InputError(f"The series {name} has a median outside of its interval: correct the table.")
    return Series(
        name=name,
        meaning=str(entry.get("meaning", name)),
        unit=str(entry.get("unit", "")),
        level=_level(name, entry),
        source=str(entry.get("source", "not stated")),
        date=parse_date(entry["date"], f"date of {name}") if "date" in entry else np.nan,
        grade=grade_of(name, entry),
        **columns,
    )


def _level(name: str, entry: Tables) -> float:
    level = number(entry, "level", 0.95, f"level of {name}")
    if not 0 < level < 1:
        raise InputError(f"The level of {name} is {level:g}: give the probability of its interval, such as 0.95.")
    return level
