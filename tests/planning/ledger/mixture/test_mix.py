"""The best mixture for several targets: epochs that follow, worth of text, baselines, warnings, refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nextflop as nf
from nextflop.errors import InputError
from nextflop.judging.verdict import Outcome
from nextflop.laws import Chinchilla
from nextflop.laws.mixture import mixture
from nextflop.planning.ledger.bought.purchase import of_curve
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.mixture import words
from nextflop.planning.ledger.mixture.domains import Domain, Mixing, Target
from nextflop.planning.ledger.mixture.mix import mix
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Situation

LAW = mixture(("web", "code", "books"))
PROSE = LAW(1.8, 1.0, 0.6, -0.4)
CODE = LAW(0.9, 1.1, -1.6, 0.1)
FREELY = tuple(Domain(name, 1e13) for name in ("web", "code", "books"))
DOMAINS = (Domain("web", 1e12), Domain("code", 5e10, 4.0), Domain("books", 2e10, 4.0))


def target(law, name="prose", draws=100, seed=0, **changes) -> Target:
    estimate = np.array([list(law.values.values())])
    rows = estimate + 0.02 * np.random.default_rng(seed).normal(size=(draws, estimate.shape[1]))
    ranges = {one: (0.0, 0.8) for one in ("web", "code", "books")}
    member = Member(name, type(law).from_draws(np.vstack([estimate, rows])), 1.0, ranges, "made up")
    return Target(name, member, **changes)


MIXING = Mixing(DOMAINS, (target(PROSE), target(CODE, "code", seed=1)), 1e12)


def test_epochs_follow_from_shares_and_keep_to_their_limits():
    found = mix(MIXING)
    assert sum(one.share for one in found.domains) == pytest.approx(1.0, abs=1e-15)
    for one, domain in zip(found.domains, DOMAINS, strict=True):
        assert one.epochs == pytest.approx(one.share * 1e12 / domain.tokens)
        assert one.epochs <= domain.most_epochs * (1 + 1e-12)
        assert one.shares.low <= one.shares.value <= one.shares.high <= one.limit
    code = found.domains[1]
    assert code.share == pytest.approx(0.2)
    assert code.epochs == pytest.approx(4.0)
    assert code.held == 1.0
    json.dumps(found.to_json())


def test_a_baseline_that_the_limit_forbids_is_not_said_to_lose_less_than_nothing():
    kept, forbidden = (mix(Mixing(one, (target(CODE, "code"),), 1e12)) for one in (FREELY, DOMAINS))
    inside, outside = (found.baselines[0] for found in (kept, forbidden))
    assert (inside.within, outside.within) == (True, False)
    assert words.baseline(inside).startswith(f"The stratified mixture loses {inside.regret.value:.4f} (")
    low, high = -outside.regret.high, -outside.regret.low
    gained = f"{-outside.regret.value:.4f} ({low:.4f} to {high:.4f})"
    assert low > 0
    assert words.baseline(outside) == (
        "Stock and limit of epochs do not allow the stratified mixture; allowing it would gain "
        f"{gained}, by laws that know nothing of repetition."
    )
    (verdict,) = [one for one in forbidden.verdicts if one.code == "mixture_baseline"]
    assert verdict.outcome is Outcome.warn
    assert f"do not allow all domains alike, which would be better by {gained} by laws" in verdict.sentence
    worse = outside._replace(regret=inside.regret)
    assert words.baseline(worse).endswith(
        f"the stratified mixture, which loses {inside.regret.value:.4f} "
        f"({inside.regret.low:.4f} to {inside.regret.high:.4f}) by comparison."
    )


def test_a_token_more_of_what_is_short_is_worth_its_multiplier():
    exact = (Target("prose", of_constants(PROSE, "p", "x")), Target("code", of_constants(CODE, "c", "x")))
    found = mix(Mixing(DOMAINS, exact, 1e12))
    more = (DOMAINS[0], Domain("code", 5.01e10, 4.0), DOMAINS[2])
    gained = found.outcome.value - mix(Mixing(more, exact, 1e12)).outcome.value
    assert found.domains[1].worth.value * 1e8 == pytest.approx(gained, rel=0.02)
    assert found.domains[0].worth.high == 0.0  # there is more web than the mixture takes


@settings(max_examples=15)
@given(more=st.floats(1.0, 10.0), which=st.integers(0, 2))
def test_more_stock_never_hurts(more, which):
    richer = [
        Domain(one.name, one.tokens * (more if i == which else 1.0), one.most_epochs) for i, one in enumerate(DOMAINS)
    ]
    found = mix(Mixing(tuple(richer), MIXING.targets, 1e12))
    assert found.outcome.value <= mix(MIXING).outcome.value + 1e-9


@settings(max_examples=10)
@given(unit=st.floats(1e-9, 1e3))
def test_the_unit_of_tokens_does_not_matter(unit):
    counted = tuple(Domain(one.name, one.tokens * unit, one.most_epochs) for one in DOMAINS)
    found, plain = mix(Mixing(counted, MIXING.targets, 1e12 * unit)), mix(MIXING)
    assert [one.share for one in found.domains] == pytest.approx([one.share for one in plain.domains], abs=1e-9)


def test_the_order_of_domains_and_targets_does_not_matter():
    found = mix(Mixing(DOMAINS[::-1], MIXING.targets[::-1], 1e12))
    plain = mix(MIXING)
    assert [one.share for one in found.domains[::-1]] == pytest.approx([one.share for one in plain.domains], abs=1e-7)
    assert found.outcome.value == pytest.approx(plain.outcome.value, abs=1e-9)


def test_importance_moves_the_mixture():
    only = [mix(Mixing(DOMAINS, (target(PROSE), target(CODE, "code", importance=w)), 1e11)) for w in (0.0, 1.0, 9.0)]
    shares = [one.domains[1].share for one in only]
    assert shares[0] < shares[1] < shares[2]
    assert only[0].domains[1].share == 0.0
    told = only[1]
    shares = {one.name: np.float64(one.share) for one in told.domains}
    assert told.targets["code"].value == pytest.approx(float(CODE(**shares)), abs=0.02)
    assert only[0].targets["code"].value > told.targets["code"].value  # what nobody asked for is told all the same


def test_baselines_are_never_better_in_the_mean_where_they_keep_to_the_limits():
    wide = tuple(Domain(one.name, 1e12) for one in DOMAINS)
    found = mix(Mixing(wide, MIXING.targets, 1e12))
    for one in found.baselines:
        assert one.within
        assert one.regret.value > 0
        assert one.probability > 0.9
    stratified, natural = mix(MIXING).baselines
    assert (stratified.name, natural.name) == ("stratified", "natural")
    assert not stratified.within  # a third of a trillion tokens of 20B of books
    assert natural.shares == pytest.approx(np.array([1e12, 5e10, 2e10]) / 1.07e12)


def test_a_mixture_fitted_where_nothing_repeated_warns_where_it_repeats():
    free = tuple(Domain(one.name, one.tokens) for one in DOMAINS)
    few, many = (
        {one.code: one for one in mix(Mixing(free, MIXING.targets, tokens)).verdicts} for tokens in (1e10, 1e12)
    )
    assert few["mixture_repetition"].outcome is Outcome.passed
    assert many["mixture_repetition"].outcome is Outcome.fail
    assert "know nothing of such repetition" in many["mixture_repetition"].sentence
    held = {one.code: one for one in mix(MIXING).verdicts}["mixture_repetition"]
    assert held.outcome is Outcome.warn
    known = Mixing(DOMAINS, (target(PROSE, tokens=1e12), target(CODE, "code")), 1e12)
    assert {one.code: one for one in mix(known).verdicts}["mixture_repetition"].outcome is Outcome.passed


def test_fits_to_simulated_runs_find_the_true_mixture():
    """60 runs with 0.5% of noise: the interval at 90% holds the true share, and the loss there is within 0.005."""
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.ones(3), 60)
    columns = dict(zip(("web", "code", "books"), shares.T, strict=True))
    targets = []
    for name, law in (("prose", PROSE), ("code", CODE)):
        loss = np.asarray(law(**columns)) * np.exp(0.005 * rng.normal(size=60))
        fit = nf.fit(LAW, nf.Runs({**columns, "loss": loss}), draws=100, seed=0)
        targets.append(Target(name, of_curve(fit)))
    wide = tuple(Domain(one.name, 1e12) for one in DOMAINS)
    found = mix(Mixing(wide, tuple(targets), 1e11))
    exact = (Target("prose", of_constants(PROSE, "p", "x")), Target("code", of_constants(CODE, "c", "x")))
    truth = mix(Mixing(wide, exact, 1e11))
    for one, wanted in zip(found.domains, truth.domains, strict=True):
        assert one.shares.low - 1e-9 <= wanted.share <= one.shares.high + 1e-9
    at = {one.name: np.float64(one.share) for one in found.domains}
    assert 0.5 * float(PROSE(**at) + CODE(**at)) <= truth.outcome.value + 0.005


def test_a_plan_carries_its_mixture_at_its_own_tokens():
    law = of_constants(Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367), "c", "arXiv:2404.10102")
    found = plan([law], Situation(1e21), mixture=Mixing(DOMAINS, MIXING.targets))
    assert found.mixture is not None
    assert found.mixture.tokens == pytest.approx(found.options[0].decision["tokens"])
    assert found.to_json()["mixture"]["domains"][0]["name"] == "web"
    assert plan([law], Situation(1e21)).mixture is None


def test_a_domain_without_stock_has_no_share_and_its_first_token_a_worth():
    exact = (Target("prose", of_constants(PROSE, "p", "x")), Target("code", of_constants(CODE, "c", "x")))
    none = mix(Mixing((DOMAINS[0], Domain("code", 0.0, 4.0), DOMAINS[2]), exact, 1e12))
    first = mix(Mixing((DOMAINS[0], Domain("code", 1e8, 4.0), DOMAINS[2]), exact, 1e12))
    code = none.domains[1]
    assert (code.share, code.epochs, code.limit) == (0.0, 0.0, 0.0)
    assert code.worth.value * 1e8 == pytest.approx(none.outcome.value - first.outcome.value, rel=0.01)
    assert sum(one.share for one in none.domains) == pytest.approx(1.0, abs=1e-15)
    only = mix(Mixing((DOMAINS[0], Domain("code", 0.0), Domain("books", 0.0)), exact, 1e12))
    assert [one.share for one in only.domains] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Mixing((*DOMAINS, Domain("maths", 1e9)), MIXING.targets), "no domain 'maths'"),
        (lambda: Mixing(DOMAINS[:2], MIXING.targets), "books"),
        (lambda: Mixing(DOMAINS, ()), "needs a target"),
        (lambda: Mixing(DOMAINS, (target(PROSE, importance=0.0),)), "needs a target"),
        (lambda: Mixing((*DOMAINS, DOMAINS[0]), MIXING.targets), "named twice"),
        (lambda: Mixing(DOMAINS, MIXING.targets, -1.0), "above 0"),
        (lambda: Domain("web", -1.0), "-1 tokens owned: give a finite number, 0 or more"),
        (lambda: Domain("web", 1.0, made=np.inf), "inf tokens made"),
        (lambda: mix(Mixing((), MIXING.targets, 1e12)), "without domains"),
        (lambda: Mixing((), MIXING.targets).over(()), "say what text there is"),
        (lambda: Mixing((), MIXING.targets).over(DOMAINS[:2]), "books"),
        (lambda: Domain("web", 1.0, 0.0), "more than 0"),
        (lambda: target(PROSE, importance=-1.0), "0 or more"),
        (lambda: Target("t", of_constants(Chinchilla(1.8, 1.0, 1.0, 0.3, 0.3), "c", "x")), "none of shares"),
        (lambda: mix(Mixing(DOMAINS, MIXING.targets)), "give them"),
        (lambda: mix(Mixing(tuple(Domain(one.name, 1e9, 4.0) for one in DOMAINS), MIXING.targets, 1e12)), "allow more"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()


def test_a_domain_that_no_run_varies_is_refused():
    member = target(PROSE).member
    never = member._replace(ranges={**member.ranges, "books": (0.0, 0.0)})
    with pytest.raises(InputError, match="train runs that vary it"):
        Mixing(DOMAINS, (Target("prose", never),))
