"""Do intervals that promise 90% hold the truth 90 times in a hundred?"""

from collections.abc import Callable

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, fit
from nextflop.fitting.bootstrap import resample
from nextflop.fitting.newton import minimise
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import read
from nextflop.laws import Chinchilla

REFITS, DRAWS = 1000, 99
# Exact binomial acceptance of 1,000 trials at 0.90 with a false alarm below 1e-6; a true coverage of 0.80 never passes,
# one of 0.85 half of the time.
BAND = (851, 943)


def test_the_intervals_hold_the_truth_as_often_as_they_promise(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    # One design, a thousand draws of the noise, each with its own bootstrap: simulations and draws are rows of one
    # batch. A hundred runs with 0.3% of noise, as seeds scatter; with 1%, coverage rises to 94%.
    runs = surface(truth, 100)
    table = read(Chinchilla, runs, Huber(), None)
    problem = Problem.of(Chinchilla, table, Huber(), {})
    expected = problem.coordinates(truth)
    noise = 0.003 * np.random.default_rng(20).normal(size=(REFITS, len(runs)))
    losses = table.response * np.exp(noise)
    estimates = minimise(problem, np.tile(expected, (REFITS, 1)), losses, table.weights)
    assert estimates.offsets.max() < 1e-6
    weights = np.concatenate([resample(table, DRAWS, seed) for seed in range(REFITS)])
    drawn = minimise(
        problem, np.repeat(estimates.points, DRAWS, axis=0), np.repeat(losses, DRAWS, axis=0), weights, tolerance=1e-3
    )
    assert (drawn.offsets > 1e-2).mean() < 1e-3
    low, high = np.quantile(drawn.points.reshape(REFITS, DRAWS, -1), [0.05, 0.95], axis=1)
    held = ((low <= expected) & (expected <= high)).sum(axis=0)
    assert (held >= BAND[0]).all(), dict(zip(truth.parameters, held.tolist(), strict=True))
    assert (held <= BAND[1]).all(), dict(zip(truth.parameters, held.tolist(), strict=True))

    # And these are the intervals that a fit reports; its draws go on to a tolerance of 1e-7.
    first = np.empty(len(runs))
    first[table.order] = losses[0]
    found = fit(Chinchilla, runs.with_columns(loss=first), draws=DRAWS, seed=0)
    reported = found.quantiles(found.draws)
    np.testing.assert_allclose(
        reported, np.quantile(problem.parameters(drawn.points[:DRAWS]), [0.05, 0.95], axis=0), rtol=1e-3
    )
