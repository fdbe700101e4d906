"""The broken laws: exponents before and after each break, order, and breaks that are found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.laws import Broken1, Broken2, Broken3, Law, Power

ONE = {"a": 1.5, "b": 30.0, "c0": 0.05, "c1": 0.2, "d1": 1e19, "f1": 0.3}
TWO = ONE | {"c2": -0.15, "s2": 1e3, "f2": 0.2}
THREE = TWO | {"c3": 0.1, "s3": 1e3, "f3": 0.1}


def exponent(law: Law, compute: float) -> float:
    """The local exponent of what is above a."""
    near = np.log(law(compute=np.array([compute, compute * 1.001])) - law.values["a"])
    return float(-np.diff(near)[0] / np.log(1.001))


def test_at_a_break_of_unit_width_the_loss_is_as_by_hand() -> None:
    # a + b d^-c0 2^-c1 = 1 + 100·10⁻² · ½.
    assert Broken1(a=1.0, b=100.0, c0=0.5, c1=1.0, d1=1e4, f1=1.0)(compute=1e4) == pytest.approx(1.5, rel=1e-14)


def test_exponents_add_up_from_break_to_break() -> None:
    law = Broken3(**THREE)
    places = (1e15, 10**20.5, 10**23.5, 1e28)  # far from the breaks at 1e19, 1e22 and 1e25
    assert [exponent(law, place) for place in places] == pytest.approx([0.05, 0.25, 0.10, 0.20], abs=1e-4)


def test_breaks_without_effect_leave_the_law_with_fewer() -> None:
    compute = np.geomspace(1e15, 1e25, 21)
    one, two = Broken1(**ONE)(compute=compute), Broken2(**{**TWO, "c2": 0.0})(compute=compute)
    np.testing.assert_allclose(two, one, rtol=1e-14)
    np.testing.assert_allclose(
        Broken3(**{**THREE, "c3": 0.0})(compute=compute), Broken2(**TWO)(compute=compute), rtol=1e-14
    )
    plain = Broken1(**{**ONE, "c1": 0.0})(compute=compute)
    np.testing.assert_allclose(plain, Power(E=1.5, A=30.0, alpha=0.05)(compute=compute), rtol=1e-14)


@given(width=st.floats(0.01, 10.0), decade=st.floats(-300.0, 300.0))
def test_no_width_or_compute_overflows(width: float, decade: float) -> None:
    loss = Broken1(a=1.0, b=1.0, c0=0.01, c1=0.02, d1=1.0, f1=width)(compute=10.0**decade)
    assert 1.0 < loss < 2000.0


@pytest.mark.parametrize(("law", "values"), [(Broken1, ONE), (Broken2, TWO), (Broken3, THREE)])
def test_the_breaks_of_runs_without_noise_are_found(law: type[Law], values: dict[str, float]) -> None:
    compute = np.geomspace(1e16, 1e28, 100)
    truth = law(**values)(compute=compute)
    found = fit(law, Runs({"compute": compute, "loss": truth}), draws=0).law
    np.testing.assert_allclose(found(compute=compute), truth, rtol=1e-8)
    # A width trades with the exponents beside it; the places do not move.
    assert found.values["d1"] == pytest.approx(1e19, rel=1e-4)


def test_a_bump_is_within_the_family() -> None:
    # Double descent: the loss falls, rises and falls again.
    law = Broken2(a=1.0, b=1e3, c0=0.3, c1=-0.5, d1=1e10, f1=0.2, c2=0.6, s2=100.0, f2=0.2)
    slopes = np.sign(np.diff(law(compute=np.geomspace(1e6, 1e16, 200))))
    assert np.flatnonzero(np.diff(slopes)).size == 2
    runs = Runs({"compute": np.geomspace(1e6, 1e16, 60), "loss": law(compute=np.geomspace(1e6, 1e16, 60))})
    found = fit(Broken2, runs, draws=0)
    np.testing.assert_allclose(found.law(compute=runs["compute"]), runs["loss"], rtol=1e-8)
