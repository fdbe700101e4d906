"""A corpus against the real text that it was made from: what of it is kept, and what of its tail is lost."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.outlook.diversity import tail
from nextflop.outlook.diversity.corpus import Corpus
from nextflop.outlook.diversity.counted import GROUPS, Counts
from nextflop.outlook.diversity.intervals import jackknife

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
    kept = _share(real.texts, other.texts, level, real.documents, once=True)
    head = tail.head(real.vocabulary, rank)
    beyond = _groups(real.vocabulary, head, real.group_words)
    others = _groups(other.vocabulary, head, other.group_words)
    lost = _lost(beyond, others, level, min(real.documents, other.documents))
    unseen = jackknife(
        lambda weights: tail.unseen(real.vocabulary, other.vocabulary, weights)[0], level, real.documents
    )
    expected = tail.unseen(real.vocabulary, other.vocabulary, np.ones(GROUPS))[1]
    return Against(
        regime=_regime(kept.value),
        kept=kept,
        documents=_share(other.texts, real.texts, level, other.documents),
        passages=_share(other.passages, real.passages, level, other.documents),
        lost=lost,
        unseen=unseen,
        expected=expected,
        verdict=_verdict(lost, most_lost, rank),
    )


def _regime(kept: float) -> str:
    if np.isnan(kept):
        return "unknown"
    return "accumulate" if kept >= KEPT else "replace" if kept <= GONE else "mixed"


def _share(of: Counts, where: Counts, level: float, documents: int, once: bool = False) -> Interval:
    """The share of occurrences, or of different things, that another corpus has too."""
    below = min(of.below, where.below)
    sampled = of.things <= below
    counts = of.counts[sampled]
    there = np.isin(of.things[sampled], where.things)

    def share(weights: np.ndarray) -> float:
        amounts = counts @ weights
        amounts = (amounts > 0).astype(np.float64) if once else amounts
        return float(amounts[there].sum() / amounts.sum()) if amounts.sum() > 0 else np.nan

    return _within(jackknife(share, level, documents))


def _groups(vocabulary: Counts, head: np.ndarray, words: np.ndarray) -> Callable[[np.ndarray], float]:
    """From the weights of the groups to the share of running words beyond the head."""
    return lambda weights: tail.share_beyond(vocabulary, head, words, weights)


def _lost(
    real: Callable[[np.ndarray], float], other: Callable[[np.ndarray], float], level: float, documents: int
) -> Interval:
    """1 - other / real, with the relative errors of both in squares: too much where they share documents."""
    top, bottom = jackknife(other, level, documents), jackknife(real, level, documents)
    if not bottom.value > 0:
        return Interval(np.nan, np.nan, np.nan)
    ratio = top.value / bottom.value
    errors = [(one.high - one.value) / one.value if one.value > 0 else 0.0 for one in (top, bottom)]
    reach = ratio * float(np.linalg.norm(errors))
    return Interval(1 - ratio, 1 - ratio - reach, 1 - ratio + reach)


def _within(share: Interval) -> Interval:
    return Interval(share.value, max(share.low, 0.0), min(share.high, 1.0))


def _verdict(lost: Interval, most: float, rank: int) -> Verdict:
    said = f"{lost.value:.1%} of the tail beyond the {rank} most frequent words of the real text is lost"
    between = f"{said} ({lost.low:.1%} to {lost.high:.1%})"
    if np.isnan(lost.value):
        outcome, sentence = Outcome.unknown, f"The real text has no words beyond its {rank} most frequent ones."
    elif np.isnan(lost.low):
        outcome, sentence = Outcome.unknown, f"{said}, of too few documents for an interval."
    elif lost.low > most:
        outcome, sentence = Outcome.fail, f"{between}, more than {most:.0%}."
    elif lost.high <= most:
        outcome, sentence = Outcome.passed, f"{between}, no more than {most:.0%}."
    else:
        outcome, sentence = Outcome.unknown, f"{between}, which leaves open whether it is more than {most:.0%}."
    return Verdict("tail_kept", "the tail of the vocabulary", outcome, lost.value, most, sentence)
