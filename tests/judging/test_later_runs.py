"""Forecasts of later runs: exact where theory is, and right as often as they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, t

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares
from nextflop.fitting.objective import Binomial
from nextflop.judging.later_runs import LaterRuns, hold_against
from nextflop.laws import Growth, Power
from nextflop.laws.base import Law

LOG = Squares(log=True)
DATES = np.linspace(2019.0, 2026.0, 12)
COMPUTE = np.geomspace(1e18, 1e22, 14)
SERIES, CURVE = Growth(-3.0, 1.9), Power(1.7, 2e3, 0.17)


def noisy(truth: Law, name: str, x: np.ndarray, scatter: float, seed: int, along: np.ndarray | None = None) -> Runs:
    """Runs at x whose response is that of the law at other places, if these are given."""
    value = truth(**{name: x if along is None else along})
    return Runs({name: x, truth.response: value * np.exp(scatter * np.random.default_rng(seed).normal(size=len(x)))})


def ahead(law: type[Law], runs: Runs, later: int, worse: int, draws: int = 199, **how) -> LaterRuns:
    rows = np.arange(len(runs))
    return hold_against(law, runs, rows[:-later], rows[-later:], worse=worse, objective=LOG, draws=draws, **how)


def test_a_straight_line_is_forecast_as_regression_theory_has_it() -> None:
    runs = noisy(SERIES, "date", DATES, 0.4, 3)
    found = ahead(Growth, runs, 4, -1, draws=20_000)
    x, y = DATES[:8] - DATES[:8].mean(), np.log(runs["value"])
    slope, level = x @ y[:8] / (x @ x), y[:8].mean()
    scatter = np.sqrt(((y[:8] - level - slope * x) ** 2).sum() / 6)
    reach = DATES[8:] - DATES[:8].mean()
    gaps = level + slope * reach - y[8:]
    np.testing.assert_allclose(found.gaps, gaps, atol=1e-6)
    errors = scatter * np.sqrt(1 + 1 / 8 + reach**2 / (x @ x))
    mean_error = scatter * np.sqrt(1 / 4 + 1 / 8 + reach.mean() ** 2 / (x @ x))
    assert found.error == pytest.approx(mean_error, rel=1e-6)
    # 20,000 draws know a chance p to √(p(1-p)/20,000) < 0.0036; three of these.
    np.testing.assert_allclose(found.chances, t.sf(gaps / errors, 6), atol=0.011)
    assert found.chance == pytest.approx(t.sf(gaps.mean() / mean_error, 6), abs=0.011)
    np.testing.assert_allclose(np.log(found.high / found.value), t.ppf(0.95, 6) * errors, rtol=0.05)
    limit, power = t.ppf(0.95, 6), t.ppf(0.8, 6)
    # What a t test sees in 80% of the cases lies near the sum of the two quantiles, in standard errors.
    assert found.visible(0.05, 0.8) == pytest.approx((limit + power) * mean_error, rel=0.06)
    low, high = found.shift(0.9)[1:]
    assert low == pytest.approx(found.gap - limit * mean_error, abs=0.06 * mean_error)
    assert high == pytest.approx(found.gap + limit * mean_error, abs=0.06 * mean_error)


@pytest.mark.parametrize(
    ("law", "truth", "name", "x", "scatter", "series"),
    [
        (Growth, SERIES, "date", DATES, 0.4, 160),
        pytest.param(Growth, SERIES, "date", DATES, 0.4, 400, marks=pytest.mark.slow),
        pytest.param(Power, CURVE, "compute", COMPUTE, 0.005, 200, marks=pytest.mark.slow),
    ],
)
def test_false_alarms_are_as_frequent_as_promised(law, truth, name, x, scatter, series) -> None:
    worse = -1 if law is Growth else 1
    alarms = sum(
        ahead(law, noisy(truth, name, x, scatter, seed), 4, worse, 99, seed=seed).chance <= 0.05
        for seed in range(series)
    )
    # Exact binomial bounds of 5% with a tail of 1e-4 on either side.
    assert binom.ppf(1e-4, series, 0.05) <= alarms <= binom.ppf(1 - 1e-4, series, 0.05)


def test_the_smallest_slowdown_is_seen_as_often_as_it_says() -> None:
    # A series whose fit is the truth and whose scatter is the one it seems to have.
    one = noisy(SERIES, "date", DATES, 0.4, 0)
    base = ahead(Growth, one, 4, -1, 2000)
    truth, scatter = base.fit.law, float(base.scatter.within)
    share = base.visible(0.05, 0.8) / float(np.mean(np.log(2) * truth.g * (DATES[8:] - DATES[7])))
    slowed = DATES - share * np.maximum(DATES - DATES[7], 0.0)
    seen = sum(
        ahead(Growth, noisy(truth, "date", DATES, scatter, 50 + seed, slowed), 4, -1, 99, seed=seed).chance <= 0.05
        for seed in range(120)
    )
    # Exact binomial bounds of 80% with a tail of 1e-4 on either side.
    assert binom.ppf(1e-4, 120, 0.8) <= seen <= binom.ppf(1 - 1e-4, 120, 0.8)


def test_runs_of_one_cluster_count_as_what_they_share() -> None:
    # Snapshots that share their noise tell no more than one of them.
    single = noisy(SERIES, "date", DATES, 0.4, 5)
    copies = Runs(
        {
            "date": np.repeat(DATES, 3) + np.tile([0.0, 1e-4, 2e-4], 12),
            "value": np.repeat(single["value"], 3),
            "run": np.repeat(np.arange(12), 3).astype(str),
        }
    )
    rows = np.arange(36)
    alone = ahead(Growth, single, 4, -1, 2000)
    apart = hold_against(Growth, copies, rows[:24], rows[24:], worse=-1, objective=LOG, draws=2000)
    shared = hold_against(Growth, copies, rows[:24], rows[24:], worse=-1, objective=LOG, draws=2000, cluster="run")
    assert shared.visible(0.05, 0.8) == pytest.approx(alone.visible(0.05, 0.8), rel=0.05)
    assert apart.visible(0.05, 0.8) < 0.7 * alone.visible(0.05, 0.8)


def test_an_error_of_the_law_widens_the_forecast_and_hides_a_shortfall() -> None:
    runs = noisy(CURVE, "compute", COMPUTE, 0.003, 1)
    narrow, wide = ahead(Power, runs, 3, 1), ahead(Power, runs, 3, 1, law_error=0.02)
    assert wide.visible(0.05, 0.8) > 2 * narrow.visible(0.05, 0.8)
    assert (wide.high - wide.low > narrow.high - narrow.low).all()


@settings(max_examples=12, deadline=None)
@given(st.floats(1e-6, 1e6), st.integers(0, 1000))
def test_the_unit_of_the_response_and_the_order_of_rows_change_no_chance(unit: float, seed: int) -> None:
    runs = noisy(SERIES, "date", DATES, 0.4, seed)
    mixed = np.random.default_rng(seed).permutation(len(DATES))
    other = runs.with_columns(value=runs["value"] * unit).where(mixed)
    place = np.argsort(mixed)
    one = ahead(Growth, runs, 4, -1, 99)
    two = hold_against(Growth, other, place[:8], place[8:], worse=-1, objective=LOG, draws=99)
    np.testing.assert_allclose(two.gaps, one.gaps, atol=1e-5)
    np.testing.assert_allclose(two.chances, one.chances, atol=0.011)
    assert two.visible(0.05, 0.8) == pytest.approx(one.visible(0.05, 0.8), rel=1e-4)


def test_what_cannot_be_forecast_is_refused() -> None:
    runs = noisy(SERIES, "date", DATES, 0.4, 0)
    rows = np.arange(12)
    with pytest.raises(FitError, match=r"2 earlier runs leave nothing to know the scatter"):
        hold_against(Growth, runs, rows[:2], rows[2:], worse=-1, objective=LOG, draws=99)
    with pytest.raises(FitError, match="meets the earlier runs exactly"):
        ahead(Growth, noisy(SERIES, "date", DATES, 0.0, 0).with_columns(value=np.ones(12)), 4, -1)
    with pytest.raises(InputError, match="needs an objective of residuals"):
        hold_against(Growth, runs, rows[:8], rows[8:], worse=-1, objective=Binomial())
    spoiled = runs.with_columns(value=np.where(rows == 10, -1.0, runs["value"]))
    with pytest.raises(InputError, match=r"'value' has -1 in row 11, a later run; expected is a number above 0"):
        ahead(Growth, spoiled, 4, -1)
