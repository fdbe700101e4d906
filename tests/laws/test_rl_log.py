"""Error after reinforcement learning as a line in logarithms whose slope saturates with size."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import RLLog

SIZES = np.array([0.5e9, 1.5e9, 3e9, 7e9, 14e9, 32e9, 72e9])  # Qwen2.5, as in the paper
LAW = RLLog(K_max=0.1, N0=5e9, E_max=1.55, N1=4e9)


def runs(noise: float) -> Runs:
    params, flop = (part.ravel() for part in np.meshgrid(SIZES, np.geomspace(1e20, 1e22, 9)))
    error = LAW(params=params, rl_flop=flop) * np.exp(noise * np.random.default_rng(0).normal(size=63))
    return Runs({"params": params, "rl_flop": flop, "error": error})


def test_a_decade_of_compute_takes_half_of_the_largest_exponent_at_the_half_way_size() -> None:
    ends = LAW(params=5e9, rl_flop=np.array([1e20, 1e21]))
    assert np.log10(ends[0] / ends[1]) == pytest.approx(0.05, rel=1e-12)
    # By hand: at 7e10, 1.55/(1 + 4/70) - 0.1/(1 + 5/70) · 20 = 1.46622 - 1.86667.
    assert np.log10(LAW(params=7e10, rl_flop=1e20)) == pytest.approx(-0.40045, abs=1e-5)


def test_a_model_without_parameters_gets_everything_wrong_whatever_is_spent() -> None:
    np.testing.assert_allclose(LAW(params=1e-9, rl_flop=np.array([1e15, 1e25])), 1.0, rtol=1e-9)


def test_it_is_found_again_with_and_without_noise() -> None:
    found = fit(RLLog, runs(0.0), objective=Squares(log=True), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(list(found.law.values.values()), list(LAW.values.values()), rtol=1e-5)
    noisy = fit(RLLog, runs(0.01), objective=Squares(log=True), draws=200)
    for index, value in enumerate(LAW.values.values()):
        # Five standard errors: a false alarm in one of two million seeds, for each parameter.
        assert abs(list(noisy.law.values.values())[index] - value) < 5 * noisy.draws[:, index].std()
