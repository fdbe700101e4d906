"""Choosing under draws, and what an experiment before the choice is worth."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nextflop.planning.choice import answers, choose, value_of_information

WORTHS = arrays(np.float64, (3, 12), elements=st.floats(-1, 1, width=32))


def test_two_options_by_hand() -> None:
    """A sure 0.5 against a coin of 0 and 0.8: the sure one is taken, and knowing the coin would gain 0.15."""
    values = np.array([[0.5, 0.5, 0.5, 0.5], [0.0, 0.8, 0.0, 0.8]])
    choice = choose(values)
    assert choice.best == 0
    np.testing.assert_allclose(choice.probability, [0.5, 0.5])
    assert choice.regret == pytest.approx(0.15)
    revealing, empty = np.array([0.0, 1.0, 0.0, 1.0]), np.zeros(4)
    gains = value_of_information(values, np.stack([revealing, empty]), np.array([1e-3, 1e-3]))
    np.testing.assert_allclose(gains, [0.15, 0.0], atol=1e-12)


def test_equals_share_a_draw() -> None:
    np.testing.assert_allclose(choose(np.array([[1.0, 0.0], [1.0, 1.0]])).probability, [0.25, 0.75])


@settings(max_examples=60, deadline=None)
@given(values=WORTHS, noise=st.floats(0.01, 10.0))
def test_information_is_worth_something_between_nothing_and_the_regret(values: np.ndarray, noise: float) -> None:
    outcomes = np.stack([np.arange(12.0), np.zeros(12)])
    gains = value_of_information(values, outcomes, np.array([noise, noise]))
    assert (gains >= 0).all()
    assert (gains <= choose(values).regret + 1e-9).all()
    assert gains[1] == pytest.approx(0.0, abs=1e-12)
    sharp = value_of_information(values, outcomes[:1], np.array([1e-3]))
    assert sharp[0] == pytest.approx(choose(values).regret, abs=1e-9)
    assert sharp[0] >= gains[0] - 1e-9


def test_the_quadrature_agrees_with_simulated_experiments() -> None:
    """20,000 simulated outcomes: a standard error below 0.001 on a gain of about 0.05."""
    rng = np.random.default_rng(0)
    values = rng.normal(0.5, 0.1, (3, 40))
    predicted, noise = values[0] - values[1] + rng.normal(0, 0.05, 40), 0.08
    (gain,) = value_of_information(values, predicted[None], np.array([noise]))
    truth = rng.integers(40, size=20_000)
    seen = predicted[truth] + noise * rng.standard_normal(len(truth))
    weight = np.exp(-0.5 * ((seen[:, None] - predicted) / noise) ** 2)
    after = (weight @ values.T) / weight.sum(axis=1, keepdims=True)
    simulated = after.max(axis=1) - values.mean(axis=1).max()
    error = simulated.std() / np.sqrt(len(simulated))
    assert gain > 20 * error  # there is something to be found
    assert gain == pytest.approx(simulated.mean(), abs=5 * error + 0.002)  # seven nodes are good to two thousandths


def test_an_answer_says_what_to_take_for_every_outcome() -> None:
    """The second option gains 0.3 in the worlds that foretell 1 and loses 0.5 in the others."""
    values, predicted = np.array([[0.5, 0.5, 0.5, 0.5], [0.0, 0.8, 0.0, 0.8]]), np.array([0.0, 1.0, 0.0, 1.0])
    low, high = answers(values, predicted, 0.1)
    assert (low.choice, high.choice) == (0, 1)
    assert low.low == -np.inf
    assert low.high == high.low
    assert high.high == np.inf
    # At the turn odds are 5 to 3 for the higher outcome: (2 y - 1) / (2 * 0.1^2) = log(5 / 3).
    assert low.high == pytest.approx(0.5 + 0.01 * np.log(5 / 3), abs=0.005)
    assert [low.probability, high.probability] == pytest.approx([0.5, 0.5], abs=1e-5)
    assert [low.gain, high.gain] == pytest.approx([0.0, 0.3], abs=1e-4)
    (alone,) = answers(values, predicted, 0.1, enough=0.31)
    assert (alone.choice, alone.probability, alone.gain) == (0, pytest.approx(1.0), 0.0)


@settings(max_examples=60, deadline=None)
@given(values=WORTHS, noise=st.floats(0.05, 10.0))
def test_answers_cover_all_outcomes_and_gain_what_the_experiment_is_worth(values: np.ndarray, noise: float) -> None:
    found = answers(values, np.arange(12.0), noise)
    assert sum(one.probability for one in found) == pytest.approx(1.0)
    assert [one.high for one in found[:-1]] == [one.low for one in found[1:]]
    assert all(one.choice != other.choice for one, other in pairwise(found))
    (worth,) = value_of_information(values, np.arange(12.0)[None], np.array([noise]))
    gained = sum(one.probability * one.gain for one in found)
    # Rare ranges go to a neighbour, an outcome lies on a grid, and the quadrature has seven nodes.
    assert gained == pytest.approx(worth, abs=0.06)
