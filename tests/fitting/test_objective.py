"""The objectives: their terms, and derivatives against differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.fitting import Huber, Objective, Squares

OBJECTIVES = [Huber(1e-3), Huber(0.5, log=False), Squares(), Squares(log=True)]


def test_huber_is_a_square_inside_delta_and_a_line_outside() -> None:
    assert Huber(0.1).terms(np.array([0.05, 0.1, 0.3])).tolist() == pytest.approx([0.00125, 0.005, 0.025])


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(residual=st.floats(-2, 2).filter(lambda r: min(abs(abs(r) - 1e-3), abs(abs(r) - 0.5), abs(r)) > 1e-5))
def test_slopes_bends_and_pulls_belong_to_the_terms(objective: Objective, residual: float) -> None:
    at, h = np.array([residual]), 1e-7
    difference = (objective.terms(at + h) - objective.terms(at - h)) / (2 * h)
    np.testing.assert_allclose(objective.slopes(at), difference, rtol=1e-5, atol=1e-8)
    bend = (objective.slopes(at + h) - objective.slopes(at - h)) / (2 * h)
    np.testing.assert_allclose(objective.bends(at), bend, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(objective.pulls(at) * at, objective.slopes(at), rtol=1e-12)


def test_the_names_say_what_is_minimised() -> None:
    assert Huber().name == "sum of Huber terms (delta 0.001) of log residuals"
    assert Squares().name == "sum of squares of residuals"


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan"), float("inf")])
def test_a_delta_that_is_no_length_is_refused(delta: float) -> None:
    with pytest.raises(InputError, match="delta"):
        Huber(delta)
