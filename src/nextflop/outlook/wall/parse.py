"""A model out of TOML: every key known, every name used, every number where it can be."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import parse_date
from nextflop.evidence.files import Json
from nextflop.outlook.wall.model import Input, Model, Record, Series, Side, Trend
from nextflop.outlook.wall.parse_inputs import grade_of, input_of, series_of
from nextflop.outlook.wall.tables import Tables, known, listed, number, table

_MODEL = (
    "title", "domain", "runs", "start", "horizon", "largest", "notes",
    "inputs", "series", "stock", "demand", "correlations", "records",
)  # fmt: skip
_SIDE = ("at", "factors", "trends", "series", "power", "weight")


def parsed(name: str, raw: Tables) -> Model:
    """The model that tables declare.

    Args:
        name: how it is called.
        raw: the tables, `extends` already done.

    Raises:
        InputError: if a key is not known, a name is not declared, or a number is not possible there.
    """
    known("model", raw, _MODEL)
    inputs = {key: input_of(key, entry) for key, entry in table(raw, "inputs").items()}
    series = {key: series_of(key, entry) for key, entry in table(raw, "series").items()}
    if "stock" not in raw or not raw.get("demand"):
        raise InputError(f"The model {name} lacks a [stock] or a [demand.NAME]: declare both.")
    stock = _side("stock", raw["stock"])
    every = [_side(key, entry) for key, entry in table(raw, "demand").items()]
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
            near = get_close_matches(key, inputs.keys() - {key}, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "remove it."
            raise InputError(f"The input {key!r} of the model {name} enters neither the stock nor a demand: {mend}")
    return Model(
        name=name,
        title=str(raw.get("title", name)),
        domain=str(raw.get("domain", "text")),
        runs=str(raw.get("runs", "the largest runs")),
        inputs={key: one for key, one in inputs.items() if any(key in side.uses for side in (stock, *demands))},
        series={key: one for key, one in series.items() if any(key in side.uses for side in demands)},
        stock=stock,
        demands=demands,
        correlations=_correlations(listed(raw, "correlations"), inputs),
        start=start,
        horizon=horizon,
        largest=largest,
        notes=tuple(map(str, listed(raw, "notes"))),
        records=tuple(_record(entry) for entry in listed(raw, "records")),
    )


def _side(name: str, entry: Json) -> Side:
    known(name, entry, _SIDE)
    weight = number(entry, "weight", 1, f"weight of {name}")
    if weight < 0:
        raise InputError(f"The weight of {name} is {weight:g}: give 0 or more.")
    factors = entry.get("factors", {})
    if not isinstance(factors, Mapping):
        raise InputError(f"The factors of {name} are {factors!r}: write such as {{ pages = 1, bytes_per_token = -1 }}.")
    series = (str(entry["series"]), number(entry, "power", 1, f"power of {name}")) if "series" in entry else None
    return Side(
        name=name,
        at=parse_date(entry.get("at", 2024), f"year of {name}"),
        factors={key: number(factors, key, 1, f"power of {key}") for key in factors},
        trends=tuple(_trend(name, one) for one in listed(entry, "trends")),
        series=series,
        weight=weight,
    )


def _trend(side: str, entry: Json) -> Trend:
    known(f"trend of {side}", entry, ("times_a_year", "orders_a_year", "until"))
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
        known("correlation", entry, ("between", "value"))
        pair = entry.get("between", ())
        if not isinstance(pair, list | tuple) or len(pair) != 2 or pair[0] == pair[1]:
            raise InputError(f"A correlation is between {pair!r}: name two different inputs.")
        for name in pair:
            if str(name) not in inputs:
                raise unknown("input", str(name), inputs)
        value = number(entry, "value", np.nan, f"correlation of {pair[0]} and {pair[1]}")
        if not -1 <= value <= 1:
            raise InputError(f"The correlation of {pair[0]} and {pair[1]} is {value:g}: give one from -1 to 1.")
        found[str(pair[0]), str(pair[1])] = value
    return found


def _record(entry: Json) -> Record:
    known("record", entry, Record._fields)
    for key in ("name", "date", "tokens"):
        if key not in entry:
            raise InputError(f"The record {entry.get('name', entry)!r} has no {key}: give it.")
    return Record(
        str(entry["name"]),
        parse_date(entry["date"], f"date of {entry['name']}"),
        _amount(entry),
        str(entry.get("source", "not stated")),
        grade_of(str(entry["name"]), entry),
    )


def _amount(entry: Tables) -> float:
    tokens = number(entry, "tokens", 0, f"tokens of {entry['name']}")
    if tokens <= 0:
        raise InputError(f"The record {entry['name']} has {tokens:g} tokens: give more than 0.")
    return tokens
