"""A study is planned for its minutes: where matches are slow, the ladder of anchors is shorter."""

import itertools
from dataclasses import asdict

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.lab.selfplay import timing
from nextflop.lab.selfplay.arena.players import LADDER
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.study import Board, Scale, design

SIZES = ((8, 2), (16, 2), (32, 2), (64, 2))
GAME = {"name": "go", "size": 5}


def scale(minutes: float, match: float | None, labels: float | None = None) -> Scale:
    """A study of one board on two workers, a second or more a generation."""
    board = Board(GAME, 25, match, labels)
    return Scale((board,), "mlp", SIZES, 2, minutes, 2, (1.0, 1.1, 1.3, 1.7), asdict(Recipe()), 0.0)


@given(st.floats(1.0, 500.0), st.floats(1e-4, 0.1))
def test_the_ladder_is_as_long_as_the_minutes_allow_and_all_fits_into_them(minutes: float, match: float) -> None:
    try:
        trials = design(scale(minutes, match))
    except InputError:
        reject()  # too few minutes for any ladder
    ladders = {tuple(trial.spec["anchors"]) for trial in trials if trial.kind in ("anchors", "rating")}
    (ladder,) = ladders
    assert ladder == LADDER[: len(ladder)]
    assert ladder[-1] >= 100
    # The agents among themselves are what the tenth that is left is for.
    assert sum(trial.seconds for trial in trials if trial.kind != "league") <= 60 * minutes * 2
    longer = design(scale(2 * minutes, match))
    assert len(next(trial for trial in longer if trial.kind == "anchors").spec["anchors"]) >= len(ladder)


def test_slow_games_at_random_cost_the_strongest_anchors() -> None:
    tops = [
        next(trial for trial in design(scale(minutes, match)) if trial.kind == "anchors").spec["anchors"][-1]
        for minutes, match in ((10.0, 0.001), (8.0, 0.02), (30.0, 0.02), (120.0, 0.02))
    ]
    assert tops == [1000, 100, 300, 1000]


def test_where_perfect_play_judges_alone_nothing_is_matched() -> None:
    assert {trial.kind for trial in design(scale(10.0, None, 1.0))} == {"labels", "training", "judging"}


def test_few_minutes_are_refused_with_what_would_help() -> None:
    with pytest.raises(InputError, match="give more --minutes"):
        design(scale(2.0, 0.02))


def test_a_part_of_a_match_tells_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-five openings of Hex, of which seven are played within a second of this clock."""
    ticks = itertools.count()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: float(next(ticks)))
    seconds = timing.time_match({"name": "hex", "size": 5})
    assert seconds == pytest.approx(25 / 7 / (timing.STRONGER + timing.WEAKER))
