"""The tail of a vocabulary: its exponent, rarefied spectra, what a text misses, and frequent words found elsewhere."""

import numpy as np
import pytest

from nextflop.outlook.diversity import tail
from nextflop.outlook.diversity.counted import GROUPS, Counter, Counts
from nextflop.outlook.diversity.intervals import jackknife, share
from nextflop.outlook.diversity.words import mix
from nextflop.planning.collapse import tail_mass

ALL = np.ones(GROUPS)


def text(words: int, beta: float, seed: int, last: int = 10**7, most: int = 1 << 20) -> tuple[Counts, np.ndarray]:
    """Counts of words that are drawn one by one from Zipf's law, and the running words of each group."""
    rng = np.random.default_rng(seed)
    edges = np.cumsum(np.arange(1, last + 1) ** -beta)
    ranks = np.searchsorted(edges, rng.random(words) * edges[-1])
    counter = Counter(most, pins=min(4096, most // 4))
    group = rng.integers(0, GROUPS, words)
    for part in np.array_split(np.arange(words), 20):
        counter.add(mix(ranks[part].astype(np.uint64)), group[part])
    return counter.counts(), np.bincount(group, minlength=GROUPS)


@pytest.mark.parametrize("beta", [1.3, 1.5, 2.0])
@pytest.mark.parametrize("most", [1 << 20, 1 << 12])
def test_the_exponent_of_zipfs_law_is_found_in_all_of_it_and_in_a_sample(beta: float, most: int) -> None:
    counts, _ = text(400_000, beta, seed=0, most=most)
    found = jackknife(lambda weights: tail.exponent(counts, weights), 0.9, 10**6)
    # The law of rare words is that of endless text: to 2%, beside three standard errors of the sample.
    rare = ((counts.counts.sum(axis=1) <= tail.MOST) & ~counts.pinned).sum()
    assert found.value == pytest.approx(beta, rel=0.02 + 3 * 1.2 / np.sqrt(rare))
    assert found.low < found.value < found.high


def test_a_tail_that_is_cut_shows_a_larger_exponent() -> None:
    whole, _ = text(200_000, 1.5, seed=1)
    cut, _ = text(200_000, 1.5, seed=1, last=2000)
    assert tail.exponent(cut, ALL) > tail.exponent(whole, ALL) + 0.3


def test_too_few_rare_words_have_no_exponent() -> None:
    counts, _ = text(60, 1.5, seed=1)
    assert np.isnan(tail.exponent(counts, ALL))


def test_the_spectrum_of_a_part_is_that_of_a_part() -> None:
    whole, _ = text(200_000, 1.4, seed=2)
    parts = [tail.spectrum(text(50_000, 1.4, seed=seed)[0], ALL) for seed in range(10, 20)]
    told = tail.spectrum(whole, ALL, 0.25)
    # Ten texts of a quarter: Poisson counts, four standard errors of their mean and of the whole's.
    assert (np.abs(np.mean(parts, axis=0) - told) < 4 * np.sqrt(told / 10 + 4 * told / 10)).all()
    np.testing.assert_allclose(tail.spectrum(whole, ALL, 1 - 1e-12), tail.spectrum(whole, ALL), rtol=1e-6)


def test_what_another_text_misses_is_as_expected_of_one_that_is_alike() -> None:
    one, _ = text(100_000, 1.4, seed=3)
    for words, seed in ((100_000, 4), (25_000, 5)):
        missed, expected = tail.unseen(one, text(words, 1.4, seed=seed)[0], ALL)
        assert missed == pytest.approx(expected, rel=0.04)
    cut, _ = text(100_000, 1.4, seed=6, last=2000)
    missed, expected = tail.unseen(one, cut, ALL)
    # All that is beyond the cut, and of the words before it those that so short a text does not happen to show.
    beyond = float(tail_mass(2000.0, 1.4, 1e7))
    assert beyond < missed < beyond + 0.5 * expected


def test_what_is_missed_is_the_same_by_samples() -> None:
    full = tail.unseen(text(100_000, 1.4, seed=3)[0], text(100_000, 1.4, seed=4)[0], ALL)
    for sizes in ((1 << 12, 1 << 20), (1 << 20, 1 << 12), (1 << 12, 1 << 11)):
        found = tail.unseen(
            text(100_000, 1.4, seed=3, most=2 * sizes[0])[0], text(100_000, 1.4, seed=4, most=2 * sizes[1])[0], ALL
        )
        np.testing.assert_allclose(found, full, rtol=0.15)


def test_frequent_words_are_found_elsewhere_so_that_the_tail_is_not_short() -> None:
    # Short texts, of which the thousand most frequent words are mostly chance: against the truth of the law.
    elsewhere, naive = [], []
    for seed in range(20):
        counts, words = text(5000, 1.2, seed=seed, last=20_000)
        other, others = text(5000, 1.2, seed=100 + seed, last=20_000)
        truth = tail.beyond(other, others, tail.head(counts, 500)).sum() / others.sum()
        elsewhere.append(tail.beyond_own(counts, words, 500).sum() / words.sum() / truth - 1)
        naive.append(tail.beyond(counts, words, tail.head(counts, 500)).sum() / words.sum() / truth - 1)
    # Fifteen sixteenths of a text find them a little worse than all of it.
    assert abs(np.mean(elsewhere)) < 4 * np.std(elsewhere) / np.sqrt(20) + 0.01
    assert np.mean(naive) < -0.1


def test_the_interval_of_a_share_holds_the_truth_as_often_as_it_says() -> None:
    # Documents with shares of their own, 16 groups of them: 90% intervals, 300 texts; 4 standard errors are 7%.
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        inside = rng.binomial(100, rng.beta(2, 6, size=320))
        group = np.arange(320) % GROUPS
        found = share(np.bincount(group, inside), np.full(GROUPS, 2000.0), 0.9, 320)
        held += found.low <= 0.25 <= found.high
    assert abs(held / 300 - 0.9) < 0.07
