"""The exponents of Neumann and Gros, of agents whose strength is a power of parameters and of compute."""

from typing import Any

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting.ratings import Ratings
from nextflop.lab.selfplay.trials.agents import agent_name
from nextflop.report.alpha_tables import alpha_table, size_rows
from nextflop.report.page import render
from nextflop.studies.selfplay.alphas import alphas, say_alphas
from nextflop.studies.selfplay.ledger import Ledger, Point
from nextflop.studies.selfplay.measure import ELO
from nextflop.studies.selfplay.sizes import exponents

SIZES, DEPTHS = 10.0 ** np.arange(3.0, 5.5, 0.5), (1.0, 16.0)
LEDGER = Ledger(SIZES, 2 * SIZES, 28.0, 1e5)
DRAWS = 20


def interval(values: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(values[1:], [0.05, 0.95])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def agents(positions: float = 1e6) -> Runs:
    """Two runs of every size with an early and a last snapshot, without noise: 200 Elo a decade of parameters at the
    end with 16 simulations, and 280 with the policy alone."""
    seed, params, step, depth = (
        part.ravel() for part in np.meshgrid([0.0, 1.0], SIZES, [1.0, 2.0], DEPTHS, indexing="ij")
    )
    slope = np.where(depth == 16, 200.0, 280.0)
    return Runs(
        {
            "run": np.array([f"{int(s)}-{int(p)}" for s, p in zip(seed, params, strict=True)]),
            "params": params,
            "step": step,
            "simulations": depth,
            "flop": 28.0 * 2 * params * positions * 10 ** (step - 2),
            "elo": slope * np.log10(params) + 100 * step,
        }
    )


def as_read(judged: Runs, stretch: float) -> Ratings:
    rows = zip(judged["run"], judged["step"], judged["simulations"], strict=True)
    names = [agent_name(str(run), int(step), int(depth)) for run, step, depth in rows]
    order = np.argsort(names)
    elo = stretch * judged["elo"][order] - 40
    return Ratings(tuple(np.array(names)[order].tolist()), elo, np.zeros((len(elo),) * 2), 32.8, 0.0, 1.0)


def strength(point: Point) -> np.ndarray:
    """Draws differ: the odds go as the square root of compute, or as a lesser or greater power."""
    flop = np.asarray(LEDGER.training(point), dtype=float)
    return np.stack([400 * power * np.log10(flop) for power in np.linspace(0.4, 0.6, 1 + DRAWS)])


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    judged = agents()
    return alphas(judged, as_read(judged, 1.2), strength, LEDGER, 16.0, DRAWS, interval)


def test_the_exponents_are_those_that_the_agents_were_made_with(found: dict[str, Any]) -> None:
    assert found["params"]["value"] == pytest.approx(0.5)
    assert found["compute"]["value"] == pytest.approx(0.4)
    assert found["compute"]["high"] == pytest.approx(0.59, abs=0.01)
    assert found["optimal"]["value"] == pytest.approx(0.8)
    assert found["optimal"]["high"] == pytest.approx(0.59 / 0.5, abs=0.02)


def test_what_bayeselo_makes_of_the_same_matches_is_told_beside_them(found: dict[str, Any]) -> None:
    read = found["bayeselo"]
    assert read["stretch"] == pytest.approx(1.2)
    assert {row["simulations"]: row["exponent"]["value"] for row in read["exponents"]} == pytest.approx(
        {1.0: 0.84, 16.0: 0.6}
    )
    assert read["compute"]["value"] == pytest.approx(0.48)
    assert say_alphas(found) == (
        "The odds of winning grow as the parameters to the power α_N = 0.50 (0.50 to 0.50) at the end of training and "
        "as the compute of training to α_C = 0.40 (0.42 to 0.59) at the best size, at 16 simulations: α_opt = α_C/α_N "
        "= 0.80 (0.84 to 1.18). As BayesElo has the same matches, α_N is 0.60 (0.60 to 0.60) and α_C 0.48 (0.50 to "
        "0.71); they published 0.88 and 0.55 so, of networks trained until they gained no more."
    )


def test_the_page_shows_all_of_them_beside_what_is_published(found: dict[str, Any]) -> None:
    sizes = {
        "optimal": {"value": 0.56, "low": 0.42, "high": 0.69},
        "exponents": exponents(agents(), ELO, DRAWS, interval),
    }
    told = {"alphas": found, "sizes": sizes}
    html = render("alphas.html.jinja", sizes=size_rows(told), alphas=alpha_table(told), size_words="goes", level="90%")
    for cell in ("0.70 (0.70 to 0.70)", "0.84 (0.84 to 0.84)", "0.56 (0.42 to 0.69)", "0.88", "0.55", "0.62"):
        assert f">{cell}</td>" in html
    assert "1.20 times as far apart" in html


def test_a_study_in_regret_shows_its_exponents_alone() -> None:
    row = {"simulations": 1.0, "exponent": {"value": 0.27, "low": 0.21, "high": 0.31}}
    told = {"alphas": None, "sizes": {"exponents": [row]}}
    html = render("alphas.html.jinja", sizes=size_rows(told), alphas=alpha_table(told), size_words="goes", level="90%")
    assert "0.27 (0.21 to 0.31)" in html
    assert "BayesElo" not in html
