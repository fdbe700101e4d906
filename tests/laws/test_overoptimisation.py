"""True reward against divergence: the peak, the divergence of the best of n, and the fit."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import BestOfN, RLOveroptimised, best_of_n_kl

FAR = np.linspace(0.0, 60.0, 6001)


def test_the_best_of_n_diverges_by_the_logarithm_less_one_in_the_end() -> None:
    n = np.array([1.0, 2.0, 4.0, 1000.0])
    np.testing.assert_allclose(best_of_n_kl(n), [0.0, np.log(2) - 0.5, np.log(4) - 0.75, np.log(1000) - 0.999])
    assert np.isnan(best_of_n_kl(0.5))


def test_the_best_of_n_diverges_as_a_simulation_says() -> None:
    # The best of n draws from a uniform distribution has the density n x^(n-1): KL = E[ln n + (n-1) ln x]. The standard
    # deviation of (n-1) ln x is below 1, so a million draws are known to 1e-3; 5e-3 is five of that.
    for n in (2, 16):
        best = np.random.default_rng(n).beta(n, 1, 10**6)
        assert (np.log(n) + (n - 1) * np.log(best)).mean() == pytest.approx(float(best_of_n_kl(n)), abs=5e-3)


def test_best_of_n_peaks_where_its_parabola_does() -> None:
    reward = BestOfN(alpha=1.2, beta=0.2)(kl=FAR)
    assert FAR[reward.argmax()] == pytest.approx((1.2 / 0.4) ** 2, abs=0.02)
    assert reward.max() == pytest.approx(1.2**2 / 0.8, rel=1e-6)
    assert reward[-1] < 0  # the reward may end below where it began


def test_training_peaks_at_beta_times_its_distance() -> None:
    law = RLOveroptimised(alpha=0.9, beta=0.45)
    reward, peak = law(kl=FAR), np.exp(0.9 / 0.45 - 1)
    assert FAR[reward.argmax()] == pytest.approx(peak**2, abs=0.05)
    assert reward.max() == pytest.approx(0.45 * peak, rel=1e-6)
    assert law(kl=0.0) == 0


@pytest.mark.parametrize("law", [BestOfN(alpha=1.2, beta=0.2), RLOveroptimised(alpha=0.9, beta=0.45)])
def test_both_are_found_again_where_the_reward_is_negative_too(law: BestOfN | RLOveroptimised) -> None:
    kl = np.linspace(0.0, 80.0, 20)
    reward = law(kl=kl) + 0.02 * np.random.default_rng(0).normal(size=20)
    assert (reward < 0).any()
    found = fit(type(law), Runs({"kl": kl, "reward": reward}), objective=Squares(), draws=300)
    assert found.status is Status.converged
    assert found.certificate.agreeing == 1  # a straight problem has one optimum
    columns = law.basis({}, kl=kl)
    exact = np.linalg.lstsq(columns.T, reward)[0]
    np.testing.assert_allclose(list(found.law.values.values()), exact, rtol=1e-8)
    for value, index in zip(law.values.values(), range(2), strict=True):
        assert abs(exact[index] - value) < 5 * found.draws[:, index].std()
