"""Counts of a fair sample of different things: exact below the limit, and as uncertain as promised above it."""

from collections import Counter as Plain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nextflop.outlook.diversity.counted import GROUPS, Counter
from nextflop.outlook.diversity.words import mix


def things(numbers: np.ndarray) -> np.ndarray:
    return mix(np.asarray(numbers, dtype=np.uint64))


def counted(numbers: np.ndarray, most: int, parts: int = 7, pins: int = 0, pinned: np.ndarray | None = None):
    counter = Counter(most, pinned, pins)
    for part in np.array_split(numbers, parts):
        counter.add(things(part), part % GROUPS)
    return counter


@given(st.lists(st.integers(0, 50), max_size=200), st.integers(1, 9))
def test_below_the_limit_every_count_is_exact(numbers: list[int], parts: int) -> None:
    column = np.array(numbers, dtype=np.int64)
    found = counted(column, 60, parts).counts()
    expected = Plain(numbers)
    assert found.kept == 1
    assert found.distinct == len(expected)
    for number, count in expected.items():
        row = found.counts[found.things == (things(np.array([number]))[0] & ~np.uint64(15))][0]
        assert row[number % GROUPS] == count == row.sum()


def test_above_it_what_is_kept_is_exact_and_the_number_of_all_estimated() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 200_000, 600_000)
    counter = counted(numbers, 4096, parts=60)
    found = counter.counts()
    assert 2048 < len(found.things) <= 4096
    assert found.kept == 1 / 64
    truth = len(np.unique(numbers))
    assert abs(found.distinct / truth - 1) < 4 / np.sqrt(len(found.things))  # four standard errors
    assert counter.distinct() == found.distinct
    expected = Plain((things(numbers) & ~np.uint64(15)).tolist())
    assert all(
        expected[thing] == count for thing, count in zip(found.things.tolist(), found.counts.sum(1), strict=True)
    )


def test_the_estimate_is_right_on_average() -> None:
    # 40 other sets of 10,000 numbers: the mean of the relative errors, each of 1/√(about 700).
    errors = [counted(np.arange(10_000) + 10**6 * k, 1000).counts().distinct / 10_000 - 1 for k in range(40)]
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(40)
    assert 0.02 < np.std(errors) < 0.06


def test_two_texts_keep_the_same_things() -> None:
    one, other = counted(np.arange(50_000), 1000).counts(), counted(np.arange(25_000, 95_000), 1000).counts()
    below = min(one.below, other.below)
    kept = [part.things[part.things <= below] for part in (one, other)]
    shared = np.isin(kept[0], kept[1]).sum()
    assert abs(shared / len(kept[0]) - 0.5) < 4 * 0.5 / np.sqrt(len(kept[0]))


def test_the_commonest_stay_and_so_do_those_that_are_asked_for() -> None:
    rng = np.random.default_rng(1)
    rare = rng.integers(100, 10**6, 100_000)
    numbers = rng.permutation(np.concatenate([np.repeat(np.arange(20), 2000), rare]))
    found = counted(numbers, 2000, parts=50, pins=50, pinned=things(np.array([77, 10**7]))).counts()
    assert found.kept < 1
    names = (things(np.arange(20)) & ~np.uint64(15)).tolist()
    kept = dict(zip(found.things.tolist(), found.counts.sum(axis=1).tolist(), strict=True))
    assert [kept[thing] for thing in names] == [2000] * 20
    # Pinned ones stand for themselves, so that the total is right too.
    assert abs((found.counts.sum(axis=1) @ found.weight) / len(numbers) - 1) < 0.05
    assert abs(found.distinct / len(np.unique(numbers)) - 1) < 4 / np.sqrt(len(found.things))
