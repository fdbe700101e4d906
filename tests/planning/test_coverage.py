"""Crossings of coverage curves, samples that match an accuracy, and the queries at which training pays."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.counts import Counts, pass_at_k
from nextflop.fitting.coverage import fit_coverage
from nextflop.fitting.fit import Certificate, Fit, Status
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.planning.coverage import break_even_queries, crossing, samples_to_match


def fit_of(law, draws=None, measured=256.0):
    rows = np.array([list(law.values.values())]) if draws is None else np.array(draws)
    certificate = Certificate(0.0, 1, 1.0, 1.0)
    return Fit(law, Status.converged, 0.0, "none", rows, 0, certificate, 2, "", {"samples": (1.0, measured)}, 0)


def models(problems=200, samples=256, seed=0):
    """A broad model and one sharpened by training, on the same problems: p = u^3 and p = u^3 / (u^3 + (1-u)^3)."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(size=problems)
    names = [f"p{index}" for index in range(problems)]
    broad, sharp = u**3, np.where(u > 0.45, 0.98, 0.0) + 0.01 * u
    n = np.full(problems, samples)
    return Counts(names, n, rng.binomial(n, broad)), Counts(names, n, rng.binomial(n, sharp))


# With ν huge all problems share one rate, so the curves are (1-π)(1 - (1-μ)^k) and cross where that can be solved.
BROAD = ZeroInflatedBetaBinomial(0.0, 0.1, 1e12)
SHARP = ZeroInflatedBetaBinomial(0.4, 1.0, 1.0)


def test_the_crossing_of_known_curves_is_found_between_the_grid_points():
    wanted = np.log(0.4) / np.log(0.9)  # 1 - 0.9^k = 0.6
    found = crossing(fit_of(BROAD), fit_of(SHARP))
    # Linear between neighbouring whole k, in log k: 8 and 9 are 12% apart, the curvature there costs under 0.1%.
    assert found.samples.value == pytest.approx(wanted, rel=1e-3)
    assert found.samples.low == found.samples.high == found.samples.value
    assert (found.share, found.within, found.measured) == (1, 256, 256)


def test_a_curve_that_never_overtakes_gives_nan_and_share_zero():
    found = crossing(fit_of(SHARP), fit_of(BROAD))
    assert np.isnan(found.samples.value)
    assert found.samples.low == found.samples.high == np.inf
    assert found.share == 0


def test_a_curve_ahead_from_the_start_crosses_at_one_and_equal_curves_do_not_cross():
    ahead = ZeroInflatedBetaBinomial(0.0, 0.2, 1e12)
    assert crossing(fit_of(ahead), fit_of(BROAD)).samples.value == 1
    assert np.isnan(crossing(fit_of(BROAD), fit_of(BROAD)).samples.value)


def test_the_share_counts_draws_that_cross_within_the_measured_k():
    # Draw by draw against 0.6: k = ln 0.4 / ln(1-μ) is 8.7, 91 and 916 (beyond 256).
    draws = [[0.0, 0.1, 1e12], [0.0, 0.01, 1e12], [0.0, 0.001, 1e12]]
    found = samples_to_match(fit_of(BROAD, draws), 0.6)
    assert found.share == pytest.approx(2 / 3)
    assert found.samples.high == np.inf
    assert np.isinf(found.draws).tolist() == [False, False, True]
    further = samples_to_match(fit_of(BROAD, draws), 0.6, within=2000.0)
    assert further.share == 1
    assert further.samples.high == pytest.approx(np.log(0.4) / np.log(0.999), rel=1e-3)
    assert (further.within, further.measured) == (2000, 256)


def test_samples_to_match_inverts_the_measured_curve():
    counts, _ = models()
    for k in (1, 7, 200):
        assert samples_to_match(counts, float(pass_at_k(counts, k))).samples.value == pytest.approx(k, rel=1e-12)
    assert np.isnan(samples_to_match(counts, 1.0).samples.value)


