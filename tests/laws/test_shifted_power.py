"""The power law that levels off: its two ends, its published form, and its extrapolations."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import PurePower, ShiftedPower

COMPUTE = np.geomspace(1e15, 1e25, 11)


def test_it_is_the_published_form() -> None:
    # M3 of arXiv:2209.06640 with β = 40, c = 0.06, γ = 1e-21: E = βγ^c, C_e = 1/γ.
    law = ShiftedPower(E=40.0 * 1e-21**0.06, c=0.06, C_e=1e21)
    np.testing.assert_allclose(law(compute=COMPUTE), 40.0 * (1 / COMPUTE + 1e-21) ** 0.06, rtol=1e-13)


def test_far_below_its_end_it_is_a_pure_power_law_and_far_beyond_a_constant() -> None:
    law = ShiftedPower(E=2.0, c=0.1, C_e=1e30)
    np.testing.assert_allclose(law(compute=COMPUTE), PurePower(2.0 * 1e3, 0.1)(compute=COMPUTE), rtol=1e-6)
    assert ShiftedPower(E=2.0, c=0.1, C_e=1e3)(compute=1e25) == pytest.approx(2.0, rel=1e-15)


def test_at_its_end_the_loss_is_two_to_the_exponent_of_its_last() -> None:
    assert ShiftedPower(E=2.0, c=0.5, C_e=1e20)(compute=1e20) == pytest.approx(2 * 2**0.5, rel=1e-15)


@pytest.mark.parametrize("c_e", [1e14, 1e17, 1e20, 1e23])
def test_its_end_is_found_within_and_beyond_the_runs(c_e: float) -> None:
    truth = ShiftedPower(E=1.5, c=0.2, C_e=c_e)
    found = fit(ShiftedPower, Runs({"compute": COMPUTE, "loss": truth(compute=COMPUTE)}), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-6)


def test_runs_of_a_pure_power_law_show_no_end() -> None:
    runs = Runs({"compute": COMPUTE, "loss": PurePower(40.0, 0.06)(compute=COMPUTE)})
    found = fit(ShiftedPower, runs, draws=0)
    assert found.status is Status.at_bound
    assert any("C_e sits on its bound" in note for note in found.notes)


@pytest.mark.parametrize(
    ("model", "error"),
    [("1.68e+07", 1.8e-3), ("1.34e+08", 2.1e-3), ("2.62e+08", 5.8e-3), ("4.53e+08", 3.8e-3), ("1.07e+09", 3.1e-3)],
)
def test_extrapolations_of_language_models_are_those_of_the_global_optimum(
    public_data: Path, model: str, error: float
) -> None:
    # Root mean square error of log loss on the benchmark of arXiv:2209.06640, from an independent dense search; the
    # paper's own M3 stops earlier in three of the five. Two printed digits.
    with (public_data / "revisiting-nsl" / "benchmark.lang.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Domain"] == "LM" and float(row["Model"]) == float(model)]
    table = np.array([[float(row[name]) for name in ("Seen Examples", "Loss", "Training")] for row in rows])
    known, later = table[table[:, 2] == 1], table[table[:, 2] == 0]
    found = fit(ShiftedPower, Runs({"compute": known[:, 0], "loss": known[:, 1]}), objective=Squares(log=True), draws=0)
    miss = np.log(found.law(compute=later[:, 0]) / later[:, 1])
    assert np.sqrt(np.mean(miss**2)) == pytest.approx(error, rel=0.025)
