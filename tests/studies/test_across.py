"""Boards together: agents made from the published law give it back, foretell a board, and reach perfect play."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting.ratings import Ratings
from nextflop.laws.clamped_line import ClampedLine
from nextflop.report.across_tables import across_tables
from nextflop.studies.selfplay.across import PUBLISHED, across
from nextflop.studies.selfplay.across_words import say_across, say_number
from nextflop.studies.selfplay.tables import Arena, Board

DEPTHS = (1.0, 16.0, 64.0)
PERFECT = {
    3: 650.0,
    4: 1100.0,
    5: 1500.0,
    6: 1700.0,
}  # Elo of perfect play above random play


def board(size: int, noise: float = 0.0, low: float = -1.5, high: float = 1.5, perfect: bool = True) -> Board:
    """Five sizes with a seed each, the larger the farther trained; deeper search is worth a decade of training."""
    rng = np.random.default_rng(size)
    middle = _perfect(size)
    rows = [
        (run, step, depth, 10 ** (middle + low + (high - low) * (run + step) / 9))
        for run in range(5)
        for step in range(6)
        for depth in DEPTHS
    ]
    run, step, depth, flop = (np.array(part, float) for part in zip(*rows, strict=True))
    worth = flop * (depth / 16.0)
    elo = PUBLISHED(board_size=np.full(len(rows), float(size)), flop=worth) + noise * rng.normal(size=len(rows))
    agents = Runs(
        {
            "run": np.array([f"{int(one)}" for one in run]),
            "params": 10.0 ** (3 + run),
            "positions": flop,
            "step": step,
            "simulations": depth,
            "flop": flop,
            "elo": elo + PERFECT[size],
        }
    )
    players = ("perfect", "random") if perfect else ("random", "uct-10")
    ratings = Ratings(players, np.array([PERFECT[size], 0.0]), np.zeros((2, 2)), 0.0, 1.0, 100.0)
    return Board({"name": "hex", "size": size}, Arena(ratings, ratings, 100.0, 0.5, 1.0), None, agents)


def _perfect(size: int) -> float:
    """Decades of FLOP of perfect play by the published law."""
    return float(-(PUBLISHED.i_b * size + PUBLISHED.i_0) / PUBLISHED.i_F)


def interval(values: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(values[1:], [0.05, 0.95])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


@pytest.fixture(scope="module")
def told() -> dict:
    found = across([board(size) for size in (3, 4, 5)], 16.0, interval, draws=12)
    assert found is not None
    return found


def test_the_published_law_counts_multiply_adds_and_ours_flop() -> None:
    # 10^12.85 multiply-adds are -50 Elo on 5 × 5, by the record; twice as many FLOP.
    assert PUBLISHED(board_size=5.0, flop=2 * 10**12.85) == pytest.approx(-50, abs=4)


def test_agents_of_the_published_law_give_it_back(told) -> None:
    truth = PUBLISHED.values
    for name in ("i_F", "p_b"):
        assert told["parameters"][name]["value"] == pytest.approx(float(truth[name]), rel=0.05)
    assert told["factors"]["perfect"]["value"] == pytest.approx(7.09, rel=0.05)
    assert told["published_factors"]["perfect"] == pytest.approx(7.08, abs=0.01)
    assert told["scatter"] < 15
    assert told["held_out"]["error"] < 60


def test_perfect_play_is_reached_where_the_law_has_it_and_a_deeper_search_reaches_it_sooner(told) -> None:
    for row in told["reached"]:
        flop = {at["simulations"]: at["flop"] for at in row["flop"]}
        assert row["published"] == pytest.approx(10 ** (_perfect(row["size"]) - 50 / 506), rel=1e-6)
        # Snapshots lie a third of a decade apart, and the line between two of them cuts the corner of perfect play.
        assert flop[16.0] == pytest.approx(row["published"], rel=0.25)
        assert flop[64.0] == pytest.approx(row["published"] / 4, rel=0.25)
        assert flop[1.0] > flop[16.0]


def test_draws_spread_with_the_error_of_where_perfect_play_stands_and_with_the_runs(told) -> None:
    noisy = across([board(size, noise=40.0) for size in (3, 4, 5)], 16.0, interval, draws=12)
    spread = {
        name: [one["parameters"][name]["high"] - one["parameters"][name]["low"] for one in (told, noisy)]
        for name in ("i_F", "i_b")
    }
    assert all(wide > narrow for narrow, wide in spread.values())


def test_boards_without_perfect_play_do_not_stand_together() -> None:
    assert across([board(3), board(4, perfect=False)], 16.0, interval, draws=12) is None
    assert say_across({"across": None}) == []
    assert across_tables({"across": None}) is None


def test_agents_that_stay_weak_reached_nothing() -> None:
    found = across([board(3), board(4), board(5, high=-0.5)], 16.0, interval, draws=12)
    assert found is not None
    assert [at["flop"] for at in found["reached"][-1]["flop"]][:2] == [None, None]
    weak = {**found["reached"][-1], "flop": [{"simulations": 1.0, "flop": None}]}
    sentence = say_across({"across": {**found, "reached": [weak]}})[-1]
    assert "no agent came within 50 Elo" in sentence


def test_two_boards_make_a_law_and_foretell_nothing(told) -> None:
    found = across([board(3), board(4)], 16.0, interval, draws=12)
    assert found is not None
    assert found["held_out"] is None


def test_an_end_that_the_runs_leave_open_is_no_number() -> None:
    assert say_number({"value": 216.4, "low": -6e13, "high": 317.0}, ".0f") == "216 (any to 317)"


def test_page_and_sentences_tell_it(told) -> None:
    first, second = say_across({"across": told})
    assert "perfect play takes 7." in first
    assert "with 64 simulations a move came within 50 Elo" in second
    tables = across_tables({"across": told, "level": 0.9})
    assert tables is not None
    assert [row["board"] for row in tables["reached"]] == ["3 × 3", "4 × 4", "5 × 5"]
    assert len(tables["rows"]) == len(ClampedLine.parameters) + 3
    assert "Elo (root mean square)" in tables["foretold"]
    assert "<svg" in str(tables["picture"])
