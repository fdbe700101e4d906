"""How much of an amount to buy: closed forms, limits, and what a budget may and may not change."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nextflop as nf
from nextflop.errors import InputError
from nextflop.laws import (
    BestOfN,
    Chinchilla,
    CoveragePower,
    Reinforced,
    RLLog,
    RLOveroptimised,
    Sigmoid,
    StrengthCompute,
    StrengthSimulations,
    ZeroInflatedBetaBinomial,
    best_of_n_kl,
)
from nextflop.laws.base import Law
from nextflop.planning.ledger.bought.part import beyond
from nextflop.planning.ledger.bought.purchase import Cost, Purchase, answer_cost, of_curve, within
from nextflop.planning.ledger.bought.search import buy, least_amount
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.situation import Limits, Situation, Use
from nextflop.planning.selection import Verifier


def drawn(law: Law, spread: float, seed: int = 0, **ranges) -> Member:
    """A law whose 200 draws scatter about it by a share of each parameter."""
    estimate = np.array([list(law.values.values())])
    rows = estimate * np.exp(spread * np.random.default_rng(seed).normal(size=(200, estimate.shape[1])))
    return Member(law.name, type(law).from_draws(np.vstack([estimate, rows])), 1.0, ranges, "made up")


SITUATION = Situation(1e21, use=Use(queries=1e6))
RL = Sigmoid(0.25, 0.61, 1e20, 1.2)


def rl(**changes) -> Purchase:
    given = {"code": "rl", "members": (drawn(RL, 0.05),), "cost": Cost(flop=1.0), **changes}
    return Purchase(**given)


def test_a_deadline_holds_what_is_trained_and_not_what_is_served() -> None:
    late = SITUATION.but(limits=Limits(most_training=1e19))
    held = buy(rl(), late, 0.9)
    assert (held.decision, held.held) == (1e19, "deadline")
    assert buy(rl(), SITUATION, 0.9).decision == 1e21
    assert buy(samples(), late, 0.9).decision == buy(samples(), SITUATION, 0.9).decision


def samples(**changes) -> Purchase:
    law = ZeroInflatedBetaBinomial(0.1, 0.28, 1.5)
    given = {
        "code": "samples",
        "members": (drawn(law, 0.05),),
        "cost": answer_cost(1e9, 1000.0),
        "start": 1.0,
        **changes,
    }
    return Purchase(**given)


def test_reinforcement_learning_takes_all_of_the_budget_while_it_helps():
    found = buy(rl(), SITUATION, 0.9)
    assert found.decision == pytest.approx(1e21)
    assert found.held == "budget"
    assert found.flop == pytest.approx(1e21)
    assert found.outcome[0] == pytest.approx(float(RL(rl_flop=1e21)), abs=1e-9)
    assert found.standing[0] == pytest.approx(0.25)
    by_hand = float(RL(rl_flop=1.01e21) - RL(rl_flop=1e21))
    assert found.marginal[1:].mean() == pytest.approx(by_hand, rel=0.3)


def test_policies_that_exploit_their_proxy_are_stopped_at_the_closed_form_optimum():
    law = RLOveroptimised(alpha=0.9, beta=0.4)
    found = buy(Purchase("ppo", (of_constants(law, "gao", "x"),), Cost(flop=1e18)), SITUATION, 0.9)
    best = np.exp(2 * (0.9 / 0.4 - 1))  # d = exp(α/β - 1), and d² is bought
    assert found.decision == pytest.approx(best, rel=1e-3)
    assert found.flop < 0.02 * SITUATION.flop
    assert found.best[0] == pytest.approx(0.4 * np.sqrt(best), rel=1e-6)
    assert (found.marginal == 0).all()


def test_best_of_n_ends_at_the_best_whole_number():
    law = BestOfN(alpha=1.0, beta=0.4)
    found = buy(Purchase("bon", (of_constants(law, "gao", "x"),), answer_cost(1e9, 1000.0), start=1.0), SITUATION, 0.9)
    n = np.arange(1, 400)
    assert found.purchase.amount == "samples"
    assert found.decision == n[law(kl=best_of_n_kl(n)).argmax()]


@given(budget=st.floats(18, 24), queries=st.floats(0, 9), most=st.floats(1, 1e4))
def test_samples_are_whole_within_budget_and_limit_and_none_less_would_do(budget, queries, most):
    situation = Situation(10**budget, use=Use(queries=10**queries))
    found = buy(samples(members=(of_constants(CoveragePower(4.0, 0.35), "c", "x"),), most=most), situation, 0.9)
    assert found.decision == np.floor(found.decision) >= 1
    assert found.flop <= situation.flop * (1 + 1e-9)
    assert found.decision == max(1.0, np.floor(min(most, 1 + 10**budget / (10**queries * 2e12)) * (1 + 1e-12)))


@settings(max_examples=10)
@given(more=st.floats(1.0, 100.0))
def test_a_larger_budget_never_hurts(more):
    for purchase in (rl(), samples(verifier=Verifier(0.9, 0.1)), samples(most=64.0)):
        less, greater = (buy(purchase, Situation(b, use=Use(queries=1e6)), 0.9) for b in (1e20, 1e20 * more))
        assert (greater.best >= less.best - 1e-9).all()
        assert (greater.best >= greater.standing - 1e-12).all()


@settings(max_examples=10)
@given(factor=st.floats(0.01, 100.0))
def test_units_do_not_matter(factor):
    dollars = Situation(1e21 * factor, "USD", flop_per_unit=1 / factor, flop_price=factor, use=Use(queries=1e6))
    plain = buy(samples(), SITUATION, 0.9)
    paid = buy(samples(cost=Cost(dollars=2e12 * factor, per_query=True)), dollars, 0.9)
    assert paid.decision == plain.decision
    law = RL.in_units(rl_flop=factor)
    assert buy(
        rl(members=(of_constants(law, "r", "x"),), cost=Cost(flop=factor)), SITUATION, 0.9
    ).outcome == pytest.approx(buy(rl(members=(of_constants(RL, "r", "x"),)), SITUATION, 0.9).outcome)


def test_an_error_is_lower_where_better_and_read_as_accuracy_only_if_asked():
    law = of_constants(RLLog(0.1, 5e9, 1.55, 4e9), "tan", "arXiv:2509.25300")
    given = {"code": "rl", "members": (law,), "cost": Cost(flop=1.0), "start": 1e18, "fixed": {"params": 7e9}}
    error, accuracy = (buy(Purchase(**given, as_accuracy=flag), SITUATION, 0.9) for flag in (False, True))
    assert error.purchase.response == "error"
    assert accuracy.purchase.response == "accuracy"
    assert error.best < error.standing
    assert accuracy.best > accuracy.standing
    assert error.best[0] == pytest.approx(1 - accuracy.best[0])


def test_a_verifier_that_lets_wrong_answers_pass_makes_spending_less_as_good():
    perfect, poor = (buy(samples(verifier=Verifier(0.95, f)), SITUATION, 0.9) for f in (0.0, 0.1))
    assert perfect.decision == 501
    assert poor.decision < 300
    assert poor.outcome[0] < perfect.outcome[0] - 0.2


@pytest.mark.parametrize(
    ("law", "start", "fixed", "amount", "response"),
    [
        (Reinforced(0.4, 2e3, 1.0, 1.2), 0.0, {"start": 0.2}, "answers", "accuracy"),
        (StrengthCompute(0.55, -3000.0), 1e16, {}, "flop", "elo"),
        (StrengthSimulations(0.6, 100.0), 1.0, {}, "simulations", "elo"),
        (RLLog(0.1, 5e9, 1.55, 4e9), 1e15, {"params": 7e9}, "rl_flop", "error"),
        (CoveragePower(4.0, 0.3), 1.0, {}, "samples", "coverage"),
    ],
)
def test_every_law_of_one_amount_can_be_bought(law, start, fixed, amount, response):
    made = Purchase("x", (of_constants(law, "x", "x"),), Cost(flop=1e15 / max(start, 1.0)), start=start, fixed=fixed)
    found = buy(made, Situation(1e20), 0.9)
    assert (made.amount, made.response) == (amount, response)
    assert found.decision == pytest.approx(start + 1e5 * max(start, 1.0), rel=1e-9)
    wanted = float(law(**{amount: found.decision}, **fixed))
    assert found.outcome[0] == pytest.approx(wanted)
    assert found.sign * (found.outcome[0] - found.standing[0]) > 0


def test_the_worth_of_one_per_cent_more_is_the_slope_of_the_curve():
    made = Purchase("x", (of_constants(StrengthCompute(0.55, 0.0), "x", "x"),), Cost(flop=1.0), start=1e18)
    found = buy(made, Situation(1e20), 0.9)
    assert found.marginal[0] == pytest.approx(400 * 0.55 * np.log10((1e18 + 1.01e20) / (1e18 + 1e20)), rel=1e-6)


def test_a_curve_of_grpo_runs_bends_before_the_budget_ends(public_data):
    """Qwen3 0.6B on GSM8K (steps as amount): A 0.681, and the last step measured 0.687."""
    with (public_data / "rl-curves" / "grpo-gsm8k-qwen3.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["0.6b"]]
    steps, accuracy = (np.array([float(row[name]) for row in rows]) for name in ("Step", "0.6b"))
    fit = nf.fit(Sigmoid, nf.Runs({"rl_flop": steps, "accuracy": accuracy}), draws=100)
    made = Purchase("rl", (of_curve(fit),), Cost(flop=1.0), task="GSM8K")
    measured, tenfold = (buy(made, Situation(budget), 0.9) for budget in (steps.max(), 10 * steps.max()))
    assert measured.pool.mean(measured.outcome) == pytest.approx(0.687, abs=0.02)
    gained = tenfold.pool.mean(tenfold.outcome) - measured.pool.mean(measured.outcome)
    assert 0 <= gained < 0.03  # ten times the steps bring less than three points: the ceiling is reached
    assert beyond(measured)["rl_flop"] == 0.0
    assert tenfold.decision <= 10 * steps.max()


def test_most_of_the_gain_may_be_had_for_a_part_of_the_price():
    found = buy(rl(members=(of_constants(RL, "r", "x"),)), SITUATION, 0.9)
    gained = (float(RL(rl_flop=found.enough)) - 0.25) / (found.outcome[0] - 0.25)
    assert gained == pytest.approx(0.95, abs=0.01)
    assert found.enough < 0.65 * found.decision
    nothing = buy(rl(most=0.0), SITUATION, 0.9)
    assert nothing.enough == nothing.decision == 0.0


def test_the_least_amount_inverts_a_curve():
    found = buy(rl(), SITUATION, 0.9)
    some = np.arange(1, 6)
    aim = found.at(np.array([3e19]), some)[:, 0]
    assert least_amount(found, aim, some, 1e22) == pytest.approx(np.full(5, 3e19), rel=1e-5)
    assert np.isinf(least_amount(found, np.full(5, 0.99), some, 1e22)).all()


def test_latency_counts_rounds():
    assert within(10.0, 2.0) == 5
    assert within(10.0, 3.0, together=8) == 24
    with pytest.raises(InputError, match="does not suffice"):
        within(1.0, 2.0)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: rl(members=()), "has no law"),
        (lambda: rl(start=-1.0), "give a start of 0 or more"),
        (lambda: samples(most=0.5), "at least as much for the most"),
        (lambda: samples(start=1.5), "stands at 1.5 samples: give a whole number"),
        (lambda: rl(fixed={"params": 1e9}), "fix all inputs but the one"),
        (lambda: rl(verifier=Verifier()), "has a verifier and a law of accuracy"),
        (lambda: rl(as_accuracy=True), "only an error is read"),
        (lambda: rl(members=(of_constants(Chinchilla(1.8, 400.0, 400.0, 0.3, 0.3), "c", "x"),)), "fix all inputs but"),
        (lambda: Purchase("s", (of_constants(StrengthSimulations(0.6, 1.0), "s", "x"),), Cost(1.0)), "give the start"),
        (lambda: samples(members=(of_constants(CoveragePower(4.0, 0.3), "c", "x"),), verifier=Verifier()), "spread"),
        (lambda: Cost(), "costs nothing"),
        (lambda: Cost(flop=-1.0), "0 or more"),
        (lambda: buy(samples(), Situation(1e21), 0.9), "say how many"),
        (lambda: buy(rl(cost=Cost(dollars=1.0)), Situation(1e21), 0.9), "compute has no price"),
        (lambda: rl(members=(drawn(RL, 0.1)._replace(weight=0.0),)), "give 0 or more, one above 0"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()
