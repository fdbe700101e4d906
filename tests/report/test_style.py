"""Drawings as parts of a page."""

import re

import pytest
from matplotlib.figure import Figure

from nextflop.report.style import NARROW, PALETTE, WIDTH, colour, draw, draw_twice, is_narrow, ramp


def paint(figure: Figure) -> None:
    axes = figure.subplots()
    axes.plot([1, 2, 3], [1, 2, 3], "o-", color=colour("blue"), markeredgecolor=colour("paper"))
    axes.set_title('<script>alert(1)</script>" onload=x $a^$')


@pytest.fixture(scope="module")
def svg() -> str:
    return draw("shape", 'what "it" <shows>', paint)


def test_the_same_drawing_is_the_same_text(svg: str) -> None:
    assert draw("shape", 'what "it" <shows>', paint) == svg


def test_ids_carry_the_name_of_the_drawing_and_every_reference_is_met(svg: str) -> None:
    ids = re.findall(r' id="([^"]*)"', svg)
    assert ids
    assert all(id.startswith("shape-") for id in ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) == set(ids)


def test_colours_follow_the_theme_and_the_style_sheet_stays_with_the_page(svg: str) -> None:
    assert "var(--blue)" in svg
    assert "var(--paper)" in svg
    assert not re.search(r"(fill|stroke): #", svg)
    assert "<style" not in svg
    assert "xmlns" not in svg


def test_text_stays_text_is_escaped_and_takes_the_font_of_the_page(svg: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in svg
    assert "<script" not in svg
    assert "$a^$" in svg
    assert "font-family" not in svg


def test_the_description_is_an_attribute_that_no_quote_ends(svg: str) -> None:
    assert svg.startswith('<svg role="img" aria-label="what &#34;it&#34; &lt;shows&gt;"')


def test_a_figure_for_two_screens_is_two_drawings_of_which_one_is_for_narrow_ones() -> None:
    seen: list[bool] = []

    def painted(figure: Figure) -> None:
        seen.append(is_narrow(figure))
        paint(figure)

    svg = draw_twice("shape", "what it shows", painted, 300, 200)
    assert seen == [False, True]
    assert svg.startswith('<svg role="img"')
    assert svg.count("<svg") == svg.count('aria-label="what it shows"') == 2
    assert f'viewBox="0 0 {WIDTH} 300"' in svg
    assert f'<svg class="narrow" role="img" aria-label="what it shows" viewBox="0 0 {NARROW} 200"' in svg
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids)) > 0


def luminance(shade: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("name", "least"),
    # 4.5 for text and 3 for lines and marks, WCAG 2.1 success criteria 1.4.3 and 1.4.11; the lightest step of the
    # ordered scale is told by its place too.
    [(name, 4.5) for name in ("ink", "soft", "blue", "teal", "orange", "purple", "red")]
    + [(f"ramp{index}", 2.7 if index == 0 else 3.0) for index in range(6)],
)
def test_every_colour_can_be_seen_on_its_paper(theme: int, name: str, least: float) -> None:
    dark, light = sorted([luminance(PALETTE[name][theme]), luminance(PALETTE["paper"][theme])])
    assert (light + 0.05) / (dark + 0.05) >= least


def test_the_ordered_scale_uses_its_ends_and_repeats_nothing() -> None:
    assert ramp(3) == [colour("ramp0"), colour("ramp2"), colour("ramp5")]
    assert all(len(set(ramp(count))) == count for count in range(1, 7))
