"""Whole paths: sums, values between knots, and the first crossing in continuous time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.outlook.wall.paths import Paths, first_passage


def straight(level: np.ndarray, slope: np.ndarray, first: float = 2024.0, last: float = 2100.0) -> Paths:
    years = np.array([first, last])
    return Paths(years, level[:, None] + slope[:, None] * (years - first))


def test_straight_paths_cross_where_they_must() -> None:
    rng = np.random.default_rng(0)
    demand, stock = rng.normal(12, 0.3, 500), rng.normal(14, 0.5, 500)
    pace, growth = rng.normal(0.4, 0.1, 500), rng.normal(0.03, 0.01, 500)
    dates = first_passage(straight(demand, pace), straight(stock, growth))
    with np.errstate(divide="ignore"):
        closed = 2024 + (stock - demand) / (pace - growth)
    expected = np.where(demand >= stock, 2024, np.where((pace > growth) & (closed <= 2100), closed, np.inf))
    np.testing.assert_allclose(dates, expected, rtol=1e-12)


def test_the_first_of_several_crossings_counts() -> None:
    years = np.array([2024.0, 2026, 2028, 2030])
    demand = Paths(years, np.array([[0.0, 2, 0, 4], [3, 0, 0, 5], [0, 0, 0, 0], [0, 1, 0, 0]]))
    stock = Paths(np.array([2020.0, 2040]), np.ones((4, 2)))
    assert first_passage(demand, stock).tolist() == [2025.0, 2024.0, np.inf, 2026.0]


@given(st.integers(0, 10_000))
def test_bent_paths_cross_where_a_fine_grid_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    knots = np.sort(rng.choice(np.arange(2025, 2060), 4, replace=False)).astype(float)
    demand = Paths(np.array([2024.0, *knots, 2060]), rng.normal(0, 1, (20, 6)).cumsum(axis=1))
    stock = Paths(np.array([2020.0, 2033, 2070]), rng.normal(1, 1, (20, 3)))
    grid = np.linspace(2024, 2060, 8_001)
    over = demand.at(grid) >= stock.at(grid)
    dates = first_passage(demand, stock)
    assert (np.isinf(dates) == ~over.any(axis=1)).all()
    some = over.any(axis=1)
    late = grid[over.argmax(axis=1)][some] - dates[some]
    assert late.min() >= -1e-9
    assert late.max() <= grid[1] - grid[0] + 1e-9


def test_a_path_goes_on_as_it_went() -> None:
    paths = Paths(np.array([2024.0, 2025, 2030]), np.array([[0.0, 1, 2]]))
    assert paths.at(np.array([2023.0, 2024.5, 2027.5, 2035.0])).tolist() == [[-1.0, 0.5, 1.5, 3.0]]
    on = paths.on(np.array([2027.5]))
    assert on.tolist() == [1.5]
    assert np.isnan(Paths(paths.years, np.zeros((1, 3))).on(np.array([np.inf]))[0])


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_more_stock_is_never_earlier_and_more_demand_never_later(shift: float) -> None:
    rng = np.random.default_rng(2)
    years = np.array([2024.0, 2030, 2050])
    demand = Paths(years, rng.normal(0, 1, (2000, 3)).cumsum(axis=1))
    stock = Paths(years, rng.normal(1, 0.5, (2000, 3)))
    base = first_passage(demand, stock)
    assert (first_passage(demand, stock._replace(values=stock.values + shift)) >= base).all()
    assert (first_passage(demand._replace(values=demand.values + shift), stock) <= base).all()
