"""Trends left over, rival curves, replicates, parameters without an end."""

from collections.abc import Callable

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Squares, fit
from nextflop.judging import Outcome
from nextflop.judging.identifiability import identifiability, profiles
from nextflop.judging.replicates import lack_of_fit
from nextflop.judging.shape import rivals, trend
from nextflop.laws import Chinchilla, Power


def test_no_trend_is_found_where_there_is_none(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    # 200 designs, by turns under either objective; the test promises a false alarm in 5 of 100 at 0.05. More than 27
    # would happen by chance less than once in a million; a test that never rejects would show none.
    alarms = 0
    for seed in range(200):
        runs = surface(truth, 50, 0.005, seed)
        objective = (Huber(), Squares(log=True))[seed % 2]
        found = fit(Chinchilla, runs, objective=objective, draws=0, seed=seed)
        alarms += trend(found, runs).statistic < 0.05
    assert 0 < alarms <= 27


def test_a_law_that_lacks_a_term_leaves_a_trend(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    runs = surface(truth, 80, 0.002)
    bent = runs["loss"] * (1 + 0.004 * np.log(runs["params"] / 1e9) * np.log(runs["tokens"] / 1e10))
    said = trend(found := fit(Chinchilla, runs.with_columns(loss=bent), draws=0), runs.with_columns(loss=bent))
    assert said.outcome is Outcome.fail
    assert "%" in said.sentence
    assert found.law is not None


def test_four_runs_show_no_trend() -> None:
    compute = np.geomspace(1e18, 1e21, 5)
    runs = Runs({"compute": compute, "loss": Power(1.7, 2e3, 0.17)(compute=compute) * [1.001, 1, 0.999, 1, 1.001]})
    assert trend(fit(Power, runs, draws=0), runs).outcome is Outcome.unknown


def curve(decades: float, count: int = 16, noise: float = 0.003, seed: int = 0) -> Runs:
    compute = np.geomspace(1e18, 10.0 ** (18 + decades), count)
    scatter = np.exp(noise * np.random.default_rng(seed).normal(size=count))
    return Runs({"compute": compute, "loss": Power(1.7, 2e3, 0.17)(compute=compute) * scatter})


def test_over_many_decades_the_power_law_is_preferred_and_over_few_it_cannot_be_told() -> None:
    assert rivals(fit(Power, wide := curve(8), draws=0), wide).outcome is Outcome.passed
    said = rivals(fit(Power, short := curve(1), draws=0), short)
    assert said.outcome is Outcome.warn
    assert "cannot be told" in said.sentence


def test_a_parabola_is_no_power_law() -> None:
    compute = np.geomspace(1e18, 1e24, 20)
    runs = Runs({"compute": compute, "loss": 3 - 0.02 * np.log10(compute / 1e17) ** 2})
    assert rivals(fit(Power, runs, draws=0), runs).outcome is Outcome.fail


def test_a_line_in_the_logarithm_is_recognised() -> None:
    compute = np.geomspace(1e18, 1e24, 30)
    loss = 5 - 0.1 * np.log(compute / 1e18) + 0.001 * np.random.default_rng(1).normal(size=30)
    runs = Runs({"compute": compute, "loss": loss})
    said = rivals(fit(Power, runs, draws=0, objective=Squares()), runs)
    assert said.outcome is not Outcome.passed


def test_seeds_that_scatter_as_much_as_the_law_misses_acquit_it(truth: Chinchilla) -> None:
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10, 20).repeat(2), 10 ** rng.uniform(9, 11.5, 20).repeat(2)
    loss = truth(params=params, tokens=tokens) * np.exp(0.003 * rng.normal(size=40))
    runs = Runs({"params": params, "tokens": tokens, "loss": loss})
    assert lack_of_fit(fit(Chinchilla, runs, draws=0), runs).outcome is Outcome.passed
    bent = runs.with_columns(loss=loss * (1 + 0.01 * np.sin(3 * np.log(params))))
    said = lack_of_fit(fit(Chinchilla, bent, draws=0), bent)
    assert said.outcome is Outcome.fail
    assert said.statistic < 1e-3


def test_a_run_listed_twice_is_no_replicate(noisy: Runs) -> None:
    twice = noisy.where(np.tile(np.arange(len(noisy)), 2))
    assert lack_of_fit(fit(Chinchilla, twice, draws=0), twice).outcome is Outcome.unknown


def test_parameters_without_an_end_are_named(noisy: Runs) -> None:
    found = fit(Chinchilla, noisy, draws=0)
    assert identifiability(profiles(found, noisy)).outcome is Outcome.passed
    short = curve(0.7, noise=0.02, seed=3)
    said = identifiability(profiles(fit(Power, short, draws=0), short))
    assert said.outcome is not Outcome.passed
    assert "end in these data" in said.sentence
    pinned = fit(Power, short, pinned={"E": 1.7}, draws=0)
    assert [one.parameter for one in profiles(pinned, short)] == ["A", "alpha"]
