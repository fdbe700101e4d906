"""Formulas as plain text."""

import pytest

from nextflop.cli.latex import to_text
from nextflop.laws import LAWS


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"L(N, D) = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}", "L(N, D) = E + A/N^α + B/D^β"),
        (r"\left(\frac{N_c}{N}\right)^{\alpha/\beta}", "(N_c/N)^(α/β)"),
        (r"\frac{1}{1 + e^{-k(x - x_0)}}", "1/(1 + e^(-k(x - x_0)))"),
        (r"\frac{\frac{a}{b}}{D_{\mathrm{eff}}}", "(a/b)/D_eff"),
        (r"\frac{a+b}{f(a+b)}", "(a+b)/f(a+b)"),
        (r"10\% \le \Gamma\,\omega", "10% ≤ Γ ω"),
    ],
)
def test_a_formula_reads_the_same_without_latex(latex: str, text: str) -> None:
    assert to_text(latex) == text


@pytest.mark.parametrize("name", LAWS)
def test_no_formula_or_symbol_of_a_law_keeps_a_trace_of_latex(name: str) -> None:
    law = LAWS[name]
    texts = [to_text(law.formula), *(to_text(parameter.symbol) for parameter in law.parameters.values())]
    assert not set("".join(texts)) & set("\\{}")
    assert "quad" not in "".join(texts)
