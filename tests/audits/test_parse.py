"""Declarations: what is accepted, and what is refused before anything is computed."""

import contextlib
import copy
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.audits import conduct, parse
from nextflop.errors import InputError, NextflopError
from nextflop.evidence.files import to_json

SMALL: dict[str, Any] = {
    "title": "a line",
    "paper": "nobody",
    "tables": [
        {
            "name": "points",
            "rows": {"compute": [1e18, 1e19, 1e20, 1e21, 1e22], "loss": [3.5, 3.1, 2.8, 2.6, 2.45]},
            "origin": "made up",
            "steps": [{"do": "at-least", "column": "loss", "limit": 2}, {"do": "log", "to": "y", "of": "loss"}],
        }
    ],
    "fits": [{"name": "power", "law": "power", "table": "points", "draws": 20}],
    "questions": [
        {
            "code": "E",
            "name": "E",
            "ask": "parameter",
            "of": {"fit": "power", "parameter": "E"},
            "expect": "ends-above",
        },
        {
            "code": "slope",
            "name": "slope",
            "ask": "slope",
            "of": {"table": "points", "x": "compute", "y": "y"},
            "expect": "at-most",
            "limit": 0.0,
        },
    ],
    "headlines": [
        {
            "code": "falls",
            "claim": "it falls",
            "short": "falls",
            "lead": "slope",
            "needs": ["slope"],
            "says": {"pass": "By {slope}, to {E} ({E.span}).", "fail": "It does not: {slope.low}."},
        }
    ],
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The small declaration with one entry replaced, or left out for `...`."""
    record = copy.deepcopy(SMALL)
    place = record
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return record


def test_a_small_declaration_is_judged() -> None:
    found = conduct(parse("small", SMALL))
    assert found.verdicts[0].code == "small/falls"
    assert found.verdicts[0].outcome.value == "pass"
    assert found.verdicts[0].sentence.startswith("By -")
    assert found.data["points"]["typed_in"] == "made up"


def test_the_opposite_expectation_turns_the_verdict() -> None:
    found = conduct(parse("small", changed("questions", 1, "expect", to="at-least")))
    assert found.verdicts[0].outcome.value == "fail"
    assert found.verdicts[0].sentence.startswith("It does not: -")


@pytest.mark.parametrize("which", ["but", "reach"])
def test_reservations_and_reach_turn_the_verdict(which: str) -> None:
    # A limit that the slope, about -2e-23, does not keep.
    far = {**SMALL["questions"][1], "code": "steep", "limit": -1.0}
    record = changed("questions", to=[*SMALL["questions"], far])
    record["headlines"][0] |= {which: ["steep"]} | ({"reservation": "only just"} if which == "but" else {})
    outcome = "warn" if which == "but" else "cannot tell"
    record["headlines"][0]["says"] |= {outcome: "hardly"}
    found = conduct(parse("small", record))
    assert found.verdicts[0].outcome.value == outcome
    said = found.to_json()["verdicts"][0]["judgement"]
    assert said == ("follows, but only just" if which == "but" else "cannot tell")


REFUSED: list[tuple[tuple[Any, ...], Any, str]] = [
    (("title",), ..., "has no 'title'"),
    (("title",), 3, "title = 3 is not a text"),
    (("colour",), "red", "no entry 'colour'"),
    (("headlines",), [], "judges nothing"),
    (("tables", 0, "set"), "porian", "either a data set or typed-in rows"),
    (("tables", 0, "origin"), ..., "where the typed-in rows stand"),
    (("tables", 0, "rows", "loss"), [1.0], "differ in length"),
    (("tables", 0, "rows", "loss", 0), "x", "is not a table of lists of numbers"),
    (("tables", 0, "rows", "loss", 0), math.nan, "is not a table of lists of numbers"),
    (("tables", 0, "steps", 0, "do"), "system", "no step 'system'"),
    (("tables", 0, "steps", 0, "limit"), "__import__('os')", "not a finite number"),
    (("tables", 0, "steps", 0, "limit"), 10**400, "not a finite number"),
    (("fits", 0, "law"), "powr", "did you mean 'power'"),
    (("fits", 0, "table"), "pints", "did you mean 'points'"),
    (("fits", 0, "draws"), 10**9, "whole number from 0 to 10000"),
    (("fits", 0, "objective"), "hubert", "did you mean 'huber'"),
    (("fits", 0, "pinned"), {"gamma": 1.0}, "no parameter of power 'gamma'"),
    (("questions", 0, "ask"), "eval", "no question 'eval'"),
    (("questions", 0, "of", "fit"), "pow", "did you mean 'power'"),
    (("questions", 0, "of", "more"), 1, "no entry 'more'"),
    (("questions", 0, "expect"), "ends", "no expectation 'ends'"),
    (("questions", 0, "expect"), "near", "has no 'published'"),
    (("questions", 1, "code"), "E", "two entries called 'E'"),
    (("questions", 1, "code"), "../E", "letters, digits and hyphens"),
    (("headlines", 0, "needs"), [], "stands on nothing"),
    (("headlines", 0, "needs"), ["other"], "no question 'other'"),
    (("headlines", 0, "but"), ["E"], "both 'but' and 'reservation'"),
    (("headlines", 0, "reach"), ["E"], "no sentence for the outcome 'cannot tell'"),
    (("headlines", 0, "says", "pass"), "{slop}", "did you mean 'slope'"),
    (("headlines", 0, "says", "maybe"), "x", "no outcome 'maybe'"),
    (("headlines", 0, "says", "fail"), ..., "no sentence for the outcome 'fail'"),
]


@pytest.mark.parametrize(("path", "to", "says"), REFUSED)
def test_what_is_wrong_is_named(path: tuple[Any, ...], to: Any, says: str) -> None:
    with pytest.raises(InputError, match=says.replace("(", r"\(")) as refused:
        parse("small", changed(*path, to=to))
    assert "small" in str(refused.value)


def test_a_name_and_a_record_of_another_kind_are_refused() -> None:
    with pytest.raises(InputError, match="letters, digits and hyphens"):
        parse("../small", SMALL)
    with pytest.raises(InputError, match="not a table of entries"):
        parse("small", [])


@pytest.mark.parametrize(
    ("path", "to", "says"),
    [
        (("tables", 0, "steps", 0, "limit"), 99, "leaves none of the 5 rows"),
        (("tables", 0, "steps", 1, "of"), "los", "did you mean 'loss'"),
        (("tables", 0, "rows", "loss", 0), -1.0, "not finite in every row"),
        (("questions", 0, "of", "parameter"), "gamma", "has no gamma"),
        (("questions", 1, "of", "x"), "z", "no column 'z'"),
    ],
)
def test_what_the_tables_and_laws_do_not_have_is_named_when_it_is_needed(
    path: tuple[Any, ...], to: Any, says: str
) -> None:
    record = changed(*path, to=to)
    if to == -1.0:
        record["tables"][0]["steps"].pop(0)
    with pytest.raises(InputError, match=says):
        conduct(parse("small", record))


_PATHS = [
    ("tables", 0, "rows", "compute", 1),
    ("tables", 0, "rows", "loss"),
    ("tables", 0, "steps"),
    ("tables", 0, "steps", 0, "column"),
    ("fits", 0, "level"),
    ("fits", 0, "seed"),
    ("fits", 0, "law"),
    ("fits", 0, "cluster"),
    ("fits", 0, "resampling"),
    ("questions", 0, "of"),
    ("questions", 1, "of"),
    ("questions", 0, "ask"),
    ("questions", 1, "ask"),
    ("headlines", 0, "says"),
]
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["chinchilla", "profile", "isoflop-exponent", "mixture:", "mixture:a", "power[E=A]", "distinct"]),
    st.lists(st.floats(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.floats(), max_size=2),
)


@settings(max_examples=30, deadline=None)
@given(path=st.sampled_from(_PATHS), value=_VALUES)
def test_no_declaration_ends_in_anything_but_an_answer_or_a_sentence(path: tuple[Any, ...], value: Any) -> None:
    with contextlib.suppress(NextflopError):
        to_json(conduct(parse("small", changed(*path, to=value))).to_json())
