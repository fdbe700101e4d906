"""Which rows are the frontier, and which silent ones may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date
from nextflop.outlook.trend.frontier import frontier, quarter_of, quarters, standing
from nextflop.outlook.trend.readings import CENSORED, LARGER, NAIVE, NONE, read
from nextflop.outlook.trend.series import Rule

from .worlds import made

VALUES = [1.0, 3.0, 2.0, np.nan, 5.0, 5.0, 4.0]
DATES = [2020.0, 2020.5, 2021.0, 2021.2, 2022.0, 2022.0, 2023.0]


def test_records_are_the_best_of_their_day_and_above_all_before() -> None:
    found = frontier(made(VALUES, DATES, rule=Rule("record")))
    assert found.rows.tolist() == [0, 1, 4]


def test_the_largest_so_far() -> None:
    assert frontier(made(VALUES, DATES, rule=Rule("top", 2))).rows.tolist() == [0, 1, 2, 4, 5]


def test_a_fall_is_a_record_downwards() -> None:
    assert frontier(
        made([9.0, 7.0, 8.0, 3.0], [2020, 2021, 2022, 2023], rule=Rule("record"), falls=True)
    ).rows.tolist() == [
        0,
        1,
        3,
    ]


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=30))
def test_records_rise_and_the_last_is_the_best(values: list[float]) -> None:
    rows = frontier(made(values, list(range(2000, 2000 + len(values))), rule=Rule("record"))).rows
    chosen = np.array(values)[rows]
    assert (np.diff(chosen) > 0).all()
    assert chosen[-1] == max(values)
    top = frontier(made(values, list(range(2000, 2000 + len(values))), rule=Rule("top", 1))).rows
    assert set(rows) <= set(top)


def test_silent_rows_count_where_their_group_has_been_at_the_frontier() -> None:
    groups = np.array(["a", "b", "a", "a, c", "b", "d", "c"])
    found = frontier(made([1, 2, np.nan, np.nan, np.nan, np.nan, np.nan], DATES, groups=groups, rule=Rule("record")))
    assert np.flatnonzero(found.silent).tolist() == [2, 3, 4]  # neither c nor d was ever at the frontier
    late = frontier(made([1, 2, np.nan], [2010, 2011, 2015], groups=np.array(["a", "b", "b"]), rule=Rule("record")))
    assert not late.silent.any()  # four years later


def test_disclosure_is_counted_by_quarter() -> None:
    series = made([1, np.nan, 2, np.nan], [2024.0, 2024.1, 2024.2, 2024.6])
    counted = quarters(series, frontier(series))
    assert [(one.name, one.known, one.rows) for one in counted] == [
        ("2024Q1", 2, 3),
        ("2024Q2", 0, 0),
        ("2024Q3", 0, 1),
    ]


def test_the_first_day_of_a_quarter_is_in_it() -> None:
    days = ["2022-03-31", "2022-04-01", "2023-07-01", "2024-10-01", "2024-12-31", "2025-01-01"]
    names = [4 * 2022, 4 * 2022 + 1, 4 * 2023 + 2, 4 * 2024 + 3, 4 * 2024 + 3, 4 * 2025]
    assert quarter_of(np.array([parse_date(day) for day in days])).tolist() == names


def test_the_standing_record_is_a_bound_only_where_somebody_is_silent() -> None:
    for last, known in ((2.0, True), (np.nan, False)):
        series = made([1, 4, last], [2020, 2021, 2023], rule=Rule("record"))
        found = frontier(series)
        used = read(series, found, 2020.0, 2023.0)
        assert used.rows.tolist() == [0, 1, -1]
        assert used.points.dates[-1] == 2023
        assert used.points.low[-1] == pytest.approx(np.log(4))
        assert (used.points.low[-1] == used.points.high[-1]) == known
        naive = read(series, found, 2020.0, 2023.0, NAIVE)
        assert naive.points.known.all()


def test_two_readings_bound_what_is_missing() -> None:
    series = made([1, 4, np.nan, np.nan, np.nan], [2020, 2021, 2022.1, 2022.2, 2023], rule=Rule("record"))
    found = frontier(series)
    none = read(series, found, 2020.0, 2023.0, NONE, since=2021.5)
    assert none.points.dates.tolist() == [2020, 2021, 2022.2, 2023, 2023]
    np.testing.assert_allclose(none.points.low[2:], np.log(4))
    larger = read(series, found, 2020.0, 2023.0, LARGER, since=2022.5)
    assert larger.rows.tolist() == [0, 1, -1]
    assert np.isinf(larger.points.low[-1])
    assert larger.points.ahead.tolist() == [0, 0, pytest.approx(np.log(10))]
    assert read(series, found, 2020.0, 2022.0, CENSORED).rows.tolist() == [0, 1, -1]


def test_the_best_at_a_date() -> None:
    series = made([1, 4, 2], [2020, 2021, 2022])
    rows = np.arange(3)
    assert standing(series, rows, 2019.0) is None
    assert standing(series, rows, 2022.5) == 1


@pytest.mark.parametrize("text", ["best", "top-0", "top-x", "top"])
def test_a_rule_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="give every, record, or top-10"):
        Rule.parse(text)
    assert str(Rule.parse("top-7")) == "top-7"
