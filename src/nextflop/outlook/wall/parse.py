"""A model out of TOML: every key known, every name used, every number where it can be."""

from collections.abc import Mapping, Sequence

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import parse_date
from nextflop.evidence.files import Json
from nextflop.outlook.wall.distributions import SHAPES, Distribution, Fixed, between
from nextflop.outlook.wall.model import GRADES, Input, Model, Record, Series, Side, Trend
from nextflop.quantities import parse

Tables = dict[str, Json]
"""What TOML holds."""

_MODEL = (
    "title", "domain", "runs", "start", "horizon", "largest", "notes",
    "inputs", "series", "stock", "demand", "correlations", "records",
)  # fmt: skip
_INPUT = (
    "meaning", "unit", "value", "range", "level", "shape", "whole", "least",
    "source", "date", "grade", "licence", "why", "ask",
)  # fmt: skip
_SERIES = ("meaning", "unit", "years", "median", "low", "high", "level", "source", "date", "grade")
_SIDE = ("at", "factors", "trends", "series", "power", "weight")


def parsed(name: str, raw: Tables) -> Model:
    """The model that tables declare.

    Args:
        name: how it is called.
        raw: the tables, `extends` already done.

    Raises:
        InputError: if a key is not known, a name is not declared, or a number is not possible there.
    """
    _known("model", raw, _MODEL)
    inputs = {key: _input(key, entry) for key, entry in _table(raw, "inputs").items()}
    series = {key: _series(key, entry) for key, entry in _table(raw, "series").items()}
    if "stock" not in raw or not raw.get("demand"):
        raise InputError(f"The model {name} lacks a [stock] or a [demand.NAME]: declare both.")
    stock = _side("stock", raw["stock"])
    every = [_side(key, entry) for key, entry in _table(raw, "demand").items()]
    demands = tuple(side for side in every if side.weight > 0)
    start = parse_date(raw.get("start", stock.at), "start of the model")
    horizon = parse_date(raw.get("horizon", 2100), "horizon of the model")
    if not start < horizon:
        raise InputError(f"The model {name} starts in {start:g} and ends in {horizon:g}: give a later horizon.")
    if not demands:
        raise InputError(f"No demand of the model {name} has a weight above 0: give one to at least one of them.")
    largest = str(raw.get("largest", ""))
    if largest and largest not in inputs:
        raise unknown("input", largest, inputs)
    used = {key for side in (stock, *every) for key in side.uses}
    for side in (stock, *every):
        _usable(side, inputs, series)
    for key in inputs:
        if key not in used:
            raise InputError(f"The input {key} of the model {name} enters neither the stock nor a demand: remove it.")
    return Model(
        name=name,
        title=str(raw.get("title", name)),
        domain=str(raw.get("domain", "text")),
        runs=str(raw.get("runs", "the largest runs")),
        inputs={key: one for key, one in inputs.items() if any(key in side.uses for side in (stock, *demands))},
        series={key: one for key, one in series.items() if any(key in side.uses for side in demands)},
        stock=stock,
        demands=demands,
        correlations=_correlations(_listed(raw, "correlations"), inputs),
        start=start,
        horizon=horizon,
        largest=largest,
        notes=tuple(map(str, _listed(raw, "notes"))),
        records=tuple(_record(entry) for entry in _listed(raw, "records")),
    )


def _table(raw: Tables, key: str) -> Mapping[str, Tables]:
    found = raw.get(key, {})
    if not isinstance(found, Mapping) or not all(isinstance(entry, Mapping) for entry in found.values()):
        raise InputError(f"[{key}] holds something that is no table: write [{key}.NAME] and its keys below.")
    return found


def _listed(entry: Tables, key: str) -> Sequence[Json]:
    found = entry.get(key, ())
    if not isinstance(found, list | tuple):
        raise InputError(f"{key} is {found!r}: give a list.")
    return found


def _number(entry: Mapping[str, Json], key: str, default: float | int, what: str) -> float:
    """A number of a table, as a number or as a person writes it."""
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"The {what} is {value!r}: give a number.")
    return parse(value, what)


def _known(what: str, entry: Json, keys: Sequence[str]) -> None:
    if not isinstance(entry, Mapping):
        raise InputError(f"The {what} is no table: write its keys and values.")
    for key in entry:
        if key not in keys:
            raise unknown(f"key of the {what}", key, keys)


def _input(name: str, entry: Tables) -> Input:
    _known(f"input {name}", entry, _INPUT)
    return Input(
        name=name,
        meaning=str(entry.get("meaning", name.replace("_", " "))),
        unit=str(entry.get("unit", "")),
        belief=_belief(name, entry),
        source=str(entry.get("source", "not stated")),
        date=parse_date(entry["date"], f"date of {name}") if "date" in entry else np.nan,
        grade=_grade(name, entry),
        licence=str(entry.get("licence", "")),
        why=str(entry.get("why", "")),
        asked=str(entry.get("ask", "")),
    )


def _grade(name: str, entry: Tables) -> str:
    grade = str(entry.get("grade", "assumed"))
    if grade not in GRADES:
        raise unknown(f"grade of {name}", grade, GRADES)
    return grade


def _belief(name: str, entry: Tables) -> Distribution:
    if "value" in entry and "range" in entry:
        raise InputError(f"The input {name} has a value and a range: give the one or the other.")
    if "value" in entry:
        return Fixed(_number(entry, "value", 0, name))
    if "range" not in entry:
        if "ask" in entry:
            raise InputError(f"The model needs {name} from you, {entry['ask']}: give it with --set {name}=…")
        raise InputError(f"The input {name} has neither a value nor a range: give one.")
    ends = entry["range"]
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise InputError(f"The range of {name} is {ends!r}: give its two ends, such as [0.1, 0.4].")
    shape = str(entry.get("shape", SHAPES[0]))
    more = {key: _number(entry, key, 0, f"{key} of {name}") for key in ("whole", "least") if key in entry}
    low, high = (_number({"end": end}, "end", 0, f"end of {name}") for end in ends)
    return between(name, low, high, _number(entry, "level", 0.95, f"level of {name}"), shape, **more)


