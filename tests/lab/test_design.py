"""The plan of the Countdown study."""

import pytest

from nextflop.errors import InputError
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.study import Scale, design

SIZES = ((32, 2), (64, 2), (128, 2))
TIMES = (0.01, 0.022, 0.07)


def plan(minutes: float = 10, seeds: int = 2, sizes: tuple[tuple[int, int], ...] = SIZES) -> list:
    return list(design(Countdown(), Scale(sizes, seeds, minutes, 2, TIMES)))


@pytest.mark.parametrize(("minutes", "seeds"), [(2, 1), (5, 2), (10, 2), (60, 3)])
def test_a_plan_is_whole_and_fits_the_minutes(minutes: float, seeds: int) -> None:
    trials = plan(minutes, seeds)
    by_id = {trial.id: trial for trial in trials}
    assert len(by_id) == len(trials)
    for place, trial in enumerate(trials):
        assert all(need in {before.id for before in trials[:place]} for need in trial.needs)
        start = trial.spec.get("start")
        if start is not None:
            assert start["trial"] in trial.needs
            assert start["step"] in by_id[start["trial"]].spec["at"]
        if "at" in trial.spec:
            assert trial.spec["at"] == sorted(set(trial.spec["at"]))
    of = {kind: [trial for trial in trials if trial.kind == kind] for kind in ("supervised", "rl", "sampling")}
    fresh = [trial for trial in of["supervised"] if "pool" not in trial.spec]
    assert {(tuple(trial.spec["size"]), trial.spec["seed"]) for trial in fresh} == {
        (size, seed) for size in SIZES for seed in range(seeds)
    }
    pools = [trial.spec["pool"] for trial in of["supervised"] if "pool" in trial.spec]
    assert [("synthetic" in pool) for pool in pools] == [False, True] * seeds
    assert len({(t.spec["start"]["trial"], t.spec["start"]["step"]) for t in of["rl"]}) == 5 * seeds
    assert len(of["sampling"]) == 11 * seeds
    assert sum(trial.seconds for trial in trials) < 60 * minutes * 2
    assert sum(trial.seconds for trial in trials) > 0.4 * 60 * minutes * 2 or minutes < 5


def test_the_default_asks_as_many_questions_as_promised() -> None:
    for trial in plan():
        if trial.kind == "sampling":
            assert (trial.spec["problems"], trial.spec["samples"]) == (256, 256)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"minutes": 0.5}, "0.5 minutes"),
        ({"seeds": 0}, "--seeds 0"),
        ({"sizes": ((64, 2), (32, 2), (128, 2))}, "64x2,32x2,128x2"),
        ({"sizes": ((32, 2), (64, 2))}, "32x2,64x2"),
    ],
)
def test_what_cannot_be_a_study_is_refused(given: dict, named: str) -> None:
    with pytest.raises(InputError, match=named):
        plan(**given)
