"""What public tables say: the growth that the models take from them, past records, and the supply."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import StoreError
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome
from nextflop.outlook.wall.backtest import CUTS, WallBacktest, _foretold, backtest
from nextflop.outlook.wall.growth import language_models, large, slope
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
    assert "records move in jumps" in found.verdict.sentence
    assert found.miss == pytest.approx(0.28, abs=0.02)
    assert found.pace == pytest.approx(0.39, abs=0.01)
    for one in found.foretold:
        assert one.low < one.median < one.high
        assert (one.share < 0.1) == (one.came < one.low)
        assert one.came >= one.record


@pytest.mark.slow
def test_records_of_steady_growth_are_often_missed_and_often_from_one_side(
    public_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty worlds of steady growth, with the dates and the scatter of the table: what a miss does not prove."""
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    models = language_models()
    years = models["year"]
    trends = [np.polyfit(years, np.log10(models[name]), 1) for name in ("points", "flop")]
    left = [
        np.log10(models[name]) - np.polyval(one, years) for name, one in zip(("points", "flop"), trends, strict=True)
    ]
    rng = np.random.default_rng(0)
    inside, below = [], []
    for _ in range(40):
        scatter = rng.multivariate_normal([0, 0], np.cov(*left), len(years)).T
        points, flop = (10 ** (np.polyval(one, years) + part) for one, part in zip(trends, scatter, strict=True))
        world = Runs({"year": years, "points": points, "flop": flop})
        told = [_foretold(world, world, cut) for cut in CUTS]
        inside.append(sum(one.low <= one.came <= one.high for one in told))
        below.append(sum(one.came < one.low for one in told))
    assert np.mean(inside) / len(CUTS) < 0.3  # so narrow are these intervals where records scatter so much
    assert np.mean(np.array(below) >= 4) > 0.15  # and so little do four of six below prove


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
