"""Replace or accumulate, and the cut tail, against simulation and the printed figures."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.planning.collapse import (
    Regime,
    error_after,
    error_unit,
    missing_mass,
    missing_slope,
    tail_mass,
)


def simulated(regime: Regime, generations: int, repeats: int, seed: int) -> np.ndarray:
    """Mean squared error of the coefficients after each generation; 100 features, 400 rows, noise of 1."""
    rng = np.random.default_rng(seed)
    errors = np.zeros((repeats, generations))
    for repeat in range(repeats):
        truth = rng.normal(size=100)
        teacher = truth
        gram, moment = np.zeros((100, 100)), np.zeros(100)
        for generation in range(generations):
            features = rng.normal(size=(400, 100))
            response = features @ teacher + rng.normal(size=400)
            if regime is Regime.replace:
                gram, moment = np.zeros((100, 100)), np.zeros(100)
            gram, moment = gram + features.T @ features, moment + features.T @ response
            teacher = np.linalg.solve(gram, moment)
            errors[repeat, generation] = np.sum((teacher - truth) ** 2)
    return errors.mean(axis=0)


@pytest.mark.parametrize(("regime", "at_ten"), [(Regime.replace, 10.0), (Regime.accumulate, 1.55)])
def test_ten_generations_of_linear_models_err_as_the_theorems_say(regime: Regime, at_ten: float) -> None:
    unit = error_unit(1.0, 100, 400)
    assert unit == pytest.approx(100 / 299)
    found = simulated(regime, 10, 60, seed=0) / unit
    assert found[-1] == pytest.approx(at_ten, rel=0.08)
    told = [error_after(n, unit, regime) / unit for n in range(1, 11)]
    np.testing.assert_allclose(found, told, rtol=0.08)
    assert told[-1] == pytest.approx(at_ten, abs=5e-3)


def test_accumulated_errors_have_an_end_and_replaced_ones_none() -> None:
    assert error_after(100_000, 1.0, Regime.accumulate) == pytest.approx(np.pi**2 / 6, abs=2e-5)
    assert error_after(100_000, 1.0, Regime.replace) == 100_000


def test_what_a_text_does_not_show_falls_with_the_slope_of_the_theory() -> None:
    # Dohmatob et al. (2024): -1/3 at β = 1.5, measured over a decade that the vocabulary does not cut.
    words = np.geomspace(1e4, 1e6, 9)
    slope = np.polyfit(np.log(words), np.log(missing_mass(words, 1.5, 1e6)), 1)[0]
    assert missing_slope(1.5) == pytest.approx(-1 / 3)
    assert slope == pytest.approx(-1 / 3, abs=0.02)


def test_the_expected_missing_mass_is_that_of_drawn_texts() -> None:
    rng = np.random.default_rng(0)
    shares = np.arange(1, 501) ** -1.5
    shares /= shares.sum()
    seen = rng.multinomial(300, shares, size=400) > 0
    assert float(missing_mass(300.0, 1.5, 500.0)) == pytest.approx(np.mean(~seen @ shares), rel=0.02)


@pytest.mark.parametrize(("vocabulary", "floor"), [(np.inf, 0.0242), (1e6, 0.0235)])
def test_a_tail_cut_at_rank_1000_is_a_floor_of_the_printed_height(vocabulary: float, floor: float) -> None:
    assert float(tail_mass(1000.0, 1.5, vocabulary)) == pytest.approx(floor, rel=0.01)
    # The closed form of the paper, of which the sum is the exact value.
    closed = 1000**-0.5 / (0.5 * 2.612375348685488)
    assert float(tail_mass(1000.0, 1.5)) == pytest.approx(closed, rel=1e-3)


def test_the_tail_of_everything_is_everything_and_of_nothing_nothing() -> None:
    np.testing.assert_allclose(tail_mass(np.array([0.0, 10, 100]), 1.2, 100.0), [1.0, 0.31, 0.0], atol=0.06)
    shares = np.arange(1, 101) ** -1.2
    assert float(tail_mass(10.0, 1.2, 100.0)) == pytest.approx(shares[10:].sum() / shares.sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: error_unit(1.0, 100, 101), "101 rows do not determine 100 coefficients: give 102"),
        (lambda: error_unit(0.0, 1, 9), "noise 0"),
        (lambda: error_after(0, 1.0, Regime.replace), "0 generations"),
        (lambda: missing_slope(1.0), "must be above 1"),
        (lambda: missing_mass(10.0, 0.9, 10.0), "must be above 1"),
        (lambda: tail_mass(10.0, 1.5, 0.0), "vocabulary of 0 words"),
    ],
)
def test_what_the_theory_does_not_cover_is_refused(ask, told: str) -> None:
    with pytest.raises(InputError, match=told):
        ask()
