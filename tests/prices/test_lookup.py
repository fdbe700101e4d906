"""The newest record that held on the day, what stands beside it, and what is said where there is none."""

import csv
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from nextflop.errors import InputError
from nextflop.prices import Price, known, price
from nextflop.prices.lookup import bundled


def record(value: float, date: str, **fields: str) -> Price:
    told = {"commitment": "on-demand", "provider": "A", **fields}
    return Price("H100 SXM", value, "USD", "chip-hour", date=date, source="here", **told)


MADE = (
    record(9.0, "2023-01-01"),
    record(4.0, "2024-05-01"),
    record(3.0, "2024-06-01", provider="B"),
    record(2.0, "2024-06-15", provider="C", region="us"),
    record(1.0, "2024-06-20", commitment="spot"),
    record(8.0, "2025-06-01"),
)


def test_the_middle_of_the_newest_records_of_the_day_is_taken() -> None:
    quote = price("H100", at="2024-07-01", records=MADE)
    assert (quote.price.value, quote.age, quote.ends) == (3.0, 30, (2.0, 4.0))
    assert "3 records from 2 to 4" in str(quote)


def test_a_later_record_is_not_looked_at_and_an_old_one_says_its_age() -> None:
    assert price("H100", at="2024-02-01", records=MADE).price.value == 9.0
    assert price("H100", at="2024-02-01", records=MADE).age == 396
    assert price("H100", at="2026-01-01", records=MADE).price.value == 8.0


def test_terms_provider_and_region_narrow_it() -> None:
    assert price("H100", at="2024-07-01", commitment="spot", records=MADE).price.value == 1.0
    assert price("H100", at="2024-07-01", provider="b", records=MADE).price.value == 3.0
    assert price("H100", at="2024-07-01", region="US", records=MADE).price.value == 2.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": "2020"}, "the first is of 2023-01-01"),
        ({"commitment": "owned"}, "there are prices on-demand, spot"),
        ({"provider": "Z"}, "from Z"),
        ({"unit": "chip", "commitment": "purchase"}, "give one, or a price file"),
        ({"at": "yesterday"}, "is not a date"),
    ],
)
def test_where_there_is_none_it_is_said_what_there_is(asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        price("H100", **{"records": MADE, **asked})


def test_own_records_go_before_all_others() -> None:
    own = record(5.5, "2022-01-01", grade="own")
    assert price("H100", at="2026-01-01", records=(*MADE, own)).price == own


def test_a_commitment_without_a_price_is_estimated_by_the_usual_discounts() -> None:
    quote = price("H100", at="2024-07-01", commitment="3y", records=MADE)
    assert quote.price.value == pytest.approx(3.0 * 0.44)
    assert quote.ends == (pytest.approx(2.0 * 0.36), pytest.approx(4.0 * 0.51))
    assert (quote.price.grade, quote.price.date) == ("estimate", "2024-06-01")
    assert "49% to 64% off" in quote.price.note


def test_the_record_that_is_kept_gives_the_same_range_again() -> None:
    quote = price("H100", at="2024-07-01", records=MADE)
    again = price("H100", at="2024-07-01", records=[quote.used])
    assert (again.price.value, again.ends) == (quote.price.value, quote.ends)
    assert again.used == quote.used


@given(st.permutations(MADE))
def test_the_order_of_the_records_does_not_matter(records: list[Price]) -> None:
    assert price("H100", at="2024-07-01", records=records).price.value == 3.0


@pytest.mark.parametrize(
    ("item", "unit", "terms"),
    [
        ("H100", "chip-hour", "on-demand"),
        ("H100", "chip-hour", "spot"),
        ("H100", "chip-hour", "owned"),
        ("H100", "chip in a server", "purchase"),
        ("A100", "chip-hour", "3y"),
        ("TPU v5e", "chip-hour", "1y"),
        ("electricity", "kWh", None),
        ("synthetic text", "million tokens of text", None),
        ("human writing", "million tokens of text", None),
    ],
)
def test_the_snapshot_answers_the_usual_questions_without_network(item: str, unit: str, terms: str | None) -> None:
    quote = price(item, unit=unit, commitment=terms, at="2026-11-25")
    assert quote.price.source
    assert quote.age >= 0
    assert quote.price.grade in ("primary", "table", "second-hand", "estimate")


def test_every_record_of_the_snapshot_has_source_and_what_was_read_elsewhere_its_digest() -> None:
    assert len(bundled()) > 200
    for one in bundled():
        assert one.source
        assert one.date
        assert one.sha256 or not one.via.endswith("CC BY 4.0")
    assert known() == bundled()  # nothing was refreshed on this machine


def test_the_snapshot_tells_the_prices_of_the_public_table(public_data: Path) -> None:
    columns = ("on-demand", "1-year CUD", "3-year CUD")
    with (public_data / "epoch_training_cost" / "hardware_prices.csv").open(encoding="utf-8-sig") as file:
        told = {
            (row["Price date"], float(row[name]))
            for row in csv.DictReader(file)
            for name in (*(f"Price per chip-hour ({column})" for column in columns), "Price (hardware purchase)")
            if row[name]
        }
    taken = [one for one in bundled() if one.via.startswith("Epoch AI hardware_prices")]
    assert len(taken) > 200
    assert {(one.date, one.value) for one in taken} <= told
