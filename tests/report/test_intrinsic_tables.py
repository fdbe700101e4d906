"""The tables of intrinsic performance, from answers made up."""

from nextflop.report.intrinsic_tables import intrinsic_tables
from nextflop.report.page import render

INSIDE = {"value": 2.61e11, "low": 1.55e11, "high": None, "beyond": None}
ABOVE = {"value": None, "low": None, "high": None, "beyond": "above"}
ANSWERS = {
    "intrinsic": {
        "simulations": 16.0,
        "reach": {"low": 1e8, "high": 1e13},
        "sizes": [
            {
                "params": 5098.0,
                "positions": 3.8e6,
                "spent": 1e12,
                "performance": INSIDE,
                "efficiency": {"value": 0.261, "low": 0.155, "high": 0.472, "beyond": None},
                "without_law": {"value": 2.03e11, "beyond": None},
            }
        ],
        "search": [
            {
                "simulations": 256.0,
                "performance": ABOVE,
                "times": {"value": None, "low": None, "high": None},
                "without_law": {"value": None, "beyond": "above"},
            }
        ],
        "exponents": {
            "params": {"value": 2.5, "low": 1.9, "high": 4.1},
            "positions": {"value": 1.7, "low": 1.3, "high": None},
        },
        "without_law": {"snapshots": 30, "compared": 25, "ratio": 0.99, "apart": 1.34},
    }
}


def test_agents_are_shown_with_what_they_cost_and_what_has_no_number_says_on_which_side_it_lies() -> None:
    html = render("intrinsic.html.jinja", intrinsic=intrinsic_tables(ANSWERS), level="90%")
    for cell in ("5.1k", "1e12 FLOP", "2.61e11 FLOP (1.55e11 to above 1e13)", "26% (16% to 47%)", "2.03e11 FLOP"):
        assert f">{cell}</t" in html
    assert ">above 1e13 FLOP</td>" in html
    assert ">stronger than all</td>" in html
    assert "None" not in html
    assert "25 of 30 snapshots" in html
    assert "to the power 2.50 (1.90 to 4.10)" in html
    assert "to the power 1.70 (1.30 to ∞)" in html
