"""Which runs of two recipes belong together, so that what they share cancels in a comparison.

Two runs at one size, on the same data in the same order, with one seed, miss their laws in the same direction. Draws
that keep such pairs together know that; draws that do not make the interval of a difference too wide. Pairing runs
that share nothing costs only clusters: their misses then multiply to nothing on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs

CLUSTER = "cluster"
"""The column of the joined table whose equal values are drawn together."""

_ENOUGH = 0.5  # of the smaller recipe's settings must have a partner, or nothing is paired


@dataclass(frozen=True)
class Pairing:
    """How the runs of two recipes are drawn.

    Attributes:
        by: the columns whose equal values make a pair; empty if the recipes are drawn independently.
        matched: how many pairs there are.
        alone: how many clusters of the baseline and of the candidate have no partner.
        labels: the cluster of each run, of the baseline and of the candidate, each of shape (runs,).
    """

    by: tuple[str, ...]
    matched: int
    alone: tuple[int, int]
    labels: tuple[np.ndarray, np.ndarray]

    @property
    def sentence(self) -> str:
        """What was done, for a reader."""
        if not self.by:
            return f"Draws are independent: {sum(self.alone)} clusters of runs, those of either recipe drawn apart."
        rest = f"; {self.alone[0]} and {self.alone[1]} have no partner" if any(self.alone) else ""
        return f"Draws are paired: {self.matched} pairs with equal {', '.join(self.by)} are drawn together{rest}."

    def to_json(self) -> dict[str, Json]:
        """The pairing as JSON, without the labels."""
        return {"by": list(self.by), "matched": self.matched, "alone": list(self.alone), "sentence": self.sentence}


def pairing(
    inputs: Sequence[str], baseline: Runs, candidate: Runs, *, pair: str | None = None, cluster: str | None = None
) -> Pairing:
    """Matches the runs of two recipes.

    Args:
        inputs: the law's inputs, by which runs are matched, and by "seed" where both tables have that column. Runs of
            one recipe that agree in all of them are one cluster.
        baseline: the runs of one recipe.
        candidate: those of the other.
        pair: a column that names what was matched, instead; "none" for independent draws.
        cluster: the column that tells runs apart if rows are snapshots; runs are then matched by its values.

    Returns:
        Pairs if at least half of the smaller recipe's clusters have a partner, else independent clusters.

    Raises:
        InputError: if a named column is missing in a table.
    """
    tables = (baseline, candidate)
    by = _columns(inputs, tables, pair, cluster)
    found = keys(tables, by)
    common = np.intersect1d(found[0], found[1])
    sizes = [len(np.unique(key)) for key in found]
    if pair != "none" and len(common) >= max(2.0, _ENOUGH * min(sizes)):
        alone = (sizes[0] - len(common), sizes[1] - len(common))
        labels = [np.where(np.isin(key, common), key, _of(side, key)) for side, key in enumerate(found)]
        return Pairing(by, len(common), alone, (labels[0], labels[1]))
    if cluster is None:  # each run stands for itself, whatever the order in which they are listed
        found = [_places(table, inputs) for table in tables]
    labels = [_of(side, key) for side, key in enumerate(found)]
    return Pairing((), 0, (len(np.unique(found[0])), len(np.unique(found[1]))), (labels[0], labels[1]))


def _columns(
    inputs: Sequence[str], tables: tuple[Runs, Runs], pair: str | None, cluster: str | None
) -> tuple[str, ...]:
    if pair not in (None, "none"):
        by: tuple[str, ...] = (pair,)
    elif cluster is not None:
        by = (cluster,)
    else:
        by = matching_columns(inputs, tables)
    for name in by:
        for table, whose in zip(tables, ("baseline", "candidate"), strict=True):
            if name not in table:
                raise InputError(f"The table of the {whose} has no column {name!r} to match runs by: add or map it.")
    return by


def matching_columns(inputs: Sequence[str], tables: Sequence[Runs]) -> tuple[str, ...]:
    """What runs are matched by if nothing is said: the inputs, and the seed where every table has it."""
    return (*inputs, *(("seed",) if all("seed" in table for table in tables) else ()))


def keys(tables: Sequence[Runs], by: Sequence[str]) -> list[np.ndarray]:
    """One text a run for each table, shape (runs,): equal where all columns are, and sorted as they are.

    The order of the texts decides which random numbers a cluster gets, so that no unit of a column changes it.
    """
    columns = [np.concatenate([table[name] for table in tables]) for name in by]
    ranks = np.stack([np.unique(column, return_inverse=True)[1] for column in columns])
    found = np.char.zfill(np.unique(ranks, axis=1, return_inverse=True)[1].ravel().astype(str), 9)
    return np.split(found, np.cumsum([len(table) for table in tables])[:-1])


def _places(table: Runs, inputs: Sequence[str]) -> np.ndarray:
    """The place of each run when they are sorted by all that is in them, as texts."""
    columns = [table[name] for name in sorted(table.columns) if name not in inputs]
    order = np.lexsort([*columns, *(table[name] for name in inputs)])
    found = np.empty(len(table), dtype=np.int64)
    found[order] = np.arange(len(table))
    return np.char.zfill(found.astype(str), 9)


def _of(side: int, keys: np.ndarray) -> np.ndarray:
    return np.char.add(("baseline ", "candidate ")[side], keys)
