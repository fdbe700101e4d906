"""What larger models on the same text are worth: held against the law itself."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from nextflop.laws import Chinchilla
from nextflop.outlook.wall.after import SETS, after, equivalent

LAW = Chinchilla(E=1.8172, A=482.01, B=2085.43, alpha=0.34781, beta=0.36585)


def best(compute: float) -> tuple[float, float]:
    """Parameters and tokens of the lowest loss, by a search that knows no formula."""
    found = minimize_scalar(
        lambda log: float(LAW(params=np.exp(log), tokens=compute / 6 / np.exp(log))),
        bounds=(np.log(1e8), np.log(1e16)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(found.x)), compute / 6 / float(np.exp(found.x))


@pytest.mark.parametrize("times", [1.0, 3.0, 100.0, 1e6])
def test_the_loss_is_that_of_an_optimal_run_with_as_much_compute_as_is_said(times: float) -> None:
    params, tokens = best(1e24)
    larger = LAW(params=times * params, tokens=tokens)
    params, tokens = best(1e24 * float(equivalent(times, 0.34781, 0.36585)))
    assert float(LAW(params=params, tokens=tokens)) == pytest.approx(float(larger), rel=1e-7)


def test_it_rises_and_ends_at_up_to_two_orders_of_magnitude() -> None:
    for one in SETS:
        worth = equivalent(np.geomspace(1, 1e12, 50), one.alpha, one.beta)
        assert worth[0] == pytest.approx(1)
        assert (np.diff(worth) > 0).all()
    for one in after():
        assert 1.5 < np.log10(one.end) < 2
        assert all(worth < one.end for worth in one.worth)
        assert one.to_json()["end_in_orders"] == pytest.approx(np.log10(one.end))
