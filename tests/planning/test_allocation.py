"""The split of a budget between parameters and tokens."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import to_json
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.planning.allocation import allocate
from nextflop.planning.optimum import optimum

# E, A, B, alpha, beta: as printed by Hoffmann et al. 2022 (arXiv:2203.15556) and Besiroglu et al. 2024
# (arXiv:2404.10102).
HOFFMANN = (1.69, 406.4, 410.7, 0.34, 0.28)
BESIROGLU = (1.8172, 482.01, 2085.43, 0.3478, 0.3658)
BUDGET = 5.76e23  # that of Chinchilla

laws = st.builds(
    Chinchilla,
    E=st.floats(0, 3),
    A=st.floats(1, 1e4),
    B=st.floats(1, 1e4),
    alpha=st.floats(0.1, 0.8),
    beta=st.floats(0.1, 0.8),
)
budgets = st.floats(15, 27).map(lambda power: 10**power)


def fit_of(values, draws=()):
    law = Chinchilla(*values) if isinstance(values, tuple) else values
    rows = np.array(draws, dtype=float).reshape(-1, 5)
    ranges = {"params": (5e7, 1.6e10), "tokens": (1e9, 5e11)}
    return Fit(law, Status.converged, 0.0, "none", rows, 0, Certificate(0.0, 1, 1.0, 1.0), 240, "", ranges, 0)


def scattered(values=BESIROGLU, number=400, width=0.02, seed=0):
    """Draws around a law, of the size that 240 runs leave."""
    noise = np.random.default_rng(seed).normal(size=(number, 5)) * width * np.array([0.1, 2, 2, 0.5, 0.5])
    return np.array(values) * np.exp(noise)


@pytest.mark.parametrize(
    ("values", "params", "tokens", "ratio"),
    [(HOFFMANN, 32.19e9, 2.983e12, 92.6), (BESIROGLU, 72.25e9, 1.329e12, 18.39)],
)
def test_the_chinchilla_budget_splits_as_the_published_constants_say(values, params, tokens, ratio):
    plan = allocate(fit_of(values), BUDGET)
    # The figures are given to four digits (the first ratio to three).
    assert plan.params.value == pytest.approx(params, rel=2e-4)
    assert plan.tokens.value == pytest.approx(tokens, rel=3e-4)
    assert plan.tokens_per_param.value == pytest.approx(ratio, rel=6e-4)


@settings(deadline=None, max_examples=40)
@given(laws, budgets, st.floats(0.5, 20))
def test_the_optimum_spends_the_budget_and_balances_the_margins(law, budget, coefficient):
    params, tokens = optimum(law, budget, coefficient)
    assert coefficient * params * tokens == pytest.approx(budget, rel=1e-14)
    # One per cent more of either is worth the same: the condition of Karush, Kuhn and Tucker in logarithms.
    assert law.alpha * law.A * params**-law.alpha == pytest.approx(law.beta * law.B * tokens**-law.beta, rel=1e-10)


@settings(deadline=None, max_examples=40)
@given(laws, budgets)
def test_the_closed_form_is_the_numeric_optimum(law, budget):
    plan = allocate(fit_of(law), budget)

    def loss(log_params):
        return law(params=np.exp(log_params), tokens=budget / 6 / np.exp(log_params))

    centre = np.log(plan.params.value)
    found = minimize_scalar(loss, bounds=(centre - 3, centre + 3), method="bounded", options={"xatol": 1e-9})
    assert plan.loss.value <= found.fun + 1e-12
    assert plan.loss.value == pytest.approx(found.fun, rel=1e-10)


@settings(deadline=None, max_examples=40)
@given(laws, budgets, st.floats(1.1, 1000))
def test_more_budget_moves_along_the_power_law_and_never_hurts(law, budget, factor):
    one, more = allocate(fit_of(law), budget), allocate(fit_of(law), budget * factor)
    share = law.beta / (law.alpha + law.beta)
    assert more.params.value / one.params.value == pytest.approx(factor**share, rel=1e-9)
    assert more.tokens.value / one.tokens.value == pytest.approx(factor ** (1 - share), rel=1e-9)
    assert more.loss.value < one.loss.value


@settings(deadline=None, max_examples=40)
@given(laws, budgets, st.floats(0.1, 10))
def test_counting_parameters_and_tokens_in_other_units_changes_no_decision(law, budget, unit):
    # N and D in units: A N^-α = (A u^-α)(N/u)^-α, and a unit of budget is u² as large.
    other = law.in_units(params=unit, tokens=unit)
    one, two = allocate(fit_of(law), budget), allocate(fit_of(other), budget / unit**2)
    assert two.params.value * unit == pytest.approx(one.params.value, rel=1e-9)
    assert two.valley.params_low * unit == pytest.approx(one.valley.params_low, rel=1e-6)
    assert two.loss.value == pytest.approx(one.loss.value, rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(laws, budgets, st.floats(0.001, 0.1))
def test_the_ends_of_the_valley_cost_exactly_the_regret(law, budget, regret):
    plan = allocate(fit_of(law), budget, regret=regret)
    valley = plan.valley
    for params, tokens in ((valley.params_low, valley.tokens_high), (valley.params_high, valley.tokens_low)):
        assert 6 * params * tokens == pytest.approx(budget, rel=1e-12)
        assert law(params=params, tokens=tokens) - plan.loss.value == pytest.approx(regret, rel=1e-6)
    assert valley.params_low < plan.params.value < valley.params_high


def test_the_valley_of_chinchilla_is_almost_a_decade_wide():
    # By a root finder of another kind, on the formula itself.
    E, A, B, alpha, beta = BESIROGLU
    plan = allocate(fit_of(BESIROGLU), BUDGET)

    def excess(log_params):
        params = np.exp(log_params)
        return E + A * params**-alpha + B * (BUDGET / 6 / params) ** -beta - plan.loss.value - 0.01

    centre = np.log(plan.params.value)
    assert plan.valley.params_low == pytest.approx(np.exp(brentq(excess, centre - 5, centre)), rel=1e-8)
    assert plan.valley.params_high == pytest.approx(np.exp(brentq(excess, centre, centre + 5)), rel=1e-8)
    assert plan.valley.params_low == pytest.approx(26.6e9, rel=2e-3)
    assert plan.valley.params_high == pytest.approx(194.8e9, rel=2e-3)


def test_every_size_in_the_robust_valley_is_cheap_often_enough_and_none_beside_it():
    draws = scattered(number=50)
    plan = allocate(fit_of(BESIROGLU, draws), BUDGET, level=0.8)
    least = [allocate(fit_of(tuple(row)), BUDGET).loss.value for row in draws]

    def share(params):
        losses = [Chinchilla(*row)(params=params, tokens=BUDGET / 6 / params) for row in draws]
        return np.mean(np.array(losses) - least <= 0.01)

    low, high = plan.robust.params_low, plan.robust.params_high
    inside = [share(params) for params in np.geomspace(low * 1.0001, high / 1.0001, 5)]
    assert min(inside) >= 0.8
    assert share(low / 1.01) < 0.8
    assert share(high * 1.01) < 0.8
    assert share(plan.safest[0]) == plan.safest[1] >= max(inside)


def test_the_robust_valley_narrows_as_the_level_and_the_doubt_grow():
    def width(draws, level):
        robust = allocate(fit_of(BESIROGLU, draws), BUDGET, level=level).robust
        return robust.params_high / robust.params_low

    assert width(scattered(width=0.01), 0.9) > width(scattered(), 0.9)
    assert width(scattered(), 0.5) > width(scattered(), 0.9)


def test_where_nothing_is_safe_the_robust_valley_is_unknown_and_the_safest_size_says_how_safe():
    # Two camps of draws whose valleys do not meet.
    one, other = (1.7, 400.0, 400.0, 0.3, 0.5), (1.7, 400.0, 400.0, 0.5, 0.3)
    plan = allocate(fit_of(one, [one] * 6 + [other] * 4), 1e24)
    assert np.isnan(plan.robust.params_low)
    assert plan.safest[1] == pytest.approx(0.6)
    assert plan.safest[0] == pytest.approx(np.sqrt(plan.valley.params_low * plan.valley.params_high), rel=1e-9)


def test_intervals_are_the_quantiles_over_the_draws():
    draws = scattered(number=40)
    plan = allocate(fit_of(BESIROGLU, draws), BUDGET, level=0.5)
    each = [allocate(fit_of(tuple(row)), BUDGET) for row in draws]
    for name in ("params", "tokens", "tokens_per_param", "loss"):
        wanted = np.quantile([getattr(one, name).value for one in each], [0.25, 0.75])
        np.testing.assert_allclose(getattr(plan, name)[1:], wanted, rtol=1e-12)


def test_the_regret_curve_is_zero_at_the_optimum_and_shows_the_doubt():
    plan = allocate(fit_of(BESIROGLU, scattered()), BUDGET)
    curve = plan.curve
    assert curve.regret.min() < 1e-4 * curve.regret.max()
    assert np.log(curve.params[curve.regret.argmin()] / plan.params.value) == pytest.approx(0, abs=0.03)
    assert (curve.low >= 0).all()
    assert (curve.low <= curve.high).all()
    assert curve.params[0] < plan.valley.params_low
    assert curve.params[-1] > plan.valley.params_high


def test_draws_without_an_optimum_count_against_safety_and_not_in_the_intervals():
    draws = scattered(number=100)
    worthless = draws.copy()
    worthless[:, 2] = 0.0  # tokens cost nothing
    plan = allocate(fit_of(BESIROGLU, np.vstack([draws, worthless])), BUDGET)
    alone = allocate(fit_of(BESIROGLU, draws), BUDGET)
    assert plan.params == alone.params
    assert (plan.draws, plan.without_optimum) == (200, 100)
    assert plan.safest[1] == pytest.approx(alone.safest[1] / 2)
    assert np.isnan(plan.robust.params_low)


def test_the_distance_from_the_data_is_counted_in_decades():
    plan = allocate(fit_of(BESIROGLU), BUDGET)
    assert plan.decades_beyond["params"] == pytest.approx(np.log10(plan.params.value / 1.6e10))
    assert plan.decades_beyond["tokens"] == pytest.approx(np.log10(plan.tokens.value / 5e11))
    assert allocate(fit_of(BESIROGLU), 1e21).decades_beyond == {"params": 0, "tokens": 0}
    assert allocate(fit_of(BESIROGLU), 1e16).decades_beyond["params"] > 0


def test_without_draws_the_intervals_are_unknown_and_the_estimate_stands():
    plan = allocate(fit_of(BESIROGLU), BUDGET)
    assert np.isnan(plan.params.low)
    assert np.isnan(plan.robust.params_low)
    assert np.isnan(plan.safest).all()
    assert '"low": null' in to_json(plan.to_json(), indent=1)


def test_one_draw_is_not_mistaken_for_none():
    plan = allocate(fit_of(BESIROGLU, [HOFFMANN]), BUDGET)
    assert plan.params.low == plan.params.high == pytest.approx(32.19e9, rel=2e-4)


@pytest.mark.parametrize("budget", [0.0, -1e20, float("nan"), float("inf"), "0", "plenty"])
def test_a_budget_that_is_none_is_refused(budget):
    with pytest.raises(InputError, match="budget"):
        allocate(fit_of(BESIROGLU), budget)


def test_a_budget_may_be_written_as_people_write_it():
    assert allocate(fit_of(BESIROGLU), "5.76e23 FLOP").params == pytest.approx(
        allocate(fit_of(BESIROGLU), BUDGET).params, nan_ok=True
    )


def test_other_laws_levels_and_worthless_uses_are_refused():
    with pytest.raises(InputError, match="'coverage' does not split"):
        allocate(fit_of(ZeroInflatedBetaBinomial(0.1, 0.2, 3.0)), BUDGET)
    with pytest.raises(InputError, match="regret"):
        allocate(fit_of(BESIROGLU), BUDGET, regret=0.0)
    with pytest.raises(InputError, match=r"level 1\.0"):
        allocate(fit_of(BESIROGLU), BUDGET, level=1.0)
    with pytest.raises(FitError, match="worthless"):
        allocate(fit_of((1.7, 400.0, 0.0, 0.3, 0.3)), BUDGET)
