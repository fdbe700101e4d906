"""First guesses: points that fill a box, and least squares with weights."""

import numpy as np
import pytest

from nextflop.laws.guess import least_squares, scatter


@pytest.mark.parametrize("axes", [1, 2, 5, 10])
def test_scattered_points_fill_every_side_of_the_box_evenly(axes: int) -> None:
    points = scatter({str(index): np.array([2.0, 4.0]) for index in range(axes)}, 512)
    for column in points.values():
        counts = np.histogram(column, 16, (2.0, 4.0))[0]
        assert counts.sum() == 512
        assert counts.min() >= 25  # of 32 on average; random points leave some bin with 20
        assert counts.max() <= 40


def test_scattered_points_leave_no_large_square_empty() -> None:
    points = scatter({"x": np.array([0.0, 1.0]), "y": np.array([0.0, 1.0])}, 512)
    assert np.histogram2d(points["x"], points["y"], 8, [[0, 1], [0, 1]])[0].min() >= 4  # of 8


def test_an_axis_of_many_values_is_followed_from_one_to_the_next() -> None:
    points = scatter({"x": np.array([1.0, 10.0, 100.0])}, 1000)["x"]
    assert (points < 10).mean() == pytest.approx(0.5, abs=0.01)


def test_coefficients_of_an_exact_combination_are_found() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(4, 3, 20)) * np.array([1.0, 1e6, 1e-6])[:, None]
    truth = np.array([1.0, -2e-6, 3e6])
    found = least_squares(columns, truth @ columns, rng.uniform(0.1, 1.0, 20))
    np.testing.assert_allclose(found, np.tile(truth, (4, 1)), rtol=1e-6)


def test_a_weight_of_nought_takes_a_run_out() -> None:
    columns = np.ones((1, 1, 3))
    assert least_squares(columns, np.array([1.0, 3.0, 100.0]), np.array([1.0, 1.0, 0.0]))[0, 0] == pytest.approx(2.0)
