"""Corpora side by side, and beside the real text: what stays the same, what is lost, and what is said of it."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import nextflop
from nextflop.errors import InputError
from nextflop.judging.verdict import Outcome
from nextflop.outlook.diversity import corpus, diversity, documents
from nextflop.outlook.diversity.measures import NAMES


def test_equal_text_has_equal_measures_whatever_its_form(texts, write, tmp_path: Path) -> None:
    documents = texts(400, seed=0)
    lines = write("a.txt", documents)
    records = tmp_path / "a.jsonl"
    records.write_text("".join(json.dumps({"id": 1, "body": text}) + "\n" for text in documents))
    one, other = diversity(lines, window=1024), diversity(records, field="body", window=1024)
    assert one.corpora[0].measures == other.corpora[0].measures
    assert one.corpora[0].split == "line"
    assert other.corpora[0].split == "record"
    assert list(one.corpora[0].measures) == list(NAMES)
    assert (one.corpora[0].documents, one.corpora[0].words) == (400, 48_000)
    assert nextflop.diversity is diversity


def test_a_seed_gives_the_same_answer_and_another_nearly(texts, write) -> None:
    path = write("a.txt", texts(900, seed=0))
    one, same, other = (diversity(path, window=1024, seed=seed).to_json() for seed in (1, 1, 2))
    assert one == same
    measures, others = one["corpora"][0]["measures"], other["corpora"][0]["measures"]
    assert measures["vendi"] != others["vendi"]
    for name in ("distinct_2", "tail_share", "tail_exponent", "all_distinct_3"):
        assert measures[name]["value"] == pytest.approx(others[name]["value"], rel=0.01)


def test_a_longer_text_of_the_same_kind_is_no_less_diverse(texts, write) -> None:
    # What grows or falls with length is compared at the length of the shorter: the intervals of both overlap.
    short, long = write("short.txt", texts(500, seed=1)), write("long.txt", texts(3000, seed=2))
    found = diversity(short, long, window=2048, level=0.99)
    assert found.length == 60_000
    for name in NAMES:
        one, other = (part.measures[name] for part in found.corpora)
        width = 0.02 * one.value if np.isnan(one.low) or one.low == one.high else one.high - one.low
        assert abs(one.value - other.value) < max(width, other.high - other.low, 1e-9), name


def test_what_is_short_of_documents_has_no_interval(texts, write) -> None:
    found = diversity(write("a.txt", texts(20, seed=0)), window=512).corpora[0]
    assert found.measures["distinct_1"].value > 0
    assert np.isnan(found.measures["distinct_1"].low)
    assert np.isnan(found.measures["tail_share"].low)
    assert np.isnan(found.measures["vendi"].value)


@pytest.mark.parametrize(
    ("parts", "regime", "kept"), [(1.0, "accumulate", 1.0), (0.5, "mixed", 0.5), (0.0, "replace", 0)]
)
def test_the_regime_is_named_by_what_is_kept(texts, write, parts: float, regime: str, kept: float) -> None:
    real = texts(1000, seed=0)
    made = real[: round(1000 * parts)] + texts(1000, seed=1)
    found = diversity(write("made.txt", made), real=write("real.txt", real), window=1024)
    (against,) = [one.against for one in found.corpora if one.against is not None]
    assert against.regime == regime
    assert against.kept.value == pytest.approx(parts, abs=1e-9)
    assert against.documents.value == pytest.approx(1000 * parts / len(made), abs=1e-9)
    assert against.passages.value == pytest.approx(1000 * parts / len(made), abs=0.01)
    assert against.verdict.outcome is Outcome.passed
    assert found.kept


def test_a_tail_that_is_cut_is_lost_by_as_much_as_the_theory_says(texts, write) -> None:
    real = write("real.txt", texts(1200, seed=0))
    cut = write("cut.txt", texts(1200, seed=1, last=2000))
    found = diversity(cut, real=real, window=1024)
    against = found.corpora[1].against
    assert against is not None
    shares = np.arange(1, 20_001) ** -1.2
    whole, kept = shares[1000:].sum() / shares.sum(), shares[1000:2000].sum() / shares[:2000].sum()
    assert against.lost.value == pytest.approx(1 - kept / whole, abs=0.03)
    assert against.lost.low < 1 - kept / whole < against.lost.high + 0.02
    assert against.unseen.value > 2 * against.expected
    assert against.verdict.outcome is Outcome.fail
    assert not found.kept
    assert found.corpora[1].measures["tail_exponent"].value > found.corpora[0].measures["tail_exponent"].high
    assert diversity(cut, real=real, window=1024, lost=0.9).kept
    both = write("both.txt", real.read_text().splitlines() + cut.read_text().splitlines())
    diluted = diversity(both, real=real, window=1024)
    against = diluted.corpora[1].against
    assert against is not None
    assert against.lost.value == pytest.approx((1 - kept / whole) / 2, abs=0.03)
    assert against.unseen.value == 0
    assert against.verdict.outcome is Outcome.warn
    assert diluted.kept


def test_sketches_of_small_size_say_nearly_the_same(texts, write, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = write("real.txt", texts(2000, seed=0)), write("made.txt", texts(1000, seed=0) + texts(1000, seed=1))
    full = diversity(made, real=real, window=1024)
    for name, size in (("_WORDS", 6000), ("_GRAMS", 4096), ("_DOCUMENTS", 1024), ("_PINS", 1500)):
        monkeypatch.setattr(corpus, name, size)
    small = diversity(made, real=real, window=1024)
    assert min(small.corpora[1].sampled.values()) < 1
    for one, other in zip(full.corpora, small.corpora, strict=True):
        for name in ("all_distinct_1", "all_distinct_2", "all_distinct_3", "tail_share", "tail_exponent"):
            assert other.measures[name].value == pytest.approx(one.measures[name].value, rel=0.1), name
    one, other = full.corpora[1].against, small.corpora[1].against
    assert one is not None
    assert other is not None
    for name in ("documents", "passages", "kept"):
        assert getattr(other, name).value == pytest.approx(getattr(one, name).value, abs=0.05)
    assert other.lost.value == pytest.approx(one.lost.value, abs=0.01)  # but for chance at the end of the head
    assert other.unseen.value == pytest.approx(one.unseen.value, rel=0.3)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"window": 10}, "window 10 cannot be used: give from 512 words"),
        ({"rank": 0}, "rank 0 cannot be used"),
        ({"lost": 1.0}, "lost 1.0 cannot be used"),
        ({"level": 1.5}, "level 1.5 cannot be used"),
        ({"seed": -1}, "seed -1 cannot be used"),
        ({"window": 4096}, "has 1200 words, fewer than a window of 4096: give more text"),
    ],
)
def test_what_cannot_be_measured_is_refused(texts, write, change: dict, told: str) -> None:
    path = write("a.txt", texts(10, seed=0))
    with pytest.raises(InputError, match=told):
        diversity(path, **{"window": 512} | change)
    with pytest.raises(InputError, match="no file to measure"):
        diversity()


def test_memory_does_not_grow_with_the_file(texts, write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_WORDS", 4096), ("_GRAMS", 2048), ("_DOCUMENTS", 512), ("_PINS", 512)):
        monkeypatch.setattr(corpus, name, size)
    monkeypatch.setattr(documents, "BLOCK", 1 << 15)
    lines = texts(3600, seed=0)
    peaks = []
    for part in (900, 900, 3600):  # the first fills caches
        path = write(f"{part}.txt", lines[:part])
        tracemalloc.start()
        diversity(path, window=1024)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.25 * peaks[1]


WITHIN = """
import resource, sys
import scipy.sparse, scipy.special, scipy.stats
from nextflop.outlook.diversity import diversity
with open('/proc/self/statm') as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + {spare}, now + {spare}))
print(diversity({path!r}).corpora[0].words)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_file_is_read_in_less_memory_than_it_has_bytes(texts, tmp_path: Path) -> None:
    # 256 MiB of text where 192 MiB of addresses may be had: the sketches are full within a tenth of it.
    spare, path = 192 << 20, tmp_path / "long.txt"
    blocks = ["\n".join(texts(20_000, seed=seed, beta=1.05, last=400_000)) + "\n" for seed in range(4)]
    with path.open("w") as file:
        while file.tell() < 256 << 20:
            file.writelines(blocks)
    code = WITHIN.format(path=str(path), spare=spare)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10**7
