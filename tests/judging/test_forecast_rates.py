"""How often intervals beyond the data hold, on simulated curves and on the public benchmark.

The nominal share is 90%. Curves are few, and the points of one share their error, so the bounds are those that a
binomial count of the curves leaves with a chance below 1% where the true rate is 90%, or above 95%.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from nextflop.evidence.runs import Runs
from nextflop.fitting.quick import quick
from nextflop.judging.choice import choose
from nextflop.judging.forecast import forecast
from nextflop.laws import BoundedPower, Broken1, Law, Power
from nextflop.published.read import read

AHEAD = 2.0  # times the farthest run


def power(rng: np.random.Generator) -> Law:
    alpha = rng.uniform(0.1, 0.4)
    return Power(E=1.0, A=rng.uniform(0.5, 3) * 1e18**alpha, alpha=alpha)


def broken(rng: np.random.Generator) -> Law:
    c0 = rng.uniform(0.05, 0.2)
    place = 10 ** rng.uniform(18.5, 20.5)
    return Broken1(
        a=rng.uniform(0, 0.5), b=2 * 1e18**c0, c0=c0, c1=rng.uniform(-0.04, 0.2), d1=place, f1=rng.uniform(0.2, 1)
    )


def held(draw: Callable[[np.random.Generator], Law], curves: int, count: int = 16) -> tuple[float, float]:
    """Share of curves whose response at twice the farthest run lies in its interval, and of single runs there."""
    inside = []
    for seed in range(curves):
        rng = np.random.default_rng(seed)
        law, noise = draw(rng), rng.choice([0.001, 0.003, 0.01])
        compute = np.geomspace(1e18, 1e21, count)
        runs = Runs({"compute": compute, "loss": law(compute=compute) * np.exp(noise * rng.normal(size=count))})
        said = forecast(choose(runs), compute=AHEAD * compute[-1])
        truth = float(law(compute=AHEAD * compute[-1]))
        one = truth * np.exp(noise * rng.normal())
        inside.append((said.law_low <= truth <= said.law_high, said.run_low <= one <= said.run_high))
    return tuple(np.mean(inside, axis=0).tolist())


@pytest.mark.parametrize("draw", [power, broken])
def test_intervals_hold_what_they_promise_on_simulated_curves(draw: Callable) -> None:
    curves = 8
    for share in held(draw, curves):
        assert share >= binom.ppf(0.01, curves, 0.9) / curves


@pytest.mark.slow
@pytest.mark.parametrize("draw", [power, broken])
def test_intervals_hold_what_they_promise_on_many_curves(draw: Callable) -> None:
    curves = 200
    for share in held(draw, curves, 24):
        assert share >= binom.ppf(0.01, curves, 0.9) / curves


def series(table: str, every: int) -> list[tuple[Runs, Runs]]:
    """Training and test rows of some series of the extrapolation benchmark."""
    found = []
    for _, part in list(read("revisiting-nsl", table).group_by("cluster"))[every // 2 :: every]:
        runs = Runs({"compute": part["examples"], "loss": part["loss"], "training": part["training"]})
        found.append((runs.where(training=1.0), runs.where(training=0.0)))
    return found


def test_the_default_beats_m4_on_the_public_benchmark(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Six of the 36 vision series, evenly chosen: 0.0151 against 0.0158, 97% inside. A language series has few test rows
    # (NMT one), and a lucky forecast of it moves the mean of six; benchmarks/extrapolation.py has all 56 series.
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    errors, inside = [], []
    for train, test in series("vision", 6):
        truth = np.log(test["loss"])
        said = forecast(choose(train), compute=test["compute"])
        forecasts = [np.log(said.value), quick(BoundedPower, train).log_response(test)]
        errors.append([np.sqrt(np.mean((one - truth) ** 2)) for one in forecasts])
        inside.append(np.mean((said.run_low <= test["loss"]) & (test["loss"] <= said.run_high)))
    ours, m4 = np.exp(np.log(errors).mean(axis=0))
    assert ours < 0.0157
    assert ours < m4
    assert np.mean(inside) > 0.85
