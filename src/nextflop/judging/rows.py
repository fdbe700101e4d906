"""Rows that a judgement of later runs must not misread: those without a value, and those that repeat another."""

import numpy as np

from nextflop.evidence.quality.flag import mentioned
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law


def disclosed(counts: tuple[int, int, int], before: int, later: int) -> Verdict:
    """Says how many rows have no value; they are unknown, not slow.

    Args:
        counts: such rows before the cut, after it, and at an unknown place.
        before, later: rows with a value on either side.
    """
    code, name = "disclosure", "later runs have values"
    early, late, nowhere = counts
    share = late / (late + later)
    says = f"{late} of {late + later} later rows and {early} of {early + before} earlier ones have no value"
    if nowhere:
        says += f", and {nowhere} more have no place on the axis"
    says += ": they are left out as unknown, and not read as poor."
    # Rows of an unknown place may well be later ones.
    if late + nowhere:
        says += " If the best go undisclosed, the later runs look slower than they are."
        return Verdict(code, name, Outcome.warn, share, 0.0, says)
    return Verdict(code, name, Outcome.passed, share, 0.0, says)


def repeated(law: type[Law], runs: Runs, rows: np.ndarray, numbers: np.ndarray) -> Verdict | None:
    """Warns of rows whose inputs and response repeat those of another; None if there are none.

    Args:
        law: says which columns count.
        runs: the table.
        rows: places of the rows that are used.
        numbers: how the sentence counts each row of the table.
    """
    columns = np.stack([runs[name][rows] for name in (*law.inputs, law.response)])
    first = np.unique(columns, axis=1, return_index=True)[1]
    copies = np.sort(rows[np.setdiff1d(np.arange(len(rows)), first)])
    if not len(copies):
        return None
    says = f"{len(copies)} row{'s repeat' if len(copies) > 1 else ' repeats'} another in every input and the response "
    says += f"({mentioned(numbers[copies])}, counted from 0): if these are copies, the runs are fewer, and the test "
    says += "promises too much; leave them out."
    return Verdict("repeated", "no row repeats another", Outcome.warn, float(len(copies)), 0.0, says)
