"""Surfaces without noise are found again, and an independent implementation finds the same optimum."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import huber

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Objective, Squares, Status, fit
from nextflop.laws import Chinchilla

# E, A, B, alpha, beta
SURFACES = {
    "symmetric": Chinchilla(1.7, 400.0, 400.0, 0.31, 0.31),
    "like Chinchilla": Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367),
    "asymmetric": Chinchilla(0.6, 60.0, 9.0e4, 0.15, 0.55),
}


@pytest.mark.parametrize("objective", [Huber(), Huber(0.01, log=False), Squares(), Squares(log=True)])
@pytest.mark.parametrize("law", SURFACES.values(), ids=SURFACES)
def test_a_surface_without_noise_is_found_again(
    surface: Callable[..., Runs], law: Chinchilla, objective: Objective
) -> None:
    found = fit(Chinchilla, surface(law), objective=objective, draws=20)
    assert found.status is Status.converged
    assert found.certificate.agreeing == 1.0
    # The search stops where residuals are 1e-14 of the loss; the design turns that into 1e-11 of a parameter or less.
    np.testing.assert_allclose(list(found.law.values.values()), list(law.values.values()), rtol=1e-8)
    # Every draw of exact points is the same law; draws stop at a relative offset of 1e-7 of the floor.
    np.testing.assert_allclose(found.draws, np.tile(list(law.values.values()), (20, 1)), rtol=1e-7)


@pytest.mark.parametrize("objective", [Huber(), Squares(log=True), Squares()])
def test_an_independent_search_finds_no_lower_objective(noisy: Runs, objective: Objective) -> None:
    found = fit(Chinchilla, noisy, objective=objective, draws=0)
    log_params, log_tokens, loss = np.log(noisy["params"]), np.log(noisy["tokens"]), noisy["loss"]

    def value(x: np.ndarray) -> float:
        predicted = np.exp(x[0]) + np.exp(x[1] - x[3] * log_params) + np.exp(x[2] - x[4] * log_tokens)
        residual = np.log(predicted / loss) if objective.log else predicted - loss
        terms = huber(objective.delta, residual) if isinstance(objective, Huber) else residual**2
        return float(np.sum(terms))

    ends = []
    for start in ([0.5, 5.0, 6.0, 0.3, 0.3], [0.6, 6.0, 8.0, 0.35, 0.4]):
        x = np.array(start)
        for _ in range(6):  # simplex restarts, since finite differences of a near-L1 objective end early
            x = minimize(value, x, method="Nelder-Mead", options={"maxfev": 3000, "xatol": 1e-11, "fatol": 1e-18}).x
        ends.append(x)
    best = min(ends, key=value)
    assert found.objective <= value(best) * (1 + 1e-9)
    # A simplex that stops within 1e-6 of the objective lies within 1e-3 standard errors or so of the optimum.
    assert value(best) <= found.objective * (1 + 1e-5)
    np.testing.assert_allclose([found.law.values["alpha"], found.law.values["beta"]], best[3:], rtol=5e-3)


def test_the_objective_is_the_sum_over_runs_at_the_estimate(noisy: Runs) -> None:
    found = fit(Chinchilla, noisy, draws=0)
    residuals = np.log(found.law(params=noisy["params"], tokens=noisy["tokens"]) / noisy["loss"])
    np.testing.assert_allclose(found.residuals, residuals, atol=1e-13)
    assert found.objective == pytest.approx(huber(1e-3, residuals).sum(), rel=1e-10)


@pytest.mark.parametrize("pinned", [{"E": 1.82}, {"alpha": 0.347}, {"A": 478.0}, {"B": 2143.0, "beta": 0.367}])
def test_a_pinned_parameter_stays_and_the_others_are_found(
    surface: Callable[..., Runs], truth: Chinchilla, pinned: dict[str, float]
) -> None:
    found = fit(Chinchilla, surface(truth), pinned=pinned, draws=10)
    for name, value in pinned.items():
        assert found.estimate[name] == pytest.approx((value,) * 3, rel=1e-12)
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-7)


def test_an_effect_that_is_not_there_comes_out_as_nought(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    # More tokens are slightly worse here, which the family cannot say: the best it has is no effect at all.
    runs = surface(truth, 80)
    noise = 1e-3 * np.random.default_rng(1).normal(size=80)
    runs = runs.with_columns(loss=1.8 + 500 * runs["params"] ** -0.35 + noise + 1e-3 * np.log(runs["tokens"]))
    found = fit(Chinchilla, runs, draws=0)
    assert found.law(params=1e9, tokens=1e9) == pytest.approx(found.law(params=1e9, tokens=1e12), abs=1e-5)
    assert found.status in (Status.at_bound, Status.ill_conditioned)
    assert any("sits on its bound 0" in note for note in found.notes)
