"""Numbers as the pages spell them, and what rendering escapes."""

import math
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from nextflop.errors import StoreError
from nextflop.fitting.fit import Interval
from nextflop.report.page import amounts, between, number, percent, render, write

PAGE = {"title": "t", "kind": "k", "subject": "s"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.34731, "0.3473"),
        (2143.21, "2143"),
        (9999.6, "10000"),
        (12345.0, "1.234e4"),
        (1e-5, "1e-5"),
        (-2143.2, "-2143"),
    ],
)
def test_a_pure_number_has_four_digits_and_no_suffix(value: float, shown: str) -> None:
    assert number(value) == shown


def test_amounts_keep_their_suffixes_and_units_come_once() -> None:
    assert number(7e10, "parameters", 2) == "70B parameters"
    assert amounts(Interval(7e10, 5e10, 9e10), "tokens") == "50B to 90B tokens"
    assert between(Interval(1e21, 5e20, 2e21), "FLOP") == "5e20 to 2e21 FLOP"


def test_what_is_not_known_is_said_and_never_a_number() -> None:
    nothing = Interval(1.0, math.nan, math.nan)
    assert between(nothing) == amounts(nothing) == "interval not known"
    assert percent(math.nan) == "unknown"
    assert between(Interval(1.0, 0.5, math.inf)) == "0.5 to ∞"


def test_text_is_escaped_and_markup_is_not() -> None:
    html = render("base.html.jinja", **{**PAGE, "title": "<b>&", "subject": Markup("<i>kept</i>")})
    assert "<title>&lt;b&gt;&amp;</title>" in html
    assert "<i>kept</i>" in html


def test_a_name_that_a_template_needs_is_not_silently_empty() -> None:
    with pytest.raises(UndefinedError, match="subject"):
        render("base.html.jinja", title="t", kind="k")


def test_a_page_in_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Cannot write"):
        write(tmp_path / "file" / "page.html", "<p>")
