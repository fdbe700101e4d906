"""How much each law of a plan counts: by the runs at hand and by held-out ones, or by these alone."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.judging.credence import akaike, credence
from nextflop.judging.weights import weigh
from nextflop.laws import Chinchilla, DataConstrained, Kaplan, OverfitPenalty
from nextflop.planning.constants import constants
from nextflop.planning.ledger.gather import gather
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Corpus, Situation


@pytest.fixture(scope="module")
def repeated() -> Runs:
    """Forty runs that vary parameters, tokens and epochs apart, by the published law with noise."""
    rng = np.random.default_rng(3)
    params, unique, epochs = 10 ** rng.uniform(7, 9.5, 40), 10 ** rng.uniform(8, 10, 40), 2 ** rng.uniform(0, 6, 40)
    inputs = {"params": params, "tokens": epochs * unique, "unique_tokens": unique}
    return Runs({**inputs, "loss": constants("muennighoff").law(**inputs) * np.exp(0.003 * rng.normal(size=40))})


def weights(members: tuple) -> list[float]:
    return [member.weight for member in members]


def test_fits_to_the_same_runs_count_half_by_these_and_half_by_held_out_ones(noisy: Runs) -> None:
    fits = [fit(law, noisy, draws=0) for law in (Chinchilla, Kaplan)]
    members, how = gather(fits, noisy)
    assert how is not None
    assert weights(members) == pytest.approx(list(credence(fits, weigh(noisy, fits)).values()))
    both = [akaike(fits)["chinchilla"], how.shares["chinchilla"]]
    assert members[0].weight == pytest.approx(np.mean(both))
    assert abs(both[0] - both[1]) > 0.01


def test_snapshots_leave_the_weights_to_held_out_runs(noisy: Runs) -> None:
    runs = Runs({**{name: noisy[name] for name in noisy.columns}, "run": np.arange(len(noisy)) // 4})
    fits = [fit(law, runs, draws=0, cluster="run") for law in (Chinchilla, Kaplan)]
    members, how = gather(fits, runs)
    assert how is not None
    assert weights(members) == pytest.approx(list(weigh(runs, fits, cluster="run").shares.values()))


def test_published_constants_are_held_against_the_runs_like_fits(noisy: Runs) -> None:
    published = constants("besiroglu")
    beside = [fit(Chinchilla, noisy, draws=0), published]
    members, how = gather(beside, noisy)
    assert how is not None
    told = akaike(beside[:1], {published.name: published.law}, noisy)
    assert weights(members) == pytest.approx([(told[name] + how.shares[name]) / 2 for name in told])
    alone, how = gather([published, constants("hoffmann")], noisy)  # no fit, so nothing but held-out runs
    assert how is not None
    assert weights(alone) == pytest.approx(list(how.shares.values()))


def test_a_law_that_is_refused_changes_the_weights_of_no_other(repeated: Runs) -> None:
    fits = [fit(law, repeated, draws=20) for law in (DataConstrained, OverfitPenalty)]
    given, fresh = Situation(1e21, sources=(Corpus("text", 1e10),)), constants("besiroglu")

    def planned(laws: list, weights: dict[str, float] | None) -> Plan:
        return plan(laws, given, repeated, weights=weights)

    alone = planned(fits, None)
    for weights in (None, {"besiroglu": 1.0}):
        beside = planned([*fits, fresh], weights)
        assert [one.code for one in beside.refused] == ["besiroglu"]
        assert {one.name: one.weight for one in beside.members} == {one.name: one.weight for one in alone.members}
    third = planned([*fits, fresh], {"besiroglu": 5.0, "overfit-penalty": 3.0})
    assert {one.name: one.weight for one in third.members} == {"data-constrained": 0.25, "overfit-penalty": 0.75}


def test_a_weight_that_is_given_needs_a_law(noisy: Runs) -> None:
    fits = [fit(law, noisy, draws=0) for law in (Chinchilla, Kaplan)]
    members, how = gather(fits, noisy, {"kaplan": 3.0})
    assert how is None
    assert weights(members) == [1.0, 3.0]
    with pytest.raises(InputError, match="'skaling', which is no law"):
        gather(fits, noisy, {"skaling": 1.0})
