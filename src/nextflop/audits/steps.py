"""What may be done to a published table before a law meets it: rows chosen, columns derived."""

from collections.abc import Mapping

import numpy as np

from nextflop.audits.words import COUNT, NUMBER, POSITIVE, TEXT, TEXTS, Word
from nextflop.errors import InputError
from nextflop.evidence.runs import Runs


def apply(runs: Runs, name: str, arguments: Mapping[str, object]) -> Runs:
    """The table after one step.

    Raises:
        InputError: if the table lacks a column, or the step leaves no row.
    """
    done = STEPS[name].function(runs, **arguments)
    if not len(done):
        raise InputError(f"The step {name!r} leaves none of the {len(runs)} rows: choose other limits.")
    return done


def _numbers(runs: Runs, column: str) -> np.ndarray:
    values = runs[column]
    if values.dtype.kind != "f":
        raise InputError(f"The column {column!r} holds text where numbers are needed: name another.")
    return values


def _derived(runs: Runs, to: str, values: np.ndarray, how: str) -> Runs:
    if not np.isfinite(values).all():
        raise InputError(f"{to} = {how} is not finite in every row: leave out the rows where it is not.")
    added = runs.with_columns(**{to: values})
    return Runs(added.columns, {**runs.conventions, to: f"derived: {how}"}, runs.source)


def _equal(runs: Runs, column: str, text: str) -> Runs:
    return runs.where(runs[column].astype(str) == text)


def _at_most(runs: Runs, column: str, limit: float) -> Runs:
    return runs.where(_numbers(runs, column) <= limit)


def _at_least(runs: Runs, column: str, limit: float) -> Runs:
    return runs.where(_numbers(runs, column) >= limit)


def _drop_highest(runs: Runs, column: str, number: int) -> Runs:
    kept = np.argsort(_numbers(runs, column), kind="stable")[: max(len(runs) - number, 0)]
    return runs.where(np.sort(kept))


def _distinct(runs: Runs, columns: tuple[str, ...]) -> Runs:
    """The first row of each combination of values."""
    labels = np.stack([np.unique(runs[name], return_inverse=True)[1] for name in columns])
    first = np.unique(labels, axis=1, return_index=True)[1]
    return runs.where(np.sort(first))


def _records(runs: Runs, column: str, along: str) -> Runs:
    """The rows that no row before them exceeds, as a frontier of models in time."""
    values, place = _numbers(runs, column), _numbers(runs, along)
    return runs.where(values >= np.where(place[:, None] > place, values, -np.inf).max(axis=1))


def _copy(runs: Runs, to: str, of: str) -> Runs:
    return runs.with_columns(**{to: runs[of]})


def _log(runs: Runs, to: str, of: str) -> Runs:
    return _derived(runs, to, _quietly(np.log, _numbers(runs, of)), f"ln {of}")


def _log2(runs: Runs, to: str, of: str) -> Runs:
    return _derived(runs, to, _quietly(np.log2, _numbers(runs, of)), f"log2 {of}")


def _power_of_ten(runs: Runs, to: str, of: str) -> Runs:
    return _derived(runs, to, _quietly(lambda x: 10.0**x, _numbers(runs, of)), f"10^{of}")


def _minus(runs: Runs, to: str, of: str, amount: float) -> Runs:
    return _derived(runs, to, _numbers(runs, of) - amount, f"{of} - {amount:g}")


def _times(runs: Runs, to: str, of: str, factor: float) -> Runs:
    return _derived(runs, to, _quietly(lambda x: x * factor, _numbers(runs, of)), f"{factor:g} {of}")


def _quietly(function, values: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(function(values))


STEPS: dict[str, Word] = {
    "equal": Word(_equal, {"column": TEXT, "text": TEXT}),
    "at-most": Word(_at_most, {"column": TEXT, "limit": NUMBER}),
    "at-least": Word(_at_least, {"column": TEXT, "limit": NUMBER}),
    "drop-highest": Word(_drop_highest, {"column": TEXT, "number": COUNT}),
    "distinct": Word(_distinct, {"columns": TEXTS}),
    "records": Word(_records, {"column": TEXT, "along": TEXT}),
    "copy": Word(_copy, {"to": TEXT, "of": TEXT}),
    "log": Word(_log, {"to": TEXT, "of": TEXT}),
    "log2": Word(_log2, {"to": TEXT, "of": TEXT}),
    "power-of-ten": Word(_power_of_ten, {"to": TEXT, "of": TEXT}),
    "minus": Word(_minus, {"to": TEXT, "of": TEXT, "amount": NUMBER}),
    "times": Word(_times, {"to": TEXT, "of": TEXT, "factor": POSITIVE}),
}
"""Step → what it does; every step gives a new table."""
