"""The tables of the decision: rows of text, every number shown once and in one way."""

import math
from collections.abc import Callable, Mapping

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.quantities import show
from nextflop.report.page import number, percent
from nextflop.report.study_data import interval, known, size_name

Row = Mapping[str, object]


def share(value: Interval) -> str:
    """A share with its interval: `61.0% (59.4% to 63.4%)`."""
    return f"{percent(value.value)} ({percent(value.low)} to {percent(value.high)})"


def points(value: Interval) -> str:
    """A gain in points of accuracy with its interval."""
    return f"{100 * value.value:+.1f} ({100 * value.low:+.1f} to {100 * value.high:+.1f})"


def count(value: Interval, digits: int = 3) -> str:
    """An amount with its interval."""
    if math.isnan(value.value):
        return "not reached"
    low, high = (show(end, digits=digits) for end in value[1:])
    ends = f"{low} or more" if math.isnan(value.high) else f"{low} to {high}"  # null at the top is what has no end
    return f"{show(value.value, digits=digits)} ({ends})"


def tiles(answers: Json) -> list[Row]:
    """Four numbers to remember."""
    start, split = interval(answers["start"]["accuracy"]), interval(answers["split"]["accuracy"])
    rows = [
        _tile(f"of problems solved at the start: {size_name(answers['start']['size'])}, one sample", start, percent),
        _tile(f"after the best split of the next {show(answers['next'], 'FLOP')}", split, percent),
    ]
    middle = [row for row in answers["exchange"] if row["size"] == answers["start"]["size"]]
    if middle:
        first = sorted(middle, key=lambda row: (-row["start"]["origin"]["step"], row["seed"]))[0]
        cross, queries = interval(first["crossing"]["samples"]), interval(first["queries"])
        where = f"the same network, seed {first['seed']}"
        rows.append(
            _tile(f"samples at which coverage with and without reinforcement learning cross; {where}", cross, _amount)
        )
        rows.append(
            _tile(f"queries from which reinforcement learning is cheaper than sampling; {where}", queries, _amount)
        )
    return rows


def _amount(value: float) -> str:
    return "not reached" if math.isnan(value) else show(value)


def _tile(meaning: str, value: Interval, form: Callable[[float], str]) -> Row:
    ends = "" if math.isnan(value.low) else f"{form(value.low)} to {form(value.high)}"
    return {"meaning": meaning, "value": form(value.value), "unit": "", "range": ends}


def axes(answers: Json) -> list[Row]:
    """What every axis gives alone, and its share of the best split."""
    return [
        {
            "axis": row["axis"],
            "course": f"{show(row['from'])} → {show(row['to'])}",
            "unit": {"params": "parameters", "samples": "samples a query"}.get(row["unit"], row["unit"]),
            "flop": show(row["flop"], "FLOP"),
            "gain": points(interval(row["gain"])),
            "margin": points(Interval(*(1e12 * end for end in interval(row["per_flop"])))),
            "later": f"{known(row['diminishing']['value']):.2f}",
            "chance": f"{row['probability_best']:.2f}",
            "share": share(interval(answers["split"]["shares"][row["axis"]])),
        }
        for row in answers["axes"]
    ]


def plan(answers: Json) -> list[Row]:
    """The start, the best split from it, and the best use of the whole budget from nothing."""
    rows = (
        ("Start", answers["start"], answers["start"]["accuracy"]),
        ("After the best split of the next FLOP", answers["split"]["point"], answers["split"]["accuracy"]),
        ("The whole budget, planned from nothing", answers["plan"]["point"], answers["plan"]["accuracy"]),
    )
    return [
        {
            "name": name,
            **{key: show(point[key]) for key in ("params", "tokens", "answers", "samples")},
            "accuracy": share(interval(accuracy)),
        }
        for name, point, accuracy in rows
    ]


def further(answers: Json) -> list[Row]:
    """The runs that could be made next, by what their outcome is worth."""
    return [
        {
            "run": row["run"],
            "flop": show(row["flop"], "FLOP"),
            "minutes": f"{row['seconds'] / 60:.1f}",
            "predicted": f"{row['measures']} {row['predicted']['value']:.3f} ± {row['predicted']['spread']:.3f}",
            "gain": number(row["gain"], digits=2),
        }
        for row in answers["further"]
    ]
