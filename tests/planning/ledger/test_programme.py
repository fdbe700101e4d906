"""The constrained problem: the budget is met, no neighbour is better, and more of anything never hurts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.ledger.worlds import BESIROGLU, LAWS, MUENNIGHOFF, PENALTY, member, stocked

from nextflop.planning.allocation import optimum
from nextflop.planning.ledger.piece import Best
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus, Limits, Situation, Use
from nextflop.planning.ledger.solver import solve
from nextflop.planning.ledger.text import levers

BUDGETS = st.floats(18, 26).map(lambda power: 10**power)
TOKENS = st.floats(8, 13).map(lambda power: 10**power)
NAMES = st.sampled_from(sorted(LAWS))


def best_of(situation: Situation, law: str, **more: object) -> Best:
    return solve(Programme(situation, situation.owned, **more), member(LAWS[law]))


def total(best: Best) -> float:
    spent = best.spending
    return float(spent.training[0] + spent.inference[0] + spent.text[0] + spent.unspent[0])


def test_the_published_law_repeats_the_data_nine_and_a_half_times() -> None:
    # A grid search at 1e22 FLOP and 25e9 unique tokens: 9.4935 epochs, 7.022e9 parameters, 2.3734e11 tokens.
    best = best_of(stocked(1e22, 25e9), "data-constrained")
    assert float(best.spending.epochs[0]) == pytest.approx(9.4935, rel=0.01)
    assert float(best.spending.params[0]) == pytest.approx(7.022e9, rel=0.01)
    assert float(best.spending.tokens[0]) == pytest.approx(2.3734e11, rel=0.01)


def test_twice_the_compute_and_twice_the_data_buy_what_is_on_record() -> None:
    # Fall of the loss at the allocation chosen anew, published constants.
    problem = Programme(stocked(1e22, 25e9), (Corpus("a", 25e9),))
    base = best_of(stocked(1e22, 25e9), "data-constrained")
    for changes, gain in (({"budget": 2.0}, 0.0246), ({"stock": 2.0}, 0.0219)):
        more = solve(problem.but(**changes), member(MUENNIGHOFF))
        assert float(base.loss[0] - more.loss[0]) == pytest.approx(gain, abs=5e-5)


@given(budget=BUDGETS)
def test_without_a_stock_it_is_the_closed_form_of_the_compute_optimal_allocation(budget: float) -> None:
    best = solve(Programme(Situation(budget), ()), member(BESIROGLU))
    params, tokens = optimum(BESIROGLU, budget)
    assert float(best.spending.params[0]) == pytest.approx(float(params), rel=1e-4)
    assert float(best.spending.tokens[0]) == pytest.approx(float(tokens), rel=1e-4)
    assert best.converged.all()


@given(budget=BUDGETS, tokens=TOKENS, law=NAMES, served=st.floats(0, 1e10), most=st.floats(1e8, 1e12))
def test_the_budget_is_met_exactly_and_limits_are_kept(
    budget: float, tokens: float, law: str, served: float, most: float
) -> None:
    situation = stocked(budget, tokens, use=Use(served), limits=Limits(most_params=most, most_epochs=20.0))
    best = best_of(situation, law, most_epochs=20.0)
    if not np.isfinite(best.loss[0]):
        return
    assert total(best) == pytest.approx(budget, rel=1e-9)
    assert float(best.spending.unspent[0]) >= 0
    assert float(best.spending.params[0]) <= most * (1 + 1e-9)
    assert float(best.spending.epochs[0]) <= 20 * (1 + 1e-9)


@given(budget=BUDGETS, tokens=TOKENS, law=NAMES)
def test_no_other_number_of_parameters_is_better(budget: float, tokens: float, law: str) -> None:
    best = best_of(stocked(budget, tokens), law)
    # Everywhere, at one epoch, and close by: a penalty can bend more sharply than the coarse grid sees.
    near = np.geomspace(0.98, 1.02, 2001) * best.spending.params[0]
    params = np.concatenate([np.geomspace(1e4, 1e15, 4001), [budget / 6 / tokens], near])
    spent = budget / (6 * params)
    loss = LAWS[law](params=params, tokens=spent, unique_tokens=tokens)
    loss = loss[spent >= 1e3]
    assert float(best.loss[0]) <= loss.min() * (1 + 1e-9)
    if best.spending.unspent[0] == 0:  # else it is better than whatever spends everything
        assert loss.min() - float(best.loss[0]) < 1e-4 * loss.min()


@settings(max_examples=30)
@given(
    budget=st.floats(19, 24).map(lambda power: 10**power),
    tokens=TOKENS,
    law=NAMES,
    most=st.floats(8, 12).map(lambda power: 10**power),
    factor=st.floats(1.01, 30),
)
def test_more_of_a_resource_never_makes_the_outcome_worse(
    budget: float, tokens: float, law: str, most: float, factor: float
) -> None:
    limits = Limits(most_params=most)
    least = best_of(stocked(budget, tokens, limits=limits), law).loss[0]
    for richer in (
        stocked(factor * budget, tokens, limits=limits),
        stocked(budget, factor * tokens, limits=limits),
        stocked(budget, tokens, limits=Limits(most_params=factor * most)),
    ):
        assert best_of(richer, law).loss[0] <= least * (1 + 1e-6)


def test_where_a_law_knows_overfitting_a_small_model_leaves_budget_unspent() -> None:
    best = best_of(stocked(1e24, 1e9, limits=Limits(most_params=1e9)), "overfit-penalty")
    assert best.spending.unspent[0] > 0.5e24
    assert total(best) == pytest.approx(1e24, rel=1e-9)
    # By hand: the least loss over sizes and epochs that the budget allows.
    params, epochs = np.meshgrid(np.geomspace(1e6, 1e9, 400), np.geomspace(0.01, 1e4, 800))
    loss = PENALTY(params=params, tokens=1e9 * epochs, unique_tokens=1e9)
    assert float(best.loss[0]) == pytest.approx(loss.min(), rel=1e-5)


@settings(max_examples=20)
@given(factor=st.floats(1e-3, 1e3), law=NAMES)
def test_units_of_money_and_hours_do_not_matter(factor: float, law: str) -> None:
    text = (Corpus("text", 25e9), Corpus("books", 1e12, kind="licensed", price=1e-6))
    plain = Situation(1e22, flop_price=1e-18, sources=text)
    dear = (text[0], Corpus("books", 1e12, kind="licensed", price=1e-6 * factor))
    other = Situation(1e22 / 7, "chip-hours", flop_per_unit=7.0, flop_price=1e-18 * factor, sources=dear)
    first, second = (solve(Programme(one, one.owned, levers(one)), member(LAWS[law])) for one in (plain, other))
    for a, b in zip(first.spending, second.spending, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)


@settings(max_examples=30)
@given(price=st.floats(-9, -4).map(lambda power: 10**power), law=NAMES)
def test_at_the_optimum_a_token_is_worth_its_price_or_none_or_all_are_bought(price: float, law: str) -> None:
    situation = Situation(
        1e22, flop_price=1e-18, sources=(Corpus("text", 25e9), Corpus("books", 1e11, kind="licensed", price=price))
    )
    problem = Programme(situation, situation.owned, levers(situation))
    best = solve(problem, member(LAWS[law]))
    assert total(best) == pytest.approx(1e22, rel=1e-9)
    cost = price / 1e-18
    for more in (0.98, 1.02, 1.3, 0.5):  # another amount of books, the rest of the budget as is best
        bought = float(best.spending.raw[0] - 25e9) * more + (1e9 if more > 1 else 0.0)
        bought = min(bought, 1e11)
        left = 1e22 - cost * bought
        if left <= 0:
            continue
        other = best_of(stocked(left, 25e9 + bought), law)
        assert float(best.loss[0]) <= float(other.loss[0]) * (1 + 1e-7)


def test_serving_makes_the_best_model_smaller_and_longer_trained() -> None:
    sizes = [
        float(solve(Programme(Situation(1e22, use=Use(queries)), ()), member(BESIROGLU)).spending.params[0])
        for queries in (0.0, 1e8, 1e9)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_synthetic_text_saturates_and_keeps_to_its_share() -> None:
    made = Corpus(
        "rephrased", 0.0, kind="synthetic", made_from="text", price=1e-12, saturation=2.0, exchange=0.8, share=0.3
    )
    situation = Situation(1e23, flop_price=1e-18, sources=(Corpus("text", 25e9), made))
    (lever,) = levers(situation)
    tokens = np.array([1e6, 25e9, 1e15])
    # x U K (1 - exp(-g / K)) for g = tokens / U
    np.testing.assert_allclose(lever.worth(tokens), 0.8 * 25e9 * 2 * (1 - np.exp(-tokens / 25e9 / 2)), rtol=1e-6)
    best = solve(Programme(situation, situation.owned, (lever,)), member(PENALTY))
    share = 1 - 25e9 / float(best.spending.raw[0])
    assert share <= 0.3 + 1e-9
    assert lever.limit == "share"


def late(budget: float, most: float, served: float, price: float, stock: float, made: bool) -> Situation:
    """Text for sale, a use, and a deadline that leaves training `most` FLOP of the budget."""
    sources = (Corpus("text", 25e9), Corpus("books", stock, kind="licensed", price=price * 1e-18))
    if made:
        sources += (Corpus("again", 0.0, kind="synthetic", made_from="text", price=2e-7, exchange=0.5, saturation=6.0),)
    return Situation(budget, flop_price=1e-18, sources=sources, use=Use(served), limits=Limits(most_training=most))


@settings(max_examples=40)
@given(
    share=st.floats(-3, 0.5).map(lambda power: 10**power),
    served=st.sampled_from([0.0, 1e6, 1e8, 1e9]),
    price=st.floats(8, 14).map(lambda power: 10**power),
    stock=st.floats(8, 12).map(lambda power: 10**power),
    law=NAMES,
    made=st.booleans(),
)
def test_a_deadline_binds_the_training_and_nothing_else(
    share: float, served: float, price: float, stock: float, law: str, made: bool
) -> None:
    situation = late(1e23, share * 1e23, served, price, stock, made)
    found = levers(situation)
    problem = Programme(situation, situation.owned, found)
    best = solve(problem, member(LAWS[law]))
    spent = best.spending
    assert total(best) == pytest.approx(1e23, rel=1e-9)
    assert float(spent.training[0]) <= share * 1e23 * (1 + 1e-9)
    assert float(spent.unspent[0]) >= 0
    # By hand, over sizes, epochs and settings of the levers: nothing that both limits allow is better.
    axes = [np.linspace(0.0, lever.most, 41 if made else 161) for lever in found]
    z = np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)[:, None]
    data = problem.text(z)
    left = 1e23 - data.cost
    tokens = data.raw * np.concatenate([[1.0], np.geomspace(1e-3, 3e3, 400)])
    with np.errstate(all="ignore"):
        params = np.minimum(left / (6 * tokens + 2000 * served), min(share, 1.0) * 1e23 / 6 / tokens)
        loss = LAWS[law](params=params, tokens=tokens * data.worth / data.raw, unique_tokens=data.worth)
    assert float(best.loss[0]) <= np.nanmin(np.where(params >= 100, loss, np.inf)) + 1e-3
