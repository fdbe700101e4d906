"""Who judges the agents of a study of self-play: whom the user wants, or the better of those at hand."""

from typing import Any

import pytest

from nextflop.errors import InputError
from nextflop.lab.executors.executor import waiting
from nextflop.studies.selfplay import Scope, self_play
from nextflop.studies.selfplay.experiment import _recipes


def settings(game: str, **wanted: Any) -> Any:
    return self_play(game, Scope()).settings(wanted)


def test_other_recipes_differ_in_one_choice_each() -> None:
    declared = {"name": "hex", "size": 3}
    own, others = _recipes(declared, settings("hex", board=(3,), simulations=(16, 4, 64), reuse=(4.0, 1.0)))
    assert (own.simulations, own.reuse) == (16, 4.0)
    assert [(one.simulations, one.reuse) for one in others["simulations"]] == [(4, 4.0), (64, 4.0)]
    assert [(one.simulations, one.reuse) for one in others["reuse"]] == [(16, 1.0)]


@pytest.mark.parametrize(
    ("game", "wanted", "judge", "measure"),
    [
        ("connect4", {}, "perfect", "regret"),
        ("connect4", {"judge": "matches"}, "matches", "elo"),
        ("connect4", {"board": (9, 9)}, "matches", "elo"),
        ("hex", {}, "matches", "elo"),
        ("hex", {"judge": "perfect"}, "perfect", "regret"),
        ("mnk", {"board": (3, 3, 3)}, "perfect", "regret"),
        ("mnk", {"board": (3, 3, 3), "judge": "matches"}, "matches", "elo"),
        ("othello", {"judge": "matches"}, "matches", "elo"),
    ],
)
def test_the_judge_is_the_one_asked_for_or_perfect_play_where_it_is_known(game, wanted, judge, measure) -> None:
    found = settings(game, **wanted)
    assert (found["judge"], found["measure"]) == (judge, measure)


@pytest.mark.parametrize(
    ("game", "wanted", "says"),
    [
        ("hex", {"board": (6,), "judge": "perfect"}, "cannot judge hex-6x6.*--judge matches"),
        ("go", {"judge": "perfect"}, "cannot judge go-5x5.*--judge matches"),
        ("connect4", {"judge": "people"}, "--judge people is none: give perfect or matches"),
    ],
)
def test_a_judge_who_is_not_there_is_refused_with_what_to_do(game, wanted, says) -> None:
    with pytest.raises(InputError, match=says):
        settings(game, **wanted)


@pytest.mark.parametrize(("judge", "opened"), [("matches", 0.5), ("perfect", 1.0)])
def test_agents_train_from_such_positions_as_they_are_judged_in(judge: str, opened: float) -> None:
    declared = {"name": "connect4", "height": 5, "width": 6}
    assert _recipes(declared, settings("connect4", board=(5, 6), judge=judge))[0].opened == opened


@pytest.mark.parametrize(
    ("game", "judge", "kinds"),
    [
        ("connect4", "matches", {"training", "anchors", "rating", "league"}),
        ("connect4", "perfect", {"training", "labels", "judging"}),
        ("hex", "matches", {"training", "anchors", "rating", "league", "labels", "judging"}),
        ("hex", "perfect", {"training", "labels", "judging"}),
    ],
)
def test_only_what_judges_is_done(game: str, judge: str, kinds: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    module = "nextflop.studies.selfplay.experiment"
    monkeypatch.setattr(f"{module}.time_generation", _second)
    monkeypatch.setattr(f"{module}.time_match", _match)
    found = settings(game, judge=judge, minutes=60.0)
    with waiting(1, _here, lambda: None) as places:
        study = self_play(game, Scope()).declare(found, {"workers": 2}, places, 2)
    assert {trial.kind for trial in study.trials} == kinds


def _here(fn: Any, *args: Any) -> Any:
    return fn(*args)


def _second(declared: Any) -> float:
    return 1.0


def _match(declared: Any) -> float:
    return 1e-3
