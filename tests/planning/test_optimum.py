"""The best split of a budget under laws without a closed form: budget, margins, units, and what more of it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.laws import Bounded, Chinchilla, DataConstrained, Farseer, Kaplan, Law, OverfitPenalty, Skaling, tie
from nextflop.planning.allocation import allocate
from nextflop.planning.optimum import Line, _closed, _searched, optimum

exponents, amplitudes = st.floats(0.15, 0.8), st.floats(10, 1e4)
chinchillas = st.builds(Chinchilla, E=st.floats(0, 3), A=amplitudes, B=amplitudes, alpha=exponents, beta=exponents)
plain = st.one_of(
    st.builds(
        Skaling,
        E=st.floats(0, 3),
        A=st.floats(10, 1e3),
        R=st.floats(0.1, 30),
        alpha=st.floats(0.4, 1.2),
        beta=st.floats(0.4, 1.2),
        k=st.floats(0.2, 0.6),
    ),
    st.builds(
        Kaplan,
        N_c=st.floats(1e12, 1e15),
        D_c=st.floats(1e12, 1e15),
        alpha_N=st.floats(0.04, 0.2),
        alpha_D=st.floats(0.05, 0.3),
    ),
)
repeating = st.one_of(
    st.builds(
        DataConstrained,
        E=st.floats(0, 3),
        A=amplitudes,
        B=amplitudes,
        alpha=st.floats(0.3, 0.5),
        beta=st.floats(0.3, 0.5),
        R_D=st.floats(1, 100),
        R_N=st.floats(1, 100),
    ),
    st.builds(
        OverfitPenalty,
        E=st.floats(0, 3),
        A=amplitudes,
        B=amplitudes,
        P=st.floats(1e-3, 0.3),
        alpha=exponents,
        beta=exponents,
        delta=st.floats(0.2, 1),
        kappa=st.floats(0.2, 1),
    ),
    st.builds(
        Bounded,
        E=st.floats(1, 2),
        L0=st.floats(9, 12),
        a=amplitudes,
        alpha=exponents,
        b=amplitudes,
        beta=exponents,
        c=st.floats(0.01, 1),
        gamma=st.floats(0.2, 0.5),
        delta=st.floats(0.3, 0.6),
    ),
)
budgets = st.floats(17, 25).map(lambda power: 10**power)
uniques = st.floats(8, 12).map(lambda power: 10**power)


def fit_of(law: Law, draws: tuple[Law, ...] = (), unit: tuple[float, float] = (1.0, 1.0)) -> Fit:
    ranges = {"params": (1e7 / unit[0], 1e10 / unit[0])} | dict.fromkeys(
        ("tokens", "unique_tokens"), (1e9 / unit[1], 1e11 / unit[1])
    )
    rows = np.array([list(one.values.values()) for one in draws]).reshape(len(draws), len(law.parameters))
    return Fit(law, Status.converged, 0.0, "none", rows, 0, Certificate(0.0, 1, 1.0, 1.0), 99, "", ranges, 0)


def margins(law: Law, params: float, tokens: float, **given: float) -> tuple[float, float]:
    """What one per cent more parameters and one per cent more tokens take off the loss, by central differences."""
    step = 1e-4

    def loss(size: float, data: float) -> float:
        return float(law(params=params * np.exp(size), tokens=tokens * np.exp(data), **given))

    return (loss(-step, 0) - loss(step, 0)) / (2 * step), (loss(0, -step) - loss(0, step)) / (2 * step)


@settings(max_examples=60)
@given(chinchillas, budgets, st.floats(0.01, 1e4))
def test_the_search_finds_the_closed_form(law: Chinchilla, budget: float, around: float) -> None:
    found = float(_searched(Line(law, budget / 6), around))
    assert found == pytest.approx(float(_closed(law, budget / 6)), rel=1e-5)


@settings(max_examples=60)
@given(plain, budgets, st.floats(0.5, 20))
def test_the_budget_is_spent_and_the_margins_balance(law: Law, budget: float, coefficient: float) -> None:
    params, tokens = map(float, optimum(law, budget, coefficient))
    assert coefficient * params * tokens == pytest.approx(budget, rel=1e-14)
    of_params, of_tokens = margins(law, params, tokens)
    assert of_params == pytest.approx(of_tokens, rel=1e-3)
    assert of_params > 0
    # These laws have one minimum along a budget: no split of a fine grid is better.
    size = params * np.exp(np.linspace(-12, 12, 4001))
    assert Line(law, budget / coefficient).loss(size).min() >= float(law(params=params, tokens=tokens)) * (1 - 1e-13)


@settings(max_examples=60)
@given(repeating, budgets, uniques)
def test_with_unique_tokens_fixed_no_nearby_split_is_better(law: Law, budget: float, unique: float) -> None:
    params, tokens = map(float, optimum(law, budget, unique_tokens=unique))
    if np.isnan(params):
        return  # a penalty may leave no minimum downhill; that is said and not guessed
    assert 6 * params * tokens == pytest.approx(budget, rel=1e-14)
    near = params * np.exp(np.linspace(-0.2, 0.2, 201))
    line = Line(law, budget / 6, {"unique_tokens": unique})
    assert line.loss(near).min() >= float(line.loss(np.array(params))) * (1 - 1e-12)


@settings(max_examples=60)
@given(plain, budgets, st.floats(1.1, 1e3))
def test_more_compute_never_hurts(law: Law, budget: float, factor: float) -> None:
    one, more = (
        float(law(**dict(zip(("params", "tokens"), optimum(law, b), strict=True)))) for b in (budget, budget * factor)
    )
    assert more < one


@settings(max_examples=60)
@given(repeating, budgets, uniques, st.floats(1.01, 1e3))
def test_more_unique_data_never_hurts(law: Law, budget: float, unique: float, factor: float) -> None:
    params, tokens = map(float, optimum(law, budget, unique_tokens=unique))
    if np.isnan(params):
        return
    # The old split with more unique data is no worse, hence the new optimum is not.
    before = float(law(params=params, tokens=tokens, unique_tokens=unique))
    kept = float(law(params=params, tokens=tokens, unique_tokens=unique * factor))
    assert kept <= before * (1 + 1e-12)
    best, spent = map(float, optimum(law, budget, around=tokens / params, unique_tokens=unique * factor))
    if np.isfinite(best):
        assert float(law(params=best, tokens=spent, unique_tokens=unique * factor)) <= kept * (1 + 1e-12)


@settings(max_examples=30)
@given(st.one_of(plain, repeating), budgets, uniques, st.floats(0.01, 100), st.floats(0.01, 100))
def test_counting_parameters_and_tokens_in_other_units_changes_no_decision(
    law: Law, budget: float, unique: float, size: float, data: float
) -> None:
    units = {"params": size, "tokens": data, "unique_tokens": data}
    other = law.in_units(**{name: unit for name, unit in units.items() if name in law.inputs})
    given_one = {"unique_tokens": unique} if "unique_tokens" in law.inputs else {}
    given_two = {"unique_tokens": unique / data} if given_one else {}
    try:
        one = allocate(fit_of(law), budget, **given_one)
    except FitError:
        return
    two = allocate(fit_of(other, unit=(size, data)), budget / size / data, **given_two)
    # Where the valley is flat to the rounding of the loss its middle is known less well than its depth.
    assert two.loss.value == pytest.approx(one.loss.value, rel=1e-9)
    swapped = float(law(params=two.params.value * size, tokens=two.tokens.value * data, **given_one))
    assert swapped == pytest.approx(one.loss.value, rel=1e-9)
    assert two.valley.params_low * size == pytest.approx(one.valley.params_low, rel=1e-2)


@settings(max_examples=30)
@given(plain, budgets, st.floats(0.001, 0.1))
def test_the_ends_of_the_valley_cost_exactly_the_regret(law: Law, budget: float, regret: float) -> None:
    plan = allocate(fit_of(law), budget, regret=regret)
    assert plan.valley.params_low < plan.params.value < plan.valley.params_high
    for params in plan.valley[:2]:
        if 1e-60 < params < 1e80:  # else the valley is endless
            lost = float(law(params=params, tokens=budget / 6 / params)) - plan.loss.value
            assert lost == pytest.approx(regret, rel=1e-4)


def test_draws_of_a_law_are_split_one_by_one_and_all_at_once() -> None:
    law = Skaling(E=1.7, A=120.0, R=5.0, alpha=0.9, beta=0.95, k=0.4)
    rng = np.random.default_rng(0)
    draws = tuple(Skaling(*(v * np.exp(0.02 * rng.normal()) for v in law.values.values())) for _ in range(20))
    plan = allocate(fit_of(law, draws), 1e22, level=0.5)
    each = [float(optimum(one, 1e22)[0]) for one in draws]
    np.testing.assert_allclose(plan.params[1:], np.quantile(each, [0.25, 0.75]), rtol=1e-5)


def test_a_tied_law_has_the_closed_form_of_its_parent() -> None:
    tied = tie(Chinchilla, beta="alpha")(E=1.8, A=480.0, B=1500.0, alpha=0.35)
    whole = Chinchilla(E=1.8, A=480.0, B=1500.0, alpha=0.35, beta=0.35)
    assert allocate(fit_of(tied), 1e22).params == pytest.approx(allocate(fit_of(whole), 1e22).params, nan_ok=True)


def test_the_published_laws_of_repeated_data_split_as_on_record() -> None:
    # Muennighoff et al. 2023, arXiv:2305.16264: 9.49 epochs at 1e22 FLOP with 25e9 unique tokens, by a fine grid.
    law = DataConstrained(
        E=np.exp(0.6254804),
        A=np.exp(6.255414),
        B=np.exp(7.3049974),
        alpha=0.3526596,
        beta=0.3526596,
        R_D=15.387756,
        R_N=5.309743,
    )
    plan = allocate(fit_of(law), "1e22", unique_tokens="25B")
    assert plan.params.value == pytest.approx(7.022364735879969e9, rel=1e-3)
    assert plan.tokens.value / 25e9 == pytest.approx(9.49347821910203, rel=1e-3)


def test_a_form_that_breaks_down_far_from_its_runs_is_not_followed_there() -> None:
    # Farseer's offset goes to 0 at sizes that no one builds, where its loss is below any in reach.
    law = Farseer.from_published(
        s=-0.062465473,
        q=0.13,
        S=0.1284880679442551,
        B=230.73437075885855,
        b=-0.1729,
        Q=-1.544209554,
        A=-1.665630816,
        a=0.0458999999999619,
        E=3.133347198805445,
    )
    params, tokens = map(float, optimum(law, 1e22))
    assert 1 < tokens / params < 1000
    assert float(law(params=1e20, tokens=1e22 / 6e20)) < float(law(params=params, tokens=tokens))


def test_worthless_uses_and_wrong_inputs_are_refused() -> None:
    flat = Skaling(E=1.7, A=0.0, R=5.0, alpha=0.9, beta=0.95, k=0.4)
    with pytest.raises(FitError, match="worthless"):
        allocate(fit_of(flat), 1e22)
    only_tokens = Skaling(E=1.7, A=120.0, R=5.0, alpha=0.0, beta=0.95, k=0.4)
    assert np.isnan(optimum(only_tokens, 1e22)[0])
    penalty = OverfitPenalty(E=1.8, A=480.0, B=2100.0, P=0.05, alpha=0.35, beta=0.37, delta=0.4, kappa=0.7)
    with pytest.raises(InputError, match="also takes unique_tokens"):
        allocate(fit_of(penalty), 1e22)
    with pytest.raises(InputError, match="unique_tokens '0' is not positive"):
        allocate(fit_of(penalty), 1e22, unique_tokens="0")
    with pytest.raises(InputError, match="no input of 'skaling' 'unique_tokens'"):
        allocate(fit_of(flat), 1e22, unique_tokens=1e9)
