"""Breaks of the slope: alarms at the promised rate, the place and the size of those that are there."""

import numpy as np
import pytest
from scipy.stats import binom

from nextflop.evidence.runs import Runs
from nextflop.judging.kink import Kink, broken, kink
from nextflop.judging.verdict import Outcome
from nextflop.laws import Broken1, Chinchilla, Growth, Power

DATES = np.linspace(2019.0, 2026.0, 16)


def series(slow: float, turn: float, scatter: float, seed: int) -> Runs:
    """Doublings at 1.9 a year, and at a smaller pace from the turn on."""
    worth = DATES - slow * np.maximum(DATES - turn, 0.0)
    value = Growth(-3.0, 1.9)(date=worth) * np.exp(scatter * np.random.default_rng(seed).normal(size=len(DATES)))
    return Runs({"date": DATES, "value": value})


def asked(runs: Runs, cut: float = 2023.0, draws: int = 199, **how) -> Kink:
    found = kink(Growth, runs, runs["date"], cut, worse=-1, log=True, draws=draws, **how)
    assert found is not None
    return found


def test_a_straight_line_breaks_as_seldom_as_promised_and_the_interval_at_the_cut_holds_nothing_lost() -> None:
    found = [asked(series(0.0, 2023.0, 0.4, seed), seed=seed) for seed in range(40)]
    for count, rate in (
        (sum(one.chance <= 0.1 for one in found), 0.1),
        (sum(one.cut_chance <= 0.1 for one in found), 0.1),
        (sum(one.cut.low <= 0 <= one.cut.high for one in found), 0.9),
    ):
        # Exact binomial bounds with a tail of 1e-4 on either side.
        assert binom.ppf(1e-4, 40, rate) <= count <= binom.ppf(1 - 1e-4, 40, rate)


@pytest.mark.parametrize("lost", [0.6, -0.8])
def test_a_break_is_found_where_it_is_with_the_pace_that_it_leaves(lost: float) -> None:
    found = asked(series(lost, 2022.5, 0.1, 1), cut=2022.5)
    assert found.chance < 0.02
    assert found.place.low <= 2022.5 <= found.place.high
    assert found.place.high - found.place.low < 2
    for share in (found.cut, found.share):
        assert share.low < lost < share.high
        assert share.high - share.low < 1
    verdict = broken(found, "date", 0.05, 0.9)
    assert verdict.outcome is Outcome.warn
    assert ("less than before" if lost > 0 else "more than before") in verdict.sentence


def test_without_noise_the_share_is_exact() -> None:
    found = asked(series(0.37, 2022.5, 1e-6, 0), cut=2022.5)
    assert found.cut.value == pytest.approx(0.37, abs=0.01)


def test_a_broken_power_law_breaks_and_one_with_an_offset_does_not() -> None:
    compute = np.geomspace(1e18, 1e23, 24)
    noise = np.exp(0.002 * np.random.default_rng(2).normal(size=24))
    bent = Broken1(a=0.5, b=700.0, c0=0.13, c1=-0.11, d1=1e21, f1=0.2)(compute=compute) * noise
    whole = Power(1.7, 2e3, 0.17)(compute=compute) * noise
    chances = []
    for loss in (bent, whole):
        runs = Runs({"compute": compute, "loss": loss})
        found = kink(Power, runs, compute, 1e21, worse=1, log=True, draws=199)
        assert found is not None
        chances.append(found.chance)
    assert chances[0] <= 0.01
    assert chances[1] > 0.05


def test_laws_of_no_one_resource_and_few_runs_have_no_kink() -> None:
    runs = series(0.0, 2023.0, 0.4, 0)
    assert kink(Growth, runs.where(np.arange(5)), DATES[:5], 2020.0, worse=-1, log=True) is None
    size = Runs({"params": DATES, "tokens": DATES[::-1].copy(), "loss": DATES})
    assert kink(Chinchilla, size, 0 * DATES, 1.0, worse=1, log=True) is None
