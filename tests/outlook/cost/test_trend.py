"""Growth of the cost: a made series, and the public table."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.outlook.cost.trend import PUBLISHED, cost_growth, growth


def test_a_made_series_is_recovered() -> None:
    rng = np.random.default_rng(0)
    dates = rng.uniform(2016, 2025, 60)
    dollars = 1e4 * 2.4 ** (dates - 2016) * 10 ** rng.normal(0, 0.4, 60)
    told = growth(dates, dollars)
    assert told.low < 2.4 < told.high
    exact = growth(dates, 2.4 ** (dates - 2016))
    assert exact.value == pytest.approx(2.4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        dates = rng.uniform(2016, 2025, 30)
        told = growth(dates, 2.4 ** (dates - 2016) * 10 ** rng.normal(0, 0.4, 30))
        hits += told.low < 2.4 < told.high
    assert abs(hits / 400 - 0.95) < 3.5 * (0.95 * 0.05 / 400) ** 0.5


def test_too_few_costs_are_refused() -> None:
    with pytest.raises(InputError, match="three"):
        growth(np.array([2020.0, 2021.0]), np.array([1.0, 2.0]))
    with pytest.raises(InputError, match="different dates"):
        growth(np.array([2020.0] * 4), np.ones(4))


@pytest.mark.parametrize(("table", "largest", "times"), [("costs", 5, 2.41), ("costs", 0, 2.71), ("costs", 10, 2.82)])
def test_the_public_table_grows_as_published(
    public_data: Path, monkeypatch: pytest.MonkeyPatch, table: str, largest: int, times: float
) -> None:
    # 2.4 [2.0, 3.1] was published. Which models count as the frontier moves it from 2.4 to 2.8: inside, whoever counts.
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    told = cost_growth(table, largest)
    assert told.growth.value == pytest.approx(times, abs=0.01)
    assert PUBLISHED.low < told.growth.value < PUBLISHED.high
    assert told.growth.low < PUBLISHED.value
    assert told.models > 30


def test_cloud_prices_grow_faster_than_the_wear_of_owned_chips(
    public_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    assert cost_growth("cloud-costs-2024").growth.value > cost_growth("costs-2024").growth.value
