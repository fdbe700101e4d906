"""From logged runs to a table: which keys are which quantities, and which points of a curve become rows."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.cells import POSITIVE, TEXT, missing, with_tokens
from nextflop.evidence.conventions import agreed
from nextflop.evidence.files import Json
from nextflop.evidence.readers.reading import STEP, times
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.quantities import parse

POINTS = ("last", "best", "every")
"""Which points of a run's curve become rows: the last at which the response was logged, the one where it was best, or
every one, with a column "cluster" that tells the runs apart."""

CONFIG, SUMMARY = "config.", "summary."
"""What a key begins with that is a setting, or a value that the run's summary gives."""

LOWER_IS_BETTER = frozenset({"loss", "perplexity", "bits_per_byte", "excess", "regret"})
"""Responses whose best value is the lowest; of all others it is the highest."""


class _LeftOutError(Exception):
    """Why a run has no row; said in the notes of the table."""


class _Curve(NamedTuple):
    steps: Sequence[float] = ()
    values: Sequence[float] = ()


def to_table(
    logged: Sequence[Run],
    columns: Mapping[str, str],
    conventions: Mapping[str, str],
    *,
    points: str = "last",
    response: str | None = None,
    where: Path | str = "the log",
    source: str = "",
    notes: Iterable[str] = (),
) -> Runs:
    """The table of some logged runs.

    A row stands at a step at which the response was logged. The other quantities have there the value that was logged
    last at or before that step; one that was logged later has a value only if it is the same throughout the run. A run
    that lacks a quantity is left out, and the notes say which and why.

    Args:
        logged: the runs.
        columns: quantity → key: a metric, "step", "config.KEY" or "summary.KEY"; keys of nested settings have dots.
        conventions: quantity → how it was counted.
        points: one of `POINTS`.
        response: the quantity whose logging makes a row; "loss" if it is mapped, else the only one with a curve.
        where: what the log is called in an error.
        source: what the table says of where it comes from.
        notes: what was left out before.

    Raises:
        InputError: if no run has a key, an option is not known, or no run is left.
    """
    if points not in POINTS:
        raise unknown("choice of points", points, POINTS)
    _check_keys(where, logged, columns)
    anchor = _anchor(logged, columns, response)
    rows: list[dict[str, float | str]] = []
    left_out: list[str] = []
    for run, name in zip(logged, _distinct(logged), strict=True):
        try:
            found, missed = _rows(run, columns, anchor, points)
        except _LeftOutError as why:
            left_out.append(f"run {name!r} left out: {why}")
            continue
        rows += [{"name": name, "cluster": name, **row} for row in found]
        left_out += [f"{times(count, 'point')} of run {name!r} left out: {why}" for why, count in missed.items()]
    if not rows:
        raise InputError(
            f"{where} holds no run with all of {', '.join(columns)}: {left_out[0] if left_out else 'none'}."
        )
    kept = [
        *columns,
        *(extra for extra in ("name", *(["cluster"] if points == "every" else [])) if extra not in columns),
    ]
    values = {quantity: np.array([row[quantity] for row in rows]) for quantity in kept}
    runs = Runs(values, _conventions(where, logged, columns, conventions), source, (*notes, *left_out))
    return with_tokens(runs) if {"flop", "params"} <= set(columns) and "tokens" not in columns else runs


def keys(logged: Iterable[Run]) -> list[str]:
    """The keys that the runs have, in the order in which `to_table` looks for them."""
    found: dict[str, None] = {}
    for run in logged:
        found |= dict.fromkeys(key for key in run.quantities if not key.startswith("_"))
        found |= dict.fromkeys(f"{CONFIG}{key}" for key in flat(run.config))
    return list(found)


def value_of(run: Run, key: str) -> Json:
    """What a run has under a key of `keys`: a setting, or the last value of a metric; None if it has none."""
    settings = flat(run.config)
    if key.startswith(CONFIG) and key.removeprefix(CONFIG) in settings:
        return settings[key.removeprefix(CONFIG)]
    return run.quantities.get(key)


def flat(config: Mapping[str, Json], prefix: str = "") -> dict[str, Json]:
    """Settings without nesting, their keys joined by dots."""
    found: dict[str, Json] = {}
    for name, item in config.items():
        key = f"{prefix}{name}"
        found |= flat(item, f"{key}.") if isinstance(item, Mapping) and item else {key: item}
    return found


def _check_keys(where: Path | str, logged: Sequence[Run], columns: Mapping[str, str]) -> None:
    there = [*keys(logged), STEP]
    known = {*there, "name", *(f"{SUMMARY}{key}" for run in logged for key in run.quantities)}
    known |= {key for run in logged for key in run.quantities}
    for quantity, key in columns.items():
        if key not in known:
            raise missing(where, quantity, key, there, "keys")


