"""The Vendi score: its ends, its published form, and its interval."""

import numpy as np
import pytest

from nextflop.outlook.diversity.vendi import score, vendi
from nextflop.outlook.diversity.words import words


def hashed(texts: list[str]) -> list[np.ndarray]:
    return [words([text]).hashes for text in texts]


def test_its_ends_are_all_alike_and_nothing_in_common() -> None:
    assert score(hashed(["a b c"] * 9)) == pytest.approx(1.0)
    assert score(hashed([f"a{k} b{k} c{k}" for k in range(9)])) == pytest.approx(9.0)
    assert score(hashed(["a b c"] * 4 + ["x y z"] * 4)) == pytest.approx(2.0)
    assert score(hashed([f"w{k}" for k in range(5)])) == pytest.approx(5.0)  # too short for pairs


def test_it_is_the_exponential_of_the_entropy_of_the_eigenvalues(texts) -> None:
    documents = texts(30, seed=0, words=40)
    kernel = np.zeros((30, 30))
    for n in (1, 2):
        grams = [[tuple(t.split()[k : k + n]) for k in range(len(t.split()) - n + 1)] for t in documents]
        names = {gram: column for column, gram in enumerate({gram for one in grams for gram in one})}
        counts = np.zeros((30, len(names)))
        for row, one in enumerate(grams):
            for gram in one:
                counts[row, names[gram]] += 1
        counts /= np.linalg.norm(counts, axis=1, keepdims=True)
        kernel += counts @ counts.T / 2
    values = np.linalg.eigvalsh(kernel / 30)
    values = values[values > 1e-12]
    assert score(hashed(documents)) == pytest.approx(np.exp(-np.sum(values * np.log(values))), rel=1e-9)


def test_a_mean_over_sets_has_an_interval_and_one_set_has_none(texts) -> None:
    sets = [hashed(texts(40, seed=seed)) for seed in range(6)]
    found = vendi(sets, 0.9)
    scores = [score(one) for one in sets]
    assert found.value == pytest.approx(np.mean(scores))
    assert found.high - found.value == pytest.approx(2.015 * np.std(scores, ddof=1) / np.sqrt(6), rel=1e-3)  # t, 5
    assert np.isnan(vendi(sets[:1], 0.9).low)
    assert np.isnan(vendi([], 0.9).value)
