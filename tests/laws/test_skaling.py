"""The law that takes a power of both shortages: Chinchilla at one end, the scarcer resource alone at the other."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import Chinchilla, Skaling

PARAMS, TOKENS = np.geomspace(1e7, 1e10, 7), np.geomspace(1e12, 1e9, 7)


def test_with_a_power_of_one_it_is_chinchilla() -> None:
    law = Skaling(E=1.8, A=480.0, R=2100.0 / 480.0, alpha=0.35, beta=0.37, k=1.0)
    chinchilla = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
    np.testing.assert_allclose(law(params=PARAMS, tokens=TOKENS), chinchilla(params=PARAMS, tokens=TOKENS), rtol=1e-14)


def test_a_loss_by_hand() -> None:
    # 1 + 8 (1/100 + 3/100)^½ = 2.6, at α = β = 1.
    assert Skaling(E=1.0, A=8.0, R=3.0, alpha=1.0, beta=1.0, k=0.5)(params=100.0, tokens=100.0) == pytest.approx(2.6)


def test_a_small_power_with_large_exponents_leaves_the_scarcer_resource_to_decide() -> None:
    # (x^1/k + y^1/k)^k goes to the larger of x and y; at k = 0.05 they differ by at most 2^0.05, 3.6%.
    law = Skaling(E=0.0, A=1.0, R=1.0, alpha=0.3 / 0.05, beta=0.3 / 0.05, k=0.05)
    loss = law(params=PARAMS, tokens=TOKENS)
    larger = np.maximum(PARAMS**-0.3, TOKENS**-0.3)
    assert (loss >= larger * (1 - 1e-12)).all()
    assert (loss <= larger * 2**0.05 * (1 + 1e-12)).all()


@pytest.mark.parametrize("k", [0.31, 0.45, 1.0, 2.0])
def test_the_power_is_found_again(k: float) -> None:
    truth = Skaling(E=1.7, A=5000.0**k, R=3.0, alpha=0.36 / k, beta=0.38 / k, k=k)
    rng = np.random.default_rng(1)
    params, tokens = 10 ** rng.uniform(7, 10, 80), 10 ** rng.uniform(8.5, 11.5, 80)
    loss = truth(params=params, tokens=tokens)
    found = fit(Skaling, Runs({"params": params, "tokens": tokens, "loss": loss}), draws=0)
    assert found.status in (Status.converged, Status.ill_conditioned)
    np.testing.assert_allclose(found.law(params=params, tokens=tokens), loss, rtol=1e-8)
    assert found.law.values["k"] == pytest.approx(k, rel=1e-4)
