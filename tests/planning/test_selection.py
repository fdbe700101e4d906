"""What a verifier or a vote picks, against simulation, closed forms and what is known of the ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from nextflop.errors import InputError
from nextflop.laws import BetaBinomial, BothInflatedBetaBinomial, CoveragePower, ZeroInflatedBetaBinomial
from nextflop.planning.selection import Verifier, ceiling, majority_at_worst, selected

SHARE = st.floats(0.0, 1.0)
LAWS = st.builds(
    lambda pi, mu, nu: ZeroInflatedBetaBinomial(pi, mu, nu),
    st.floats(0.0, 0.9),
    st.floats(1e-3, 0.999),
    st.floats(-2, 4).map(lambda decades: 10.0**decades),
)
K = np.array([1.0, 2.0, 3.0, 10.0, 1e2, 1e4, 1e6])


@given(law=LAWS)
def test_a_perfect_verifier_turns_coverage_into_accuracy(law):
    assert np.abs(selected(law, K, Verifier()) - law(samples=K)).max() < 1e-8


@given(law=LAWS, t=SHARE, f=SHARE)
def test_one_sample_leaves_nothing_to_pick(law, t, f):
    assert selected(law, 1.0, Verifier(t, f)) == pytest.approx(float(law(samples=1.0)), abs=1e-12)
    assert majority_at_worst(law, np.array([1.0, 2.0])) == pytest.approx(float(law(samples=1.0)), abs=1e-9)


@given(law=LAWS, t=SHARE, f=SHARE)
def test_more_samples_help_a_verifier_that_prefers_right_ones_and_hurt_one_that_does_not(law, t, f):
    steps = np.diff(selected(law, K, Verifier(t, f)))
    assert (steps * np.sign(t - f) >= -1e-12).all()


@given(law=LAWS, t=SHARE, f=st.floats(0.0, 0.9))
def test_a_better_verifier_is_never_worse(law, t, f):
    worse = selected(law, K, Verifier(t * 0.9, f + 0.05))
    assert (selected(law, K, Verifier(t, f)) >= worse - 1e-10).all()


@pytest.mark.parametrize(("a", "b", "t", "f"), [(0.4, 1.6, 0.8, 0.1), (3.0, 0.7, 0.95, 0.3), (8.0, 8.0, 0.5, 0.02)])
def test_the_mean_over_problems_is_the_integral(a, b, t, f):
    def by_hand(p, k):
        s = f + p * (t - f)
        return p * t / s * (1 - (1 - s) ** k) + (1 - s) ** (k - 1) * p * (1 - t)  # accepted at last, or none ever

    law = BetaBinomial(a / (a + b), a + b)
    for k in (2.0, 7.0, 60.0):
        wanted, _ = integrate.quad(lambda p, k=k: by_hand(p, k) * stats.beta.pdf(p, a, b), 0, 1, limit=400)
        assert float(selected(law, k, Verifier(t, f))) == pytest.approx(wanted, abs=1e-8)


def simulated(law, k, verifier, problems=200_000, seed=0):
    """Right answers among problems: samples, verdicts on each, the first that is accepted or else the last."""
    rng = np.random.default_rng(seed)
    p = rng.beta(law.mu * law.nu, (1 - law.mu) * law.nu, problems)
    kind = rng.uniform(size=problems)
    p = np.where(kind < law.pi, 0.0, np.where(kind > 1 - law.omega, 1.0, p))
    right = rng.uniform(size=(k, problems)) < p
    accepted = rng.uniform(size=(k, problems)) < np.where(right, verifier.true_positive, verifier.false_positive)
    first = np.where(accepted.any(axis=0), accepted.argmax(axis=0), k - 1)
    votes = right.sum(axis=0)
    voted = np.where(2 * votes == k, rng.uniform(size=problems) < 0.5, 2 * votes > k)
    return right[first, np.arange(problems)].mean(), voted.mean()


@pytest.mark.parametrize("k", [4, 9])
@pytest.mark.parametrize("verifier", [Verifier(0.9, 0.05), Verifier(0.6, 0.4), Verifier(0.3, 0.5)])
def test_simulated_picking_and_voting_agree(k, verifier):
    """200,000 problems: the standard error is at most 0.0011, so five of them are passed by chance once in 1e6."""
    law = BothInflatedBetaBinomial(pi=0.2, omega=0.1, mu=0.3, nu=1.5)
    picked, voted = simulated(law, k, verifier)
    assert float(selected(law, float(k), verifier)) == pytest.approx(picked, abs=0.0056)
    assert float(majority_at_worst(law, float(k))) == pytest.approx(voted, abs=0.0056)


def test_wrong_answers_that_scatter_only_help_a_vote():
    """Ten wrong answers, all alike: the vote is right far more often than at worst (200,000 problems)."""
    rng = np.random.default_rng(1)
    law, k = BetaBinomial(0.3, 2.0), 7
    p = rng.beta(0.6, 1.4, 200_000)
    answer = np.where(rng.uniform(size=(k, p.size)) < p, 0, rng.integers(1, 11, (k, p.size)))
    votes = np.stack([(answer == one).sum(axis=0) for one in range(11)]) + rng.uniform(0, 0.5, (11, p.size))
    assert (votes.argmax(axis=0) == 0).mean() > float(majority_at_worst(law, float(k))) + 0.05


def test_a_poor_verifier_stops_paying():
    law = ZeroInflatedBetaBinomial(0.1, 0.1, 0.8)
    good, poor = (selected(law, K, Verifier(0.95, f)) for f in (0.0, 0.2))
    assert good[-1] - good[-2] > 100 * (poor[-1] - poor[-2])
    assert float(ceiling(law, Verifier(0.95, 0.2))) == pytest.approx(poor[-1], abs=1e-6)
    assert poor[-1] < 0.35 < 0.6 < good[-1]


def test_rows_of_draws_are_as_one_by_one():
    rows = ZeroInflatedBetaBinomial.from_draws(np.array([[0.1, 0.2, 0.5], [0.0, 0.7, 30.0]]))
    table = selected(rows, K, Verifier(0.8, 0.1))
    assert table.shape == (2, len(K))
    assert table[1] == pytest.approx(selected(ZeroInflatedBetaBinomial(0.0, 0.7, 30.0), K, Verifier(0.8, 0.1)))
    own = selected(rows, np.array([[4.0], [9.0]]), Verifier(0.8, 0.1))
    assert own[1, 0] == pytest.approx(
        float(selected(ZeroInflatedBetaBinomial(0.0, 0.7, 30.0), 9.0, Verifier(0.8, 0.1)))
    )


def test_bad_input_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="does not say how success is spread"):
        selected(CoveragePower(4.0, 0.3), 2.0, Verifier())
    with pytest.raises(InputError, match="below 1"):
        selected(BetaBinomial(0.2, 1.0), 0.5, Verifier())
    with pytest.raises(InputError, match=r"false_positive = 1\.5"):
        Verifier(0.9, 1.5)
