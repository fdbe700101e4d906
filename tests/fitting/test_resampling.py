"""Wild and residual draws: what they keep, what they restore, and whether their intervals hold the truth."""

from collections.abc import Callable

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.bootstrap import restored, sample
from nextflop.fitting.estimate import prepare
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.laws import Chinchilla, Power

REFITS, DRAWS = 1000, 99
# Exact binomial acceptance of 1,000 trials at 0.90 with a false alarm below 1e-6 is 851 to 943. With few clusters the
# intervals are wide on purpose: the jackknife's correction errs to the safe side.
LEAST, MOST = 851, 975


def ladder(clusters: int, snapshots: int) -> Runs:
    """Snapshots of runs of one size each, under a power law."""
    compute = np.geomspace(1e18, 1e22, clusters)[:, None] * np.geomspace(0.2, 1, snapshots)
    loss = Power(1.7, 2e3, 0.17)(compute=compute.ravel())
    return Runs(
        {"compute": compute.ravel(), "loss": loss, "run": np.repeat(np.arange(clusters), snapshots).astype(str)}
    )


def prepared(runs: Runs) -> tuple[Table, Problem, np.ndarray]:
    table, problem = prepare(Power, runs, Method(Squares(log=True), cluster="run"))
    return table, problem, problem.coordinates(Power(1.7, 2e3, 0.17))


def test_wild_draws_keep_every_run_and_turn_the_residuals_of_a_cluster_together() -> None:
    runs = ladder(6, 3)
    noisy = runs.with_columns(loss=runs["loss"] * np.exp(0.01 * np.random.default_rng(0).normal(size=18)))
    table, problem, point = prepared(noisy)
    drawn = sample(problem, table, point, "wild", 50, 0)
    assert drawn.weights.tolist() == [1.0] * 18
    predicted = problem.at(point[None])(**problem.inputs)[0]
    factors = np.log(drawn.response / predicted) / restored(problem, table, point)
    for group in range(6):
        np.testing.assert_allclose(np.ptp(factors[:, table.groups == group], axis=1), 0, atol=1e-9)
    assert set(np.round(factors.ravel() ** 2, 9)) == {0.5, 1.0, 1.5}


def test_what_the_fit_took_is_given_back() -> None:
    # Residuals of a line through noise are smaller than the noise, most where leverage is high: on average the
    # restored ones are not. Three parameters of twelve runs take a quarter of the squares.
    runs = ladder(12, 1)
    rng = np.random.default_rng(1)
    taken, back = [], []
    for _ in range(200):
        noisy = runs.with_columns(loss=runs["loss"] * np.exp(0.01 * rng.normal(size=12)))
        table, problem, truth = prepared(noisy)
        end = minimise(problem, truth[None], table.response, table.weights).points[0]
        taken.append(np.mean(problem.residuals(end[None], table.response) ** 2) / 1e-4)
        back.append(np.mean(restored(problem, table, end) ** 2) / 1e-4)
    assert np.mean(taken) == pytest.approx(0.75, abs=0.12)  # five standard errors of the mean of 200
    assert np.mean(back) > 1.0


@pytest.mark.parametrize(("clusters", "snapshots"), [(6, 4), (16, 4), (40, 1)])
def test_wild_intervals_hold_the_truth_as_often_as_they_promise(clusters: int, snapshots: int) -> None:
    runs = ladder(clusters, snapshots)
    table, problem, truth = prepared(runs)
    rng = np.random.default_rng(20)
    common = 0.004 * rng.normal(size=(REFITS, clusters))[:, table.groups]  # what a run's snapshots share
    losses = table.response * np.exp(common + 0.003 * rng.normal(size=(REFITS, len(runs))))
    ends = minimise(problem, np.tile(truth, (REFITS, 1)), losses, table.weights)
    assert ends.offsets.max() < 1e-6
    draws = [
        sample(problem, table._replace(response=row), end, "wild", DRAWS, seed).response
        for seed, (row, end) in enumerate(zip(losses, ends.points, strict=True))
    ]
    drawn = minimise(
        problem, np.repeat(ends.points, DRAWS, axis=0), np.concatenate(draws), table.weights, tolerance=1e-3
    )
    low, high = np.quantile(drawn.points.reshape(REFITS, DRAWS, -1), [0.05, 0.95], axis=1)
    held = ((low <= truth) & (truth <= high)).sum(axis=0)
    assert (held >= LEAST).all(), held
    assert (held <= MOST).all(), held


def test_squares_draw_wild_and_huber_draws_pairs(noisy: Runs) -> None:
    assert fit(Chinchilla, noisy, objective=Squares(log=True), draws=0).method.resampling == "wild"
    assert fit(Chinchilla, noisy, draws=0).method.resampling == "pairs"
    residual = fit(Chinchilla, noisy, objective=Squares(log=True), draws=200, resampling="residual")
    wild = fit(Chinchilla, noisy, objective=Squares(log=True), draws=200)
    widths = [np.subtract(*found.estimate["alpha"][:0:-1]) for found in (residual, wild)]
    # Two estimates of one scatter from 200 draws each agree within a third.
    assert 0.67 < widths[0] / widths[1] < 1.5
    assert wild.failed_draws == 0


def test_a_resampling_that_is_not_there_is_named(noisy: Runs, surface: Callable[..., Runs]) -> None:
    with pytest.raises(InputError, match="did you mean 'wild'"):
        fit(Chinchilla, noisy, resampling="wilt")


def test_residual_draws_of_clusters_are_refused() -> None:
    with pytest.raises(InputError, match="take wild or pairs"):
        fit(Power, ladder(6, 3), cluster="run", resampling="residual")
