"""One budget under several laws: the split of least mean loss, what it rests on, and what must not matter."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import to_json
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.fitting.objective import Huber, Method
from nextflop.laws import Chinchilla, DataConstrained, Kaplan, Law, Skaling
from nextflop.planning.allocation import allocate
from nextflop.planning.optimum import optimum
from nextflop.planning.pooled import pooled

PLAIN = Chinchilla(E=1.82, A=482.0, B=2085.0, alpha=0.348, beta=0.366)
BENT = Skaling(E=1.7, A=25.0, R=5.0, alpha=0.9, beta=0.95, k=0.35)
BUDGET = 1e22


def fit_of(law: Law, draws: int = 0, width: float = 0.02, unit: float = 1.0) -> Fit:
    rng = np.random.default_rng(0)
    values = np.array([float(value) for value in law.values.values()])
    rows = values * np.exp(width * rng.normal(size=(draws, len(values))))
    ranges = {"params": (1e7 / unit, 1e10 / unit)} | dict.fromkeys(
        ("tokens", "unique_tokens"), (1e9 / unit, 1e11 / unit)
    )
    proof = Certificate(0.0, 1, 1.0, 1.0)
    how = Method(Huber())
    return Fit(law, Status.converged, 0.0, "none", rows, 0, proof, 40, "same", ranges, 0, 0.9, (), how, np.zeros(40))


def test_one_law_without_draws_has_the_optimum_of_its_fit() -> None:
    for law in (PLAIN, BENT):
        alone, plan = allocate(fit_of(law), BUDGET), pooled([fit_of(law)], BUDGET)
        assert plan.params.value == pytest.approx(alone.params.value, rel=1e-3)
        assert plan.loss.value == pytest.approx(alone.loss.value, rel=1e-8)
        assert plan.expected_regret == pytest.approx(0, abs=1e-8)
        assert plan.probability == pytest.approx(1)
        assert plan.valley.params_low == pytest.approx(alone.valley.params_low, rel=0.02)
        assert plan.decades_beyond == pytest.approx(alone.decades_beyond, abs=1e-3)


@settings(max_examples=10)
@given(st.floats(17, 26), st.floats(0.01, 0.99))
def test_the_budget_is_spent_and_no_other_split_loses_less_on_the_mean(power: float, share: float) -> None:
    budget = 10**power
    fits = [fit_of(PLAIN, 30), fit_of(BENT, 30)]
    plan = pooled(fits, budget, {"chinchilla": share, "skaling": 1 - share})
    assert 6 * plan.params.value * plan.tokens.value == pytest.approx(budget, rel=1e-12)

    def mean(params: np.ndarray) -> np.ndarray:
        regrets = []
        for fit in fits:
            size, data = optimum(fit.laws, budget)
            above = fit.laws(params=params, tokens=budget / 6 / params) - fit.laws(params=size, tokens=data)
            regrets.append(np.clip(above, 0, 0.1).mean(axis=0))
        return share * regrets[0] + (1 - share) * regrets[1]

    own = mean(np.array([plan.params.value]))[0]
    assert own <= mean(plan.params.value * np.exp(np.linspace(-5, 5, 2001))).min() + 1e-6
    assert own == pytest.approx(plan.expected_regret, abs=1e-6)


def test_one_draw_in_a_hundred_does_not_outvote_the_others() -> None:
    calm = fit_of(PLAIN, 99, width=0.002)
    wild = Chinchilla(E=0.5, A=5e4, B=2085.0, alpha=0.25, beta=0.9)  # parameters are worth nats at any size
    mixed = replace(calm, draws=np.vstack([calm.draws, [list(wild.values.values())]]))
    assert pooled([mixed], BUDGET).params.value == pytest.approx(pooled([calm], BUDGET).params.value, rel=0.15)


def test_the_weights_move_it_from_one_laws_optimum_to_the_others() -> None:
    fits = [fit_of(PLAIN), fit_of(BENT)]
    ends = [allocate(fit, BUDGET).params.value for fit in fits]
    places = [
        pooled(fits, BUDGET, {"chinchilla": 1 - share, "skaling": share}).params.value for share in np.linspace(0, 1, 6)
    ]
    assert places[0] == pytest.approx(ends[0], rel=1e-3)
    assert places[-1] == pytest.approx(ends[1], rel=1e-3)
    assert (np.sign(ends[1] - ends[0]) * np.diff(places) > 0).all()


def test_each_law_says_what_the_common_split_costs_if_it_is_right() -> None:
    plan = pooled([fit_of(PLAIN), fit_of(BENT)], BUDGET, {"chinchilla": 0.5, "skaling": 0.5})
    for law in (PLAIN, BENT):
        own = plan.laws[law.name]
        cost = float(law(params=plan.params.value, tokens=plan.tokens.value)) - own.loss
        assert own.cost == pytest.approx(cost, abs=1e-9)
        assert own.params == pytest.approx(allocate(fit_of(law), BUDGET).params.value, rel=1e-6)
    assert plan.expected_regret == pytest.approx(np.mean([one.cost for one in plan.laws.values()]), abs=1e-9)


def test_more_compute_never_makes_the_mean_loss_worse() -> None:
    fits = [fit_of(PLAIN, 30), fit_of(BENT, 30)]
    plans = [pooled(fits, budget, {"chinchilla": 0.5, "skaling": 0.5}) for budget in np.geomspace(1e18, 1e26, 9)]
    assert (np.diff([plan.loss.value for plan in plans]) < 0).all()


def test_units_never_matter() -> None:
    other = PLAIN.in_units(params=100.0, tokens=100.0), BENT.in_units(params=100.0, tokens=100.0)
    weights = {"chinchilla": 0.3, "skaling": 0.7}
    one = pooled([fit_of(PLAIN), fit_of(BENT)], BUDGET, weights)
    two = pooled([fit_of(law, unit=100.0) for law in other], BUDGET / 1e4, weights)
    assert two.params.value * 100 == pytest.approx(one.params.value, rel=1e-4)
    assert two.loss.value == pytest.approx(one.loss.value, rel=1e-10)


def test_laws_with_other_inputs_share_what_is_given() -> None:
    repeating = DataConstrained(**PLAIN.values, R_D=15.0, R_N=5.0)
    fits = [fit_of(PLAIN), fit_of(repeating)]
    weights = {"chinchilla": 0.5, "data-constrained": 0.5}
    scarce = pooled(fits, BUDGET, weights, unique_tokens="2B")
    plenty = pooled(fits, BUDGET, weights, unique_tokens="10T")
    assert scarce.loss.value > plenty.loss.value
    assert scarce.laws["chinchilla"].params == plenty.laws["chinchilla"].params
    assert plenty.params.value == pytest.approx(allocate(fit_of(PLAIN), BUDGET).params.value, rel=1e-2)


def test_without_weights_the_runs_at_hand_decide() -> None:
    # Both fit their runs alike, so the law with a parameter more counts for less.
    plan = pooled([fit_of(PLAIN), fit_of(BENT)], BUDGET)
    assert plan.laws["chinchilla"].weight > plan.laws["skaling"].weight > 0


def test_a_law_under_which_one_use_is_worthless_is_left_out_and_said() -> None:
    flat = Skaling(E=1.7, A=0.0, R=5.0, alpha=0.9, beta=0.95, k=0.4)
    plan = pooled([fit_of(PLAIN), fit_of(flat)], BUDGET, {"chinchilla": 0.5, "skaling": 0.5})
    assert plan.laws["skaling"].without_optimum == 1.0
    assert plan.params.value == pytest.approx(allocate(fit_of(PLAIN), BUDGET).params.value, rel=1e-3)
    with pytest.raises(FitError, match="no law that counts"):
        pooled([fit_of(flat)], BUDGET)


def test_wrong_weights_budgets_and_inputs_are_refused() -> None:
    fits = [fit_of(PLAIN), fit_of(BENT)]
    for weights in ({"chinchilla": 1.0}, {"chinchilla": -1.0, "skaling": 2.0}, {"chinchilla": 0.0, "skaling": 0.0}):
        with pytest.raises(InputError, match="not those of"):
            pooled(fits, BUDGET, weights)
    with pytest.raises(InputError, match="budget"):
        pooled(fits, "0")
    with pytest.raises(InputError, match=r"level 2"):
        pooled(fits, BUDGET, level=2.0)
    with pytest.raises(InputError, match="'depth'"):
        pooled(fits, BUDGET, depth=3.0)
    with pytest.raises(InputError, match="also takes unique_tokens"):
        pooled([fit_of(PLAIN), fit_of(DataConstrained(**PLAIN.values, R_D=15.0, R_N=5.0))], BUDGET)
    with pytest.raises(InputError, match="no fit"):
        pooled([], BUDGET)


def test_its_json_says_what_every_law_says() -> None:
    plan = pooled([fit_of(PLAIN, 30), fit_of(Kaplan(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103), 30)], BUDGET)
    record = plan.to_json()
    assert set(record["laws"]) == {"chinchilla", "kaplan"}
    assert record["params"]["low"] <= record["params"]["value"]
    assert '"expected_regret"' in to_json(record)
