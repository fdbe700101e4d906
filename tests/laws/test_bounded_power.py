"""The law between guessing and the irreducible loss: the equation that defines it, its limits, its derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import BoundedPower, Law, Power

COMPUTE = np.geomspace(1e2, 1e12, 41)


@given(
    E=st.floats(0.0, 2.0),
    way=st.floats(0.1, 50.0),
    alpha=st.floats(0.05, 20.0),
    log_A=st.floats(-5.0, 15.0),
    c=st.floats(0.02, 1.5),
)
def test_the_loss_solves_the_equation_of_the_law(E: float, way: float, alpha: float, log_A: float, c: float) -> None:
    law = BoundedPower(E=E, L0=E + way, alpha=alpha, A=float(np.exp(log_A)), c=c)
    loss = law(compute=COMPUTE)
    assert (loss >= E * (1 - 1e-14)).all()
    assert (loss <= (E + way) * (1 + 1e-14)).all()
    assert (np.diff(loss) <= 1e-14 * (E + way)).all()
    # Near either end one of the two distances is rounded away; between them the equation holds to rounding.
    y = (loss - E) / way
    seen = (y > 1e-6) & (y < 1 - 1e-6)
    left = np.log(loss[seen] - E) - alpha * np.log1p(-y[seen])
    np.testing.assert_allclose(left, log_A - c * np.log(COMPUTE[seen]), rtol=0, atol=2e-8 * (1 + alpha))


def test_with_an_alpha_of_one_the_share_left_is_h_over_one_plus_h() -> None:
    law = BoundedPower(E=0.1, L0=2.1, alpha=1.0, A=3e3, c=0.5)
    h = 1.5e3 * COMPUTE**-0.5
    np.testing.assert_allclose(law(compute=COMPUTE), 0.1 + 2.0 * h / (1 + h), rtol=1e-14)


def test_with_an_alpha_of_two_it_is_the_root_of_a_quadratic() -> None:
    # y = h (1-y)²: y = 1 + 1/2h - √((1 + 1/2h)² - 1).
    law = BoundedPower(E=0.0, L0=1.0, alpha=2.0, A=10.0, c=0.25)
    half = 1 + COMPUTE**0.25 / 20.0
    np.testing.assert_allclose(law(compute=COMPUTE), 1 / (half + np.sqrt(half**2 - 1)), rtol=1e-13)


def test_far_from_guessing_it_is_the_power_law_with_offset() -> None:
    law, power = BoundedPower(E=1.7, L0=1e9, alpha=1.0, A=40.0, c=0.2), Power(E=1.7, A=40.0, alpha=0.2)
    np.testing.assert_allclose(law(compute=COMPUTE), power(compute=COMPUTE), rtol=1e-7)


def test_a_loss_of_guessing_below_the_irreducible_one_has_no_loss() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(BoundedPower(E=2.0, L0=1.0, alpha=1.0, A=1.0, c=0.1)(compute=1e6))


@pytest.mark.parametrize("alpha", [0.05, 0.7, 1.0, 3.0, 20.0])
def test_its_derivatives_are_those_of_complex_steps_through_the_solver(alpha: float) -> None:
    law = BoundedPower(E=0.4, L0=6.0, alpha=alpha, A=5e3, c=0.35)
    # One step of the solver carries the imaginary part: exact but for the rounding of the real root.
    np.testing.assert_allclose(law.jacobian(compute=COMPUTE), Law.jacobian(law, compute=COMPUTE), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("alpha", [0.3, 1.0, 2.5])
def test_both_ends_are_found_again(alpha: float) -> None:
    truth = BoundedPower(E=0.4, L0=6.0, alpha=alpha, A=5e3, c=0.5)
    found = fit(BoundedPower, Runs({"compute": COMPUTE, "loss": truth(compute=COMPUTE)}), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-5)


def test_the_start_can_be_pinned_where_it_is_known() -> None:
    truth = BoundedPower(E=0.2, L0=1.0, alpha=1.5, A=50.0, c=0.3)
    compute = np.geomspace(1e6, 1e10, 30)
    loss = truth(compute=compute)
    assert loss.max() < 0.7  # the start is not in the runs
    found = fit(BoundedPower, Runs({"compute": compute, "loss": loss}), pinned={"L0": 1.0}, draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-4)
