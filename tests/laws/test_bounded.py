"""The bounded law: its ends, its kin, and what a table must hold to tell its parts apart."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import Bounded, BoundedPower, Chinchilla

LAW = Bounded(E=1.7, L0=10.8, a=50.0, alpha=0.35, b=230.0, beta=0.37, c=0.2, gamma=0.4, delta=0.5)


def test_a_loss_by_hand() -> None:
    # h = 2/10 + 3/10 + 0.05·10/1 = 1: half of the way from 1 to 5.
    law = Bounded(E=1.0, L0=5.0, a=2.0, alpha=1.0, b=3.0, beta=1.0, c=0.05, gamma=1.0, delta=1.0)
    assert law(params=10.0, tokens=10.0, unique_tokens=1.0) == pytest.approx(3.0, rel=1e-15)


def test_it_stays_between_guessing_and_the_irreducible_loss() -> None:
    assert LAW(params=1e-30, tokens=1e9, unique_tokens=1e9) == pytest.approx(10.8, rel=1e-6)
    assert LAW(params=1e30, tokens=1e60, unique_tokens=1e60) == pytest.approx(1.7, rel=1e-6)


def test_with_ample_unique_data_and_small_shortages_it_is_chinchilla() -> None:
    params, tokens = np.geomspace(1e14, 1e16, 3), np.geomspace(1e15, 1e17, 3)
    near = Chinchilla(E=1.7, A=9.1 * 50.0, B=9.1 * 230.0, alpha=0.35, beta=0.37)
    above = LAW(params=params, tokens=tokens, unique_tokens=1e60) - 1.7
    np.testing.assert_allclose(above, near(params=params, tokens=tokens) - 1.7, rtol=0.002)


def test_on_one_axis_it_is_the_bounded_power_with_an_alpha_of_one() -> None:
    params = np.geomspace(1e3, 1e12, 10)
    one = BoundedPower(E=1.7, L0=10.8, alpha=1.0, A=9.1 * 50.0, c=0.35)
    np.testing.assert_allclose(LAW(params=params, tokens=1e80, unique_tokens=1e80), one(compute=params), rtol=1e-12)


def test_too_many_parameters_for_the_unique_data_raise_the_loss() -> None:
    loss = LAW(params=np.geomspace(1e6, 1e12, 100), tokens=1e11, unique_tokens=1e8)
    assert 0 < loss.argmin() < 99


def made(spread: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Runs from tiny to large, repeated up to a given number of decades."""
    rng = np.random.default_rng(seed)
    params, unique = 10 ** rng.uniform(4, 9.5, 120), 10 ** rng.uniform(5, 10.5, 120)
    return {"params": params, "tokens": unique * 10 ** rng.uniform(0, spread, 120), "unique_tokens": unique}


def test_runs_near_guessing_and_repeated_runs_tell_all_nine_parameters() -> None:
    columns = made(spread=2.0)
    found = fit(Bounded, Runs({**columns, "loss": LAW(**columns)}), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(list(found.law.values.values()), list(LAW.values.values()), rtol=1e-5)


def test_without_repetition_tokens_and_unique_tokens_are_named_as_one() -> None:
    columns = made(spread=0.0)
    found = fit(Bounded, Runs({**columns, "loss": LAW(**columns)}), draws=0)
    assert found.status is Status.ill_conditioned
    assert any("tokens and unique_tokens rise together" in note for note in found.notes)
