"""How fast the cost of the largest training runs grows, on a public table; and how far that hangs on who counts."""

import math
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval

SET = "epoch_training_cost"
"""The public data set, see `nextflop published`."""

PUBLISHED = Interval(2.4, 2.0, 3.1)
"""Times a year, with 95% interval: Cottier et al. 2024 (arXiv:2405.21015)."""


@dataclass(frozen=True)
class CostGrowth:
    """Growth of a cost with time.

    Attributes:
        table: which costs.
        largest: how many of the largest runs of their day count; 0 if all do.
        since: from which year on.
        models: how many there are.
        growth: times a year, with the 95% interval of least squares on the logarithm.
        source: the files.
    """

    table: str
    largest: int
    since: int | float
    models: int
    growth: Interval
    source: str

    def to_json(self) -> dict[str, Json]:
        """The growth as JSON."""
        return {**vars(self), "growth": self.growth._asdict()}


def growth(dates: np.ndarray, dollars: np.ndarray) -> Interval:
    """Times a year by least squares on log10 of the cost, with the 95% interval of the slope.

    Raises:
        InputError: if there are fewer than three costs, or all of one day.
    """
    if len(dates) < 3 or np.ptp(dates) == 0:
        raise InputError(f"{len(dates)} costs show no growth: three of different dates are needed.")
    from scipy.stats import t

    away = dates - dates.mean()
    logs = np.log10(dollars)
    slope = float(away @ logs / (away @ away))
    rest = logs - logs.mean() - slope * away
    error = math.sqrt(float(rest @ rest) / (len(dates) - 2) / float(away @ away))
    wide = float(t.ppf(0.975, len(dates) - 2)) * error
    return Interval(10**slope, 10 ** (slope - wide), 10 ** (slope + wide))


def cost_growth(
    table: str = "costs", largest: int = 5, since: int | float = 2016.0, online: bool = False
) -> CostGrowth:
    """The growth on a table of the public data set.

    Args:
        table: "costs" (amortised, updated), "costs-2024" (amortised, as published) or "cloud-costs-2024".
        largest: a model counts if its compute was among so many largest when it was published; 0 counts all.
        since: from which year on.
        online: whether the files may be downloaded.

    Raises:
        InputError: if there is no such table, or too few models.
        StoreError: if the files are not here.
    """
    from nextflop.published import read

    costs, models = read(SET, table, online=online), read(SET, "models", online=online)
    order = np.argsort(models["year"], kind="stable")
    names = [str(models["name"][row]) for row in order]
    years, flop = models["year"][order], models["flop"][order]
    ahead = np.array([int((flop[:row] >= flop[row]).sum()) for row in range(len(flop))])
    counts = {
        name: float(year) for name, year, n in zip(names, years, ahead, strict=True) if not largest or n < largest
    }
    kept = [row for row, name in enumerate(costs["name"]) if counts.get(str(name), -math.inf) >= since]
    dates = np.array([counts[str(costs["name"][row])] for row in kept])
    found = growth(dates, np.asarray(costs["dollars"][kept], dtype=np.float64))
    return CostGrowth(table, largest, since, len(kept), found, costs.source)
