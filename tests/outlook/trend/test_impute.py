"""Points of which only a bound is known."""

import numpy as np
import pytest
from scipy.stats import truncnorm

from nextflop.outlook.trend.change import line
from nextflop.outlook.trend.impute import _between, impute
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.regression import Regression

from .worlds import scatter

DATES = np.linspace(2020, 2024, 17)
SERIES = 2 * (DATES - 2020) + 0.2 * scatter(np.random.default_rng(0), DATES, 0.0)
SLOPE = np.array([0.0, 1.0])


@pytest.mark.parametrize("ends", [(-1.0, 2.0), (3.0, np.inf), (-np.inf, -9.0), (9.0, 9.5), (-np.inf, np.inf)])
def test_normal_numbers_within_bounds(ends: tuple[float, float]) -> None:
    share = (np.arange(4000) + 0.5) / 4000
    drawn = np.sort(_between(np.full(4000, ends[0]), np.full(4000, ends[1]), share))
    wanted = truncnorm.ppf(share, *ends)
    np.testing.assert_allclose(drawn, wanted, rtol=1e-6, atol=1e-6)


def pace(low: np.ndarray, high: np.ndarray) -> float:
    regression = Regression(line(DATES), remember(DATES))
    series = impute(regression, low, high, np.random.default_rng(1))
    assert ((series >= low) & (series <= high)).all()
    return regression.known(regression.solve(series), SLOPE).merged().interval(0.9).value


def test_nothing_unknown_is_nothing_drawn() -> None:
    series = impute(Regression(line(DATES), remember(DATES)), SERIES, SERIES, np.random.default_rng(0))
    np.testing.assert_array_equal(series, SERIES[None])


def test_a_bound_far_from_the_line_says_nothing_and_one_beyond_it_bends_it() -> None:
    known = np.arange(17) < 12
    before = Regression(line(DATES[known]), remember(DATES[known]))
    without = before.known(before.solve(SERIES[known][None]), SLOPE).merged().interval(0.9).value
    low = np.where(known, SERIES, -20.0)
    assert pace(low, np.where(known, SERIES, np.inf)) == pytest.approx(without, abs=0.05)
    higher = np.where(known, SERIES, SERIES + 1.5)
    assert pace(higher, np.where(known, SERIES, np.inf)) > without + 0.15
    lower = np.where(known, SERIES, SERIES - 1.5)
    assert pace(np.where(known, SERIES, -np.inf), lower) < without - 0.15


def test_a_point_without_any_bound_leaves_the_line() -> None:
    known = np.arange(17) < 12
    low, high = np.where(known, SERIES, -np.inf), np.where(known, SERIES, np.inf)
    short = Regression(line(DATES[known]), remember(DATES[known]))
    without = short.known(short.solve(SERIES[known][None]), SLOPE).merged().interval(0.9).value
    assert pace(low, high) == pytest.approx(without, abs=0.05)
