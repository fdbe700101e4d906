"""An audit carried out: tables read, laws fitted, questions answered, claims judged."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.audits.answer import Answer, holds
from nextflop.audits.declaration import Audit, Fitting, Headline, Question, Source
from nextflop.audits.parse import ASKS, PLACE
from nextflop.audits.questions import Known
from nextflop.audits.steps import apply
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Fit, Status
from nextflop.fitting.named import named
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws import find as find_law
from nextflop.published import find as find_set
from nextflop.published import located, read
from nextflop.quantities import show

WORDS = {
    Outcome.passed: "follows",
    Outcome.warn: "follows, but",
    Outcome.fail: "does not follow",
    Outcome.unknown: "cannot tell",
}
"""Outcome → what a person reads of a claim."""

_CLOSE = ("%", "×")
"""Units that stand close to their number, and so at both ends of an interval."""

_ROUGH = ("days", "Elo", "steps")
"""Units of quantities of which three digits say enough."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Conducted:
    """An audit with what was found.

    Attributes:
        audit: what was declared.
        data: name of a table → where it comes from and the digests of file and rows.
        fits: name → fit.
        answers: code of a question → answer.
        agrees: code of a question → whether the answer is what was expected; None if that cannot be told, or nothing
            was expected.
        verdicts: one a headline, in its order.
    """

    audit: Audit
    data: Mapping[str, Mapping[str, Json]]
    fits: Mapping[str, Fit]
    answers: Mapping[str, Answer]
    agrees: Mapping[str, bool | None]
    verdicts: tuple[Verdict, ...]

    @property
    def follows(self) -> bool:
        """Whether no claim fails to follow."""
        return not any(verdict.outcome is Outcome.fail for verdict in self.verdicts)

    def to_json(self) -> dict[str, Json]:
        """The audit and its findings as JSON."""
        audit = self.audit
        return {
            "audit": audit.name,
            "title": audit.title,
            "paper": audit.paper,
            "arxiv": list(audit.arxiv),
            "follows": self.follows,
            "verdicts": [
                {**verdict.to_json(), "claim": headline.claim, "judgement": words(headline, verdict)}
                for headline, verdict in zip(audit.headlines, self.verdicts, strict=True)
            ],
            "questions": [
                {
                    "code": question.code,
                    "name": question.name,
                    "unit": question.unit,
                    "published": question.published,
                    "expect": question.expect or None,
                    **self.answers[question.code]._asdict(),
                    "agrees": self.agrees[question.code],
                }
                for question in audit.questions
            ],
            "fits": {name: found.to_json() for name, found in self.fits.items()},
            "data": {name: dict(entry) for name, entry in self.data.items()},
            "notes": list(audit.notes),
        }


def absent(audit: Audit, *, online: bool = False) -> tuple[str, ...]:
    """The data sets of an audit that are not on this machine, nor can be downloaded if that is allowed."""
    found = []
    for name, table in audit.sets:
        file = find_set(name).file(find_set(name).table(table or None).file)
        if located(name, file.name) is None and not (online and file.url):
            found.append(name)
    return tuple(dict.fromkeys(found))


def conduct(audit: Audit, *, online: bool = False, progress: Progress | None = None) -> Conducted:
    """Carries an audit out.

    Args:
        audit: what to do.
        online: whether data that are not on this machine may be downloaded.
        progress: called with what is done next.

    Raises:
        InputError: if the declaration asks for what its tables or laws do not have.
        FitError: if a law has no answer for its runs.
        StoreError: if the data are not here, or are not those in the register.
    """
    say = progress or (lambda step: None)
    tables, data = {}, {}
    for source in audit.tables:
        say(f"the table {source.name}")
        tables[source.name], data[source.name] = _table(source, online)
    fits = {}
    for wanted in audit.fits:
        say(f"the fit {wanted.name}")
        fits[wanted.name] = _fit(wanted, tables[wanted.table])
    fitted = {wanted.name: tables[wanted.table] for wanted in audit.fits}
    answers: dict[str, Answer] = {}
    for question in audit.questions:
        say(question.name)
        with np.errstate(all="ignore"):  # what is not a number says so in the answer
            answers[question.code] = ASKS[question.ask].function(Known(tables, fits, fitted, answers), **question.of)
    lost = {name for name, found in fits.items() if found.status is Status.max_steps}
    agrees = {
        question.code: None if question.of.get("fit") in lost else holds(question, answers[question.code])
        for question in audit.questions
    }
    asked = {question.code: question for question in audit.questions}
    verdicts = tuple(_judge(audit.name, headline, asked, answers, agrees) for headline in audit.headlines)
    return Conducted(audit, data, fits, answers, agrees, verdicts)


