"""A declaration of an audit, read from TOML or from a receipt and checked in full before anything is computed."""

import re
from collections.abc import Mapping

from nextflop.audits.answer import EXPECTATIONS, WITH_LIMIT, WITH_PUBLISHED
from nextflop.audits.declaration import Audit, Fitting, Headline, Question, Source
from nextflop.audits.of_tables import OF_TABLES
from nextflop.audits.questions import QUESTIONS
from nextflop.audits.steps import STEPS
from nextflop.audits.words import (
    ANSWER,
    COLUMNS,
    COUNT,
    FIT,
    NUMBER,
    NUMBERS_BY_NAME,
    RECORD,
    RECORDS,
    TABLE,
    TEXT,
    TEXTS,
    TEXTS_BY_NAME,
    Kind,
    Word,
    find,
    take,
)
from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json
from nextflop.fitting.named import named
from nextflop.judging.verdict import Outcome
from nextflop.laws import find as find_law

ASKS: dict[str, Word] = {**QUESTIONS, **OF_TABLES}
"""Every word that a question may ask."""

PLACE = re.compile(r"\{([A-Za-z0-9-]+)(?:\.(low|high|span|published))?\}")
"""A value within a sentence of judgement."""

_MOST = 200  # tables, fits, questions or headlines of one audit
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

_AUDIT = {
    "title": TEXT,
    "paper": TEXT,
    "arxiv": TEXTS,
    "notes": TEXTS,
    "tables": RECORDS,
    "fits": RECORDS,
    "questions": RECORDS,
    "headlines": RECORDS,
}
_TABLE = {"name": TEXT, "set": TEXT, "table": TEXT, "rows": COLUMNS, "origin": TEXT, "steps": RECORDS}
_FIT = {
    "name": TEXT,
    "law": TEXT,
    "table": TABLE,
    "objective": TEXT,
    "resampling": TEXT,
    "draws": COUNT,
    "seed": COUNT,
    "level": NUMBER,
    "cluster": TEXT,
    "pinned": NUMBERS_BY_NAME,
    "reason": TEXT,
}
_QUESTION = {
    "code": TEXT,
    "name": TEXT,
    "ask": TEXT,
    "of": RECORD,
    "expect": TEXT,
    "published": NUMBER,
    "tolerance": NUMBER,
    "limit": NUMBER,
    "unit": TEXT,
}
_HEADLINE = {
    "code": TEXT,
    "claim": TEXT,
    "short": TEXT,
    "lead": ANSWER,
    "needs": TEXTS,
    "but": TEXTS,
    "reservation": TEXT,
    "reach": TEXTS,
    "says": TEXTS_BY_NAME,
}


def parse(name: str, record: Json) -> Audit:
    """The audit that a record declares.

    Args:
        name: of the audit.
        record: as read from TOML or JSON.

    Raises:
        InputError: if anything in it is missing, unknown, of another kind, or names what is not there.
    """
    where = f"The audit {name!r}"
    if not isinstance(record, Mapping):
        raise InputError(f"{where} is not a table of entries.")
    _code(name, where)
    top = take(record, where, _AUDIT, frozenset({"arxiv", "notes", "tables", "fits"}))
    tables = tuple(_source(entry, where) for entry in _several(top, "tables", where))
    table_names = _once([table.name for table in tables], "table", where)
    fits = tuple(_fitting(entry, where, table_names) for entry in _several(top, "fits", where))
    fit_names = _once([fit.name for fit in fits], "fit", where)
    questions: list[Question] = []
    for entry in _several(top, "questions", where):
        known = {TABLE: table_names, FIT: fit_names, ANSWER: [question.code for question in questions]}
        questions.append(_question(entry, where, known))
    codes = _once([question.code for question in questions], "question", where)
    headlines = tuple(_headline(entry, where, questions) for entry in _several(top, "headlines", where))
    _once([headline.code for headline in headlines], "headline", where)
    if not (codes and headlines):
        raise InputError(f"{where} judges nothing: give it a question and a headline.")
    return Audit(
        name=name,
        title=top["title"],
        paper=top["paper"],
        arxiv=top.get("arxiv", ()),
        notes=top.get("notes", ()),
        tables=tables,
        fits=fits,
        questions=tuple(questions),
        headlines=headlines,
        record=record,
    )


def _several(top: Mapping[str, Json], key: str, where: str) -> tuple:
    entries = top.get(key, ())
    if len(entries) > _MOST:
        raise InputError(f"{where} has {len(entries)} {key}: at most {_MOST} are allowed.")
    return entries


def _once(names: list[str], kind: str, where: str) -> list[str]:
    for index, name in enumerate(names):
        _code(name, f"{where}, {kind} {name!r}")
        if name in names[:index]:
            raise InputError(f"{where} has two entries called {name!r} among the {kind}s: rename one.")
    return names


def _code(name: str, where: str) -> None:
    if not _CODE.fullmatch(name):
        raise InputError(f"{where}: a name has letters, digits and hyphens only, such as size-exponent.")


def _known(name: str, kind: str, names: list[str], where: str) -> str:
    if name not in names:
        raise InputError(f"{where}: {unknown(kind, name, names)}")
    return name


