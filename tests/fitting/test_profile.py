"""Profile likelihood: what it must agree with, and what it says where data have no end to a parameter."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.estimate import prepare
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method
from nextflop.fitting.profile import profile
from nextflop.fitting.sandwich import sandwich
from nextflop.judging.identifiability import identifiability
from nextflop.judging.verdict import Outcome
from nextflop.laws import Chinchilla, Power


@pytest.mark.parametrize("objective", [None, Squares(log=True)])
def test_the_least_objective_is_at_the_estimate_and_rises_from_it(noisy: Runs, objective: Squares | None) -> None:
    found = fit(Chinchilla, noisy, objective=objective, draws=0)
    for name, value in found.law.values.items():
        one = profile(found, noisy, name)
        assert one.interval.low < value < one.interval.high
        assert not one.open_above
        assert not one.open_below
        assert one.rise.min() >= 0
        assert one.rise[np.abs(one.values - value).argmin()] < 1e-6
        right = one.rise[one.values >= value]
        # Within half again of the best objective, far beyond any interval, the profile has one valley.
        right = right[right < 0.5]
        assert (np.diff(right) > -1e-6).all()


def test_no_other_search_goes_below_a_profile(noisy: Runs) -> None:
    found = fit(Chinchilla, noisy, draws=0)
    one = profile(found, noisy, "alpha", values=np.array([0.25, 0.33, 0.4, 0.5]))
    for value, rise in zip(one.values, one.rise, strict=True):
        pinned = fit(Chinchilla, noisy, pinned={"alpha": float(value)}, draws=0)
        assert rise == pytest.approx(pinned.objective / found.objective - 1, rel=1e-6, abs=1e-9)


def test_an_offset_beyond_the_data_has_no_lower_end() -> None:
    compute = np.geomspace(1e18, 1e19, 12)
    loss = 2e3 * compute**-0.17 + 1.7
    runs = Runs({"compute": compute, "loss": loss * np.exp(0.02 * np.random.default_rng(3).normal(size=12))})
    one = profile(fit(Power, runs, draws=0), runs, "E")
    assert one.open_below
    assert one.interval.low == 0.0  # the bound of the family
    assert "no lower end" in one.sentence
    assert one.to_json()["open_below"] is True


def test_wald_and_profile_agree_where_the_data_are_many(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    runs = surface(truth, 2000, 0.002)
    found = fit(Chinchilla, runs, objective=Squares(log=True), draws=0)
    table, problem = prepare(Chinchilla, runs, Method(Squares(log=True)))
    spread = sandwich(problem, table, problem.coordinates(found.law))
    half = np.sqrt(spread.covariance[3, 3]) * t.ppf(0.95, spread.freedom)
    one = profile(found, runs, "alpha").interval
    assert (one.high - one.low) / (2 * half) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("clusters", [None, pytest.param(8, marks=pytest.mark.slow)])
def test_profile_intervals_hold_the_truth_as_often_as_they_promise(clusters: int | None) -> None:
    # 400 draws of the noise; the exact binomial band at 0.90 with a false alarm below 1e-6 is 328 to 386. The
    # truth is inside if the rise there is below the limit.
    law = Power(1.7, 2e3, 0.17)
    compute = np.geomspace(1e18, 1e22, 40 if clusters is None else clusters * 4)
    label = np.arange(len(compute)) if clusters is None else np.repeat(np.arange(clusters), 4)
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        shared = 0.003 * rng.normal(size=label.max() + 1)[label]
        loss = law(compute=compute) * np.exp(shared + 0.003 * rng.normal(size=len(compute)))
        runs = Runs({"compute": compute, "loss": loss, "run": label.astype(str)})
        found = fit(Power, runs, objective=Squares(log=True), draws=0, cluster=None if clusters is None else "run")
        one = profile(found, runs, "alpha", values=np.array([0.17]))
        held += one.rise[0] <= one.limit
    assert 328 <= held <= (386 if clusters is None else 392), held


def test_the_sandwich_is_the_classical_covariance_where_scatter_is_even(
    surface: Callable[..., Runs], truth: Chinchilla
) -> None:
    runs = surface(truth, 4000, 0.002)
    table, problem = prepare(Chinchilla, runs, Method(Squares(log=True)))
    end = minimise(problem, problem.coordinates(truth)[None], table.response, table.weights).points[0]
    slopes = problem.slopes(end)
    scatter = np.var(problem.residuals(end[None], table.response))
    classical = np.diag(np.linalg.inv(slopes @ slopes.T)) * scatter
    np.testing.assert_allclose(np.diag(sandwich(problem, table, end).covariance), classical, rtol=0.1)


def test_a_pinned_parameter_and_other_runs_have_no_profile(noisy: Runs) -> None:
    found = fit(Chinchilla, noisy, pinned={"alpha": 0.35}, draws=0)
    with pytest.raises(InputError, match="pinned"):
        profile(found, noisy, "alpha")
    with pytest.raises(InputError, match="did you mean 'beta'"):
        profile(found, noisy, "bta")
    with pytest.raises(InputError, match="not the runs"):
        profile(found, noisy.where(np.arange(50)), "beta")


def test_a_profile_that_goes_below_the_fit_says_that_the_fit_is_not_the_optimum(noisy: Runs) -> None:
    found = profile(fit(Chinchilla, noisy, draws=0), noisy, "E")
    assert found.missed < 1e-9
    assert identifiability((found,)).outcome is Outcome.passed
    verdict = identifiability((found, replace(found, missed=0.02)))
    assert verdict.outcome is Outcome.fail
    assert "2.0% below" in verdict.sentence
