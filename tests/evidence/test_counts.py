"""Unbiased estimators from repeated samples."""

import csv
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.counts import (
    Counts,
    best_of_k,
    pass_at_k,
    pass_at_k_by_problem,
    pass_at_k_draws,
    resample,
)


def counts_of(samples, correct, **others):
    return Counts([f"p{index}" for index in range(len(samples))], samples, correct, **others)


pools = st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=8)


def test_pass_at_k_is_the_average_over_all_subsets_for_every_n_up_to_twelve():
    for n in range(1, 13):
        cells = np.arange(n + 1)
        given = pass_at_k_by_problem(counts_of(np.full(n + 1, n), cells), np.arange(1, n + 1))
        for k in range(1, n + 1):
            # The samples are numbered so that the first c are correct: a subset solves if its least number is below c.
            least = np.array([min(subset) for subset in combinations(range(n), k)])
            np.testing.assert_allclose(given[:, k - 1], [(least < c).mean() for c in cells], rtol=0, atol=1e-14)


@settings(deadline=None)
@given(pools)
def test_pass_at_k_grows_with_k_from_the_mean_rate_and_stays_below_one(pool):
    counts = counts_of(*np.transpose(pool))
    k = np.arange(1, counts.samples.min() + 1)
    curve = pass_at_k(counts, k)
    # Summation over problems may differ in the last bits.
    assert curve[0] == pytest.approx((counts.correct / counts.samples).mean(), abs=1e-14)
    assert (np.diff(curve) >= -1e-14).all()
    assert (curve <= 1 + 1e-14).all()


def test_small_rates_keep_their_digits():
    counts = counts_of([10**7], [1])
    assert pass_at_k(counts, 1) == pytest.approx(1e-7, rel=1e-14)
    assert pass_at_k(counts, 1000) == pytest.approx(1e-4, rel=1e-12)  # with one correct sample pass@k is k/n


def test_k_above_the_samples_is_refused_and_never_one():
    counts = counts_of([16, 8], [16, 8])
    with pytest.raises(InputError, match="k = 9 is more than the 8 samples"):
        pass_at_k(counts, [1, 9])
    with pytest.raises(InputError, match="k = 0"):
        pass_at_k(counts, 0)
    with pytest.raises(InputError, match="whole numbers"):
        pass_at_k(counts, np.array([1.5]))


def test_adaptive_stopping_is_refused_by_the_unbiased_estimator():
    counts = counts_of([3, 9], [1, 1], stopping="until the first success")
    with pytest.raises(InputError, match="until the first success"):
        pass_at_k(counts, 1)


@pytest.mark.parametrize(
    ("samples", "correct", "message"),
    [
        ([4], [5], "5 correct of 4"),
        ([4], [-1], "-1 correct of 4"),
        ([0], [0], "0 correct of 0"),
        ([4], [1.5], "'correct' holds 1.5"),
        ([np.nan], [1], "'samples' holds nan"),
        ([4, 5], [1], "do not fit together"),
        ([], [], "do not fit together"),
        (np.array(["four"]), [1], "not a number"),
    ],
)
def test_impossible_counts_are_refused(samples, correct, message):
    with pytest.raises(InputError, match=message):
        counts_of(samples, correct)


def test_a_problem_counted_twice_is_refused():
    with pytest.raises(InputError, match="'a' appears twice"):
        Counts(["a", "b", "a"], [2, 2, 2], [1, 1, 1])


def test_the_digest_depends_on_the_counts_and_not_on_their_order():
    one = Counts(["a", "b"], [4, 5], [1, 2])
    assert one.digest == Counts(["b", "a"], [5.0, 4.0], [2.0, 1.0]).digest
    assert one.digest != Counts(["a", "b"], [4, 5], [2, 2]).digest
    assert one.digest != Counts(["a", "b"], [4, 5], [1, 2], stopping="until the first success").digest


def test_draws_follow_the_problems_and_not_their_order():
    rng = np.random.default_rng(0)
    correct, shuffle = rng.integers(0, 17, 30), rng.permutation(30)
    counts = counts_of(np.full(30, 16), correct)
    names = np.asarray(counts.problems)
    shuffled = Counts(names[shuffle], counts.samples[shuffle], correct[shuffle])
    np.testing.assert_allclose(
        pass_at_k_draws(counts, [1, 8], 50, seed=3), pass_at_k_draws(shuffled, [1, 8], 50, seed=3), rtol=1e-13
    )