def _anchor(logged: Sequence[Run], columns: Mapping[str, str], response: str | None) -> str:
    """The quantity whose points become rows."""
    curves = {key for run in logged for point in run.curve for key in point}
    moving = [quantity for quantity, key in columns.items() if key in curves and key != STEP]
    if response is not None and response not in columns:
        raise unknown("quantity", response, columns)
    if response is not None:
        return response
    if "loss" in columns:
        return "loss"
    if len(moving) == 1 or not moving:
        return (moving or list(columns))[0]
    raise InputError(f"Of {', '.join(moving)} one must be the response, whose points become rows: name it.")


def _distinct(logged: Sequence[Run]) -> list[str]:
    """The names of the runs; one that occurs again has the run's id with it."""
    often = Counter(run.name for run in logged)
    return [run.name if often[run.name] == 1 else f"{run.name} ({run.id})" for run in logged]


def _rows(
    run: Run, columns: Mapping[str, str], anchor: str, points: str
) -> tuple[list[dict[str, float | str]], Counter[str]]:
    """The rows of a run, and why how many of its points are none."""
    settings = flat(run.config)
    fixed: dict[str, float | str] = {}
    moving: dict[str, _Curve] = {}
    for quantity, key in columns.items():
        logged = ((point[STEP], point[key]) for point in run.curve if key in point and STEP in point)
        curve = _Curve(*zip(*logged, strict=True))
        if key.startswith(CONFIG) and key.removeprefix(CONFIG) in settings:
            fixed[quantity] = _setting(quantity, key, settings[key.removeprefix(CONFIG)])
        elif key == "name" and not curve.steps:
            fixed[quantity] = run.name
        elif curve.steps:
            moving[quantity] = curve
        elif (short := key.removeprefix(SUMMARY)) in run.quantities:
            fixed[quantity] = _checked(quantity, key, run.quantities[short])
        else:
            raise _LeftOutError(f"it has no {key!r} for {quantity}")
    found: list[dict[str, float | str]] = []
    missed: Counter[str] = Counter()
    for step in _steps(anchor, columns[anchor], moving[anchor], points) if anchor in moving else [math.inf]:
        try:
            found.append(fixed | {name: _at(name, columns[name], curve, step) for name, curve in moving.items()})
        except _LeftOutError as why:
            if points != "every":
                raise
            missed[str(why)] += 1
    return found, missed


def _steps(anchor: str, key: str, curve: _Curve, points: str) -> Sequence[float]:
    """The steps that become rows."""
    if points == "every":
        return curve.steps
    if points == "last":
        return curve.steps[-1:]
    finite = [(value, step) for step, value in zip(*curve, strict=True) if math.isfinite(value)]
    if not finite:
        raise _LeftOutError(f"its {key!r} for {anchor} is never finite")
    value, _ = min(finite) if anchor in LOWER_IS_BETTER else max(finite)
    return [next(step for number, step in finite if number == value)]


def _at(quantity: str, key: str, curve: _Curve, step: float) -> float | str:
    """The value that was logged last at or before a step."""
    before = bisect_right(curve.steps, step)
    if not before and len(set(curve.values)) > 1:
        raise _LeftOutError(f"its {key!r} for {quantity} was logged only later")
    return _checked(quantity, key, curve.values[max(before - 1, 0)])


def _setting(quantity: str, key: str, found: Json) -> float | str:
    if quantity in TEXT:
        return str(found)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise _LeftOutError(f"its {key!r} for {quantity} is {found!r} and no number")
    try:
        return _checked(quantity, key, parse(found, quantity))
    except InputError as error:
        raise _LeftOutError(f"its {key!r} for {quantity} is {found!r} and no number") from error


def _checked(quantity: str, key: str, number: float) -> float | str:
    if quantity in TEXT:
        return f"{number:g}"
    if not math.isfinite(number):
        raise _LeftOutError(f"its {key!r} for {quantity} is not finite")
    if quantity in POSITIVE and number <= 0:
        raise _LeftOutError(f"its {key!r} for {quantity} is {number:g} and not above 0")
    return number


def _conventions(
    where: Path | str, logged: Sequence[Run], columns: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The conventions of the runs' own records, which must be one each, with those that are declared."""
    known: dict[str, str] = {}
    for quantity, key in columns.items():
        short = key.removeprefix(SUMMARY)
        ways = {run.conventions.get(short) for run in logged if short in run.quantities} or {None}
        if len(ways) > 1:
            several = " and ".join(sorted(way or "nothing that they say" for way in ways))
            raise InputError(f"The runs of {where} count {quantity} as {several}: import them apart, and convert.")
        if (way := ways.pop()) is not None:
            known[quantity] = way
    return agreed(where, known, given)
