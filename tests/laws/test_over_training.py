"""The over-training law: the Chinchilla law it rewrites, its parallel lines, its best ratio."""

import numpy as np
import pytest

from nextflop.laws import Chinchilla, OverTraining

LAW = OverTraining(E=1.8, a=140.0, b=190.0, eta=0.12)


def test_it_is_chinchilla_with_equal_exponents_in_compute_and_ratio() -> None:
    # Gadre et al. (2024), section 2.2: η = α/2, a = A (1/6)^-η, b = B (1/6)^-η, with C = 6ND and M = D/N.
    chinchilla = Chinchilla(E=1.8, A=480.0, B=900.0, alpha=0.34, beta=0.34)
    law = OverTraining(E=1.8, a=480.0 * 6**0.17, b=900.0 * 6**0.17, eta=0.17)
    params, tokens = np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5))
    np.testing.assert_allclose(
        law(compute=6 * params * tokens, tokens_per_param=tokens / params),
        chinchilla(params=params, tokens=tokens),
        rtol=1e-13,
    )


def test_lines_of_reducible_loss_are_parallel_over_any_ratio() -> None:
    above = LAW(compute=np.array([[1e18], [1e22]]), tokens_per_param=np.array([5.0, 20.0, 640.0])) - 1.8
    np.testing.assert_allclose(np.log(above[0] / above[1]) / np.log(1e4), 0.12, rtol=1e-12)


def test_the_best_ratio_is_as_its_docstring_says() -> None:
    best = (190.0 / 140.0) ** (1 / 0.24)
    ratios = best * np.array([0.9, 1.0, 1.1])
    loss = LAW(compute=1e20, tokens_per_param=ratios)
    assert loss.argmin() == 1
    assert loss[1] == pytest.approx(1.8 + 2 * (140.0 * 190.0) ** 0.5 * 1e20**-0.12, rel=1e-13)
