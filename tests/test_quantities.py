"""Amounts: one spelling in, the same amount out."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.quantities import listed, parse, parse_positive, show

UNITS = st.sampled_from(["", "FLOP", "parameters", "tokens", "$", "Elo"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e21", 1e21),
        ("5.76e23 FLOP", 5.76e23),
        ("70B", 70e9),
        ("1.4T", 1.4e12),
        ("0.1B", 1e8),
        ("2.01k", 2010.0),  # 2.01 * 1e3 is 2009.9999999999998
        ("2^30", 2.0**30),
        ("2^-3", 0.125),
        ("10^21", 1e21),
        ("12,800", 12_800.0),
        ("1,234,567.5", 1_234_567.5),
        ("1_000_000", 1e6),
        ("$5M", 5e6),
        ("-$5M", -5e6),
        ("+3", 3.0),
        (" 7 k tokens ", 7000.0),
        (".5", 0.5),
        ("5.", 5.0),
        (3, 3.0),
        (2.5, 2.5),
    ],
)
def test_every_spelling_is_read(text: str | int | float, value: float) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "0,5", "1,5", "12,34", "1,2345", "1..2", "1e", "B", "-", "3_", "1 2", "5b", "nan"]
)
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match="budget") as caught:
        parse(text, "budget")
    assert repr(text) in str(caught.value)
    assert "write it like" in str(caught.value)


@pytest.mark.parametrize("text", ["1e999", "2^99999", "0^-1", "1e99999999999999999999", math.inf, math.nan, 10**400])
def test_what_is_not_finite_is_refused(text: str | int | float) -> None:
    with pytest.raises(InputError, match="not finite"):
        parse(text)


@pytest.mark.parametrize("text", ["0", "-1", 0.0, "-70B"])
def test_a_positive_amount_is_above_zero(text: str | float) -> None:
    with pytest.raises(InputError, match="not positive: give an amount above 0"):
        parse_positive(text)


@settings(deadline=None)
@given(st.floats(min_value=1.0, max_value=1e30), UNITS)
def test_seventeen_digits_bring_back_the_very_amount(value: float, unit: str) -> None:
    assert parse(show(value, unit, digits=17)) == value


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), UNITS)
def test_any_finite_amount_can_be_printed_and_read(value: float, unit: str) -> None:
    assert parse(show(value, unit, digits=17)) == value


@settings(deadline=None)
@given(st.floats(min_value=1e-5, max_value=1e30), st.integers(min_value=2, max_value=9), UNITS)
def test_a_printed_amount_is_off_by_half_a_unit_of_its_last_digit_at_most(value: float, digits: int, unit: str) -> None:
    # The half unit of a mantissa of 1, and a little for reading the decimal back into binary.
    assert parse(show(value, unit, digits)) == pytest.approx(value, rel=0.5 * 10.0 ** (1 - digits) * (1 + 1e-6), abs=0)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_an_input_error(text: str) -> None:
    try:
        value = parse(text)
    except InputError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (5.76e23, "FLOP", "5.76e23 FLOP"),
        (12345.0, "FLOP", "1.23e4 FLOP"),
        (999.9999, "", "1k"),
        (70e9, "parameters", "70B parameters"),
        (999_999e9, "tokens", "1e15 tokens"),
        (-5e6, "$", "-$5M"),
        (1200.0, "Elo", "1.2k Elo"),
        (0.0, "", "0"),
        (0.00012, "", "1.2e-4"),
        (math.nan, "FLOP", "unknown"),
        (math.inf, "tokens", "∞ tokens"),
        (-math.inf, "", "-∞"),
    ],
)
def test_amounts_are_printed_the_way_the_field_writes_them(value: float, unit: str, text: str) -> None:
    assert show(value, unit) == text


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_a_sentence_lists_them(names: list[str], text: str) -> None:
    assert listed(names) == text


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("1e22 tokens", "FLOP", "counts tokens, and it takes FLOP: write it like 1e21 FLOP"),
        ("$25B", "tokens", "counts dollars, and it takes tokens: write it like 25B"),
        ("25B USD", "queries", "counts dollars"),
        ("3 FLOP", "", "takes a plain number"),
        ("7 params", "$", "write it like $5M"),
    ],
)
def test_an_amount_of_another_unit_is_refused(text: str, unit: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_positive(text, "amount", unit)
    assert says in str(refused.value)


@given(value=st.floats(1e-3, 1e20), unit=UNITS.filter(bool))
def test_an_amount_may_be_written_with_its_unit_or_none(value: float, unit: str) -> None:
    assert parse(show(value, unit, digits=17), "amount", unit) == parse(show(value, digits=17), "amount", unit) == value
