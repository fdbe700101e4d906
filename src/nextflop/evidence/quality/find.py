"""All flags of a table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.quality.curves import EARLY, early, turned_up
from nextflop.evidence.quality.design import collinear
from nextflop.evidence.quality.duplicates import duplicates
from nextflop.evidence.quality.flag import Flag
from nextflop.evidence.quality.isoflop import isoflop
from nextflop.evidence.quality.outliers import not_finite, outliers
from nextflop.evidence.runs import Runs


def flags(
    runs: Runs,
    inputs: Sequence[str],
    response: str = "loss",
    *,
    group: str | None = None,
    curve: str | None = None,
    progress: str = "tokens",
    budget: str | None = None,
    size: str = "params",
    early_share: float = EARLY,
    early_before: float | None = None,
) -> tuple[Flag, ...]:
    """Says which runs to doubt, and why; drops nothing.

    Copies and losses that are not finite are found first and set aside, so that no run is its own witness. Where rows
    are snapshots, runs are compared by their last ones, and a run that falls short is flagged in all of its rows.

    Args:
        runs: the table.
        inputs: names of the inputs of the law, above 0; more of each is no worse, such as params and tokens.
        response: name of a loss, above 0; lower is better.
        group: column whose values are recipes; runs are compared only within one.
        curve: column whose values are runs of which the rows are snapshots.
        progress: column that grows along a curve.
        budget: column whose values are budgets of compute, each spent on several sizes.
        size: column of the size of a run of a budget.
        early_share: snapshots from before this share of their run are early.
        early_before: snapshots from before this progress are early, instead of the share; Choshen et al. 2025
            (arXiv:2410.11840) cut the first 1e10 tokens. Needs no curve.

    Returns:
        Flags in the order of the table, those of the whole table first.

    Raises:
        InputError: if a column is not there or holds what it must not.
    """
    if not len(runs):
        return ()
    logs = np.log(np.stack([_positive(runs, name) for name in inputs], axis=1))
    loss = _response(runs, response)
    recipe = _codes(runs, group)
    found = duplicates(runs, logs, response, recipe) + not_finite(loss)
    fresh = np.ones(len(runs), dtype=bool)
    fresh[[flag.row for flag in found if flag.row is not None]] = False
    snapshots = [] if curve is None else _snapshots(runs, curve, progress, fresh)
    for rows in snapshots:
        found += turned_up(rows, loss[rows])
    found += _early(runs, snapshots, progress, early_share, early_before)
    last = np.array([rows[-1] for rows in snapshots], dtype=int) if curve else np.flatnonzero(fresh)
    for name, of_it in _recipes(runs, group, recipe, last):
        found += collinear(of_it, logs[of_it], inputs, name)
        judged = outliers(of_it, logs[of_it], loss[of_it])
        if budget is not None:
            spent, sizes = _positive(runs, budget), _positive(runs, size)
            for value in np.unique(spent[of_it]):
                rows = of_it[spent[of_it] == value]
                judged += isoflop(rows, sizes[rows], loss[rows], float(value))
        found += _for_every_snapshot(judged, snapshots)
    return tuple(sorted(found, key=lambda flag: -1 if flag.row is None else flag.row))


def _numbers(runs: Runs, name: str) -> np.ndarray:
    if runs[name].dtype.kind == "U":
        raise InputError(f"The column {name!r} holds text: give a column of numbers.")
    return runs[name]


def _positive(runs: Runs, name: str) -> np.ndarray:
    column = _numbers(runs, name)
    odd = np.flatnonzero(~(np.isfinite(column) & (column > 0)))
    if odd.size:
        raise InputError(
            f"The {name} of run #{odd[0]} is {column[odd[0]]:g}, and runs are compared by logarithms: "
            "correct it, or leave such runs out."
        )
    return column


def _response(runs: Runs, name: str) -> np.ndarray:
    loss = _numbers(runs, name)
    odd = np.flatnonzero(loss <= 0)
    if odd.size:
        raise InputError(
            f"The {name} of run #{odd[0]} is {loss[odd[0]]:g}, and losses are compared by their logarithm: "
            "give a loss above 0, such as 1 - accuracy for an accuracy."
        )
    return loss


def _codes(runs: Runs, name: str | None) -> np.ndarray:
    return np.zeros(len(runs), dtype=int) if name is None else np.unique(runs[name], return_inverse=True)[1]


def _recipes(runs: Runs, group: str | None, recipe: np.ndarray, rows: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The name of each recipe, nothing where no column tells them apart, with its rows."""
    return [
        ("" if group is None else str(runs[group][chosen[0]]), chosen)
        for code in np.unique(recipe[rows])
        if len(chosen := rows[recipe[rows] == code])
    ]


def _snapshots(runs: Runs, curve: str, progress: str, fresh: np.ndarray) -> list[np.ndarray]:
    """The rows of each run in the order of training."""
    rows, code = np.flatnonzero(fresh), _codes(runs, curve)
    rows = rows[np.lexsort((_positive(runs, progress)[rows], code[rows]))]
    return np.split(rows, np.flatnonzero(np.diff(code[rows])) + 1) if len(rows) else []


def _early(runs: Runs, snapshots: list[np.ndarray], progress: str, share: float, before: float | None) -> list[Flag]:
    if before is not None:
        rows = np.arange(len(runs))
        return early(rows, _positive(runs, progress), share, before)
    return [flag for rows in snapshots for flag in early(rows, runs[progress][rows], share, None)]


def _for_every_snapshot(found: list[Flag], snapshots: list[np.ndarray]) -> list[Flag]:
    """A run that was judged by its last snapshot is flagged in the others too."""
    every = {int(rows[-1]): rows.tolist() for rows in snapshots}
    return [replace(flag, row=row) for flag in found if flag.row is not None for row in every.get(flag.row, [flag.row])]
