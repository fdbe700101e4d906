"""A share of a peak has four fields, and none of them is guessed in silence."""

import csv
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from nextflop.errors import InputError
from nextflop.prices import MFU, chip, measured, rate
from nextflop.prices.mfu import SPREAD, USUAL

H800 = chip("H800")
PRETRAINING = 6 * 37e9 * 14.8e12  # FLOP of DeepSeek-V3 on its 37B active parameters
HOURS = 2.664e6  # of H800, arXiv:2412.19437, table 1


@pytest.mark.parametrize("share", [0.0, -0.4, 1.2, 40.0])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="no share of a peak"):
        MFU(share)
    with pytest.raises(InputError, match="no share of the time"):
        MFU(0.4, goodput=share)


def test_deepseek_v3_is_a_fifth_of_one_peak_and_a_third_of_the_other() -> None:
    # The technical report gives 385 TFLOP/s; the public table divides by the fp8 peak and says 0.1947.
    table = MFU(385e12 / H800.peak("fp8"), "fp8")
    assert table.share == pytest.approx(0.195, rel=0.02)
    # 6ND over all paid hours against the dense bf16 peak.
    ours = measured(PRETRAINING, H800, HOURS)
    assert ours.share == pytest.approx(0.346, rel=0.02)
    # The two differ by the peak, and by what is counted: attention is in the first, waiting is in the second.
    assert table.against(H800, "bf16").share == pytest.approx(0.389, rel=0.01)
    assert table.against(H800, "bf16").share / ours.share == pytest.approx(1.124, abs=0.005)


def test_a_peak_that_the_chip_lacks_is_refused_and_not_replaced() -> None:
    with pytest.raises(InputError, match="no peak for fp8"):
        rate("A100", MFU(0.4, "fp8"), 2.0)
    with pytest.raises(InputError, match="no sparse mode"):
        rate("TPU v4", MFU(0.4, sparse=True), 2.0)
    with pytest.raises(InputError, match="was not measured in bf16"):
        MFU(0.6, "fp8").against(H800, "bf16")


@given(st.floats(0.01, 0.5), st.sampled_from(["fp8", "bf16", "fp16"]), st.booleans())
def test_the_speed_is_the_same_against_every_peak(share: float, number: str, sparse: bool) -> None:
    mfu = MFU(share, "bf16", goodput=0.9)
    assert mfu.against(H800, number, sparse).flops(H800) == pytest.approx(mfu.flops(H800))
    assert mfu.against(H800, number, sparse).against(H800, "bf16").share == pytest.approx(share)


def test_hardware_flop_do_not_pass_for_model_flop() -> None:
    hfu = MFU(0.52, counted="hardware")
    with pytest.raises(InputError, match="hardware FLOP"):
        hfu.flops(H800)
    assert hfu.of_model().share == pytest.approx(0.39)  # everything computed twice: three quarters of it count
    assert hfu.of_model(1.0).share == 0.52
    assert MFU(0.4).of_model() == MFU(0.4)
    with pytest.raises(InputError, match="1 or more"):
        hfu.of_model(0.9)


def test_llama_405b_paid_for_hours_that_the_steps_did_not_use() -> None:
    # 3.8e25 FLOP at the published share would take 26.4M hours; 30.84M were paid: goodput 0.86.
    h100 = chip("H100")
    hours = 3.8e25 / MFU(0.4042).flops(h100) / 3600
    assert hours == pytest.approx(26.4e6, rel=0.005)
    assert hours / 30.84e6 == pytest.approx(0.855, abs=0.005)
    paid = MFU(0.4042, goodput=hours / 30.84e6)
    assert 3.8e25 / paid.flops(h100) / 3600 == pytest.approx(30.84e6)


def test_the_assumed_spread_is_that_of_the_published_runs(public_data: Path) -> None:
    with (public_data / "epoch_training_cost" / "all_ml_systems_full_view.csv").open(encoding="utf-8-sig") as file:
        told = [
            float(row["Hardware utilization (MFU)"])
            for row in csv.DictReader(file)
            if row["Hardware utilization (MFU)"]
        ]
    assert len(told) == 62
    for share, value in SPREAD.items():
        assert np.quantile(told, share) == pytest.approx(value, abs=0.001)
    assert SPREAD[0.1] < USUAL < SPREAD[0.9]


def test_a_run_faster_than_the_peak_is_refused() -> None:
    with pytest.raises(InputError, match="times its bf16 peak"):
        measured(PRETRAINING, H800, HOURS / 10)
    with pytest.raises(InputError, match="above 0"):
        measured(0.0, H800, HOURS)
