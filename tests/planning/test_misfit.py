"""The smooth misfit: what residuals say of it, and what runs say of it elsewhere."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.planning.misfit import Misfit, logs
from nextflop.planning.spread import farthest, spread_out


def settings(log_params: np.ndarray) -> Runs:
    return Runs({"params": np.exp(log_params)})


def found(residuals: np.ndarray, place: np.ndarray) -> tuple[Misfit, float]:
    return Misfit.of(logs(settings(place), ["params"]), residuals, float(residuals.std()), 1.0, ["params"])


def test_waves_are_misfit_and_hail_is_noise() -> None:
    """Forty residuals over four decades: of waves nearly all is smooth, of independent ones little."""
    place = np.linspace(14, 23, 40)
    smooth, left = found(0.02 * np.sin(place), place)
    assert smooth.size > 0.9 * 0.02 / np.sqrt(2)
    assert left < 0.3 * smooth.size
    rough, noise = found(0.02 * np.random.default_rng(0).normal(size=40), place)
    assert rough.size < noise


def test_it_is_never_thought_to_be_nought() -> None:
    place = np.linspace(14, 23, 40)
    exact, _ = found(1e-9 * np.random.default_rng(0).normal(size=40), place)
    assert exact.size == pytest.approx(3e-3)


def test_it_is_known_beside_runs_and_unknown_decades_away() -> None:
    place = np.linspace(14, 18, 30)
    misfit, _ = found(0.02 * np.sin(2 * place), place)
    sd = np.sqrt((misfit.fields(settings(np.array([16.0, 19.0, 40.0]))) ** 2).sum(axis=0))
    assert sd[0] < sd[1] < sd[2]
    assert sd[2] == pytest.approx(misfit.size, rel=0.3)


def test_its_draws_at_the_runs_have_its_size_and_are_alike_for_neighbours() -> None:
    """4,000 draws: the standard error of a correlation is below 0.016."""
    place = np.array([16.0, 16.2, 16.0 + 4 * np.log(10)])
    misfit = Misfit.of(place[:, None], np.array([0.01, 0.012, -0.01]), 0.01, 1.0, ["params"])[0]
    drawn = misfit.at_runs(4000, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.std(axis=0), misfit.size, rtol=0.3)
    alike = np.corrcoef(drawn.T)
    assert alike[0, 1] > 0.95
    assert abs(alike[0, 2]) < 0.35


def test_a_zero_counts_as_a_decade_below_the_smallest() -> None:
    np.testing.assert_allclose(
        logs(Runs({"share": np.array([0.0, 1.0, 100.0])}), ["share"])[:, 0], np.log([0.1, 1, 100])
    )


def test_far_apart_means_corners_and_no_place_twice() -> None:
    places = np.stack(np.meshgrid(np.arange(5.0), 1e6 * np.arange(5.0)), axis=-1).reshape(-1, 2)
    chosen = farthest(places, 5)
    assert {tuple(places[row]) for row in chosen} == {(2, 2e6), (0, 0), (4, 0), (0, 4e6), (4, 4e6)}
    assert len(farthest(np.repeat(places[:2], 3, axis=0), 9)) == 2


def test_spread_out_stays_within_its_budget_and_away_from_what_was_run() -> None:
    places, cost = np.linspace(0, 10, 11)[:, None], np.linspace(1, 11, 11)
    chosen = spread_out(places, cost, 12.0, 3, np.empty((0, 1)))
    assert chosen[0] == 0
    assert cost[chosen].sum() <= 12
    beside = spread_out(places, cost, 12.0, 2, places[[0]])
    assert 0 not in beside
    assert len(spread_out(places, cost, 0.5, 3, np.empty((0, 1)))) == 0
