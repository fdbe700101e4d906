"""A study is planned for its minutes: where matches are slow, the ladder of anchors is shorter."""

import itertools
from dataclasses import asdict, replace

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.lab.selfplay import timing
from nextflop.lab.selfplay.arena.players import LADDER
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.study import Board, Scale, Way, design

SIZES = ((8, 2), (16, 2), (32, 2), (64, 2))
GAME = {"name": "go", "size": 5}


def scale(minutes: float, match: float | None, labels: float | None = None, varied: tuple[Way, ...] = ()) -> Scale:
    """A study of one board on two workers, a second or more a generation."""
    board = Board(GAME, 25, match, labels)
    own = tuple(Way(size, asdict(Recipe()), each) for size, each in zip(SIZES, (1.0, 1.1, 1.3, 1.7), strict=True))
    return Scale((board,), "mlp", own, varied, 2, minutes, 2, 0.0)


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


def test_other_recipes_train_the_same_time_on_the_same_seeds_and_meet_the_anchors_alone() -> None:
    deep, often = (
        Way((16, 2), asdict(replace(Recipe(), **{axis: value})), 3.0, axis)
        for axis, value in (("simulations", 64), ("reuse", 8.0))
    )
    trials = design(scale(60.0, 0.001, varied=(deep, often)))
    runs = [trial for trial in trials if trial.kind == "training"]
    varied = [run for run in runs if "varied" in run.spec]
    assert sorted((run.spec["varied"], run.spec["seed"]) for run in varied) == [
        ("reuse", 0),
        ("reuse", 1),
        ("simulations", 0),
        ("simulations", 1),
    ]
    assert len({run.seconds for run in runs}) == 1
    assert {run.spec["recipe"]["simulations"] for run in varied} == {16, 64}
    assert {run.spec["at"][-1] for run in varied} == {int(runs[0].seconds / 3.0)}
    rated = {trial.spec["start"] for trial in trials if trial.kind == "rating"}
    assert rated == {run.id for run in runs}
    (league,) = (trial for trial in trials if trial.kind == "league")
    assert {agent["start"] for agent in league.spec["agents"]} == rated - {run.id for run in varied}
    assert league.spec["recipe"]["simulations"] == 16


def test_programs_of_others_meet_the_strongest_anchors_and_the_ends_of_runs_or_are_too_slow() -> None:
    def planned(seconds: float) -> Scale:
        asked = scale(60.0, 0.001)
        return asked._replace(boards=(asked.boards[0]._replace(outside={"gnugo-1": seconds}),))

    without, trials = design(scale(60.0, 0.001)), design(planned(10.0))
    (outside,) = (trial for trial in trials if trial.kind == "outside")
    assert (outside.spec["program"], outside.spec["anchors"]) == ("gnugo-1", [100, 300, 1000])
    assert len(outside.spec["agents"]) == 2 * len(SIZES)
    assert set(outside.needs) == {trial.id for trial in trials if trial.kind == "training"}
    matches = 3 + 2 * len(SIZES) * len(outside.spec["simulations"])
    assert outside.seconds == pytest.approx(10.0 * matches + 0.001 * 1400)
    spent = [sum(trial.seconds for trial in some if trial.kind != "league") for some in (without, trials)]
    assert spent[1] == pytest.approx(spent[0], rel=0.01)
    with pytest.raises(InputError, match="ask gnugo-1 for less strength"):
        design(planned(200.0))


def test_few_minutes_are_refused_with_what_would_help() -> None:
    with pytest.raises(InputError, match="give more --minutes"):
        design(scale(2.0, 0.02))


def test_a_part_of_a_match_tells_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-five openings of Hex, of which seven are played within a second of this clock."""
    ticks = itertools.count()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: float(next(ticks)))
    seconds = timing.time_match({"name": "hex", "size": 5})
    assert seconds == pytest.approx(25 / 7 / (timing.STRONGER + timing.WEAKER))