def test_counts_and_fits_agree_on_where_models_cross():
    broad, sharp = models()
    measured = crossing(broad, sharp)
    assert pass_at_k(broad, int(measured.samples.value)) <= pass_at_k(sharp, int(measured.samples.value))
    assert pass_at_k(broad, int(measured.samples.value) + 1) >= pass_at_k(sharp, int(measured.samples.value) + 1)
    assert measured.samples.low < measured.samples.value < measured.samples.high
    fitted = crossing(fit_coverage(broad), sharp)
    assert fitted.samples.value == pytest.approx(measured.samples.value, rel=0.15)


def test_models_measured_on_the_same_problems_are_paired():
    broad, sharp = models()
    shuffle = np.random.default_rng(1).permutation(len(sharp))
    reordered = Counts(sharp.problems[shuffle], sharp.samples[shuffle], sharp.correct[shuffle])
    renamed = Counts([f"q{index}" for index in np.argsort(shuffle)], sharp.samples, sharp.correct)
    paired = crossing(broad, sharp)
    np.testing.assert_allclose(crossing(broad, reordered).draws, paired.draws, rtol=1e-9)
    # Losing track of which problem is which loses what the models share.
    assert np.log(crossing(broad, renamed).draws).std() > 1.3 * np.log(paired.draws).std()


def test_the_interval_holds_the_true_crossing():
    # The pool of `models` with a million problems instead of 200 gives the truth to three digits. Forty repeats at
    # level 0.9 hold it at least 26 times, but for one seed in a million.
    u = np.random.default_rng(99).uniform(size=10**6)
    k = np.arange(1.0, 60.0)
    gap = np.array([(1 - (1 - u**3) ** j).mean() for j in k])
    sharp = np.where(u > 0.45, 0.98, 0.0) + 0.01 * u
    gap -= np.array([(1 - (1 - sharp) ** j).mean() for j in k])
    truth = np.interp(0, gap, k)
    held = 0
    for seed in range(40):
        found = crossing(*models(samples=64, seed=seed), draws=300).samples
        held += found.low <= truth <= found.high
    assert held >= 26


def test_curves_that_cannot_be_compared_are_refused():
    counts, _ = models(problems=5)
    law = Chinchilla(1.7, 400.0, 400.0, 0.3, 0.3)
    other = Fit(law, Status.converged, 0.0, "", np.ones((1, 5)), 0, Certificate(0.0, 1, 1.0, 1.0), 9, "", {}, 0)
    with pytest.raises(InputError, match="'chinchilla' has no samples"):
        crossing(other, counts)
    with pytest.raises(InputError, match="k = 512 is more than the 256"):
        samples_to_match(counts, 0.5, within=512.0)
    with pytest.raises(InputError, match=r"target accuracy 1\.5"):
        samples_to_match(counts, 1.5)
    with pytest.raises(InputError, match="level 0"):
        crossing(counts, counts, level=0.0)
    with pytest.raises(InputError, match="within 0"):
        crossing(counts, counts, within=0.0)


def test_training_breaks_even_after_the_queries_of_the_pilot():
    # 2.54e12 FLOP of reinforcement learning against 4.7 samples of 12 tokens at 2 × 99,000 FLOP each.
    assert break_even_queries(2.54e12, 2 * 99e3 * 12, 4.7) == pytest.approx(2.89e5, rel=1e-3)


def test_break_even_says_what_an_unusual_number_of_samples_means():
    samples = np.array([0.5, 1.0, 2.0, np.inf, np.nan])
    np.testing.assert_array_equal(break_even_queries(10.0, 2.0, samples), [np.inf, np.inf, 5.0, 0.0, np.nan])
    assert break_even_queries(np.array([[1.0], [2.0]]), 1.0, np.array([2.0, 3.0])).shape == (2, 2)
    for costs in ((0.0, 1.0), (1.0, -1.0), (np.nan, 1.0)):
        with pytest.raises(InputError, match="not positive"):
            break_even_queries(*costs, 2.0)


def test_the_record_is_plain_and_names_its_limits():
    record = crossing(*models(problems=20, samples=16), draws=10).to_json()
    assert set(record) == {"samples", "share", "within", "measured", "level", "draws"}
    assert record["draws"] == 10
