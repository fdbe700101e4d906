"""The columns of a table that a law is fitted to, checked and in one order."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.objective import Binomial, Objective
from nextflop.laws.base import Law


class Table(NamedTuple):
    """What a fit reads of the runs.

    The rows are sorted by what is in them, so that the order in which runs were listed changes nothing, not even the
    draws of a bootstrap.

    Attributes:
        inputs: input → column, shape (runs,).
        response: shape (runs,).
        weights: of the runs in the objective, shape (runs,).
        groups: the number of the cluster of each run, shape (runs,); without clusters each run is its own.
        order: the place of each row in the table of runs.
        sides: 0 for a measured response, 1 for one that is at least, -1 for one that is at most the one given; None if
            all were measured.
        strata: the number of the kind of each cluster, shape (clusters,); draws have as many clusters of every kind as
            the runs have. None if all are of one kind.
    """

    inputs: Mapping[str, np.ndarray]
    response: np.ndarray
    weights: np.ndarray
    groups: np.ndarray
    order: np.ndarray
    sides: np.ndarray | None = None
    strata: np.ndarray | None = None

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.groups.max()) + 1


def read(law: type[Law], runs: Runs, objective: Objective, cluster: str | None, *, still: bool = False) -> Table:
    """Takes the columns of a law out of a table of runs.

    A column "weight", if there is one, weighs the runs; a column "censored" has 1 for a run of which only is known that
    its response is at least the one given, -1 for at most, 0 for one that was measured. Counts need a column "tries".

    Args:
        law: the family.
        runs: the table.
        objective: what will be minimised.
        cluster: the column whose equal values belong together.
        still: whether an input may be the same in all runs, as when what it does is pinned.

    Raises:
        InputError: if a column is missing, or a value is not finite or outside the law's domain.
        FitError: if there is only one run, or an input never varies.
    """
    inputs = {name: _numbers(runs, name) for name in law.inputs}
    for name, column in inputs.items():
        zero = name in law.zeros
        _refuse(name, column, (column < 0) if zero else (column <= 0), "0 or more" if zero else "above 0")
    response = _numbers(runs, law.response)
    if objective.log or law.log_linear:
        _refuse(law.response, response, response <= 0, "above 0")
    _refuse(law.response, response, response < law.lowest, f"{law.lowest:g} or more")
    _refuse(law.response, response, response > law.highest, f"at most {law.highest:g}")
    weights = _numbers(runs, "weight") if "weight" in runs else np.ones(len(runs))
    _refuse("weight", weights, weights < 0, "0 or more")
    if isinstance(objective, Binomial):
        tries = _numbers(runs, "tries")
        _refuse("tries", tries, tries <= 0, "above 0")
        _refuse(law.response, response, (response < 0) | (response > 1), "a share from 0 to 1")
        weights = weights * tries
    sides = _numbers(runs, "censored") if "censored" in runs else np.zeros(len(runs))
    _refuse("censored", sides, ~np.isin(sides, (-1, 0, 1)), "-1, 0 or 1")
    if (sides != 0).all():
        raise FitError("Every run is censored, so nothing was measured: add runs whose response is known.")
    if len(runs) < 2:
        raise FitError(f"{len(runs)} run cannot show how {law.response} scales: give several runs of different size.")
    for name, column in inputs.items():
        if np.ptp(column) == 0 and not still:
            raise FitError(
                f"All {len(runs)} runs have {name} = {column[0]:g}, so its effect cannot be known: add runs "
                f"that differ in {name}."
            )
    if not weights.any():
        raise FitError("Every run has weight 0, so nothing is left to fit: give some runs a weight above 0.")
    labels = np.arange(len(runs)) if cluster is None else np.unique(runs[cluster], return_inverse=True)[1]
    order = np.lexsort([*(() if cluster is None else (labels,)), sides, weights, response, *inputs.values()])
    groups = np.arange(len(runs)) if cluster is None else labels[order]
    if cluster is not None and groups.max() == 0:
        raise FitError(f"All runs have the same {cluster!r}, so there is one cluster only: give runs of several.")
    columns = {name: column[order] for name, column in inputs.items()}
    censored = sides[order] if sides.any() else None
    strata = _strata(columns[law.apart], groups) if law.apart else None
    return Table(columns, response[order], weights[order], groups, order, censored, strata)


def _strata(kind: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Clusters of runs of one kind, of another, and of several are drawn apart; shape (clusters,)."""
    ends = np.stack([[kind[groups == group].min(), kind[groups == group].max()] for group in range(groups.max() + 1)])
    return np.unique(ends, axis=0, return_inverse=True)[1].ravel()


def _numbers(runs: Runs, name: str) -> np.ndarray:
    if name not in runs:
        raise InputError(f"The column {name!r} is missing (there are {', '.join(runs.columns)}): add or map it.")
    column = runs[name]
    if column.dtype.kind != "f":
        raise InputError(f"The column {name!r} holds text, such as {column[0].item()!r}: give numbers.")
    _refuse(name, column, ~np.isfinite(column), "a finite number")
    return column


def _refuse(name: str, column: np.ndarray, bad: np.ndarray, expected: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        more = f" (and {bad.sum() - 1} more)" if bad.sum() > 1 else ""
        raise InputError(
            f"The column {name!r} has {column[row]:g} in row {row + 1}{more}; expected is {expected}: "
            "correct the row or leave it out."
        )
