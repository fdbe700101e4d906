"""A price is a whole record or none."""

import dataclasses

import pytest

from nextflop.errors import InputError
from nextflop.evidence.files import to_json
from nextflop.prices import Price, given

GOOD = Price("H100 SXM", 2.49, "USD", "chip-hour", "on-demand", "2025-03-17", "https://example.org/prices")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": 0.0}, "above 0"),
        ({"value": -1.0}, "above 0"),
        ({"value": float("nan")}, "above 0"),
        ({"unit": "GPU-hour"}, "chip-hour"),
        ({"commitment": "reserved"}, "on-demand"),
        ({"date": "March 2025"}, "2024-05-12"),
        ({"source": " "}, "bare number"),
        ({"item": ""}, "bare number"),
        ({"currency": ""}, "bare number"),
        ({"grade": "good"}, "second-hand"),
        ({"low": 3.0}, "leaves out"),
        ({"high": 2.0}, "leaves out"),
        ({"low": 0.0}, "leaves out"),
    ],
)
def test_what_is_no_price_is_refused_in_a_sentence(change: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        dataclasses.replace(GOOD, **change)


def test_a_record_says_all_it_knows() -> None:
    text = str(dataclasses.replace(GOOD, provider="Lambda", region="us-east-1", low=2.0, high=3.0))
    for part in ("H100 SXM", "2.49 USD", "2 to 3", "chip-hour", "on-demand", "2025-03-17", "Lambda us-east-1", "https"):
        assert part in text
    assert GOOD.to_json() == {
        "item": "H100 SXM",
        "value": 2.49,
        "currency": "USD",
        "unit": "chip-hour",
        "commitment": "on-demand",
        "date": "2025-03-17",
        "source": "https://example.org/prices",
        "grade": "primary",
    }
    assert "2025-03-17" in to_json(GOOD.to_json())


def test_another_currency_is_not_taken_for_dollars() -> None:
    assert GOOD.dollars == 2.49
    with pytest.raises(InputError, match="EUR"):
        _ = dataclasses.replace(GOOD, currency="EUR").dollars


def test_a_number_that_is_typed_becomes_a_record_of_today() -> None:
    record = given("H100 SXM", 2, "chip-hour", "on-demand")
    assert (record.value, record.grade, record.source) == (2.0, "own", "given by the caller")
    with pytest.raises(InputError, match="above 0"):
        given("H100 SXM", 0, "chip-hour", "on-demand")
