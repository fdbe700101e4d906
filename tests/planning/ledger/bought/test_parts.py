"""Purchases side by side: what is compared and what is not, bridges, break-evens, and what to measure first."""

import csv
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.counts import Counts, pass_at_k
from nextflop.fitting.coverage import fit_coverage
from nextflop.judging.verdict import Outcome
from nextflop.laws import (
    BetaBinomial,
    Chinchilla,
    ExponentialError,
    LossAccuracy,
    Sigmoid,
    StrengthSimulations,
    ZeroInflatedBetaBinomial,
)
from nextflop.laws.base import Law
from nextflop.planning.coverage import break_even_queries, samples_to_match
from nextflop.planning.ledger.bought.measure import Measurement
from nextflop.planning.ledger.bought.parts import parts
from nextflop.planning.ledger.bought.purchase import Bridge, Cost, Purchase, answer_cost, of_curve
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Limits, Situation, Use
from nextflop.planning.selection import Verifier


def drawn(law: Law, spread: float, seed: int = 0, **ranges) -> Member:
    """A law whose 200 draws scatter about it by a share of each parameter."""
    estimate = np.array([list(law.values.values())])
    rows = estimate * np.exp(spread * np.random.default_rng(seed).normal(size=(200, estimate.shape[1])))
    return Member(law.name, type(law).from_draws(np.vstack([estimate, rows])), 1.0, ranges, "made up")


SITUATION = Situation(1e21, use=Use(queries=1e6), flop_price=1e-18)
RL = Purchase(
    "rl",
    (drawn(Sigmoid(0.25, 0.61, 1e20, 1.2), 0.04, rl_flop=(0.0, 5e19)),),
    Cost(flop=1.0),
    name="reinforcement learning",
    task="MATH",
)
SEARCH = Purchase(
    "search",
    (drawn(ZeroInflatedBetaBinomial(0.1, 0.28, 1.5), 0.04, seed=1, samples=(1.0, 256.0)),),
    answer_cost(1e9, 1000.0),
    name="more samples",
    start=1.0,
    most=1024.0,
    why="latency",
    verifier=Verifier(0.95, 0.05),
    task="MATH",
)
PLAY = Purchase(
    "search deeper",
    (drawn(StrengthSimulations(0.6, 100.0), 0.04, simulations=(1.0, 1000.0)),),
    Cost(flop=1e12, per_query=True),
    start=1.0,
)
LOSS = drawn(Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367), 0.005, params=(1e7, 1e11), tokens=(1e9, 1e12))
BRIDGE = Bridge(drawn(LossAccuracy(-0.75, 0.9, 6.0, 2.2), 0.01, loss=(2.0, 3.5)), task="MATH")


def test_responses_that_differ_stand_apart_and_the_plan_says_what_would_join_them():
    found = plan([LOSS], SITUATION, purchases=[RL, PLAY])
    assert [one.title for one in found.bought.parts] == ["accuracy on MATH", "elo"]
    assert found.options[0].code == "train"
    assert "train" not in [one.code for one in found.bought.parts[0].rows]
    assert "a bridge" in found.bought.apart[0]
    alone = plan([LOSS], SITUATION, purchases=[PLAY])
    assert alone.bought.apart[0].endswith("No law here leads from loss to elo: they stay two decisions.")
    assert "loss-accuracy" in found.bought.apart[0]
    assert "cannot be compared" in found.bought.apart[1]


def test_a_bridge_carries_the_options_of_text_onto_the_ledger_of_the_task():
    found = plan([LOSS], SITUATION, purchases=[RL, SEARCH], bridge=BRIDGE)
    (part,) = found.bought.parts
    assert [row.code for row in part.rows] == ["train", "rl", "search"]
    assert sum(row.probability for row in part.rows) == pytest.approx(1.0)
    loss = found.options[0].outcome.value
    wanted = float(LossAccuracy(-0.75, 0.9, 6.0, 2.2)(loss=loss))
    text = part.row("train")
    assert text.outcome.value == pytest.approx(wanted, abs=0.01)
    assert text.kind == "text"
    assert text.marginal.value > 0
    assert text.per_dollar.value == pytest.approx(text.per_flop.value / 1e-18)
    assert "at random" in found.bought.carried
    told = json.loads(json.dumps(found.to_json(), default=lambda value: value.tolist()))
    assert told["bought"]["purchases"][1]["verifier"] == {"true_positive": 0.95, "false_positive": 0.05, "flop": 0.0}
    assert [one["code"] for one in told["break_evens"]] == ["queries:rl/search", "tokens:rl/search"]


