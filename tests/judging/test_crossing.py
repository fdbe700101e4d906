"""Where curves cross, how surely, and whether anybody was there."""

import dataclasses

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.counts import Counts
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.fit import Fit
from nextflop.judging import Outcome
from nextflop.judging.crossing import cross, crossing, first_from
from nextflop.laws import BoundedPower, Chinchilla, Power, Sigmoid
from nextflop.planning.coverage import crossing as samples_crossing

STEEP, FLAT = Power(E=1.7, A=1000.0, alpha=0.15), Power(E=1.7, A=100.0, alpha=0.1)
MEET = 10.0**20  # 1000 C^-0.15 = 100 C^-0.1


def ladder(law: Power, seed: int, noise: float = 0.002) -> Fit:
    compute = np.geomspace(1e18, 1e21, 8)
    loss = np.asarray(law(compute=compute)) * np.exp(noise * np.random.default_rng(seed).normal(size=8))
    return fit(Power, Runs({"compute": compute, "loss": loss}), objective=Squares(log=True), draws=200, seed=seed)


def test_laws_cross_where_they_are_equal() -> None:
    found = crossing(STEEP, FLAT, start=1e18, to=1e23, measured=1e22, names=("steep", "flat"))
    assert found.at.value == pytest.approx(MEET, rel=1e-3)
    assert found.leads == ("flat", "steep")
    assert found.beyond == pytest.approx(0.01, rel=1e-3)
    assert np.isnan(found.probability)  # laws as published have no draws
    other = crossing(FLAT, STEEP, start=1e18, to=1e23, measured=1e22, names=("flat", "steep"))
    assert (other.at.value, other.leads) == (found.at.value, found.leads)


def test_a_crossing_beyond_the_data_is_called_extrapolation() -> None:
    seen = crossing(STEEP, FLAT, start=1e18, to=1e23, measured=1e22).verdict
    unseen = crossing(STEEP, FLAT, start=1e18, to=1e23, measured=1e19)
    assert (seen.outcome, unseen.verdict.outcome) == (Outcome.warn, Outcome.warn)
    assert "extrapolation" not in seen.sentence
    assert "10 times beyond the largest scale measured, so this is extrapolation" in unseen.verdict.sentence
    assert unseen.to_json()["extrapolated"] is True


def test_before_the_crossing_one_leads() -> None:
    found = crossing(STEEP, FLAT, start=1e18, to=1e19)
    assert not found.crosses
    assert found.leads == ("b", "b")
    assert found.verdict.outcome is Outcome.passed


def test_fits_bring_their_doubts() -> None:
    found = crossing(ladder(STEEP, 0), ladder(FLAT, 1), to=1e22)
    assert found.measured == 1e21
    assert found.start == 1e18
    assert found.probability > 0.9
    assert found.at.low < MEET < found.at.high
    # Two fits to one truth: which leads at the end is a toss, and both answers have their share.
    equal = crossing(ladder(FLAT, 2), ladder(FLAT, 3), to=1e22)
    assert 0.02 < equal.ahead < 0.98
    assert equal.verdict.outcome is not Outcome.passed


def test_a_fit_beside_a_published_law() -> None:
    found = crossing(ladder(STEEP, 0), FLAT, to=1e22)
    assert found.at.value == pytest.approx(MEET, rel=0.5)
    assert found.probability > 0.9


def test_synthllm_crosses_far_beyond_its_data() -> None:
    # Qin et al. (2025), arXiv:2503.19551: error = E + B / (D_l + D^β), one β for both, fitted to at most 4.5B tokens
    # and drawn to 4T: the 3B model passes the 8B between 300B and 1T, 67 to 220 times beyond. The curves are recovered
    # from their printed predictions; with α = 1 the form is that of `BoundedPower`: A = B, c = β, L0 = E + B / D_l.
    tokens = np.array([10e9, 50e9, 250e9, 300e9, 1e12, 4e12])
    accuracy = {"3B": [64.6, 74.7, 80.5, 80.9, 83.1, 84.4], "8B": [73.2, 78.6, 81.4, 81.6, 82.6, 83.2]}
    laws = {}
    for name, printed in accuracy.items():
        runs = Runs({"compute": tokens, "loss": 1 - np.array(printed) / 100})
        found = fit(BoundedPower, runs, objective=Squares(), pinned={"alpha": 1.0}, draws=0)
        np.testing.assert_allclose(found.law(compute=tokens), runs["loss"], rtol=0, atol=5e-4)  # all digits printed
        laws[name] = found.law
    found = crossing(laws["3B"], laws["8B"], start=1e9, to=4e12, measured=4.5e9, names=("3B", "8B"))
    assert found.leads == ("8B", "3B")
    assert 300e9 < found.at.value < 1e12
    assert laws["3B"].values["c"] == pytest.approx(laws["8B"].values["c"], rel=0.02)
    assert found.beyond == pytest.approx(124, rel=0.01)
    assert found.verdict.outcome is Outcome.warn
    assert "extrapolation" in found.verdict.sentence


def test_counts_of_answers_cross_where_planning_says() -> None:
    rng = np.random.default_rng(3)
    problems = [f"p{i}" for i in range(200)]

    def measured(rates: np.ndarray) -> Counts:
        return Counts(problems, np.full(200, 64), rng.binomial(64, rates))

    broad, sharp = measured(rng.beta(1.0, 3.0, 200)), measured(rng.beta(0.2, 0.4, 200))
    here = crossing(broad, sharp, draws=300)
    there = samples_crossing(broad, sharp, draws=300)
    assert here.leads == ("b", "a")
    assert here.at.value == pytest.approx(there.samples.value, rel=0.05)
    assert here.measured == 64


def test_a_law_of_two_resources_is_read_along_its_best_spending() -> None:
    law = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
    other = dataclasses.replace(law, A=400.0, B=2600.0)
    found = crossing(law, other, start=1e18, to=1e26, measured=1e22)
    assert found.leads[0] in "ab"
    assert found.crosses == (found.leads[0] != found.leads[1])


def test_the_last_change_of_lead_counts() -> None:
    place = np.geomspace(1, 1e4, 5)
    lead = np.array([1.0, -1.0, 1.0, -1.0, -1.0])
    found = cross(place, lead, np.stack([lead, -lead, np.ones(5)]), ("a", "b"), 1e4, 0.9)
    assert found.at.value == pytest.approx(10**2.5)
    assert found.probability == pytest.approx(2 / 3)
    assert found.ahead == pytest.approx(2 / 3)
    assert first_from(np.array([-1.0, -1.0]), np.array([1.0, 2.0])) == np.inf


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "nothing to look at from None to None"),
        ({"start": 1e20, "to": 1e19}, "nothing to look at from 1e"),
        ({"start": 1e18, "to": 1e19, "level": 1.0}, "level 1.0 is no probability"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(more: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        crossing(STEEP, FLAT, **more)


def test_a_loss_and_a_score_have_nothing_to_cross() -> None:
    with pytest.raises(InputError, match="compare two losses, or two scores"):
        crossing(STEEP, Sigmoid(A=0.8, R0=0.2, B=1.0, C_mid=1e20), start=1.0, to=2.0)
