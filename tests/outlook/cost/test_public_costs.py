"""The amortised costs of the public table, from hours, chips and dates alone."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from nextflop.outlook.cost import cost
from nextflop.prices import chip

CHIPS = {
    "NVIDIA Tesla V100 SXM2 32 GB": "V100",
    "NVIDIA A100": "A100-40GB",
    "NVIDIA A100 SXM4 40 GB": "A100-40GB",
    "NVIDIA A100 SXM4 80 GB": "A100",
    "NVIDIA H100 SXM5 80GB": "H100",
    "NVIDIA H800 SXM5": "H800",
    "Google TPU v3": "TPU v3",
    "Google TPU v4": "TPU v4",
}


def amortised(row: dict[str, str]) -> float:
    """A model's cost by its row: hours as told, else from FLOP; bought ninety days after the chip came out."""
    unit = chip(CHIPS[row["Training hardware"]])
    hours = float(row["Training time (hours)"] or 770)  # the median, where it is not told: it moves the start by days
    start = date.fromisoformat(row["Publication date"]) - timedelta(hours=hours)
    bought = min(date.fromisoformat(unit.released) + timedelta(days=90), start)
    work: dict[str, float] = {}
    if row["Training chip-hours"]:
        work["chip_hours"] = float(row["Training chip-hours"])
    elif row["Hardware quantity"] and row["Training time (hours)"]:
        work["chip_hours"] = float(row["Hardware quantity"]) * hours
    else:
        work["flop"] = float(row["Training compute (FLOP)"])
        work["mfu"] = float(row["Hardware utilization (MFU)"] or 0.375)
    found = cost(chip=unit, at=start.isoformat(), bought=bought.isoformat(), draws=0, **work)
    return found.training.method("amortised").dollars.value


def test_the_costs_of_the_published_table_come_out_again(public_data: Path) -> None:
    folder = public_data / "epoch_training_cost"
    with (folder / "all_ml_systems_full_view.csv").open(encoding="utf-8-sig") as file:
        models = {row["Model"]: row for row in csv.DictReader(file)}
    with (folder / "model_costs.csv").open(encoding="utf-8") as file:
        told = {row["Model"]: row["Hardware_Capex_Energy_Cost"] for row in csv.DictReader(file)}
    known = [name for name, value in told.items() if value and models[name]["Training hardware"] in CHIPS]
    ratios = np.array([amortised(models[name]) / float(told[name]) for name in known])
    assert len(known) == 43
    assert 0.97 < np.median(ratios) < 1.03
    assert np.quantile(np.abs(np.log(ratios)), 0.9) < 0.10
    assert np.abs(np.log(ratios)).max() < 0.25  # GPT-3.5 and GPT-4, of whose A100s the table has another price
