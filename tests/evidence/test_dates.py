"""Dates as years: spellings, differences, refusals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.dates import YEAR, parse_date, show_date
from nextflop.evidence.table import read_table

DAYS = st.dates(date(1001, 1, 1), date(2998, 12, 31))


@given(DAYS, DAYS)
def test_a_difference_of_two_dates_is_their_days(first: date, second: date) -> None:
    years = parse_date(second.isoformat()) - parse_date(first.isoformat())
    assert years * YEAR == pytest.approx((second - first).days, abs=1e-6)


@given(DAYS)
def test_a_date_is_shown_as_it_was_read(day: date) -> None:
    assert show_date(parse_date(day.isoformat())) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2000-01-01", 2000.0),
        ("2024-01-01", 2024.0),
        ("2024-05", 2024 + 121 / YEAR),
        ("2024", 2024.0),
        (2023.5, 2023.5),
        (" 2024-01-01T12:30:00Z ", 2024.0),
    ],
)
def test_spellings(text: object, value: float) -> None:
    assert parse_date(text) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("05/12/2024", "is not a date: write it like 2024-05-12"),
        ("2024-02-30", "is not in the calendar"),
        ("yesterday", "is not a date"),
        ("0999-01-01", "far from today"),
        (1e21, "is not a date"),
        (True, "is not a date"),
    ],
)
def test_what_is_no_date_is_refused(text: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_date(text)


def test_a_table_may_hold_dates_and_leave_a_value_blank_where_that_is_allowed(tmp_path) -> None:
    path = tmp_path / "series.csv"
    path.write_text("day,length\n2024-01-01,3\n2024-12-31,n/a\n")
    columns = {"date": "day", "value": "length"}
    assert read_table(path, columns, blank=("value",))["value"].tolist()[0] == 3.0
    with pytest.raises(InputError, match="line 3, column 'length'"):
        read_table(path, columns)
    path.write_text("day,length\n12.1.2024,3\n")
    with pytest.raises(InputError, match=r"line 2, column 'day': the date '12\.1\.2024' is not a date"):
        read_table(path, columns)
