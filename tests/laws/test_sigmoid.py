"""The sigmoid of reinforcement learning: its ends, its recovery, and when its ceiling cannot be known."""

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Status, fit
from nextflop.laws import Sigmoid

# Khatri et al. (2025), arXiv:2510.13786, GPU-hours; Bailey et al. (2026), arXiv:2604.20209, generations. The starts are
# ours: neither prints one.
SCALE_RL = Sigmoid(R0=0.25, A=0.61, C_mid=2542.0, B=1.92)
LONG_CONTEXT = Sigmoid(R0=0.25, A=0.645, C_mid=11272.0, B=1.89)
SELF_PLAY = Sigmoid(R0=0.45, A=0.671, C_mid=1_252_336.0, B=0.585)


def points(law: Sigmoid, end: float, noise: float = 0.0, seed: int = 0) -> Runs:
    compute = np.concatenate([[0.0], np.linspace(end / 40, end, 40)])
    accuracy = law(rl_flop=compute) + noise * np.random.default_rng(seed).normal(size=41)
    return Runs({"rl_flop": compute, "accuracy": accuracy})


def test_without_compute_the_accuracy_is_the_start_and_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SCALE_RL(rl_flop=0.0) == 0.25
        assert SCALE_RL(rl_flop=np.array([0.0, 1e-300, 1e300])).tolist() == pytest.approx([0.25, 0.25, 0.61])


def test_half_of_the_way_is_made_at_the_middle() -> None:
    assert SCALE_RL(rl_flop=2542.0) == pytest.approx((0.25 + 0.61) / 2, rel=1e-15)


def test_negative_compute_has_no_accuracy() -> None:
    assert np.isnan(SCALE_RL(rl_flop=-1.0))


@pytest.mark.parametrize("law", [SCALE_RL, LONG_CONTEXT, SELF_PLAY], ids=["ScaleRL", "32k context", "SGS"])
@pytest.mark.parametrize("reach", [20.0, 2.0], ids=["far", "to twice the middle"])
def test_published_laws_are_found_again_from_points_without_noise(law: Sigmoid, reach: float) -> None:
    found = fit(Sigmoid, points(law, reach * law.C_mid), draws=20)
    assert found.status is Status.converged
    assert found.certificate.agreeing > 0.5
    # The floor of the objective is 1e-7 of the response; the middle of a crawl trades with its ceiling at 100 to 1.
    np.testing.assert_allclose(list(found.law.values.values()), list(law.values.values()), rtol=1e-5)


def test_the_whole_curve_of_a_noisy_run_holds_the_ceiling() -> None:
    found = fit(Sigmoid, points(SCALE_RL, 16_000.0, noise=0.005), draws=300)
    assert found.status is Status.converged
    low, high = found.estimate["A"].low, found.estimate["A"].high
    assert low < 0.61 < high
    assert high - low < 0.03  # arXiv:2510.13786 gives ±0.02 between repeats


def is_clean_and_tight(found: Fit) -> bool:
    ceiling = found.estimate["A"]
    return found.status is Status.converged and ceiling.high - ceiling.low < 0.05


def test_the_first_part_of_a_curve_never_yields_a_clean_and_tight_ceiling() -> None:
    # Up to the middle of the way; over several seeds of noise, so that no lucky one decides.
    assert not any(
        is_clean_and_tight(fit(Sigmoid, points(SCALE_RL, 2542.0, noise=0.005, seed=seed), draws=100))
        for seed in range(6)
    )


def test_a_ceiling_of_one_that_the_points_do_not_exclude_is_named() -> None:
    found = fit(Sigmoid, points(SCALE_RL, 1800.0, noise=0.005, seed=2), draws=200)
    assert found.status is Status.at_bound
    assert any("interval of A ends at its bound 1" in note for note in found.notes)


def test_the_start_can_be_pinned_where_it_was_measured() -> None:
    found = fit(Sigmoid, points(SELF_PLAY, 6e6, noise=0.002), pinned={"R0": 0.45}, draws=100)
    assert found.estimate["R0"] == (0.45, 0.45, 0.45)
    assert found.estimate["A"].low < 0.671 < found.estimate["A"].high


def test_per_cent_instead_of_shares_is_refused() -> None:
    runs = points(SCALE_RL, 5e4)
    with pytest.raises(InputError, match=r"'accuracy' has 25 in row 1.*at most 1"):
        fit(Sigmoid, runs.with_columns(accuracy=100 * runs["accuracy"]))


def grpo(public_data: Path, size: str) -> tuple[np.ndarray, np.ndarray]:
    """GRPO on GSM8K by Qwen3-base: steps and accuracy."""
    with (public_data / "rl-curves" / "grpo-gsm8k-qwen3.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    column = rows[0].index(size)
    kept = [(float(row[0]), float(row[column])) for row in rows[1:] if row[column]]
    steps, accuracy = map(np.array, zip(*kept, strict=True))
    return steps, accuracy


def fit_from_start(steps: np.ndarray, accuracy: np.ndarray) -> Fit:
    runs = Runs({"rl_flop": steps, "accuracy": accuracy})
    return fit(Sigmoid, runs, pinned={"R0": float(accuracy[0])}, reason="measured before the first step", draws=0)


# C in steps. The record has three digits of A, which at 0.6b is ours to within one unit of the last.
GRPO = {"0.6b": (0.681, 7.4, 17.2, 0.691), "1.7b": (0.838, 2.1, 15.2, 0.894), "4b": (0.971, 0.7, 3.4, 0.903)}


@pytest.mark.parametrize("size", GRPO)
def test_public_curves_give_the_parameters_on_record(public_data: Path, size: str) -> None:
    ceiling, steepness, middle, _ = GRPO[size]
    found = fit_from_start(*grpo(public_data, size))
    assert found.status is Status.converged
    assert found.law.values["A"] == pytest.approx(ceiling, abs=0.001)
    assert found.law.values["B"] == pytest.approx(steepness, abs=0.05)
    assert found.law.values["C_mid"] == pytest.approx(middle, abs=0.07)


@pytest.mark.parametrize("size", GRPO)
def test_their_first_halves_foretell_the_last_point_as_on_record(public_data: Path, size: str) -> None:
    steps, accuracy = grpo(public_data, size)
    half = fit_from_start(steps[: len(steps) // 2], accuracy[: len(steps) // 2])
    assert half.law(rl_flop=steps[-1]) == pytest.approx(GRPO[size][3], abs=0.001)
    # One of the three is off by 0.08, and says so: its ceiling has no upper end.
    assert (half.status is Status.at_bound) == (abs(half.law(rl_flop=steps[-1]) - accuracy[-1]) > 0.05)
