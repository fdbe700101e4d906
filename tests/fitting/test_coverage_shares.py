"""The shares of problems never and always solved that make counts likeliest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.evidence.counts import Counts
from nextflop.fitting.coverage_atoms import Extreme, best_shares
from nextflop.fitting.coverage_likelihood import Terms, evaluate

weights = st.lists(st.integers(0, 40), min_size=1, max_size=3)
chances = st.floats(-30, -0.01).map(np.exp)


def log_likelihood(shares, between, unsolved, perfect):
    never, always = shares
    rest = 1 - never - always
    total = between * np.log(rest) if between else 0.0
    for own, (weight, chance) in ((never, unsolved), (always, perfect)):
        used = weight[0] > 0
        total += (weight[0][used] * np.log(own + rest * chance[0][used])).sum()
    return total


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 100), weights, weights, st.data())
def test_no_other_shares_are_likelier(between, of_0, of_1, data):
    q = np.array([[data.draw(chances) for _ in of_0]])
    s = np.array([[data.draw(chances) * (1 - q.max()) for _ in of_1]])  # both cannot happen at once
    unsolved, perfect = Extreme(np.array([of_0], float), q), Extreme(np.array([of_1], float), s)
    found = best_shares(np.array([float(between)]), unsolved, perfect)
    best = np.array([found.never[0], found.always[0]])
    assert (best >= 0).all()
    assert best.sum() + found.between[0] == pytest.approx(1, rel=1e-12)
    top = log_likelihood(best, between, unsolved, perfect)
    rng = np.random.default_rng(0)
    for step in 10.0 ** rng.uniform(-6, 0, 40):
        other = np.clip(best + step * rng.normal(size=2), 0, None)
        if other.sum() < 1:
            assert log_likelihood(other, between, unsolved, perfect) <= top + 1e-9 * max(1, abs(top))


def test_an_extreme_that_the_spread_explains_has_no_atom():
    # 10 of 100 problems have no correct sample, and the spread alone would leave 20.
    found = best_shares(
        np.array([90.0]), Extreme(np.array([[10.0]]), np.array([[0.2]])), Extreme(np.zeros((1, 0)), np.zeros((1, 0)))
    )
    assert found.never.tolist() == [0.0]
    # By hand for 40: π + 0.2 (1 - π) = 0.4.
    found = best_shares(
        np.array([60.0]), Extreme(np.array([[40.0]]), np.array([[0.2]])), Extreme(np.zeros((1, 0)), np.zeros((1, 0)))
    )
    assert found.never[0] == pytest.approx(0.25, rel=1e-12)


@pytest.mark.parametrize(("never", "always"), [(True, True), (True, False), (False, False)])
def test_gradient_and_profiled_hessian_are_those_of_the_value(never, always):
    rng = np.random.default_rng(0)
    rates = np.concatenate([np.zeros(15), np.ones(10), rng.beta(0.6, 1.4, 40)])
    samples = rng.integers(5, 60, 65)
    counts = Counts([f"p{i}" for i in range(65)], samples, rng.binomial(samples, rates))
    terms = Terms.of(counts, np.ones((1, 65)), never, always)
    at, step = np.array([[-0.7, 0.5]]), 1e-5
    point = evaluate(at, terms)
    if never:
        assert point.inner[0, 0]
    ends = [[evaluate(at + side * step * np.eye(2)[axis], terms) for side in (1, -1)] for axis in (0, 1)]
    slope = [(up.value[0] - down.value[0]) / (2 * step) for up, down in ends]
    bend = np.array([(up.gradient[0] - down.gradient[0]) / (2 * step) for up, down in ends])
    np.testing.assert_allclose(point.gradient[0], slope, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(point.profile()[0], bend, rtol=1e-6, atol=1e-5)
