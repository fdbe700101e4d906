"""Peaks of every format apart, dense apart from sparse; and the figures of the table that they were taken from."""

import csv
import math
from pathlib import Path

import pytest

from nextflop.errors import InputError
from nextflop.prices import chip, chips

ROWS = {
    "V100 SXM 32GB": "NVIDIA Tesla V100 SXM2 32 GB",
    "A100 SXM 40GB": "NVIDIA A100 SXM4 40 GB",
    "A100 SXM 80GB": "NVIDIA A100 SXM4 80 GB",
    "H100 PCIe": "NVIDIA H100 PCIe",
    "H100 SXM": "NVIDIA H100 SXM5 80GB",
    "H800 SXM": "NVIDIA H800 SXM5",
    "H20": "NVIDIA HGX H20",
    "GH200": "NVIDIA GH200",
    "H200 SXM": "NVIDIA H200 SXM",
    "B200": "NVIDIA B200",
    "GB200": "NVIDIA GB200 NVL2",
    "TPU v3": "Google TPU v3",
    "TPU v4": "Google TPU v4",
    "TPU v5e": "Google TPU v5e",
    "TPU v5p": "Google TPU v5p",
    "TPU v6e": "Google TPU v6e Trillium",
    "MI250X": "AMD Radeon Instinct MI250X",
    "MI300X": "AMD Instinct MI300X",
    "Trainium2": "Amazon Trainium2",
    "Gaudi2": "Intel Habana Gaudi2",
}


@pytest.mark.parametrize("name", ["H100", "h100", "H100-SXM", "NVIDIA H100 SXM5 80GB", "h100 sxm"])
def test_a_chip_answers_to_its_other_names(name: str) -> None:
    assert chip(name).name == "H100 SXM"


def test_an_unknown_chip_is_refused_with_what_is_near() -> None:
    with pytest.raises(InputError, match="did you mean 'H100 SXM'"):
        chip("H101")
    with pytest.raises(InputError, match="choose one of"):
        chip("abacus")


def test_every_chip_has_a_source_and_peaks_that_rise_as_bits_fall() -> None:
    for one in chips():
        assert one.source
        assert one.released
        assert one.memory > 0
        values = list(one.peaks.values())  # fewest bits first
        assert values == sorted(values, reverse=True), one.name
        assert one.sparse in (1.0, 2.0)


def test_sparse_is_told_from_dense_and_a_format_that_is_not_there_is_refused() -> None:
    h100 = chip("H100")
    assert h100.peak("fp8", sparse=True) == 2 * h100.peak("fp8") == 3958e12
    assert h100.peak("BF16") == h100.peak("bf16")
    with pytest.raises(InputError, match="no peak for bf16"):
        chip("V100").peak("bf16")
    with pytest.raises(InputError, match="no sparse mode"):
        chip("TPU v4").peak("bf16", sparse=True)
    with pytest.raises(InputError, match="number format"):
        h100.peak("fp12")


def test_power_that_nobody_published_is_not_made_up() -> None:
    with pytest.raises(InputError, match="not public"):
        _ = chip("TPU v5p").server_kw
    assert chip("H100").server_kw == pytest.approx(10.2 / 8)  # a DGX H100 draws 10.2 kW
    assert chip("A100").server_kw == pytest.approx(6.5 / 8)


def test_the_figures_are_those_of_the_public_table(public_data: Path) -> None:
    with (public_data / "epoch_training_cost" / "chip_dataset.csv").open(encoding="utf-8-sig") as file:
        table = {row["Hardware name"]: row for row in csv.DictReader(file)}
    for name, row in ROWS.items():
        one, told = chip(name), table[row]
        half = told["Tensor-FP16/BF16 performance (FLOP/s)"]
        assert one.peak("fp16" if name.startswith("V100") else "bf16") == pytest.approx(float(half)), name
        assert told["Release date"] == one.released, name
        machines = 2 if name == "GB200" else 1  # the row counts the memory of both
        for column, value in (("TDP (W)", one.tdp), ("FP8 performance (FLOP/s)", one.peaks.get("fp8"))):
            if told[column] and value and not math.isnan(value):
                assert value == pytest.approx(float(told[column])), (name, column)
        if told["Memory size per board (Byte)"]:
            assert one.memory * machines == pytest.approx(float(told["Memory size per board (Byte)"])), name
