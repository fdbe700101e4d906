"""The objective's gradient and Hessian, by coordinates, against differences."""

from collections.abc import Callable

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Objective, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import read
from nextflop.laws import Chinchilla

POINT = np.array([[1.5, -0.8, -1.1, 0.31, 0.42], [0.4, 0.3, -2.0, 0.2, 0.6]])


# A delta of 0.3 keeps every residual here off the corner of the Huber term, where there is no second derivative.
@pytest.mark.parametrize("objective", [Huber(0.3), Huber(0.3, log=False), Squares(), Squares(log=True)])
def test_gradient_and_hessian_agree_with_central_differences(noisy: Runs, objective: Objective) -> None:
    table = read(Chinchilla, noisy, objective, None)
    problem = Problem.of(Chinchilla, table, objective, {})
    response = np.tile(table.response, (2, 1))
    weights = np.random.default_rng(0).uniform(0, 2, response.shape)
    found = problem.derivatives(POINT, response, weights)
    h = 1e-5
    for index in range(5):
        step = h * np.eye(5)[index]
        up, down = POINT + step, POINT - step
        slope = (problem.value(up, response, weights) - problem.value(down, response, weights)) / (2 * h)
        np.testing.assert_allclose(found.gradient[:, index], slope, rtol=1e-6, atol=1e-6)
        ends = [problem.derivatives(end, response, weights).gradient for end in (up, down)]
        np.testing.assert_allclose(found.hessian[:, index], (ends[0] - ends[1]) / (2 * h), rtol=1e-5, atol=1e-5)


def test_the_majorant_lies_above_the_objective_everywhere(surface: Callable[..., Runs], noisy: Runs) -> None:
    # What makes a damped step go down: least squares with the pulls as weights touch the Huber term from above.
    objective = Huber(0.01)
    table = read(Chinchilla, noisy, Huber(), None)
    problem = Problem.of(Chinchilla, table, objective, {})
    at, other = (problem.residuals(POINT[index : index + 1], table.response) for index in (0, 1))
    above = objective.terms(at) + objective.pulls(at) * (other**2 - at**2) / 2
    assert (above >= objective.terms(other) - 1e-12).all()


def test_parameters_and_coordinates_are_inverse(noisy: Runs) -> None:
    problem = Problem.of(Chinchilla, read(Chinchilla, noisy, Huber(), None), Huber(), {})
    law = Chinchilla(1.8, 480.0, 2100.0, 0.35, 0.37)
    back = problem.parameters(problem.coordinates(law)[None])[0]
    np.testing.assert_allclose(back, list(law.values.values()), rtol=1e-12)


def test_an_amplitude_that_has_come_down_to_the_box_is_nought(noisy: Runs) -> None:
    problem = Problem.of(Chinchilla, read(Chinchilla, noisy, Huber(), None), Huber(), {})
    point = problem.coordinates(Chinchilla(1.8, 480.0, 0.0, 0.35, 0.37))
    assert point[2] == problem.lower[2]
    assert problem.parameters(point[None])[0, 2] == 0.0
