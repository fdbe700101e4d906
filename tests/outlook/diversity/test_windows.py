"""Measures in windows of equal length, against plain Python, gzip, and what windows must not depend on."""

import gzip
import zlib
from collections import Counter

import numpy as np
import pytest

from nextflop.outlook.diversity.reservoir import Sample
from nextflop.outlook.diversity.windows import OF_WORDS, SEGMENT, Windows, compression_ratio, of_words
from nextflop.outlook.diversity.words import Words, words


def windowed(texts: list[str], size: int, batch: int) -> dict[str, np.ndarray]:
    windows, before = Windows(size, seed=0), 0
    for at in range(0, len(texts), batch):
        part = texts[at : at + batch]
        found = words(part)
        windows.add(part, Words(found.hashes, found.document + before))
        before += len(part)
    return windows.measured()


def test_the_measures_are_those_of_plain_python(texts) -> None:
    documents = texts(10, seed=0)
    told = dict(zip(OF_WORDS, of_words(words(documents)), strict=True))
    split = [document.split() for document in documents]
    grams = {n: [tuple(one[k : k + n]) for one in split for k in range(len(one) - n + 1)] for n in range(1, 5)}
    for n in range(1, 5):
        assert told[f"distinct_{n}"] == pytest.approx(len(set(grams[n])) / len(grams[n]))
    holders = Counter(gram for one in split for gram in {tuple(one[k : k + 4]) for k in range(len(one) - 3)})
    assert told["self_repetition"] == pytest.approx(np.mean([holders[gram] > 1 for gram in grams[4]]))
    flat = [word for one in split for word in one]
    segments = [flat[at : at + SEGMENT] for at in range(0, len(flat) - SEGMENT + 1, SEGMENT)]
    assert told["type_token"] == pytest.approx(np.mean([len(set(one)) / SEGMENT for one in segments]))


def test_repetition_between_documents_is_of_other_documents_only() -> None:
    again = "a b c d e f g h"
    assert (
        of_words(words([f"{again} {again}"]))[4] != of_words(words([f"{again} {again}"]))[4]
    )  # nan: there is no other
    told = of_words(words([f"{again} {again}", "p q r s t"]))[4]
    assert told == 0
    assert of_words(words([again, again, "p q r s t"]))[4] == pytest.approx(10 / 12)


def test_the_compression_is_that_of_gzip(texts) -> None:
    text = "\n".join(texts(200, seed=1)).encode()
    ratio = compression_ratio(text)
    # The same deflate stream in another wrapper: 6 bytes of zlib, 18 of gzip.
    assert len(text) / ratio == pytest.approx(len(gzip.compress(text, 6)) - 12)
    assert ratio == len(text) / len(zlib.compress(text, 6))


def test_windows_do_not_depend_on_how_the_stream_came(texts) -> None:
    documents = texts(300, seed=2)
    one, other = windowed(documents, 1024, 300), windowed(documents, 1024, 7)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])
    assert len(one["distinct_1"]) == 300 * 120 // 1024
    size = len("\n".join([*documents, ""]).encode())
    assert len(one["compression_ratio"]) == size // (8 * 1024)


def test_text_that_repeats_itself_shows_in_every_measure(texts) -> None:
    fresh = windowed(texts(200, seed=3), 2048, 50)
    stale = windowed(texts(20, seed=3) * 10, 2048, 50)
    stale_narrow = windowed(texts(200, seed=3, last=200), 2048, 50)
    assert stale_narrow["type_token"].max() < fresh["type_token"].min()
    assert stale_narrow["distinct_1"].max() < fresh["distinct_1"].min()
    assert stale_narrow["compression_ratio"].min() > fresh["compression_ratio"].max()
    assert stale["self_repetition"].mean() >= fresh["self_repetition"].mean()


def test_a_sample_is_fair_and_measures_few_of_those_that_go() -> None:
    chosen, measured = np.zeros(1000), []
    for seed in range(200):
        sample = Sample(50, seed)
        for before in range(0, 1000, 100):
            sample.offer(100, lambda place, before=before: measured.append(place) or before + place)
        kept = sample.in_order()
        assert kept == sorted(kept)
        assert sorted(sample.shuffled()) == kept
        chosen[kept] += 1
    assert chosen.sum() == 200 * 50
    # Binomial counts with mean 10 in each of 1000 places: their variance is 9.5, to 4 standard errors.
    assert abs(chosen.var() / 9.5 - 1) < 4 * np.sqrt(2 / 1000)
    assert len(measured) / 200 < 50 * (1 + np.log(1000 / 50)) * 1.1
