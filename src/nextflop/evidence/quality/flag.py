"""What a flag says of a run, and the table without the runs that carry one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from nextflop.errors import unknown
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.quantities import listed

CODES: Mapping[str, str] = MappingProxyType(
    {
        "duplicate": "the run is in the table already",
        "diverged": "the loss is not finite, or far above what less of everything reaches, or its curve turned up",
        "under-tuned": "the loss is well above the trend of its neighbours",
        "early": "the snapshot is from the first part of its training",
        "few-sizes": "the run's budget was spent on too few sizes",
        "edge": "the lowest loss of the run's budget is at the smallest or the largest size",
        "flat": "the losses of the run's budget do not bend upwards",
        "off-centre": "the run is far from the best size of its budget",
        "collinear": "the inputs change together",
    }
)
"""Every code, with what it means."""


@dataclass(frozen=True)
class Flag:
    """One reason to doubt one run.

    Attributes:
        row: the place of the run in the table, counted from 0; None where the doubt is about the table as a whole.
        code: one of `CODES`, stable across versions.
        sentence: what was found; `#7` names row 7.
        statistic: what was measured.
        threshold: the value at which the statistic earns the flag.
    """

    row: int | None
    code: str
    sentence: str
    statistic: float
    threshold: float

    def told(self, names: Sequence[str]) -> str:
        """The sentence with the runs that it speaks of called by name.

        Args:
            names: of the rows of the table.
        """
        return re.sub(r"#(\d+)", lambda match: names[int(match[1])], self.sentence)

    def to_json(self) -> dict[str, Json]:
        """The flag as JSON."""
        return vars(self).copy()


def without(runs: Runs, flags: Iterable[Flag], codes: Iterable[str] | None = None) -> Runs:
    """The table without the runs that carry a flag, to show an answer with them and without.

    Args:
        runs: the table that was judged.
        flags: its flags.
        codes: the codes that count; all of them if not given. A flag of the whole table removes nothing.

    Raises:
        InputError: if a code does not exist.
    """
    chosen = set(CODES if codes is None else codes)
    for code in sorted(chosen - set(CODES)):
        raise unknown("flag", code, CODES)
    keep = np.ones(len(runs), dtype=bool)
    keep[[flag.row for flag in flags if flag.row is not None and flag.code in chosen]] = False
    return runs.where(keep)


def mentioned(rows: Sequence[int] | np.ndarray, most: int = 6) -> str:
    """Rows as a sentence names them: "#3, #7 and #12", the first few of many."""
    names = [f"#{int(row)}" for row in rows[:most]]
    if len(rows) > most:
        return f"{', '.join(names)} and {len(rows) - most} more"
    return listed(names)
