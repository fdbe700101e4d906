"""Near-duplicates: the similarity that signatures estimate, and the documents that are found."""

import numpy as np
import pytest

from nextflop.outlook.diversity.duplicates import ALIKE, BINS, RUN, Signer, repeats, similarity
from nextflop.outlook.diversity.intervals import share_of_clusters
from nextflop.outlook.diversity.words import documents, mix, ngrams, words


def signed(texts: list[str], most: int = 1 << 15, batch: int = 50):
    signer, before = Signer(most), 0
    for at in range(0, len(texts), batch):
        found = words(texts[at : at + batch])
        whole, starts = documents(found)
        number = np.repeat(np.arange(len(whole)), np.diff(starts, append=len(found.hashes)))
        *_, (runs, place) = ngrams(found, RUN)
        signer.add(runs, number[place], whole, starts + before)
        before += len(found.hashes)
    return signer.signatures()


def sets(size: int, alike: float, seed: int) -> tuple[list[str], float]:
    """Two documents of random words that begin alike, and the Jaccard similarity of their runs."""
    rng = np.random.default_rng(seed)
    common = round(2 * size * alike / (1 + alike))
    first = [f"w{number}" for number in rng.integers(0, 10**9, size + RUN - 1)]
    second = first[: common + RUN - 1] + [f"v{number}" for number in rng.integers(0, 10**9, size - common)]
    runs = [set(zip(*(one[k:] for k in range(RUN)), strict=False)) for one in (first, second)]
    return [" ".join(first), " ".join(second)], len(runs[0] & runs[1]) / len(runs[0] | runs[1])


@pytest.mark.parametrize("size", [20, 100, 2000])
@pytest.mark.parametrize("alike", [0.3, 0.8, 0.95])
def test_signatures_estimate_the_similarity_with_the_promised_error(size: int, alike: float) -> None:
    errors = []
    for seed in range(60):
        texts, truth = sets(size, alike, seed)
        found = signed(texts)
        errors.append(similarity(found.bins[:1], found.bins[1:]).item() - truth)
    promised = np.sqrt(truth * (1 - truth) / min(BINS, size))
    assert abs(np.mean(errors)) < 4 * promised / np.sqrt(60)
    assert 0.6 * promised < np.std(errors) < 1.5 * promised


def corpus(seed: int = 0) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Documents of which some repeat an earlier one, word for word or nearly; and which of them do."""
    rng = np.random.default_rng(seed)
    texts: list[list[str]] = []
    exact, near = [], []
    for index in range(2000):
        kind = rng.random() if index > 10 else 1.0
        if kind < 0.1:
            texts.append(list(texts[rng.integers(0, 10)]))  # a bucket of many
        elif kind < 0.2:
            changed = list(texts[rng.integers(0, index)])
            changed[int(rng.integers(0, 10))] = f"changed{index}"
            texts.append(changed)
        else:
            texts.append([f"w{number}" for number in rng.integers(0, 5000, rng.integers(100, 200))])
        exact.append(kind < 0.1)
        near.append(kind < 0.2)
    return [" ".join(text) for text in texts], np.array(exact), np.array(near)


def test_planted_duplicates_are_found_and_no_others() -> None:
    texts, exact, near = corpus()
    found_exact, found_near = repeats(signed(texts))
    np.testing.assert_array_equal(found_exact, exact)
    # A change in the first words costs up to ten of two hundred runs or five of a hundred: alike to 0.9 and more.
    assert (found_near & ~near).sum() == 0
    assert (found_near & near).sum() >= 0.99 * near.sum()


def test_a_sample_tells_the_same_share_but_for_what_it_may_miss() -> None:
    texts, exact, near = corpus(1)
    kept = signed(texts, most=1200)
    assert kept.kept < 1
    found = repeats(kept)
    # An interval of 99.9%; exact duplicates are kept or forgotten together, near ones mostly.
    told = [share_of_clusters(inside, kept.least, 0.999) for inside in found]
    assert told[0].low < exact.mean() < told[0].high
    assert told[1].low < near.mean()
    assert told[1].high > ALIKE * near.mean()


def test_clusters_are_drawn_as_a_whole() -> None:
    rng = np.random.default_rng(0)
    held = {True: 0, False: 0}
    for _ in range(300):
        cluster = np.repeat(np.arange(60), 10)
        inside = np.repeat(rng.random(60) < 0.2, 10)
        for together in held:
            found = share_of_clusters(inside, cluster if together else np.arange(600), 0.9)
            held[together] += found.low <= 0.2 <= found.high
    assert held[True] / 300 == pytest.approx(0.9, abs=0.07)  # four standard errors
    assert held[False] / 300 < 0.6
    none = share_of_clusters(np.zeros(100, dtype=bool), np.arange(100), 0.9)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(2.706 / 102.706, rel=1e-3)


def test_documents_shorter_than_a_run_are_known_by_all_of_their_words() -> None:
    exact, near = repeats(signed(["a b", "c", "a b", "b a", "A, b!", "one two three four five six"]))
    assert exact.tolist() == near.tolist() == [False, False, True, False, True, False]


def test_nothing_repeats_nothing() -> None:
    exact, near = repeats(Signer(10).signatures())
    assert len(exact) == len(near) == 0
    assert mix(np.array([0], dtype=np.uint64)).dtype == np.uint64
