"""A corpus against the real text that it was made from: what of it is kept, and what of its tail is lost."""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.outlook.diversity import tail
from nextflop.outlook.diversity.corpus import Corpus
from nextflop.outlook.diversity.counted import GROUPS, Counts
from nextflop.outlook.diversity.intervals import jackknife, share

KEPT, GONE = 0.95, 0.05
"""Shares of the real documents from which they accumulate, and up to which they are replaced."""


class Against(NamedTuple):
    """A corpus beside its real text.

    Attributes:
        regime: accumulate, replace or mixed; see `KEPT`.
        kept: share of the different real documents that are in the corpus, word for word.
        documents: share of the corpus' documents that are real ones.
        passages: share of its runs of eight words that the real text has too.
        lost: share of the tail that is lost: how much less of the corpus than of the real text lies beyond the real
            text's most frequent words; negative if it has more.
        unseen: share of the real text's running words that the corpus never uses.
        expected: what as much real text would be expected to miss of it.
        verdict: whether the tail is kept.
    """

    regime: str
    kept: Interval
    documents: Interval
    passages: Interval
    lost: Interval
    unseen: Interval
    expected: float
    verdict: Verdict

    def to_json(self) -> dict[str, Json]:
        """The same as JSON."""
        intervals = ("kept", "documents", "passages", "lost", "unseen")
        return {
            "regime": self.regime,
            **{name: getattr(self, name)._asdict() for name in intervals},
            "unseen_expected": self.expected,
            "verdict": self.verdict.to_json(),
        }


def against(real: Corpus, other: Corpus, rank: int, most_lost: float, level: float) -> Against:
    """Compares a corpus with the real text; the counts of the real text's most frequent words are exact in both.

    Args:
        real: the real text.
        other: the corpus.
        rank: the last of the real text's words that are not of its tail.
        most_lost: share of the tail that may be lost.
        level: of the intervals.
    """
    kept = _kept(real.texts, other.texts, level, real.documents)
    head = tail.head(real.vocabulary, rank)
    rare = tail.beyond_own(real.vocabulary, real.group_words, rank), real.group_words
    others = tail.beyond(other.vocabulary, other.group_words, head), other.group_words
    documents = min(real.documents, other.documents)
    lost = _lost(share(*rare, level, documents), share(*others, level, documents))
    unseen = jackknife(
        lambda weights: tail.unseen(real.vocabulary, other.vocabulary, weights)[0], level, real.documents
    )
    expected = tail.unseen(real.vocabulary, other.vocabulary, np.ones(GROUPS))[1]
    regime = _regime(kept.value)
    return Against(
        regime=regime,
        kept=kept,
        documents=_taken(other.texts, real.texts, level, other.documents),
        passages=_taken(other.passages, real.passages, level, other.documents),
        lost=lost,
        unseen=unseen,
        expected=expected,
        verdict=_verdict(lost, most_lost, rank, regime),
    )


def _regime(kept: float) -> str:
    if np.isnan(kept):
        return "unknown"
    return "accumulate" if kept >= KEPT else "replace" if kept <= GONE else "mixed"


def _taken(of: Counts, real: Counts, level: float, documents: int) -> Interval:
    """The share of occurrences that the real text has too."""
    counts, there = _sampled(of, real)
    return share(counts[there].sum(axis=0), counts.sum(axis=0), level, documents)


def _kept(real: Counts, other: Counts, level: float, documents: int) -> Interval:
    """The share of the different things of the real text that the other has too."""
    counts, there = _sampled(real, other)

    def statistic(weights: np.ndarray) -> float:
        present = counts @ weights > 0
        return float(there[present].mean()) if present.any() else np.nan

    found = jackknife(statistic, level, documents)
    return Interval(found.value, max(found.low, 0.0), min(found.high, 1.0))


def _sampled(of: Counts, where: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Counts of what would be kept of both, shape (things, GROUPS), and whether the other has it, shape (things,)."""
    sampled = of.things <= min(of.below, where.below)
    return of.counts[sampled], np.isin(of.things[sampled], where.things)


def _lost(real: Interval, other: Interval) -> Interval:
    """1 - other / real, with the relative errors of both in squares: too much where they share documents."""
    if not real.value > 0:
        return Interval(np.nan, np.nan, np.nan)
    ratio = other.value / real.value
    errors = [(one.high - one.low) / 2 / one.value if one.value > 0 else 0.0 for one in (other, real)]
    reach = ratio * float(np.linalg.norm(errors))
    return Interval(1 - ratio, 1 - ratio - reach, 1 - ratio + reach)


def _verdict(lost: Interval, most: float, rank: int, regime: str) -> Verdict:
    said = f"{lost.value:.1%} of the tail beyond the {rank} most frequent words of the real text is lost"
    between = f"{said} ({lost.low:.1%} to {lost.high:.1%})"
    if np.isnan(lost.value):
        outcome, sentence = Outcome.unknown, f"The real text has no words beyond its {rank} most frequent ones."
    elif np.isnan(lost.low):
        outcome, sentence = Outcome.unknown, f"{said}, of too few documents for an interval."
    elif lost.low > most and regime == "accumulate":
        outcome = Outcome.warn
        sentence = f"{between}, more than {most:.0%}; thinned and not gone, for the real documents are still there."
    elif lost.low > most:
        outcome, sentence = Outcome.fail, f"{between}, more than {most:.0%}."
    elif lost.high <= most:
        outcome, sentence = Outcome.passed, f"{between}, no more than {most:.0%}."
    else:
        outcome, sentence = Outcome.unknown, f"{between}, which leaves open whether it is more than {most:.0%}."
    return Verdict("tail_kept", "the tail of the vocabulary", outcome, lost.value, most, sentence)
