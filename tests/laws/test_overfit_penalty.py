"""The overfitting penalty: none without repetition, a best number of epochs, and published estimates."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import Chinchilla, OverfitPenalty

LAW = OverfitPenalty(E=1.8, A=480.0, B=2100.0, P=0.05, alpha=0.35, beta=0.37, delta=0.4, kappa=0.7)


@pytest.mark.parametrize("delta", [0.0, 0.4])
def test_without_repetition_it_is_chinchilla(delta: float) -> None:
    law = OverfitPenalty(**{**LAW.values, "delta": delta})
    chinchilla = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
    params, tokens = np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5)
    for unique in (tokens, 3 * tokens):
        np.testing.assert_allclose(
            law(params=params, tokens=tokens, unique_tokens=unique),
            chinchilla(params=params, tokens=tokens),
            rtol=1e-14,
        )


def test_a_penalty_by_hand() -> None:
    # R = 4 and N/U = 16: P R^½ (N/U)^½ = 0.1 · 2 · 4 above what the same tokens would give if all were unique.
    law = OverfitPenalty(E=1.0, A=10.0, B=10.0, P=0.1, alpha=0.5, beta=0.5, delta=0.5, kappa=0.5)
    once = law(params=1600.0, tokens=500.0, unique_tokens=500.0)
    assert law(params=1600.0, tokens=500.0, unique_tokens=100.0) - once == pytest.approx(0.8, rel=1e-13)


def test_there_is_a_number_of_epochs_beyond_which_training_hurts() -> None:
    epochs = np.geomspace(1.0, 1e4, 200)
    loss = LAW(params=1e9, tokens=epochs * 1e9, unique_tokens=1e9)
    best = int(loss.argmin())
    assert 2 < epochs[best] < 1e3
    assert (np.diff(loss[best:]) > 0).all()
    # Half of the parameters overfit less, so that more epochs are worth while.
    assert epochs[LAW(params=5e8, tokens=epochs * 1e9, unique_tokens=1e9).argmin()] > epochs[best]


def test_units_of_tokens_go_together() -> None:
    law = LAW.in_units(params=1e9, tokens=1e9, unique_tokens=1e9)
    assert law(params=1.0, tokens=8.0, unique_tokens=2.0) == pytest.approx(
        LAW(params=1e9, tokens=8e9, unique_tokens=2e9), rel=1e-14
    )


def test_all_eight_parameters_are_found_again() -> None:
    rng = np.random.default_rng(0)
    params, unique = 10 ** rng.uniform(7, 9.5, 100), 10 ** rng.uniform(8, 10.5, 100)
    tokens = unique * 10 ** rng.uniform(0, 2, 100)
    columns = {"params": params, "tokens": tokens, "unique_tokens": unique}
    found = fit(OverfitPenalty, Runs({**columns, "loss": LAW(**columns)}), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(list(found.law.values.values()), list(LAW.values.values()), rtol=1e-6)