def test_a_bridge_of_an_error_reads_it_as_accuracy_only_if_asked():
    law = drawn(ExponentialError(0.857, 2.21, 0.715), 0.01)
    found = plan([LOSS], SITUATION, purchases=[RL], bridge=Bridge(law, "MATH", as_accuracy=True))
    assert 0 < found.bought.parts[0].row("train").outcome.value < 1
    with pytest.raises(InputError, match="leads to error on MATH"):
        plan([LOSS], SITUATION, purchases=[RL], bridge=Bridge(law, "MATH"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bridge": BRIDGE._replace(task="GSM8K")}, "leads to accuracy on GSM8K"),
        ({"bridge": BRIDGE._replace(member=RL.members[0])}, "is no bridge from loss"),
        ({"purchases": [RL, RL]}, "Two options are called 'rl'"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        plan([LOSS], SITUATION, **{"purchases": [RL], **changes})
    with pytest.raises(InputError, match="no options of text"):
        parts([RL], SITUATION, bridge=BRIDGE)


def test_the_order_of_the_options_does_not_matter():
    told = [parts(list(some), SITUATION).parts[0] for some in itertools.permutations([RL, SEARCH])]
    for code in ("rl", "search"):
        first, second = (one.row(code) for one in told)
        assert first.probability == second.probability
        assert first.outcome == second.outcome
    assert told[0].best == told[1].best
    assert told[0].break_evens == told[1].break_evens


def test_draws_that_were_made_together_are_compared_one_by_one():
    """The second option is better by a hair in every draw: paired that is certain, unpaired it is a coin's toss."""
    law = drawn(Sigmoid(0.25, 0.61, 1e20, 1.2), 0.1)
    better = law._replace(law=Sigmoid(**{**law.law.values, "A": law.law.A * 1.001}))
    both = [Purchase(code, (one,), Cost(flop=1.0)) for code, one in (("a", law), ("b", better))]
    apart = parts(both, SITUATION).parts[0]
    joined = parts([Purchase(one.code, one.members, one.cost, together="x") for one in both], SITUATION).parts[0]
    assert joined.row("b").probability == 1.0
    assert apart.row("b").probability == pytest.approx(0.5, abs=0.1)


def test_the_break_even_is_the_payback_when_all_of_the_budget_is_spent():
    rl, law = Sigmoid(0.25, 0.61, 1e18, 4.0), BetaBinomial(0.25, 4.0)
    once = Purchase("rl", (of_constants(rl, "rl", "x"),), Cost(flop=1.0), task="t")
    each = Purchase(
        "k", (of_constants(law, "k", "x"),), answer_cost(1e9, 1000.0), start=1.0, verifier=Verifier(), task="t"
    )
    queries, tokens = parts([once, each], SITUATION).parts[0].break_evens
    k = np.arange(1, 200)
    needed = k[(law(samples=k.astype(float)) >= rl(rl_flop=1e21) - 1e-9).argmax()]
    assert queries.value.value == pytest.approx(break_even_queries(1e21, 2e12, float(needed)), rel=1e-6)
    assert tokens.value.value == pytest.approx(queries.value.value * 1000)
    below, above = (
        parts([once, each], SITUATION.but(use=Use(queries=queries.value.value * factor))).parts[0]
        for factor in (0.99, 1.01)
    )
    assert (below.best, above.best) == ("k", "rl")


def test_no_number_of_samples_reaches_what_a_poor_verifier_cannot_tell():
    each = Purchase(
        "k", (of_constants(BetaBinomial(0.25, 4.0), "k", "x"),), answer_cost(1e9, 10.0), start=1.0, task="MATH"
    )
    poor = Purchase(**{**vars(each), "verifier": Verifier(0.6, 0.5)})
    (queries, _) = parts([RL, poor], SITUATION).parts[0].break_evens
    assert (queries.value.low, queries.value.high) == (0.0, 0.0)
    assert "however few" in queries.sentence


def test_the_interval_of_a_break_even_holds_the_truth():
    """16 worlds of 120 problems with 64 samples, level 0.9: fewer than 11 covered has probability 0.3%."""
    truth, rl = BetaBinomial(0.25, 2.0), Sigmoid(0.25, 0.55, 1e18, 4.0)
    once = Purchase("rl", (of_constants(rl, "rl", "x"),), Cost(flop=1.0), task="t")
    k = np.arange(1, 500)
    wanted = 1e21 / (2e12 * (k[(truth(samples=k.astype(float)) >= 0.55 - 1e-9).argmax()] - 1))
    covered = 0
    for world in range(16):
        rng = np.random.default_rng(world)
        n = np.full(120, 64)
        counts = Counts([f"p{i}" for i in range(120)], n, rng.binomial(n, rng.beta(0.5, 1.5, 120)))
        fit = fit_coverage(counts, BetaBinomial, draws=100, starts=4)
        cost = answer_cost(1e9, 1000.0)
        each = Purchase("k", (of_curve(fit),), cost, start=1.0, verifier=Verifier(), task="t")
        (queries, _) = parts([once, each], SITUATION).parts[0].break_evens
        covered += queries.value.low <= wanted <= queries.value.high
    assert covered >= 11


def test_what_to_measure_would_change_the_choice_and_costs_less_than_it():
    (part,) = plan([LOSS], SITUATION, purchases=[RL, SEARCH], bridge=BRIDGE).bought.parts
    assert part.experiments
    for one in part.experiments:
        assert one.gain > 0
        assert 0 < one.known <= 1
        assert one.share <= 0.3
    first = part.experiments[0]
    assert isinstance(first, Measurement)
    assert first.foretold
    assert first.unit in ("rl_flop", "samples")
    sure = Purchase("rl", (of_constants(Sigmoid(0.25, 0.99, 1e10, 2.0), "rl", "x"),), Cost(flop=1.0), task="MATH")
    assert parts([sure, SEARCH], SITUATION).parts[0].experiments == ()


def test_verdicts_mark_reach_start_and_verifier():
    told = {one.code: one for one in parts([RL, SEARCH], SITUATION).parts[0].verdicts}
    assert told["bought_start"].outcome is Outcome.passed
    assert told["bought_verifier"].outcome is Outcome.warn
    far = {one.code: one for one in parts([RL], Situation(1e23)).parts[0].verdicts}
    assert far["bought_beyond"].outcome is Outcome.fail
    assert far["bought_beyond"].statistic == pytest.approx(np.log10(1e23 / 5e19), abs=0.01)
    other = Purchase(**{**vars(RL), "code": "other", "members": (drawn(Sigmoid(0.5, 0.7, 1e20, 1.0), 0.01),)})
    start = {one.code: one for one in parts([RL, other], SITUATION).parts[0].verdicts}["bought_start"]
    assert start.outcome is Outcome.warn
    assert "different models" in start.sentence


@pytest.mark.parametrize(("model", "wanted"), [("Pythia 160M", 0.5703), ("Pythia 12B", 0.8750)])
def test_samples_of_pythia_on_math_bring_what_was_measured(public_data, model, wanted):
    """Levels at 10,000 samples as recomputed from the released counts of arXiv:2407.21787; the law may miss by 0.03."""
    with (public_data / "pythia-coverage" / "math-counts.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == model]
    columns = ([float(row[name]) for row in rows] for name in ("samples", "correct"))
    counts = Counts([row["problem"] for row in rows], *columns)
    assert pass_at_k(counts, np.array([10_000]))[0] == pytest.approx(wanted, abs=5e-4)
    fit = fit_coverage(counts, draws=100)
    each = Purchase("k", (of_curve(fit),), Cost(flop=1.0, per_query=True), start=1.0, verifier=Verifier(), task="MATH")
    row = parts([each], Situation(9_999e6, use=Use(queries=1e6))).parts[0].rows[0]
    assert row.amount == 10_000
    assert row.outcome.value == pytest.approx(wanted, abs=0.03)
    assert row.beyond["samples"] == pytest.approx(0.0, abs=1e-6)
    once = Purchase("rl", (of_constants(Sigmoid(0.02, 0.3, 1.0, 4.0), "rl", "x"),), Cost(flop=1.0), task="MATH")
    queries, _ = parts([once, each], Situation(1e9, use=Use(queries=1e6))).parts[0].break_evens
    k = samples_to_match(fit, 0.3).samples.value
    assert queries.value.value == pytest.approx(1e9 / (k - 1), rel=0.1)


def test_answers_of_a_model_that_the_limits_forbid_are_refused() -> None:
    law = of_constants(Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367), "chinchilla", "a paper")
    search = replace(SEARCH, params=7e9)
    for most, codes in ((8e9, {"rl", "search"}), (3e9, {"rl"})):
        found = plan([law], SITUATION.but(limits=Limits(most_params=most)), purchases=[RL, search])
        assert {one.code for one in found.bought.purchases} == codes
    (refused,) = found.refused
    assert refused.code == "search"
    assert refused.why == "the limits allow at most 3B parameters, and its answers come from a model of 7B"
    alone = plan([law], SITUATION.but(limits=Limits(most_params=3e9)), purchases=[search])
    assert not alone.bought.parts
