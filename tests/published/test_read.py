"""Runs of published data sets, with mapping, filters, joined names and dates."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import StoreError
from nextflop.published import read
from nextflop.published.read import _years


def test_the_chinchilla_points_come_with_tokens_and_conventions(mirrored: Path, all_points) -> None:
    runs = read("epoch-chinchilla")
    assert len(runs) == 245
    for name in ("params", "tokens", "loss"):
        np.testing.assert_allclose(runs[name], all_points[name], rtol=1e-15)  # the order of C / 6 / N
    assert runs.conventions["tokens"] == "derived: flop / (6 params)"


def test_a_filter_chooses_the_runs_of_the_published_fit(mirrored: Path) -> None:
    every, fitted = read("datablations"), read("datablations", "published-fit")
    assert (len(every), len(fitted)) == (296, 182)
    assert np.array_equal(every.where(in_published_fit=1.0)["loss"], fitted["loss"])


def test_columns_are_joined_into_the_name_of_a_series(mirrored: Path) -> None:
    runs = read("revisiting-nsl", "language")
    series = {str(value): len(part) for value, part in runs.group_by("cluster")}
    assert len(series) == 20  # 5 of translation, 5 language models, 10 of BIG-bench
    assert sum(count for name, count in series.items() if name.startswith("NMT/")) == 53


def test_rows_without_a_measurement_are_left_out(mirrored: Path) -> None:
    runs = read("rl-curves", "0.6b")
    assert len(runs) == 14
    assert runs["steps"][0] == 0
    assert runs["accuracy"][0] == pytest.approx(0.037149355572403335)


def test_dates_become_years(mirrored: Path) -> None:
    runs = read("metr_time_horizon_1_1")
    assert runs["name"][0] == "gpt2"
    assert runs["year"][0] == pytest.approx(2019 + 44 / 365)  # 14 February
    # METR's doubling time by plain least squares on all rows: 178 days.
    slope = np.polyfit(runs["year"], np.log2(runs["p50_minutes"]), 1)[0]
    assert 365.25 / slope == pytest.approx(178, abs=1)


def test_a_year_is_as_long_as_its_days() -> None:
    assert _years("2024-07-02") == 2024.5  # 183 of 366 days have passed
    assert _years("2023-07-02") == 2023 + 182 / 365


def test_the_metr_rows_hold_p80_below_p50(mirrored: Path) -> None:
    runs = read("metr_time_horizon_1_1")
    assert (runs["p80_minutes"] < runs["p50_minutes"]).all()


def test_a_set_that_is_not_here_is_not_read(bare: Path) -> None:
    with pytest.raises(StoreError, match="not on this machine"):
        read("kyo-chinchilla")


def test_what_was_not_disclosed_is_blank_and_its_row_stays(mirrored: Path) -> None:
    runs = read("epoch_training_cost", "every-model")
    assert len(runs) == 1892
    assert (~np.isnan(runs["flop"])).sum() == 988
    assert (runs["cluster"] == "").sum() == 19
    assert not np.isnan(runs["date"]).any()
    language = read("epoch_training_cost", "language")
    assert len(language) == 823
    assert np.isnan(language["datapoints"]).any()
