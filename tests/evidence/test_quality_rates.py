"""How often a clean table raises an alarm, and how often a planted defect is found.

The rates were measured on 600 tables a design: 0.013 to 0.033 of clean tables raised any flag. A run 5% above the law
was found in 0.99 of the isoFLOP tables (5 budgets of 7), in 1.00 of the 8 by 8 grids, in 0.97 of the tables of 40
random runs and in 0.84 of those of 20; a run 3% above in 0.70, 0.83, 0.74 and 0.35. The bounds leave a correct program
less than one chance in a thousand to fail with another seed.
"""

from collections.abc import Callable

import numpy as np
import pytest

from nextflop.evidence.quality import flags
from nextflop.evidence.runs import Runs

NOISE = 0.005
Design = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def gridded(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    params, tokens = np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(1e9, 3e11, 8))
    return params.ravel(), tokens.ravel()


def iso_flop(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    flop = np.repeat(np.geomspace(6e18, 3e21, 5), 7)
    params = np.sqrt(flop / 120) * np.tile(np.geomspace(0.15, 7, 7), 5)
    return params, flop / 6 / params


def forty(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return 10 ** rng.uniform(7.5, 10, 40), 10 ** rng.uniform(9, 11.5, 40)


def table(design: Design, rng: np.random.Generator) -> Runs:
    params, tokens = design(rng)
    loss = 1.82 + 478 * params**-0.347 + 2143 * tokens**-0.367
    return Runs({"params": params, "tokens": tokens, "loss": loss * np.exp(NOISE * rng.normal(size=loss.size))})


@pytest.mark.parametrize("design", [gridded, iso_flop, forty])
def test_clean_tables_seldom_raise_a_flag(design: Design) -> None:
    # At a true rate of 0.04 more than 19 alarms in 200 have a chance of 0.0003.
    rng = np.random.default_rng(20)
    alarms = sum(bool(flags(table(design, rng), ("params", "tokens"))) for _ in range(200))
    assert alarms <= 19


@pytest.mark.parametrize(("design", "least"), [(gridded, 95), (iso_flop, 93), (forty, 88)])
def test_a_run_five_per_cent_above_the_law_is_found(design: Design, least: int) -> None:
    # At the measured power the chance of fewer in 100 is below 0.001 for each design.
    rng = np.random.default_rng(21)
    found = 0
    for _ in range(100):
        runs = table(design, rng)
        row = int(rng.integers(len(runs)))
        loss = runs["loss"].copy()
        loss[row] *= 1.05
        found += any(flag.row == row for flag in flags(runs.with_columns(loss=loss), ("params", "tokens")))
    assert found >= least


def test_runs_that_diverge_at_an_interior_setting_are_found_without_fail() -> None:
    rng = np.random.default_rng(22)
    for _ in range(50):
        runs = table(gridded, rng)
        row = int(rng.integers(1, 8) * 8 + rng.integers(1, 8))  # with something smaller in both inputs
        loss = runs["loss"].copy()
        loss[row] *= 1.5
        found = flags(runs.with_columns(loss=loss), ("params", "tokens"))
        assert ("diverged", row) in {(flag.code, flag.row) for flag in found}


def test_noise_of_any_size_raises_no_divergence() -> None:
    """The threshold grows with the scatter: at 3% of noise a clean grid has runs 10% above lesser ones."""
    rng = np.random.default_rng(23)
    for _ in range(50):
        params, tokens = gridded(rng)
        loss = (1.82 + 478 * params**-0.347 + 2143 * tokens**-0.367) * np.exp(0.05 * rng.normal(size=64))
        found = flags(Runs({"params": params, "tokens": tokens, "loss": loss}), ("params", "tokens"))
        assert "diverged" not in {flag.code for flag in found}
