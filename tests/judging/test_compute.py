"""Compute as one axis: what it buys under a law, and how much of it reaches a response."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.compute import compute_range, lower_is_better, path, times
from nextflop.laws import BatchSize, Chinchilla, Kaplan, Power, Routing, Sigmoid


def test_the_factor_is_that_of_the_closed_form_of_a_power_law() -> None:
    base, better = Power(E=1.6, A=95.25, alpha=0.0941), Power(E=1.6, A=90.0, alpha=0.0941)
    compute = np.geomspace(1e18, 1e23, 6)
    aim = np.asarray(better(compute=compute))
    found = times(lambda factor: np.asarray(base(compute=compute * factor)), aim, lower=True)
    closed = ((np.asarray(base(compute=compute)) - 1.6) / (aim - 1.6)) ** (1 / 0.0941)
    np.testing.assert_allclose(found, closed, rtol=1e-9)
    np.testing.assert_allclose(found, (95.25 / 90.0) ** (1 / 0.0941), rtol=1e-9)


def test_what_no_compute_reaches_takes_infinitely_much() -> None:
    law = Power(E=2.0, A=100.0, alpha=0.1)
    aims = np.array([1.9, 2.5, 1e6])
    found = times(lambda factor: np.asarray(law(compute=1e20 * factor)), aims, lower=True)
    assert found[0] == np.inf
    assert 0 < found[1] < np.inf
    assert found[2] == 0.0


def test_a_score_is_reached_from_below() -> None:
    law = Sigmoid(A=0.8, R0=0.2, B=1.0, C_mid=1e20)
    there = np.array([1e19, 1e20])
    found = times(lambda f: np.asarray(law(rl_flop=1e18 * f)), np.asarray(law(rl_flop=there)), lower=False)
    np.testing.assert_allclose(found, there / 1e18, rtol=1e-8)


def test_params_and_tokens_are_bought_at_the_optimum() -> None:
    law = Chinchilla(E=1.82, A=478.0, B=2143.0, alpha=0.347, beta=0.367)
    compute = np.geomspace(1e19, 1e25, 7)
    bought = path(law, 1e20, 1e23)(compute)  # and a straight continuation beyond
    np.testing.assert_allclose(6 * bought["params"] * bought["tokens"], compute, rtol=1e-12)
    # Hoffmann et al. (2022), eq. 4: N = G (C/6)^(β/(α+β)), G = (αA / βB)^(1/(α+β)).
    total = 0.347 + 0.367
    exact = (0.347 * 478 / (0.367 * 2143)) ** (1 / total) * (compute / 6) ** (0.367 / total)
    np.testing.assert_allclose(bought["params"], exact, rtol=1e-3)


def test_laws_without_one_axis_of_compute_are_refused() -> None:
    law = Routing(**{name: 0.5 for name in Routing.parameters})
    with pytest.raises(InputError, match="no one axis of compute"):
        path(law, 1e18, 1e20)
    with pytest.raises(InputError, match="best batch size, of which neither more nor less is better"):
        lower_is_better(BatchSize)
    assert lower_is_better(Kaplan)
    assert not lower_is_better(Sigmoid)


def test_the_range_of_a_table() -> None:
    runs = Runs({"params": np.array([1e8, 1e9]), "tokens": np.array([1e10, 2e9]), "loss": np.array([3.0, 2.9])})
    assert compute_range(Chinchilla, runs, "it") == (6e18, 1.2e19)
    with pytest.raises(InputError, match="table of it has no column 'compute'"):
        compute_range(Power, runs, "it")
    with pytest.raises(InputError, match="Every run of it needs a compute"):
        compute_range(Power, runs.with_columns(compute=np.array([1.0, 0.0])), "it")
