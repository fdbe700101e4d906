"""What corpora have, side by side at equal length, and what they kept of the real text they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome
from nextflop.outlook.diversity import tail
from nextflop.outlook.diversity.against import Against, against
from nextflop.outlook.diversity.corpus import Corpus, Progress, read
from nextflop.outlook.diversity.documents import source
from nextflop.outlook.diversity.measures import measures


@dataclass(frozen=True)
class Measured:
    """One corpus.

    Attributes:
        path: the file.
        split: what ends a document: a "record", a "blank line" or a "line".
        documents, words, characters: how much it holds.
        notes: what was left out or cut, a sentence each.
        measures: measure → value with its interval, in the order of `measures.NAMES`; nan where the file is too small.
        sampled: the shares of different words and of documents that were kept for the measures of the tail and of
            duplicates; 1 where all were.
        against: beside the real text, if there is one and this is not it.
    """

    path: str
    split: str
    documents: int
    words: int
    characters: int
    notes: tuple[str, ...]
    measures: dict[str, Interval]
    sampled: dict[str, float]
    against: Against | None

    def to_json(self) -> dict[str, Json]:
        """The corpus as JSON."""
        return {
            **{name: getattr(self, name) for name in ("path", "split", "documents", "words", "characters", "notes")},
            "measures": {name: interval._asdict() for name, interval in self.measures.items()},
            "sampled": self.sampled,
            "against": None if self.against is None else self.against.to_json(),
        }


@dataclass(frozen=True)
class Diversity:
    """Corpora side by side.

    Attributes:
        corpora: in the order given; the real text first, if there is one.
        real: whether the first one is the real text.
        window: words of a window; one of bytes is eight times as long.
        length: running words, from the beginning of each, over which what depends on length is compared.
        rank: the last of the most frequent words that are not of the tail.
        level: of the intervals.
        seed: of samples, groups and draws.
    """

    corpora: tuple[Measured, ...]
    real: bool
    window: int
    length: int
    rank: int
    level: float
    seed: int

    @property
    def kept(self) -> bool:
        """Whether no corpus has lost more of the tail than it may, as far as that is known."""
        judged = [one.against.verdict.outcome for one in self.corpora if one.against is not None]
        return Outcome.fail not in judged

    def to_json(self) -> dict[str, Json]:
        """All of it as JSON."""
        return {
            **{name: getattr(self, name) for name in ("window", "length", "rank", "level", "seed", "real")},
            "corpora": [one.to_json() for one in self.corpora],
        }


def diversity(
    *paths: str | Path,
    real: str | Path | None = None,
    field: str | None = None,
    window: int = 8192,
    rank: int = 1000,
    lost: float = 0.1,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | None = None,
) -> Diversity:
    """Measures how diverse texts are, in one pass over each and in memory that does not grow with them.

    Args:
        paths: text in UTF-8 (a document a line, or between blank lines) or JSON Lines; compressed with gzip or not.
        real: the real text that they were made from; what of it is kept and what of its tail is lost is then said too.
        field: the key that holds the text of a JSON line; "text" if not given.
        window: words of the windows in which measures that depend on length are compared.
        rank: the last of the most frequent words that are not of the tail.
        lost: share of the real text's tail that may be lost.
        level: of the intervals.
        seed: of samples, groups of documents and draws.
        progress: called with the name of a file and the share of it that has been read.

    Raises:
        InputError: if a file cannot be read, or holds fewer words than a window.

    Example:
        >>> import nextflop as nf
        >>> found = nf.diversity("rewritten.jsonl.gz", real="web.jsonl.gz")  # doctest: +SKIP
        >>> found.corpora[1].measures["distinct_4"], found.corpora[1].against.lost  # doctest: +SKIP
    """
    _check(paths, window, rank, lost, level, seed)
    given = [Path(path) for path in (*(() if real is None else (real,)), *paths)]
    sources = [source(path, field) for path in given]
    corpora: list[Corpus] = []
    for which in sources:
        head = tail.head(corpora[0].vocabulary, rank) if real is not None and corpora else None
        corpora.append(read(which, window, seed, progress, compared=real is not None, pinned=head))
    length = min(corpus.words for corpus in corpora)
    found = [
        Measured(
            path=str(corpus.source.path),
            split=corpus.source.split,
            documents=corpus.documents,
            words=corpus.words,
            characters=corpus.characters,
            notes=_notes(corpus),
            measures=measures(corpus, length, rank, level, seed),
            sampled={"words": corpus.vocabulary.kept, "documents": corpus.signatures.kept},
            against=against(corpora[0], corpus, rank, lost, level) if real is not None and index else None,
        )
        for index, corpus in enumerate(corpora)
    ]
    return Diversity(tuple(found), real is not None, window, length, rank, level, seed)


def _check(paths: Sequence[str | Path], window: int, rank: int, lost: float, level: float, seed: int) -> None:
    if not paths:
        raise InputError("There is no file to measure: name one or more.")
    for name, value, holds, expected in (
        ("window", window, 512 <= window <= 1 << 22, "from 512 words to 4,194,304"),
        ("rank", rank, 1 <= rank <= 4000, "a rank from 1 to 4000"),
        ("lost", lost, 0 <= lost < 1, "a share from 0 to below 1, such as 0.1"),
        ("level", level, 0 < level < 1, "a number between 0 and 1, such as 0.9"),
        ("seed", seed, seed >= 0, "0 or more"),
    ):
        if not holds:
            raise InputError(f"{name} {value} cannot be used: give {expected}.")


def _notes(of: Corpus) -> tuple[str, ...]:
    told = (
        (of.blank, "blank documents that were left out"),
        (of.cut, "cuts in documents of more than a million characters"),
        (of.replaced, "signs in place of bytes that are not UTF-8"),
    )
    return tuple(f"{of.source.path}: {what}: {count}." for count, what in told if count)