def _series(name: str, entry: Tables) -> Series:
    _known(f"series {name}", entry, _SERIES)
    columns = {}
    for key in ("years", "median", "low", "high"):
        try:
            columns[key] = np.array([float(value) for value in _listed(entry, key)])
        except (TypeError, ValueError):
            raise InputError(f"{key} of the series {name} holds something that is no number: correct it.") from None
    years, median, low, high = columns.values()
    if not all(np.isfinite(column).all() for column in columns.values()):
        raise InputError(f"The series {name} holds a number that is not finite: correct it.")
    if len(years) < 2 or not (np.diff(years) > 0).all() or not len(years) == len(median) == len(low) == len(high):
        raise InputError(
            f"The series {name} needs two or more years in rising order, and as many of median, low and high."
        )
    if not ((low <= median) & (median <= high)).all():
        raise InputError(f"The series {name} has a median outside of its interval: correct the table.")
    return Series(
        name=name,
        meaning=str(entry.get("meaning", name)),
        unit=str(entry.get("unit", "")),
        level=_level(name, entry),
        source=str(entry.get("source", "not stated")),
        date=parse_date(entry["date"], f"date of {name}") if "date" in entry else np.nan,
        grade=_grade(name, entry),
        **columns,
    )


def _level(name: str, entry: Tables) -> float:
    level = _number(entry, "level", 0.95, f"level of {name}")
    if not 0 < level < 1:
        raise InputError(f"The level of {name} is {level:g}: give the probability of its interval, such as 0.95.")
    return level


def _side(name: str, entry: Json) -> Side:
    _known(name, entry, _SIDE)
    weight = _number(entry, "weight", 1, f"weight of {name}")
    if weight < 0:
        raise InputError(f"The weight of {name} is {weight:g}: give 0 or more.")
    factors = entry.get("factors", {})
    if not isinstance(factors, Mapping):
        raise InputError(f"The factors of {name} are {factors!r}: write such as {{ pages = 1, bytes_per_token = -1 }}.")
    series = (str(entry["series"]), _number(entry, "power", 1, f"power of {name}")) if "series" in entry else None
    return Side(
        name=name,
        at=parse_date(entry.get("at", 2024), f"year of {name}"),
        factors={key: _number(factors, key, 1, f"power of {key}") for key in factors},
        trends=tuple(_trend(name, one) for one in _listed(entry, "trends")),
        series=series,
        weight=weight,
    )


def _trend(side: str, entry: Json) -> Trend:
    _known(f"trend of {side}", entry, ("times_a_year", "orders_a_year", "until"))
    kinds = [key for key in ("times_a_year", "orders_a_year") if key in entry]
    if len(kinds) != 1:
        raise InputError(f"A trend of {side} names {len(kinds)} inputs: give times_a_year or orders_a_year.")
    until = parse_date(entry["until"], f"end of {entry[kinds[0]]}") if "until" in entry else np.inf
    return Trend(str(entry[kinds[0]]), kinds[0] == "orders_a_year", until)


def _usable(side: Side, inputs: Mapping[str, Input], series: Mapping[str, Series]) -> None:
    for name in (*side.factors, *(trend.input for trend in side.trends)):
        if name not in inputs:
            raise unknown("input", name, inputs)
    if side.series and side.series[0] not in series:
        raise unknown("series", side.series[0], series)
    positive = {*side.factors, *(trend.input for trend in side.trends if not trend.orders)}
    for name in sorted(positive):
        if not inputs[name].belief.positive:
            raise InputError(
                f"The {inputs[name].meaning} ({name}) would be {inputs[name].belief}: it multiplies the {side.name}, "
                "so give only values above 0."
            )


def _correlations(entries: Sequence[Json], inputs: Mapping[str, Input]) -> dict[tuple[str, str], float]:
    found = {}
    for entry in entries:
        _known("correlation", entry, ("between", "value"))
        pair = entry.get("between", ())
        if not isinstance(pair, list | tuple) or len(pair) != 2 or pair[0] == pair[1]:
            raise InputError(f"A correlation is between {pair!r}: name two different inputs.")
        for name in pair:
            if str(name) not in inputs:
                raise unknown("input", str(name), inputs)
        value = _number(entry, "value", np.nan, f"correlation of {pair[0]} and {pair[1]}")
        if not -1 <= value <= 1:
            raise InputError(f"The correlation of {pair[0]} and {pair[1]} is {value:g}: give one from -1 to 1.")
        found[str(pair[0]), str(pair[1])] = value
    return found


def _record(entry: Json) -> Record:
    _known("record", entry, Record._fields)
    for key in ("name", "date", "tokens"):
        if key not in entry:
            raise InputError(f"The record {entry.get('name', entry)!r} has no {key}: give it.")
    return Record(
        str(entry["name"]),
        parse_date(entry["date"], f"date of {entry['name']}"),
        _amount(entry),
        str(entry.get("source", "not stated")),
        _grade(str(entry["name"]), entry),
    )


def _amount(entry: Tables) -> float:
    tokens = _number(entry, "tokens", 0, f"tokens of {entry['name']}")
    if tokens <= 0:
        raise InputError(f"The record {entry['name']} has {tokens:g} tokens: give more than 0.")
    return tokens
