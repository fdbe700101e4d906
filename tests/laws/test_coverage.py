"""The coverage law against exact arithmetic."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.laws.coverage import BetaBinomial, BothInflatedBetaBinomial, ZeroInflatedBetaBinomial, log_all_missed

sizes = st.floats(-9, 9).map(lambda power: 10**power)


def missed_exactly(a, b, k):
    """B(a, b+k) / B(a, b) = ∏ (b+i) / (a+b+i), to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        product = Decimal(1)
        for step in range(k):
            product *= (Decimal(b) + step) / (Decimal(a) + Decimal(b) + step)
        return product


@settings(deadline=None)
@given(sizes, sizes, st.integers(1, 60))
def test_coverage_keeps_its_relative_accuracy_for_any_shape(a, b, k):
    exact = float(1 - missed_exactly(a, b, k))
    # Measured worst 6.5e-16 over a from 1e-12 to 1e12 and b from 1e-9 to 1e14; four bits are left for chance.
    assert -np.expm1(log_all_missed(np.array(a), np.array(b), np.array(k))) == pytest.approx(exact, rel=1e-14)


# Of a millionth of a sample the logarithm is a difference of nearly equal numbers, good to eleven digits only.
some = st.just(0.0) | st.floats(0.1, 1e9)


@settings(deadline=None)
@given(sizes, sizes, some, some)
def test_missing_k_and_then_j_samples_is_missing_both(a, b, k, j):
    whole, first, then = (log_all_missed(*map(np.array, args)) for args in ((a, b, k + j), (a, b, k), (a, b + k, j)))
    # Forming b + k rounds it, which moves the last term by a relative 1e-16 or so.
    assert whole == pytest.approx(first + then, rel=1e-12, abs=1e-300)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), sizes)
def test_coverage_grows_from_pass_at_1_towards_the_share_that_can_be_solved(pi, mu, nu):
    curve = ZeroInflatedBetaBinomial(pi, mu, nu)(samples=np.array([0.0, 0.5, 1.0, 10.0, 1e3, 1e9]))
    assert curve[0] == 0
    assert curve[2] == pytest.approx((1 - pi) * mu, rel=1e-13)
    assert (np.diff(curve) >= -1e-15).all()
    assert curve[-1] <= 1 - pi + 1e-15


def test_the_ends_of_the_family_are_its_limits():
    k = np.array([0.0, 1.0, 7.0])

    def curve(*parameters):
        return ZeroInflatedBetaBinomial(*parameters)(samples=k)

    np.testing.assert_allclose(curve(0.2, 0.3, 1e15), 0.8 * (1 - 0.7**k), rtol=1e-12)  # all problems alike
    np.testing.assert_allclose(curve(0.2, 0.3, 0.0), [0, 0.24, 0.24])  # each always or never solved
    np.testing.assert_allclose(curve(0.2, 1.0, 3.0), [0, 0.8, 0.8])
    np.testing.assert_allclose(curve(0.2, 0.0, 3.0), 0)
    np.testing.assert_allclose(curve(1.0, 0.5, 3.0), 0)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), sizes)
def test_the_three_laws_are_one_with_atoms_pinned_at_nought(never, always, mu, nu):
    k = np.array([0.0, 0.5, 1.0, 10.0, 1e6])
    plain = BetaBinomial(mu, nu)(samples=k)
    pi, omega = never * (1 - always), always
    zero, both = ZeroInflatedBetaBinomial(pi, mu, nu)(samples=k), BothInflatedBetaBinomial(pi, omega, mu, nu)(samples=k)
    np.testing.assert_allclose(ZeroInflatedBetaBinomial(0.0, mu, nu)(samples=k), plain, rtol=1e-15)
    np.testing.assert_allclose(zero, (1 - pi) * plain, rtol=1e-14)
    np.testing.assert_allclose(BothInflatedBetaBinomial(pi, 0.0, mu, nu)(samples=k), zero, rtol=1e-14)
    np.testing.assert_allclose(both, omega * (k > 0) + (1 - pi - omega) * plain, rtol=1e-14)
    assert both[0] == 0
    assert (np.diff(both) >= -1e-15).all()


def test_coverage_with_both_atoms_is_that_of_a_simulated_pool():
    # As below: five standard errors of a million problems.
    rng = np.random.default_rng(1)
    kind = rng.uniform(size=10**6)
    rates = np.where(kind < 0.2, 0.0, np.where(kind > 0.7, 1.0, rng.beta(0.1 * 2, 0.9 * 2, 10**6)))
    k = np.array([1.0, 5.0, 50.0])
    simulated = [(1 - (1 - rates) ** size).mean() for size in k]
    np.testing.assert_allclose(BothInflatedBetaBinomial(0.2, 0.3, 0.1, 2.0)(samples=k), simulated, atol=2.5e-3)


def test_coverage_is_that_of_a_simulated_pool():
    # One million problems: the standard error of a share is at most 5e-4; 2.5e-3 is five of them.
    rng = np.random.default_rng(0)
    pi, mu, nu = 0.2, 0.1, 0.7
    rates = rng.beta(mu * nu, (1 - mu) * nu, 10**6) * (rng.uniform(size=10**6) >= pi)
    k = np.array([1.0, 5.0, 50.0])
    simulated = [(1 - (1 - rates) ** size).mean() for size in k]
    np.testing.assert_allclose(ZeroInflatedBetaBinomial(pi, mu, nu)(samples=k), simulated, atol=2.5e-3)


def test_the_misses_of_many_samples_fall_as_k_to_the_minus_a():
    law = ZeroInflatedBetaBinomial(0.0, 0.2, 1.5)
    missed = 1 - law(samples=np.array([1e6, 1e7]))
    assert np.log10(missed[0] / missed[1]) == pytest.approx(0.2 * 1.5, rel=1e-5)


def test_draws_broadcast_against_samples():
    rows = np.array([[0.1, 0.2, 3.0], [0.0, 0.5, 1.0]])
    k = np.array([1.0, 2.0, 300.0])
    both = ZeroInflatedBetaBinomial.from_draws(rows)(samples=k)
    assert both.shape == (2, 3)
    for row, curve in zip(rows, both, strict=True):
        np.testing.assert_array_equal(curve, ZeroInflatedBetaBinomial(*row)(samples=k))


def test_derivatives_by_complex_steps_are_those_of_the_formula():
    values, k = np.array([0.1, 0.2, 3.0]), np.array([1.0, 3.5, 1000.0])
    slopes = ZeroInflatedBetaBinomial(*values).jacobian(samples=k)
    for index in range(3):
        step = np.zeros(3)
        step[index] = 1e-6
        ends = [ZeroInflatedBetaBinomial(*(values + side * step))(samples=k) for side in (1, -1)]
        np.testing.assert_allclose(slopes[index], (ends[0] - ends[1]) / 2e-6, rtol=1e-7, atol=1e-9)


def test_negative_samples_give_nan_and_other_inputs_are_refused():
    law = ZeroInflatedBetaBinomial(0.1, 0.2, 3.0)
    assert np.isnan(law(samples=np.array([-1.0])))
    with pytest.raises(InputError, match="takes samples"):
        law(params=np.array([1.0]))