def _source(entry: Mapping[str, Json], where: str) -> Source:
    place = f"{where}, table {entry.get('name')!r}"
    read = take(entry, place, _TABLE, frozenset({"set", "table", "rows", "origin", "steps"}))
    if ("set" in read) == ("rows" in read):
        raise InputError(f"{place}: give either a data set or typed-in rows.")
    if "rows" in read and "origin" not in read:
        raise InputError(f"{place}: say where the typed-in rows stand ('origin').")
    if len({len(values) for values in read.get("rows", {}).values()}) > 1:
        raise InputError(f"{place}: the columns of the typed-in rows differ in length.")
    steps = []
    for step in read.get("steps", ()):
        rest = {key: value for key, value in step.items() if key != "do"}
        name = take({"do": step.get("do")}, place, {"do": TEXT}, frozenset())["do"]
        steps.append((name, find(STEPS, "step", name, rest, place)))
    return Source(
        read["name"],
        read.get("set", ""),
        read.get("table", ""),
        read.get("rows", {}),
        read.get("origin", ""),
        tuple(steps),
    )


def _fitting(entry: Mapping[str, Json], where: str, tables: list[str]) -> Fitting:
    place = f"{where}, fit {entry.get('name')!r}"
    read = take(entry, place, _FIT, frozenset(_FIT) - {"name", "law", "table"})
    _known(read["table"], "table", tables, place)
    try:
        law = find_law(read["law"])
        if "objective" in read:
            named(read["objective"])
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    for parameter in read.get("pinned", {}):
        _known(parameter, f"parameter of {law.name}", list(law.parameters), place)
    return Fitting(
        name=read["name"],
        law=read["law"],
        table=read["table"],
        objective=read.get("objective", ""),
        resampling=read.get("resampling", ""),
        draws=read.get("draws", 0),
        seed=read.get("seed", 0),
        level=read.get("level", 0.9),
        cluster=read.get("cluster", ""),
        pinned=read.get("pinned", {}),
        reason=read.get("reason", ""),
    )


def _question(entry: Mapping[str, Json], where: str, known: Mapping[Kind, list[str]]) -> Question:
    place = f"{where}, question {entry.get('code')!r}"
    read = take(entry, place, _QUESTION, frozenset({"expect", "published", "tolerance", "limit", "unit"}))
    arguments = find(ASKS, "question", read["ask"], read["of"], place)
    for argument, kind in ASKS[read["ask"]].arguments.items():
        if kind in known and argument in arguments:
            _known(arguments[argument], kind.name.removeprefix("the "), known[kind], place)
    expect = read.get("expect", "")
    if expect and expect not in EXPECTATIONS:
        raise InputError(f"{place}: {unknown('expectation', expect, EXPECTATIONS)}")
    needed = {"published"} if expect in WITH_PUBLISHED else {"limit"} if expect in WITH_LIMIT else set()
    needed |= {"tolerance"} if expect == "near" else set()
    for key in sorted(needed - set(read)):
        raise InputError(f"{place} expects {expect!r} and has no {key!r}: give a number.")
    return Question(
        code=read["code"],
        name=read["name"],
        ask=read["ask"],
        of=arguments,
        expect=expect,
        published=read.get("published"),
        tolerance=read.get("tolerance", 0.0),
        limit=read.get("limit", 0.0),
        unit=read.get("unit", ""),
    )


def _headline(entry: Mapping[str, Json], where: str, questions: list[Question]) -> Headline:
    place = f"{where}, headline {entry.get('code')!r}"
    read = take(entry, place, _HEADLINE, frozenset({"but", "reservation", "reach"}))
    expecting = {question.code: bool(question.expect) for question in questions}
    for code in (read["lead"], *read["needs"], *read.get("but", ()), *read.get("reach", ())):
        _known(code, "question", list(expecting), place)
        if code != read["lead"] and not expecting[code]:
            raise InputError(f"{place} stands on {code!r}, of which nothing is expected: give it an 'expect'.")
    if not read["needs"]:
        raise InputError(f"{place} stands on nothing: name the questions that it needs.")
    outcomes = [outcome.value for outcome in Outcome]
    for outcome, sentence in read["says"].items():
        _known(outcome, "outcome", outcomes, place)
        for code, _ in PLACE.findall(sentence):
            _known(code, "question", list(expecting), place)
    if bool(read.get("but")) != ("reservation" in read):
        raise InputError(f"{place} needs both 'but' and 'reservation', or neither.")
    possible = {"pass", "fail"} | ({"warn"} if read.get("but") else set())
    possible |= {"cannot tell"} if read.get("reach") else set()
    for outcome in sorted(possible - set(read["says"])):
        raise InputError(f"{place} has no sentence for the outcome {outcome!r}: write one.")
    return Headline(
        code=read["code"],
        claim=read["claim"],
        short=read["short"],
        lead=read["lead"],
        needs=read["needs"],
        but=read.get("but", ()),
        reservation=read.get("reservation", ""),
        reach=read.get("reach", ()),
        says=read["says"],
    )