def test_draws_scatter_as_problems_do():
    # The bootstrap variance of a mean over P problems is the variance of the problems over P. Its estimate from
    # 20,000 draws has a relative error of 1%; 6% is six standard errors.
    counts = counts_of(np.full(40, 64), np.random.default_rng(1).integers(0, 65, 40))
    draws = pass_at_k_draws(counts, 1, draws=20_000, seed=0)
    assert draws.var() == pytest.approx((counts.correct / 64).var() / 40, rel=0.06)
    assert (resample(counts, 10, seed=0).sum(axis=1) == 40).all()


def best_of_k_by_enumeration(scores, correct, k):
    """Mean over all subsets of the mean mark among the best-scored samples of the subset."""
    marks = []
    for subset in combinations(range(len(scores)), k):
        top = max(scores[index] for index in subset)
        marks.append(np.mean([correct[index] for index in subset if scores[index] == top]))
    return np.mean(marks)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=7))
def test_best_of_k_is_the_average_over_all_subsets_with_ties_shared(pairs):
    scores, correct = np.array(pairs, dtype=float).T
    k = np.arange(1, len(pairs) + 1)
    wanted = [best_of_k_by_enumeration(scores, correct, size) for size in k]
    np.testing.assert_allclose(best_of_k(scores, correct, k), wanted, atol=1e-13)


def test_best_of_k_with_a_perfect_verifier_is_pass_at_k():
    rng = np.random.default_rng(2)
    marks = (rng.uniform(size=(20, 32)) < rng.uniform(size=(20, 1))).astype(float)
    k = np.array([1, 2, 7, 32])
    counts = counts_of(np.full(20, 32), marks.sum(axis=1))
    np.testing.assert_allclose(best_of_k(marks, marks, k), pass_at_k_by_problem(counts, k), atol=1e-13)
    assert best_of_k(marks, marks, 3).shape == (20,)


def test_best_of_k_lets_abstentions_lose_and_refuses_what_has_no_rank():
    assert best_of_k(np.array([-np.inf, 0.0]), np.array([0.0, 1.0]), 2) == 1.0
    with pytest.raises(InputError, match="nan"):
        best_of_k(np.array([np.nan, 0.0]), np.array([0.0, 1.0]), 1)
    with pytest.raises(InputError, match="k = 3 is more than the 2"):
        best_of_k(np.zeros(2), np.zeros(2), 3)
    with pytest.raises(InputError, match="differ"):
        best_of_k(np.zeros(2), np.zeros(3), 1)


def test_pythia_on_math_gives_the_published_coverage(public_data):
    # Brown et al. 2024, arXiv:2407.21787: 128 problems, 10,000 samples each. The values at k = 1, 10, 100, 1,000 and
    # 10,000 were recomputed from the released counts and are printed to four digits, hence 5.1e-5.
    published = {
        "Pythia 70M": (0.0006, 0.0060, 0.0361, 0.1241, 0.2656),
        "Pythia 160M": (0.0027, 0.0251, 0.1619, 0.4102, 0.5703),
        "Pythia 410M": (0.0062, 0.0517, 0.2272, 0.4818, 0.6562),
        "Pythia 1B": (0.0083, 0.0665, 0.2745, 0.5462, 0.7422),
        "Pythia 2.8B": (0.0203, 0.1348, 0.4220, 0.6778, 0.8125),
        "Pythia 6.9B": (0.0186, 0.1314, 0.4316, 0.6877, 0.8359),
        "Pythia 12B": (0.0232, 0.1568, 0.4834, 0.7233, 0.8750),
    }
    with (public_data / "pythia-coverage" / "math-counts.csv").open() as file:
        rows = list(csv.DictReader(file))
    for model, values in published.items():
        own = [row for row in rows if row["model"] == model]
        counts = Counts(
            [row["problem"] for row in own],
            [int(row["samples"]) for row in own],
            [float(row["correct"]) for row in own],
        )
        np.testing.assert_allclose(pass_at_k(counts, [1, 10, 100, 1000, 10_000]), values, rtol=0, atol=5.1e-5)
