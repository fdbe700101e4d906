"""The formulas of all laws as MathML, and symbols as text."""

from xml.etree import ElementTree

import pytest

from nextflop.laws import LAWS
from nextflop.laws.base import Law
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.reinforced import Reinforced
from nextflop.report.mathml import formula, symbol, to_text

FAMILIES = sorted({*LAWS.values(), ExponentialAccuracy, Reinforced}, key=lambda law: law.name)


def words(markup: str) -> str:
    return "".join(ElementTree.fromstring(f"<p>{markup}</p>").itertext())


@pytest.mark.parametrize("law", FAMILIES, ids=lambda law: law.name)
def test_the_formula_of_every_law_is_well_formed_and_leaves_no_latex_behind(law: type[Law]) -> None:
    assert "\\" not in words(formula(law.formula))
    assert all("\\" not in words(symbol(about.symbol)) + to_text(about.symbol) for about in law.parameters.values())


def test_numbers_take_the_place_of_symbols_wherever_they_stand() -> None:
    law = LAWS["chinchilla"]
    numbers = dict(
        zip([about.symbol for about in law.parameters.values()], ["1.8", "480", "2100", "0.35", "0.37"], strict=True)
    )
    assert words(formula(law.formula, numbers)) == "L(N,D)=1.8+480N−0.35+2100D−0.37"


def test_a_dot_goes_between_numbers_that_come_to_stand_side_by_side() -> None:
    assert words(formula(r"B(\mu\nu, k)", {r"\mu": "0.2", r"\nu": "4"})) == "B(0.2⋅4,k)"


def test_a_symbol_with_an_index_is_one_symbol() -> None:
    assert words(formula("(C_{mid}/C)^B", {"C_{mid}": "3"})) == "(3/C)B"
    assert to_text("C_{mid}") == "C_mid"
    assert to_text(r"\gamma") == "γ"
    assert "<msubsup>" in formula("R_0^c")


def test_numbers_are_escaped() -> None:
    assert "<b>" not in formula("E", {"E": "<b>"})


def test_a_formula_that_closes_too_much_is_an_error() -> None:
    with pytest.raises(ValueError, match="closes a group"):
        formula("a}")


def test_a_page_may_break_between_the_equations_of_a_formula() -> None:
    found = formula(r"L(N) = E + A N'^{-\alpha}, \; N' = N \, (1 + R)")
    assert found.count("<math") == found.count("</math>") == 2
    assert "\\;" not in found
