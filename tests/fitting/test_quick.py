"""The quick fit finds the optimum of the full search, and its deviations are those of draws."""

import numpy as np
import pytest

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Squares, fit
from nextflop.fitting.quick import quick, swift
from nextflop.laws import BoundedPower, Broken1, Chinchilla, Kaplan, Law, Power, ShiftedPower, Skaling

TRUTHS = {
    "power": Power(E=1.7, A=1e3, alpha=0.15),
    "shifted-power": ShiftedPower(E=1.45, c=0.06, C_e=1e21),
    "bounded-power": BoundedPower(E=0.1, L0=1.0, alpha=1.0, A=2e9, c=0.5),
    "broken-1": Broken1(a=1.5, b=30.0, c0=0.05, c1=0.1, d1=1e20, f1=0.5),
}


def made(law: Law, noise: float = 0.003, count: int = 40) -> Runs:
    compute = np.geomspace(1e18, 1e22, count)
    scatter = np.exp(noise * np.random.default_rng(1).normal(size=count))
    return Runs({"compute": compute, "loss": law(compute=compute) * scatter})


@pytest.mark.parametrize("name", TRUTHS)
def test_it_finds_what_the_full_search_finds(name: str) -> None:
    runs = made(TRUTHS[name])
    found = quick(type(TRUTHS[name]), runs)
    full = fit(type(TRUTHS[name]), runs, objective=Squares(log=True), draws=0)
    assert (found.residuals**2).sum() <= 1.01 * full.objective
    np.testing.assert_allclose(found.residuals, np.log(found.law(compute=runs["compute"]) / runs["loss"]), atol=1e-12)


def test_its_deviation_is_that_of_draws() -> None:
    runs = made(TRUTHS["power"])
    there = Runs({"compute": np.array([1e20, 1e22, 1e24])})
    drawn = fit(Power, runs, objective=Squares(log=True), draws=400).laws(compute=there["compute"])
    # The wild draws of 40 runs scatter by a tenth of a standard deviation or so, and are corrected for small samples.
    np.testing.assert_allclose(quick(Power, runs).deviation(there), np.log(drawn).std(axis=0), rtol=0.3)


def test_weights_count_as_repeated_rows() -> None:
    runs = made(TRUTHS["power"], count=12)
    twice = quick(Power, runs.where(np.r_[0:12, 3:6])).law
    weighed = quick(Power, runs.with_columns(weight=np.where(np.isin(np.arange(12), (3, 4, 5)), 2.0, 1.0))).law
    np.testing.assert_allclose(list(weighed.values.values()), list(twice.values.values()), rtol=1e-5)


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(FitError, match="free parameters"):
        quick(Broken1, made(TRUTHS["power"], count=5))


@pytest.mark.parametrize("law", [Chinchilla, Skaling, Kaplan])
@pytest.mark.parametrize("pins", [{}, {"alpha": 0.35}])
def test_the_swift_fit_finds_what_the_full_search_of_its_objective_finds(
    law: type[Law], pins: dict[str, float], noisy: Runs
) -> None:
    pins = pins if set(pins) <= set(law.parameters) else {}
    full = fit(law, noisy, pinned=pins, draws=0)
    found = swift(law, noisy, pinned=pins)
    assert Huber().terms(found.residuals).sum() <= 1.001 * full.objective
    assert {name: found.law.values[name] for name in pins} == pytest.approx(pins)


def test_the_deviation_of_a_swift_fit_is_that_of_draws(noisy: Runs) -> None:
    there = Runs({"params": np.array([1e9, 1e10, 1e12]), "tokens": np.array([2e10, 2e11, 2e13])})
    drawn = fit(Chinchilla, noisy, draws=400).laws(params=there["params"], tokens=there["tokens"])
    # The objective is nearly one of absolute deviations: its draws scatter by a fifth, its kernel estimate as much.
    np.testing.assert_allclose(swift(Chinchilla, noisy).deviation(there), np.log(drawn).std(axis=0), rtol=0.4)
