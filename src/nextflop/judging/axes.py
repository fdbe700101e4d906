"""The axes along which a plan goes beyond its runs, and whether the runs were varied along them at all."""

from collections.abc import Sequence

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.backtest import along
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law

DERIVED = {"flop": ("params", "tokens"), "epochs": ("tokens", "unique_tokens")}
"""Axes that follow from columns: 6 params tokens, and how often the data are read."""

_SAME = 0.02  # of a value: budgets, say, that are this close were meant to be one
_LEVELS, _NARROW = 3.0, 2.0  # fewer levels, or a narrower factor between the ends, tell of a slope and not of a law
# Variance inflation, as in the check `design`: at 100 nine tenths of an input's spread follow those of the others.
_INFLATED, _COLLINEAR = 10.0, 100.0


def axes_of(laws: Sequence[type[Law]], runs: Runs) -> tuple[str, ...]:
    """The inputs of some laws and what is derived from them, as far as the runs have the columns."""
    inputs = tuple(dict.fromkeys(name for law in laws for name in law.inputs if name in runs))
    return (*inputs, *(name for name, columns in DERIVED.items() if set(columns) <= set(inputs)))


def varied(runs: Runs, axes: Sequence[str]) -> dict[str, Verdict]:
    """Whether the runs differ along each axis, and not only together with another; code `varied`.

    An axis that fails cannot be planned along: what it does to the response was not seen. Axes that are derived from
    others are only asked for their own levels.

    Args:
        runs: the table.
        axes: columns, "flop" or "epochs".

    Raises:
        InputError: if an axis is not there, or not a number of 0 or more for every run.
    """
    if not len(runs):
        raise InputError("A table without runs was varied along no axis: give some runs.")
    places = {name: along(runs, name) for name in axes}
    plain = [name for name in axes if name not in DERIVED and (places[name] > 0).all() and np.ptp(places[name]) > 0]
    inflation = dict(zip(plain, map(float, _inflation([np.log(places[name]) for name in plain])), strict=True))
    return {name: _verdict(name, places[name], inflation.get(name, 1.0), plain) for name in axes}


def unvaried(runs: Runs, axes: Sequence[str]) -> tuple[str, ...]:
    """The axes along which the runs do not differ, or only together with another: to be refused by a plan."""
    return tuple(name for name, verdict in varied(runs, axes).items() if verdict.outcome is Outcome.fail)


def levels(place: np.ndarray) -> np.ndarray:
    """The different values of an axis, those within two per cent taken as one, rising."""
    found = np.unique(place)
    return found[np.concatenate([[True], found[1:] > found[:-1] * (1 + _SAME)])]


def _verdict(axis: str, place: np.ndarray, inflation: float, plain: Sequence[str]) -> Verdict:
    code, name = "varied", f"{axis} was varied"
    count, low, high = len(levels(place)), float(place.min()), float(place.max())
    if count == 1:
        says = f"All runs have {axis} = {low:.4g}: what it does cannot be seen in them."
        return Verdict(code, name, Outcome.fail, 1.0, _LEVELS, says)
    says = f"{axis} has {count} levels from {low:.4g} to {high:.4g}"
    if inflation > _INFLATED:
        others = " and ".join(other for other in plain if other != axis)
        outcome = Outcome.fail if inflation > _COLLINEAR else Outcome.warn
        told = "cannot be told apart" if outcome is Outcome.fail else "are hard to tell apart"
        says += f", but changes with {others} (variance inflation {inflation:.3g}): their effects {told}."
        return Verdict(code, name, outcome, inflation, _INFLATED, says)
    if count < _LEVELS or high < _NARROW * low:
        return Verdict(code, name, Outcome.warn, float(count), _LEVELS, f"{says}: too few or too near for a curve.")
    return Verdict(code, name, Outcome.passed, float(count), _LEVELS, f"{says}.")


def _inflation(logs: Sequence[np.ndarray]) -> np.ndarray:
    """How many times the others inflate the variance of what each axis does, shape (axes,); infinite if they fix it."""
    if len(logs) < 2:
        return np.ones(len(logs))
    apart = np.stack(logs) - np.mean(logs, axis=1, keepdims=True)
    found = np.empty(len(logs))
    for index, row in enumerate(apart):
        others = np.delete(apart, index, axis=0)
        rest = row - np.linalg.lstsq(others.T, row, rcond=None)[0] @ others
        left = (rest**2).sum() / (row**2).sum()
        found[index] = 1 / left if left > 1e-12 else np.inf
    return found
