"""The multiverse: choices that matter are told from noise."""

import numpy as np
import pytest

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Quantile, Squares
from nextflop.judging import Outcome
from nextflop.judging.isoflop import surface_optimum
from nextflop.judging.multiverse import multiverse
from nextflop.laws import Chinchilla, Law, Power


def size(law: Law) -> np.ndarray:
    return surface_optimum(law, 5.76e23)


def test_on_the_published_points_choices_outweigh_the_data(all_points: Runs, kept_points: Runs) -> None:
    tables = {"all runs": all_points, "without the five highest losses": kept_points}
    found = multiverse("parameters at 5.76e23 FLOP", size, [Chinchilla], tables, draws=60)
    assert len(found.universes) == 10
    values = {(u.objective, u.exclusion): u.value / 1e9 for u in found.universes}
    assert values["huber", "without the five highest losses"] == pytest.approx(73.2, rel=0.005)
    assert values["squares", "without the five highest losses"] == pytest.approx(96.2, rel=0.005)
    assert found.verdict.outcome is Outcome.warn
    assert 0.5 < found.share < 0.8
    assert found.by_choice["exclusion"] > found.by_choice["objective"] > 0.05
    assert found.by_choice["law"] < 1e-12


def test_on_clean_runs_every_way_gives_the_same_answer(noisy: Runs) -> None:
    halves = {"all": noisy, "without every tenth": noisy.where(np.arange(100) % 10 != 0)}
    found = multiverse("parameters", size, [Chinchilla], halves, objectives=(Huber(), Squares(log=True)), draws=60)
    assert found.verdict.outcome is Outcome.passed
    assert found.share < 0.5
    assert all(u.low < u.value < u.high for u in found.universes)


def test_a_universe_without_an_answer_is_told_and_not_counted(noisy: Runs) -> None:
    tables = {"all": noisy, "four runs": noisy.where(np.arange(4))}
    found = multiverse("parameters", size, [Chinchilla], tables, objectives=(Huber(), Quantile()), draws=20)
    assert len(found.universes) == 2
    assert len(found.silent) == 2
    assert "four runs" in found.silent[0][0]
    assert found.to_json()["silent"][0]["why"].startswith("4 runs")


def test_nothing_to_vary_and_no_answer_at_all_are_refused(noisy: Runs) -> None:
    with pytest.raises(InputError, match="nothing to vary"):
        multiverse("parameters", size, [Chinchilla], {"all": noisy}, objectives=(Huber(),))
    compute = np.geomspace(1e18, 1e19, 2)
    few = Runs({"compute": compute, "loss": np.array([3.0, 2.9])})
    with pytest.raises(FitError, match="No universe"):
        multiverse("loss", lambda law: law(compute=np.array([1e20])), [Power], {"two runs": few})
