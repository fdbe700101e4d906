"""What public tables say: the growth that the models take from them, past records, and the supply."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import StoreError
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome
from nextflop.outlook.wall.backtest import WallBacktest, backtest
from nextflop.outlook.wall.growth import large, slope
from nextflop.outlook.wall.load import load


@pytest.fixture(scope="module")
def found(public_data: Path) -> WallBacktest:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXTFLOP_MIRROR", str(public_data))
        return backtest()


def test_the_slopes_are_those_on_record(found: WallBacktest) -> None:
    history, top, every = found.slopes
    np.testing.assert_allclose(history.orders, (0.371, 0.269, 0.481), atol=0.01)
    np.testing.assert_allclose(top.orders, (0.45, 0.34, 0.56), atol=0.01)
    np.testing.assert_allclose(every.orders, (0.535, 0.483, 0.592), atol=0.01)
    assert [one.models for one in found.slopes] == [80, 62, 594]
    assert "sha256" in top.source


@pytest.mark.parametrize(("model", "which"), [("published", 0), ("restart-2025", 1)])
def test_the_models_hold_the_growth_that_the_command_finds(found: WallBacktest, model: str, which: int) -> None:
    belief = load(model).inputs["growth"].belief
    np.testing.assert_allclose((belief.low, belief.high), found.slopes[which].orders[1:], atol=0.005)


def test_records_came_lower_than_was_foretold(found: WallBacktest) -> None:
    assert found.verdict.code == "wall_backtest"
    assert found.verdict.outcome is Outcome.warn
    assert "2 fell within" in found.verdict.sentence
    assert all(one.came < one.median for one in found.foretold)
    assert found.pace == pytest.approx(0.39, abs=0.01)
    for one in found.foretold:
        assert one.low < one.median < one.high
        assert (one.share < 0.1) == (one.came < one.low)
        assert one.came >= one.record


def test_the_web_that_a_crawl_knows_grows_ever_more_slowly(found: WallBacktest) -> None:
    growth = [one.growth for one in found.supply]
    assert np.isnan(growth[0])
    assert growth[2] == pytest.approx(1.43, abs=0.01)
    assert 1.05 < growth[-1] < 1.15
    assert found.supply[-1].urls == pytest.approx(85.3e9, rel=1e-3)


def test_a_slope_is_found_again() -> None:
    rng = np.random.default_rng(0)
    years = rng.uniform(2010, 2025, 200)
    orders = slope(years, 10 ** (9 + 0.4 * (years - 2010) + rng.normal(0, 0.5, 200)), draws=1000)
    assert orders.low < 0.4 < orders.high
    assert orders.value == pytest.approx(0.4, abs=0.03)


def test_a_model_is_large_if_few_before_it_were_larger() -> None:
    runs = Runs({"flop": np.array([3.0, 1, 2, 5, 4, 1]), "year": np.arange(6.0)})
    assert large(runs, 1).tolist() == [0, 3]
    assert large(runs, 2).tolist() == [0, 1, 2, 3, 4]


def test_without_the_tables_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(tmp_path))
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path))
    with pytest.raises(StoreError, match="is not on this machine"):
        backtest()
