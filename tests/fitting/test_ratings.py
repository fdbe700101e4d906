"""Ratings: games of known strengths, the public anchors of a board game, and what has no rating."""

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.fitting.ratings import ELO, Ratings, rate


def played(
    elo: dict[str, float], games: int, first_move: float = 0.0, rng: np.random.Generator | None = None
) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Every pair in both orders; the expected numbers of wins without a generator."""
    pairs = list(permutations(sorted(elo), 2))
    chance = np.array([1 / (1 + 10 ** ((elo[b] - elo[a] - first_move) / 400)) for a, b in pairs])
    won = games * chance if rng is None else rng.binomial(games, chance).astype(float)
    return [a for a, _ in pairs], [b for _, b in pairs], won, games - won


@settings(deadline=None)
@given(gaps=st.lists(st.floats(-300, 300), min_size=1, max_size=5), move=st.floats(-100, 200))
def test_strengths_and_the_first_move_are_found_again(gaps: list[float], move: float) -> None:
    elo = {f"p{index}": value for index, value in enumerate(np.cumsum([0.0, *gaps]))}
    found = rate(*played(elo, 100, move))
    np.testing.assert_allclose(found.elo, list(elo.values()), atol=1e-4)
    assert found.first_move == pytest.approx(move, abs=1e-4)


def test_another_reference_shifts_every_rating_alike() -> None:
    games = played({"a": 0.0, "b": 120.0, "c": -80.0}, 50, 30.0)
    one, other = rate(*games), rate(*games, reference="c")
    np.testing.assert_allclose(other.elo - one.elo, 80.0, atol=1e-6)
    assert other.of("c") == 0
    assert other.errors[other.players.index("c")] == 0


def test_standard_errors_are_those_of_repetition() -> None:
    rng = np.random.default_rng(0)
    elo = {"a": 0.0, "b": 100.0, "c": 250.0}
    found = [rate(*played(elo, 200, 40.0, rng)) for _ in range(400)]
    spread = np.std([one.elo for one in found], axis=0)
    # 400 repetitions tell a standard deviation to 3.5%; four of those are allowed.
    np.testing.assert_allclose(spread[1:], np.mean([one.errors for one in found], axis=0)[1:], rtol=0.14)
    moves = [one.first_move for one in found]
    assert np.std(moves) == pytest.approx(np.mean([one.first_move_error for one in found]), rel=0.14)


@pytest.fixture(scope="module")
def anchors(public_data: Path) -> dict[int, tuple[Ratings, Ratings]]:
    """Board size → ratings of MoHex with random moves mixed in, with and without a worth of the first move."""
    with (public_data / "boardlaw" / "mohex_anchor_trials.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for board in sorted({int(row["boardsize"]) for row in rows}):
        here = [row for row in rows if int(row["boardsize"]) == board]
        games = (
            [row["black_name"] for row in here],
            [row["white_name"] for row in here],
            np.array([float(row["black_wins"]) for row in here]),
            np.array([float(row["white_wins"]) for row in here]),
        )
        found[board] = rate(*games), rate(*games, first_move=0.0)
    return found


def test_the_first_move_is_worth_what_is_on_record(anchors: dict[int, tuple[Ratings, Ratings]]) -> None:
    assert sum(found.games for found, _ in anchors.values()) == 97779
    on_record = {3: 164, 4: 104, 5: 80, 6: 61, 7: 79, 8: 32, 9: 43, 11: 16}
    for board, worth in on_record.items():
        assert anchors[board][0].first_move == pytest.approx(worth, abs=0.5), board


def test_without_it_the_ratings_of_the_smallest_board_are_squeezed(anchors: dict[int, tuple[Ratings, Ratings]]) -> None:
    spans = [float(np.ptp(found.elo)) for found in anchors[3]]
    assert spans == pytest.approx([629, 536], abs=0.5)


def test_random_to_perfect_play_grows_by_half_of_the_headline_a_size(
    anchors: dict[int, tuple[Ratings, Ratings]],
) -> None:
    # Jones (2021), arXiv:2104.03113, says 500 Elo a size.
    boards = np.arange(3, 10)
    spans = [anchors[board][0].of("mohex-0.00") - anchors[board][0].of("mohex-1.00") for board in boards]
    assert np.polyfit(boards, spans, 1)[0] == pytest.approx(262, abs=5)


@pytest.mark.parametrize(
    ("first", "second", "wins", "losses", "error", "says"),
    [
        (["a"], ["b"], [3.0], [0.0], FitError, "won or lost every game"),
        (["a", "c"], ["b", "d"], [3.0, 2.0], [1.0, 2.0], FitError, "won or lost every game"),
        (["a"], ["b"], [-1.0], [2.0], InputError, "0 or more"),
        (["a"], ["b", "c"], [1.0], [2.0], InputError, "two players"),
        (["a"], ["b"], [np.nan], [2.0], InputError, "0 or more"),
    ],
)
def test_what_has_no_rating_is_refused(
    first: list[str], second: list[str], wins: list[float], losses: list[float], error: type, says: str
) -> None:
    with pytest.raises(error, match=says):
        rate(first, second, np.array(wins), np.array(losses))


def test_a_reference_that_did_not_play_is_refused() -> None:
    with pytest.raises(InputError, match="has not played"):
        rate(["a"], ["b"], np.array([1.0]), np.array([1.0]), reference="z")


def test_odds_of_ten_to_one_are_four_hundred_elo() -> None:
    found = rate(["a"], ["b"], np.array([1.0]), np.array([10.0]), first_move=0.0)
    assert found.of("b") == pytest.approx(400)
    assert pytest.approx(400 / np.log(10)) == ELO
