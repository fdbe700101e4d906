"""Whether small scales order recipes as large ones do: known orders, what a wrong choice costs, and noise."""

import numpy as np
import pytest

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.judging import Outcome
from nextflop.judging.transfer import rank_transfer
from nextflop.laws import Power

LOW, HIGH = 1e18, 1e21


def recipe(amplitude: float, alpha: float, seed: int = 0, noise: float = 1e-3, low: float = LOW) -> Runs:
    compute = np.geomspace(low, HIGH, 8)
    law = Power(E=1.7, A=amplitude * 10 ** (19.5 * (alpha - 0.1)), alpha=alpha)
    return Runs({"compute": compute, "loss": np.asarray(law(compute=compute)) * np.exp(noise * _noise(seed))})


def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=8)


SAME = {name: recipe(a, 0.1, seed) for seed, (name, a) in enumerate((("A", 100.0), ("B", 110.0), ("C", 120.0)))}
# All lines turn about 3e19: whoever leads below trails above.
TURNED = {name: recipe(100.0, alpha, seed) for seed, (name, alpha) in enumerate((("A", 0.09), ("B", 0.1), ("C", 0.11)))}
HOW = {"pinned": {"E": 1.7}, "draws": 100}


def test_an_order_that_stays_is_carried_over() -> None:
    found = rank_transfer(Power, SAME, **HOW)
    assert found.paired
    assert [regime.order for regime in found.regimes] == [("A", "B", "C")] * 5
    assert all(regime.tau.low == 1 for regime in found.regimes)
    assert found.verdict.outcome is Outcome.passed
    assert found.verdict.code == "rank_transfer"


def test_an_order_that_turns_round_fails_with_its_cost() -> None:
    found = rank_transfer(Power, TURNED, **HOW)
    first, last = found.regimes[0], found.regimes[-1]
    assert (first.order, last.order) == (("A", "B", "C"), ("C", "B", "A"))
    assert first.tau.value == -1
    # A instead of C at 1e21, by their true losses.
    ends = [1.7 + 100 * 10 ** (19.5 * (alpha - 0.1)) * HIGH**-alpha for alpha in (0.09, 0.11)]
    assert first.regret.value == pytest.approx(ends[0] / ends[1] - 1, rel=0.1)
    assert found.verdict.outcome is Outcome.fail
    assert last.regret.high == 0
    assert "choose at 1.78e+20 or above" in found.verdict.sentence


def test_noise_carries_no_order_over() -> None:
    close = {name: recipe(100.0 + seed / 10, 0.1, seed, 0.01) for seed, name in enumerate("ABC")}
    found = rank_transfer(Power, close, **HOW)
    assert found.regimes[0].sure < 0.95
    assert found.regimes[0].tau.low < 1
    assert found.verdict.outcome is not Outcome.passed


def test_recipes_at_other_settings_are_drawn_apart() -> None:
    found = rank_transfer(Power, {**SAME, "D": recipe(130.0, 0.1, 7, low=2e18)}, to=1e22, **HOW)
    assert not found.paired
    assert found.regimes[0].compute == pytest.approx(2e18)
    assert found.regimes[-1].compute == 1e22
    assert found.to_json()["verdict"]["outcome"] == "pass"


def test_what_has_no_order_is_refused() -> None:
    with pytest.raises(InputError, match="2 recipes have no order"):
        rank_transfer(Power, dict(list(SAME.items())[:2]))
    with pytest.raises(FitError, match=r"^D: .* cannot determine the 3 free parameters"):
        rank_transfer(Power, {**SAME, "D": SAME["A"].where(np.array([0, 7]))}, draws=0)
    with pytest.raises(FitError, match="no common scale"):
        rank_transfer(Power, {**SAME, "D": SAME["A"].with_columns(compute=SAME["A"]["compute"] * 1e6)})
