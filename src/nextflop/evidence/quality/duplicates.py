"""Runs that are in the table twice: equal in every column, or nearly equal settings with the same loss."""

import numpy as np

from nextflop.evidence.quality.flag import Flag
from nextflop.evidence.runs import Runs

NEAR = 0.01
"""Settings that differ by less than 1% are one setting, measured or typed twice."""

SAME = 0.001
"""Where more than one run in twenty shares its loss with a run of other settings, losses being rounded or read off a
figure, an equal loss says little of a neighbour: then only settings within 0.1% count as one."""

_BY_CHANCE = 0.05


def duplicates(runs: Runs, logs: np.ndarray, response: str, recipe: np.ndarray) -> list[Flag]:
    """Flags every copy but the first.

    A run equals another in every column, or it has the same loss to the last digit and nearly the same inputs.

    Args:
        runs: the table.
        logs: logarithms of the inputs, shape (runs, inputs).
        response: name of the column of the loss.
        recipe: which runs may be compared, one whole number a run.
    """
    first = _first_equal([np.unique(column, return_inverse=True)[1] for column in runs.columns.values()])
    copies = np.flatnonzero(first != np.arange(len(runs)))
    found = [Flag(int(row), "duplicate", f"Equals #{first[row]} in every column.", 0.0, NEAR) for row in copies]
    rows = np.setdiff1d(np.arange(len(runs)), copies)
    rows = rows[np.isfinite(runs[response][rows])]
    limit, near = _near(rows, logs, runs[response], recipe)
    found += [
        Flag(
            row,
            "duplicate",
            f"Has the loss of #{other} to the last digit, and inputs within {100 * gap:.2g}% of its.",
            gap,
            limit,
        )
        for row, other, gap in near
    ]
    return found


def _first_equal(codes: list[np.ndarray]) -> np.ndarray:
    """For each row the first row that equals it in every column."""
    order = np.lexsort(codes[::-1])  # stable, so equal rows stay in the order of the table
    sorted_codes = np.stack(codes)[:, order]
    starts = np.flatnonzero(np.concatenate([[True], (sorted_codes[:, 1:] != sorted_codes[:, :-1]).any(axis=0)]))
    first = np.empty(len(order), dtype=int)
    first[order] = np.repeat(order[starts], np.diff([*starts, len(order)]))
    return first


def _near(
    rows: np.ndarray, logs: np.ndarray, loss: np.ndarray, recipe: np.ndarray
) -> tuple[float, list[tuple[int, int, float]]]:
    """The difference that counts as near, and (copy, original, largest difference of an input) of equal losses."""
    rows = rows[np.lexsort((rows, *logs[rows].T[::-1], loss[rows], recipe[rows]))]
    pairs: list[tuple[int, int, float]] = []
    chance: set[int] = set()
    # Runs of equal loss lie together, in the order of the first input; three steps reach past a run that lies between.
    for step in (1, 2, 3):
        before, after = rows[:-step], rows[step:]
        equal = (recipe[before] == recipe[after]) & (loss[before] == loss[after])
        before, after = before[equal], after[equal]
        gaps = np.abs(logs[after] - logs[before]).max(axis=1, initial=0.0)
        chance.update(after[gaps >= NEAR].tolist())
        pairs += zip(np.maximum(before, after).tolist(), np.minimum(before, after).tolist(), gaps.tolist(), strict=True)
    limit = SAME if len(chance) > _BY_CHANCE * len(rows) else NEAR
    first: dict[int, tuple[int, int, float]] = {}
    for pair in sorted(pairs):  # by copy, then by original
        if pair[2] < limit:
            first.setdefault(pair[0], pair)
    return limit, list(first.values())
