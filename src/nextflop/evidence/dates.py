"""Dates as numbers: years of 365.25 days, so that a difference of two is a time."""

import re
from datetime import date

from nextflop.errors import InputError
from nextflop.evidence.files import Json

YEAR = 365.25
"""Days in the year of this module."""

_START = date(2000, 1, 1).toordinal()  # is 2000.0; the start of any year is then within a day of its number
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_DECIMAL = re.compile(r"\d{4}(?:\.\d*)?", re.ASCII)


def parse_date(text: Json, what: str = "date") -> float:
    """Reads a date: `2024-05-12`, `2024-05` (its first day), `2024`, or a decimal year such as `2024.36`.

    The time of day is left aside.

    Args:
        text: the date as a person writes it, or a number, which is a decimal year.
        what: the name of the date, for the error message.

    Raises:
        InputError: if it is not a date of the years 1000 to 2999.
    """
    spelled = str(text).strip()
    if match := _ISO.fullmatch(spelled):
        try:
            day = date(int(match["year"]), int(match["month"]), int(match["day"] or 1))
        except ValueError as error:
            raise InputError(f"The {what} {spelled!r} is not in the calendar ({error}): correct it.") from error
        value = 2000 + (day.toordinal() - _START) / YEAR
    elif _DECIMAL.fullmatch(spelled):
        value = float(spelled)
    else:
        raise InputError(f"The {what} {spelled!r} is not a date: write it like 2024-05-12, 2024-05 or 2024.36.")
    if not 1000 <= value < 3000:
        raise InputError(f"The {what} {spelled!r} is far from today: give a date of the years 1000 to 2999.")
    return value


def show_date(value: float) -> str:
    """The day of a decimal year, as `parse_date` reads it."""
    return date.fromordinal(_START + round((value - 2000) * YEAR)).isoformat()
