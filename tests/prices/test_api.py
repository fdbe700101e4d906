"""Prices by the token, from the table that comes with genai-prices; and what is said without it."""

import sys

import pytest

from nextflop.errors import InputError
from nextflop.prices import api_prices


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    with pytest.raises(InputError, match=r"nextflop\[prices\]"):
        api_prices("gpt-4o")


def test_a_model_has_a_price_in_and_a_price_out() -> None:
    pytest.importorskip("genai_prices")
    into, out = api_prices("gpt-4o", at="2026-11-01", provider="openai")
    assert (into.unit, out.unit) == ("million tokens in", "million tokens out")
    assert 0 < into.value < out.value
    assert into.item == "gpt-4o"
    assert into.via.startswith("genai-prices")
    assert len(into.sha256) == 64
    assert into.date == "2026-11-01"


def test_an_unknown_model_is_a_sentence() -> None:
    pytest.importorskip("genai_prices")
    with pytest.raises(InputError, match="no model 'abacus-7'"):
        api_prices("abacus-7")
