"""What a loss is worth: the sigmoid of a ladder's second step, and error as an exponential."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import ExponentialAccuracy, ExponentialError, LossAccuracy

LADDER = LossAccuracy(a=-0.75, b=1.0, k=6.0, L0=0.9)
# Gadre et al. (2024) for RedPajama, 17 tasks.
REDPAJAMA = ExponentialError(epsilon=0.857, k=2.21, gamma=0.715)


def test_the_sigmoid_goes_from_the_best_to_guessing_by_way_of_the_middle() -> None:
    assert LADDER(loss=np.array([-1e3, 0.9, 1e3])).tolist() == pytest.approx([1.0, 0.625, 0.25], rel=1e-12)
    step = 1e-6
    slope = (LADDER(loss=0.9 + step) - LADDER(loss=0.9 - step)) / (2 * step)
    assert slope == pytest.approx(-0.75 * 6 / 4, rel=1e-6)


def test_a_sigmoid_with_a_point_of_no_loss_is_found_again_in_noise() -> None:
    # The ladder's authors add the point (0, 1) to their runs; without it the upper plateau is out of sight.
    rng = np.random.default_rng(0)
    loss = np.concatenate([[1e-9], np.linspace(0.7, 1.6, 60)])
    accuracy = np.clip(LADDER(loss=loss) + 0.005 * rng.normal(size=61), 0, 1)
    found = fit(LossAccuracy, Runs({"loss": loss, "accuracy": accuracy}), draws=200)
    for index, (name, value) in enumerate(LADDER.values.items()):
        assert abs(found.law.values[name] - value) < 5 * found.draws[:, index].std() + 1e-3


def test_half_of_a_sigmoid_does_not_pass_for_the_whole() -> None:
    # Runs between guessing and the middle alone: they are an exponential, whose plateau and middle trade off.
    loss = np.linspace(1.2, 2.0, 40)
    accuracy = LADDER(loss=loss) + 0.005 * np.random.default_rng(1).normal(size=40)
    found = fit(LossAccuracy, Runs({"loss": loss, "accuracy": accuracy}), draws=200)
    assert found.status is not Status.converged


def test_the_error_starts_at_guessing_and_falls_by_the_same_factor_of_gain_a_nat() -> None:
    gain = 0.857 - REDPAJAMA(loss=np.array([2.0, 3.0, 4.0]))
    np.testing.assert_allclose(gain[1:] / gain[:-1], np.exp(-0.715), rtol=1e-12)
    # By hand: e^-1.716 = 0.17978, times 2.21 is 0.39732.
    assert REDPAJAMA(loss=2.4) == pytest.approx(0.857 - 0.39732, abs=1e-5)


def test_an_error_law_is_found_again_from_points_without_noise() -> None:
    loss = np.linspace(2.2, 3.8, 12)
    found = fit(ExponentialError, Runs({"loss": loss, "error": REDPAJAMA(loss=loss)}), draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), list(REDPAJAMA.values.values()), rtol=1e-6)
    assert found.status is Status.converged


def test_with_a_guessing_error_of_one_it_is_the_law_of_accuracy() -> None:
    loss = np.linspace(0.4, 1.5, 9)
    pinned = ExponentialError(epsilon=1.0, k=5.0, gamma=8.0)
    np.testing.assert_allclose(1 - pinned(loss=loss), ExponentialAccuracy(K=5.0, gamma=8.0)(loss=loss), atol=1e-15)