def _table(source: Source, online: bool) -> tuple[Runs, dict[str, Json]]:
    if source.set:
        known = find_set(source.set)
        file = known.file(known.table(source.table or None).file)
        runs = read(source.set, source.table or None, online=online)
        origin = {"set": source.set, "file": file.name, "sha256": file.sha256, "licence": known.licence}
    else:
        runs = Runs({name: np.array(values) for name, values in source.rows.items()}, source=source.origin)
        origin = {"typed_in": source.origin}
    for name, arguments in source.steps:
        runs = apply(runs, name, arguments)
    return runs, {**origin, "rows": len(runs), "digest": runs.digest}


def _fit(wanted: Fitting, runs: Runs) -> Fit:
    return fit(
        find_law(wanted.law),
        runs,
        objective=named(wanted.objective) if wanted.objective else None,
        draws=wanted.draws,
        seed=wanted.seed,
        cluster=wanted.cluster or None,
        resampling=wanted.resampling or None,
        pinned=wanted.pinned,
        reason=wanted.reason,
        level=wanted.level,
    )


def _judge(
    audit: str,
    headline: Headline,
    asked: Mapping[str, Question],
    answers: Mapping[str, Answer],
    agrees: Mapping[str, bool | None],
) -> Verdict:
    """The verdict on one claim: what it needs must hold within the reach of the data, what qualifies it may not."""
    needs, but = [agrees[code] for code in headline.needs], [agrees[code] for code in headline.but]
    if not all(agrees[code] for code in headline.reach):
        outcome = Outcome.unknown
    elif False in needs:
        outcome = Outcome.fail
    elif None in needs:
        outcome = Outcome.unknown
    else:
        outcome = Outcome.passed if all(but) else Outcome.warn
    lead = asked[headline.lead]
    sentence = headline.says.get(outcome.value, "What the claim needs could not be computed from these data.")
    return Verdict(
        code=f"{audit}/{headline.code}",
        name=headline.claim,
        outcome=outcome,
        statistic=answers[headline.lead].value,
        threshold=float("nan") if lead.published is None else lead.published,
        sentence=PLACE.sub(lambda found: _value(found[1], found[2], asked, answers), sentence),
    )


def _value(code: str, part: str | None, asked: Mapping[str, Question], answers: Mapping[str, Answer]) -> str:
    unit, answer = asked[code].unit, answers[code]
    if part == "span":
        return span(answer, unit)
    if part == "published":
        published = asked[code].published
        return spelled(float("nan") if published is None else published, unit)
    return spelled(getattr(answer, part or "value"), unit)


def words(headline: Headline, verdict: Verdict) -> str:
    """The judgement in a few words."""
    said = WORDS[verdict.outcome]
    return f"{said} {headline.reservation}" if verdict.outcome is Outcome.warn else said


def spelled(value: float, unit: str = "") -> str:
    """A value as people read it, to three or four significant digits, with its unit."""
    if unit in _CLOSE:
        return f"{show(100 * value if unit == '%' else value, digits=3)}{unit}"
    return show(value, unit, _digits(value, unit))


def span(answer: Answer, unit: str = "") -> str:
    """The interval of an answer, with its unit once."""
    if unit in _CLOSE:
        return f"{spelled(answer.low, unit)} to {spelled(answer.high, unit)}"
    return f"{show(answer.low, digits=_digits(answer.low, unit))} to {spelled(answer.high, unit)}"


def brief(answer: Answer, unit: str = "") -> str:
    """A value with its interval in brackets, if it has one."""
    value = spelled(answer.value, unit)
    if math.isnan(answer.low) and math.isnan(answer.high):
        return value
    scale = 100 if unit == "%" else 1
    ends = [show(scale * end, digits=3 if unit in _CLOSE else _digits(end, unit)) for end in answer[1:]]
    return f"{value} [{ends[0]}, {ends[1]}]"


def _digits(value: float, unit: str) -> int:
    return 3 if unit in _ROUGH or abs(value) >= 1e4 else 4
