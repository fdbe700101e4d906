"""All questions at once: what applies is asked, what does not is left out, and the whole says whether to believe."""

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.judging import Outcome
from nextflop.judging.examine import examine
from nextflop.laws import Chinchilla, Power, Sigmoid

COMMON = ["optimum", "lower_bound", "bounds", "design", "size", "influence", "trend", "lack_of_fit"]


def test_a_sound_fit_is_asked_everything_and_believed(noisy: Runs) -> None:
    steps: list[str] = []
    found = examine(fit(Chinchilla, noisy, draws=100), noisy, progress=steps.append)
    assert [verdict.code for verdict in found.verdicts] == [
        *COMMON,
        "identifiability",
        "extrapolation",
        "coverage",
        "multiverse",
    ]
    assert found.believed
    assert found.isoflop is None  # scattered sizes share no budgets
    assert [one.parameter for one in found.profiles] == list(Chinchilla.parameters)
    assert len(steps) == 5
    assert found.to_json()["believed"] is True


def test_the_five_stray_points_of_chinchilla_are_caught(all_points: Runs) -> None:
    found = examine(fit(Chinchilla, all_points, draws=200), all_points)
    said = {verdict.code: verdict for verdict in found.verdicts}
    assert said["influence"].outcome is Outcome.fail
    five = np.sort(np.argsort(all_points["loss"])[-5:]) + 1
    assert f"rows {', '.join(map(str, five))}" in said["influence"].sentence
    assert said["multiverse"].outcome is Outcome.warn
    assert not found.believed


def test_a_diverged_run_is_flagged_and_the_answer_shown_without_it(noisy: Runs) -> None:
    loss = noisy["loss"].copy()
    loss[17] *= 1.5
    runs = noisy.with_columns(loss=loss)
    found = examine(fit(Chinchilla, runs, draws=50), runs)
    assert 17 in {flag.row for flag in found.flags if flag.code in {"diverged", "under-tuned"}}
    assert found.without is not None
    assert found.without.runs == len(runs) - len({f.row for f in found.flags if f.code in {"diverged", "under-tuned"}})
    assert "flagged" in {verdict.code for verdict in found.verdicts}


def test_one_input_is_asked_for_rival_curves_and_a_share_for_what_applies_to_it() -> None:
    compute = np.geomspace(1e18, 1e22, 14)
    loss = Power(1.7, 2e3, 0.17)(compute=compute) * np.exp(0.003 * np.random.default_rng(0).normal(size=14))
    runs = Runs({"compute": compute, "loss": loss})
    codes = [verdict.code for verdict in examine(fit(Power, runs, draws=50), runs).verdicts]
    assert "rivals" in codes
    assert "design" not in codes
    spent = np.array([0.0, 100, 300, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3])
    accuracy = Sigmoid(0.25, 0.61, 2542.0, 1.92)(rl_flop=spent) + 0.003 * np.random.default_rng(1).normal(size=10)
    curve = Runs({"rl_flop": spent, "accuracy": accuracy})
    found = examine(fit(Sigmoid, curve, draws=50), curve)
    assert found.flags == ()
    assert found.multiverse is None
