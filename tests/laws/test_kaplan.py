"""Kaplan's joint law: its two limits, the published constants, and constants far from the runs."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import Kaplan, PurePower

PUBLISHED = Kaplan(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103)  # arXiv:2001.08361, table 2


def test_with_endless_data_or_an_endless_model_one_resource_decides() -> None:
    sizes = np.geomspace(1e6, 1e10, 5)
    endless = PUBLISHED(params=sizes, tokens=1e80)
    np.testing.assert_allclose(endless, PurePower(6.4e13**0.076, 0.076)(compute=sizes), rtol=1e-12)
    endless = PUBLISHED(params=1e120, tokens=sizes)
    np.testing.assert_allclose(endless, PurePower(1.8e13**0.103, 0.103)(compute=sizes), rtol=1e-9)


def test_it_is_the_formula_of_the_paper() -> None:
    params, tokens = np.geomspace(1e6, 1e10, 5), np.geomspace(1e8, 1e11, 5)
    by_hand = ((6.4e13 / params) ** (0.076 / 0.103) + 1.8e13 / tokens) ** 0.103
    np.testing.assert_allclose(PUBLISHED(params=params, tokens=tokens), by_hand, rtol=1e-13)


def test_a_model_overfits_when_its_size_outgrows_the_data_as_published() -> None:
    # Eq. 4.4: data of 5e3 N^0.74 keep the penalty small; a hundredth of it does not.
    params = 1e9
    best = PUBLISHED(params=params, tokens=1e80)
    enough, scarce = (PUBLISHED(params=params, tokens=share * 5e3 * params**0.74) for share in (1.0, 0.01))
    assert enough / best - 1 < 0.03
    assert scarce / best - 1 > 0.2


@pytest.mark.parametrize("unit", [1.0, 0.1, 30.0])
def test_it_is_found_again_in_any_unit_of_the_loss(unit: float) -> None:
    # In another unit the loss of 1 is at N_c unit^(1/α_N), here between 1e7 and 1e33 parameters.
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(6, 9.5, 60), 10 ** rng.uniform(8, 11, 60)
    loss = unit * PUBLISHED(params=params, tokens=tokens)
    found = fit(Kaplan, Runs({"params": params, "tokens": tokens, "loss": loss}), draws=0)
    assert found.status is Status.converged
    np.testing.assert_allclose(found.law(params=params, tokens=tokens), loss, rtol=1e-9)
    assert found.law.values["alpha_N"] == pytest.approx(0.076, rel=1e-7)
    assert np.log(found.law.values["N_c"]) == pytest.approx(np.log(6.4e13) + np.log(unit) / 0.076, rel=1e-7)
