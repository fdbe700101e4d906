"""Words and n-grams as numbers: the same as by splitting text in plain Python."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.outlook.diversity.words import documents, mix, ngrams, words

TEXTS = st.lists(st.text(alphabet="ab Zé.0\n'_", max_size=40), min_size=1, max_size=6)


def plain(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


@given(TEXTS)
def test_equal_words_have_equal_numbers_and_others_others(texts: list[str]) -> None:
    found = words(texts)
    expected = [(index, word) for index, text in enumerate(texts) for word in plain(text)]
    assert found.document.tolist() == [index for index, _ in expected]
    pairs = set(zip((word for _, word in expected), found.hashes.tolist(), strict=True))
    assert len(pairs) == len({word for _, word in expected}) == len(set(found.hashes.tolist()))


@given(TEXTS, st.integers(1, 4))
def test_ngrams_stay_within_their_document(texts: list[str], longest: int) -> None:
    found = words(texts)
    for n, (hashes, place) in enumerate(ngrams(found, longest), start=1):
        expected = [tuple(run) for text in texts for run in zip(*(plain(text)[k:] for k in range(n)), strict=False)]
        assert Counter(Counter(hashes.tolist()).values()) == Counter(Counter(expected).values())
        assert (found.document[place] == found.document[place + n - 1]).all()


@given(TEXTS)
def test_a_document_is_known_by_its_words_in_their_order(texts: list[str]) -> None:
    hashes, starts = documents(words(texts))
    told = [tuple(plain(text)) for text in texts if plain(text)]
    assert len(hashes) == len(told)
    assert len(set(zip(told, hashes.tolist(), strict=True))) == len(set(told)) == len(set(hashes.tolist()))
    assert np.diff(starts).tolist() == [len(one) for one in told[:-1]]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("don't stop", 3),
        ("naïve Ångström ΣΊΣΥΦΟΣ", 3),
        ("हिन्दी में पाठ", 3),  # marks belong to their letters
        ("我们都是人", 5),  # a character is a word where none are separated
        ("我们 and 人", 4),
        ("𠮷𠮷 x", 3),  # an ideograph of the second plane
        ("ภาษา", 4),
        ("100,000.5", 3),
        ("— … ¿?", 0),
        ("\ud800 x", 1),  # half of a pair, as JSON can spell it
        ("a\0b", 2),
    ],
)
def test_words_of_many_scripts(text: str, count: int) -> None:
    assert len(words([text]).hashes) == count


def test_a_word_is_the_same_whatever_stands_around_it() -> None:
    one = words(["x " * 1000 + "needle"]).hashes[-1]
    assert one == words(["NEEDLE"]).hashes[0] == words(["é needle"]).hashes[1]


def test_the_numbers_are_even() -> None:
    # Of 65,536 consecutive numbers the top eight bits and the lowest eight: chi-squared of 255 degrees of freedom.
    hashes = mix(np.arange(1 << 16, dtype=np.uint64))
    for shift in (56, 0):
        counts = np.bincount(((hashes >> np.uint64(shift)) & np.uint64(255)).astype(np.int64), minlength=256)
        assert 170 < np.sum((counts - 256) ** 2 / 256) < 360  # 4.5 standard deviations
