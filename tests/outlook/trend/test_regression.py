"""Lines through series: against formulas, and unmoved by units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.outlook.trend.change import line
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.regression import Mixture, Regression
from nextflop.outlook.trend.windows import plain

from .worlds import scatter

DATES = np.sort(np.random.default_rng(0).uniform(2020, 2025, 15))
SLOPE = np.array([0.0, 1.0])


def test_each_dependence_gives_generalised_least_squares() -> None:
    memory = remember(DATES)
    regression = Regression(line(DATES), memory)
    series = scatter(np.random.default_rng(1), DATES, 1.0) + 0.7 * DATES
    solved = regression.solve(series[None])
    for one in (0, 5, 11):
        shape = memory.roots[one] @ memory.roots[one].T
        inverse = np.linalg.inv(shape)
        design = line(DATES)
        covariance = np.linalg.inv(design.T @ inverse @ design)
        beta = covariance @ design.T @ inverse @ series
        np.testing.assert_allclose(solved.coefficients[0, one], beta, rtol=1e-8)
        rest = series - design @ beta
        np.testing.assert_allclose(solved.squares[0, one], rest @ inverse @ rest, rtol=1e-8)
        np.testing.assert_allclose(regression.covariance[one], covariance, rtol=1e-7, atol=1e-12)


def test_independent_points_give_ordinary_least_squares() -> None:
    series = scatter(np.random.default_rng(2), DATES, 0.0)
    regression = Regression(line(DATES), remember(DATES))
    solved = regression.solve(series[None])
    only = solved._replace(weights=np.eye(solved.weights.shape[1])[:1])
    interval = regression.known(only, SLOPE).merged().interval(0.9)
    np.testing.assert_allclose(interval, plain(DATES, series, 0.9), rtol=1e-6)


def test_the_first_dependence_is_none_and_the_weights_add_up() -> None:
    memory = remember(DATES)
    np.testing.assert_allclose(memory.roots[0], np.eye(len(DATES)))
    assert np.exp(memory.prior).sum() == pytest.approx(1)
    weights = Regression(line(DATES), memory).solve(np.random.default_rng(3).normal(size=(4, 15))).weights
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_standard_errors_weigh_points() -> None:
    """A wild point that is known to be uncertain pulls less."""
    series = 0.5 * (DATES - 2020)
    series[-1] += 3.0
    errors = np.where(np.arange(15) == 14, 1.0, 0.05)
    slopes = []
    for given_errors in (None, errors):
        regression = Regression(line(DATES), remember(DATES, given_errors))
        slopes.append(regression.known(regression.solve(series[None]), SLOPE).merged().interval(0.9).value)
    assert slopes[1] == pytest.approx(0.5, abs=0.1)
    assert slopes[0] > slopes[1] + 0.1


@given(shift=st.floats(-50, 50), pace=st.floats(-5, 5), size=st.floats(0.01, 100))
def test_height_pace_and_unit_change_nothing_else(shift: float, pace: float, size: float) -> None:
    series = scatter(np.random.default_rng(4), DATES, 0.5)
    regression = Regression(line(DATES), remember(DATES))
    before = regression.known(regression.solve(series[None]), SLOPE).merged().interval(0.9)
    moved = size * series + shift + pace * (DATES - 2020)
    after = regression.known(regression.solve(moved[None]), SLOPE).merged().interval(0.9)
    np.testing.assert_allclose(after, size * np.array(before) + pace, rtol=1e-6, atol=1e-6)


def test_quantiles_of_a_mixture_are_where_its_tail_says() -> None:
    rng = np.random.default_rng(5)
    weight = rng.dirichlet(np.ones(6), size=3)
    mixture = Mixture(rng.normal(size=(3, 6)), rng.uniform(0.1, 2, (3, 6)), weight, 7)
    for share in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(1 - mixture.above(mixture.quantile(share)), share, atol=1e-8)
    merged = mixture.merged()
    assert merged.above(0.3) == pytest.approx(mixture.above(0.3).mean())
