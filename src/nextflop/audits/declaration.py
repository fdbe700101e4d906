"""What an audit declares: a published claim, the data and fits it stands on, what is asked of them, what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nextflop.evidence.files import Json

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """A table of an audit.

    Attributes:
        name: what fits and questions call it.
        set, table: the data set and its table in the register; empty if the rows are typed in.
        rows: column → typed-in values, as a paper prints them; empty for a table of a data set.
        origin: where typed-in rows stand.
        steps: what is done to the table, in order: (step, arguments).
    """

    name: str
    set: str
    table: str
    rows: Mapping[str, tuple[float, ...]]
    origin: str
    steps: tuple[tuple[str, Arguments], ...]


@dataclass(frozen=True)
class Fitting:
    """A fit of an audit: the arguments of `nextflop.fitting.fit`, by name.

    Attributes:
        name: what questions call it.
        law, table: names.
        objective, resampling: names; empty for what suits the law.
        draws, seed, level, cluster, pinned, reason: as `fit` takes them; no cluster is an empty text.
    """

    name: str
    law: str
    table: str
    objective: str
    resampling: str
    draws: int
    seed: int
    level: float
    cluster: str
    pinned: Mapping[str, float]
    reason: str


@dataclass(frozen=True)
class Question:
    """A quantity to compute, and what was published for it.

    Attributes:
        code: for machines, stable.
        name: for people.
        ask: a word of `nextflop.audits.questions`.
        of: its arguments.
        expect: a word of `EXPECTATIONS`; empty for a quantity that is only shown.
        published: the published value; None if there is none.
        tolerance: for "near", by how much the value may differ.
        limit: for "at-most" and "at-least".
        unit: of the value, for people.
    """

    code: str
    name: str
    ask: str
    of: Arguments
    expect: str
    published: float | None
    tolerance: float
    limit: float
    unit: str


@dataclass(frozen=True)
class Headline:
    """One thing that was claimed, and on which answers it stands.

    Attributes:
        code: for machines, stable; with the audit's name before it the code of the verdict.
        claim: what was claimed, in one sentence.
        short: the same in a few words, for a list.
        lead: the code of the question that is shown for it.
        needs: questions whose expectations must hold for the claim to follow.
        but: questions whose expectations qualify a claim that follows if they fail.
        reservation: what qualifies it then, in a few words; empty if nothing may.
        reach: questions whose expectations must hold for the data to say anything at all.
        says: outcome ("pass", "warn", "fail", "cannot tell") → the judgement, with {code} for the value of a question,
            {code.low}, {code.high} and {code.span} for the ends of its interval, {code.published} for what was
            published; units come with the values.
    """

    code: str
    claim: str
    short: str
    lead: str
    needs: tuple[str, ...]
    but: tuple[str, ...]
    reservation: str
    reach: tuple[str, ...]
    says: Mapping[str, str]


@dataclass(frozen=True)
class Audit:
    """A published claim and how it is judged.

    Attributes:
        name: what a person types.
        title: what it is about.
        paper: who published it, and where.
        arxiv: the papers' arXiv numbers.
        notes: what a reader must know, each one sentence.
        tables, fits, questions, headlines: in the order of the file; each may use what stands before it.
        record: the declaration as it was read, which a receipt holds.
    """

    name: str
    title: str
    paper: str
    arxiv: tuple[str, ...]
    notes: tuple[str, ...]
    tables: tuple[Source, ...]
    fits: tuple[Fitting, ...]
    questions: tuple[Question, ...]
    headlines: tuple[Headline, ...]
    record: Mapping[str, Json]

    @property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """The (data set, table) pairs that the audit reads, each once."""
        return tuple(dict.fromkeys((source.set, source.table) for source in self.tables if source.set))
