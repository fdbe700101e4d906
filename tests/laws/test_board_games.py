"""Jones's laws of Hex against the frontiers that his repository publishes."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Status, fit
from nextflop.laws import ClampedLine, LogSigmoid

HEX = ClampedLine(p_b=-268.0, p_0=575.0, i_F=506.0, i_b=-430.0, i_0=-4399.0)


@pytest.fixture(scope="module")
def frontier(public_data: Path) -> Runs:
    """The seven frontiers of figure 6, 101 points each; compute in multiply-accumulates of self-play."""
    with (public_data / "boardlaw" / "frontier.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    board, decades, elo = (
        np.array([float(row[name]) for row in rows]) for name in ("boardsize", "log10_train_flops", "elo_frontier")
    )
    return Runs({"board_size": board, "flop": 10**decades, "elo": elo})


@pytest.fixture(scope="module")
def clamped(frontier: Runs) -> Fit:
    return fit(ClampedLine, frontier, draws=200)


def predicted(found: Fit, runs: Runs) -> np.ndarray:
    return found.law(board_size=runs["board_size"], flop=runs["flop"])


def test_the_line_is_flat_then_rises_then_is_perfect() -> None:
    elo = HEX(board_size=9.0, flop=np.array([1e8, 1e12, 1e14, 1e15, 1e17, 1e30]))
    # By hand: -268·9 + 575 = -1837, and 506·14 - 430·9 - 4399 = -1185.
    np.testing.assert_allclose(elo, [-1837, -1837, -1185, -679, 0, 0], atol=1e-9)


def test_its_corners_are_rounded_over_an_elo_and_it_never_exceeds_perfect_play() -> None:
    decades = np.linspace(11, 17, 200_001)
    elo = HEX(board_size=9.0, flop=10**decades)
    sharp = np.minimum(0, np.maximum(506 * decades - 430 * 9 - 4399, -268 * 9 + 575))
    assert np.abs(elo - sharp).max() == pytest.approx(0.25, abs=4e-3)  # points 0.015 Elo apart
    assert (np.abs(elo - sharp) > 1e-9).mean() < 0.002
    assert elo.max() <= 0


def test_its_derivatives_are_those_of_the_formula_across_the_corners() -> None:
    # The pieces on both sides of each corner, and points within the rounding.
    decades = np.array([12.0, (4399 + 430 * 9 - 1837) / 506 + 0.0007, 14.0, (4399 + 430 * 9) / 506 - 0.0011, 17.0])
    inputs = {"board_size": np.full(5, 9.0), "flop": 10**decades}
    weights = np.array([1.0, -2.0, 0.5, 3.0, 1.0])
    steps = {"p_b": 1e-4, "p_0": 1e-4, "i_F": 1e-5, "i_b": 1e-4, "i_0": 1e-4}
    for index, (name, step) in enumerate(steps.items()):
        ends = [ClampedLine(**{**HEX.values, name: HEX.values[name] + side * step}) for side in (1, -1)]
        slope = (ends[0](**inputs) - ends[1](**inputs)) / (2 * step)
        np.testing.assert_allclose(HEX.jacobian(**inputs)[index], slope, rtol=1e-5, atol=1e-5)
        bend = (ends[0].jacobian(**inputs) - ends[1].jacobian(**inputs)) @ weights / (2 * step)
        np.testing.assert_allclose(HEX.curvature(weights, **inputs)[index], bend, rtol=1e-5, atol=1e-4)


def test_the_frontiers_give_the_five_parameters_on_record(clamped: Fit, frontier: Runs) -> None:
    record = {"p_b": -268, "p_0": 575, "i_F": 506, "i_b": -430, "i_0": -4399}
    for name, value in record.items():
        assert clamped.law.values[name] == pytest.approx(value, abs=0.6)  # the record is rounded to whole numbers
    assert np.sqrt(np.mean((predicted(clamped, frontier) - frontier["elo"]) ** 2)) == pytest.approx(58.5, abs=0.05)
    assert clamped.status is Status.converged
    assert clamped.failed_draws == 0


def test_two_headlines_follow_from_them_and_two_do_not(clamped: Fit) -> None:
    law = clamped.law.values
    assert law["i_F"] == pytest.approx(500, rel=0.02)  # "500 Elo per order of magnitude": 506
    assert 10 ** (-law["i_b"] / law["i_F"]) == pytest.approx(7.09, abs=0.01)  # "7×" a board size for perfect play
    assert 10 ** ((law["p_b"] - law["i_b"]) / law["i_F"]) == pytest.approx(2.09, abs=0.01)  # "4×" for take-off
    assert -law["p_b"] == pytest.approx(268, abs=1)  # "500 Elo" a board size from random to perfect play
    assert 10 ** (400 * np.log10(2) / law["i_F"]) == pytest.approx(1.73, abs=0.005)  # "about 2×" for two of three games


@pytest.mark.parametrize(("largest", "variance"), [(4, 0.038), (5, 0.008), (6, 0.012), (7, 0.021), (8, 0.004)])
def test_smaller_boards_foretell_nine_by_nine_as_on_record(frontier: Runs, largest: int, variance: float) -> None:
    found = fit(ClampedLine, frontier.where(frontier["board_size"] <= largest), draws=0)
    nine = frontier.where(frontier["board_size"] == 9)
    gap = predicted(found, nine) - nine["elo"]
    assert (gap**2).mean() / (nine["elo"] ** 2).mean() == pytest.approx(variance, abs=6e-4)
    if largest == 4:  # a small error far out does not mean that the slope is known
        assert found.law.values["i_F"] == pytest.approx(331, abs=1)


@pytest.mark.parametrize(("board", "slope"), [(3, 157), (4, 336), (5, 588), (6, 512), (7, 515), (8, 473), (9, 517)])
def test_the_slope_of_each_board_is_that_on_record(frontier: Runs, board: int, slope: float) -> None:
    # One board as two that are alike: a table must vary in every input.
    one = frontier.where(frontier["board_size"] == board)
    twice = Runs({name: np.tile(one[name], 2) for name in ("flop", "elo")} | {"board_size": np.repeat([1.0, 2.0], 101)})
    found = fit(ClampedLine, twice, pinned={"p_b": 0.0, "i_b": 0.0}, reason="one board", draws=0)
    assert found.law.values["i_F"] == pytest.approx(slope, abs=1)


def test_the_rounded_law_fits_a_little_better(frontier: Runs) -> None:
    found = fit(LogSigmoid, frontier, draws=0)
    assert np.sqrt(np.mean((predicted(found, frontier) - frontier["elo"]) ** 2)) == pytest.approx(53.6, abs=0.05)
    assert found.status is Status.converged
    # In the middle it is steeper than the line, 620 Elo a decade, for it has to bend at both ends.
    assert found.law.values["H"] / 4 == pytest.approx(620, abs=1)


def test_the_log_sigmoid_goes_from_random_to_perfect_play_by_way_of_its_middle() -> None:
    law = LogSigmoid(H=2400.0, s_b=0.11, s_0=-0.2, c_b=0.6, c_0=9.0)
    elo = law(board_size=9.0, flop=10 ** np.array([-200.0, 14.4, 300.0]))
    np.testing.assert_allclose(elo, [-2400 * 0.79, -2400 * 0.79 / 2, 0], atol=1e-9)
    ends = law(board_size=9.0, flop=10 ** np.array([14.4 - 1e-5, 14.4 + 1e-5]))
    assert (ends[1] - ends[0]) / 2e-5 == pytest.approx(600, rel=1e-6)
    assert np.isnan(law(board_size=1.0, flop=1e14))  # a width below 0


@pytest.mark.parametrize("law", [HEX, LogSigmoid(H=2400.0, s_b=0.11, s_0=-0.2, c_b=0.6, c_0=9.0)])
def test_both_are_found_again_from_noisy_boards(law: ClampedLine | LogSigmoid) -> None:
    rng = np.random.default_rng(0)
    board = np.repeat(np.arange(4.0, 9.0), 40)
    flop = 10 ** rng.uniform(9 + board * 0.4, 10.5 + board * 0.8)
    elo = np.minimum(0.0, law(board_size=board, flop=flop) + 20 * rng.normal(size=200))
    found = fit(type(law), Runs({"board_size": board, "flop": flop, "elo": elo}), draws=200)
    assert found.status is Status.converged
    assert found.failed_draws <= 2
    # Noise that is cut at perfect play biases what lies there by 20/√2π = 8 Elo; elsewhere the error averages out.
    assert np.abs(found.law(board_size=board, flop=flop) - law(board_size=board, flop=flop)).max() < 25
