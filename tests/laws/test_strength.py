"""Strength at games against one resource, as a straight line in Elo."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import StrengthCompute, StrengthParams, StrengthSimulations

every_one = pytest.mark.parametrize("law", [StrengthParams, StrengthCompute, StrengthSimulations])


@every_one
def test_odds_of_winning_are_the_power_of_the_ratio(law) -> None:
    one = law(alpha=0.88, c=-700.0)
    elo = one(**{law.inputs[0]: np.array([1e3, 2e3])})
    assert 10 ** ((elo[1] - elo[0]) / 400) == pytest.approx(2**0.88, rel=1e-12)


def test_players_who_draw_numbers_gain_four_hundred_elo_a_decade() -> None:
    # Jones's toy: each draws as many numbers as it has compute and the highest wins, with odds of C₁ : C₂.
    rng = np.random.default_rng(0)
    wins = (rng.beta(50, 1, 10**6) > rng.beta(5, 1, 10**6)).mean()  # the largest of n is Beta(n, 1)
    law = StrengthCompute(alpha=1.0, c=0.0)
    gap = law(flop=50.0) - law(flop=5.0)
    assert gap == pytest.approx(400)
    assert wins == pytest.approx(1 / (1 + 10 ** (-gap / 400)), abs=1.5e-3)  # five standard errors


def test_the_best_size_grows_by_the_ratio_of_the_exponents() -> None:
    # Neumann and Gros: 0.88 of parameters and 0.55 of compute in Connect Four give sizes that grow as C^0.62.
    size, compute = StrengthParams(alpha=0.88, c=0.0), StrengthCompute(alpha=0.55, c=0.0)
    assert compute.values["alpha"] / size.values["alpha"] == pytest.approx(0.62, abs=0.006)


@every_one
def test_the_line_is_that_of_least_squares_also_below_nought(law) -> None:
    x = np.geomspace(10.0, 1e6, 15)
    elo = law(alpha=0.6, c=-900.0)(**{law.inputs[0]: x}) + 15 * np.random.default_rng(0).normal(size=15)
    found = fit(law, Runs({law.inputs[0]: x, "elo": elo}), objective=Squares(), draws=100)
    slope, offset = np.polyfit(np.log10(x), elo, 1)
    assert found.status is Status.converged
    assert list(found.law.values.values()) == pytest.approx([slope / 400, offset], rel=1e-7)


def test_the_exponent_of_connect_four_depends_on_the_temperature_of_play(public_data: Path) -> None:
    # What the same agents' α is at each temperature, read from the plot of arXiv:2412.11979.
    with (public_data / "alphazero-zipf" / "elo_exponent_vs_temperature.csv").open(encoding="utf-8") as file:
        alpha = {float(row["eval_temperature"]): float(row["elo_exponent_N"]) for row in csv.DictReader(file)}
    decade = {at: StrengthParams(alpha[at], 0.0)(params=10.0) for at in (0.01, 0.25, 5.0)}
    assert decade[0.01] == pytest.approx(369, abs=1)
    assert decade[0.25] == pytest.approx(322, abs=1)
    assert decade[5.0] == pytest.approx(150, abs=1)
