"""A series as it was disclosed: dated values, bounds, and rows of which no value is known."""

from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.outlook.trend.scale import Scale

MEANINGS = (
    "inputs against time",
    "capability against time",
    "capability against money",
    "loss against compute",
    "supply against time",
    "value against time",
)
"""What "slowing" may be said of. Which one it is, is printed with every verdict."""


@dataclass(frozen=True)
class Rule:
    """Which rows are the frontier.

    Attributes:
        kind: "every" row; "record", above all earlier ones; or "top", among the largest so far.
        count: how many are the largest, for "top".
    """

    kind: str = "every"
    count: int = 0

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Reads `every`, `record` or `top-10`.

        Raises:
            InputError: if it is none of them.
        """
        if text in {"every", "record"}:
            return cls(text)
        kind, _, count = text.partition("-")
        if kind == "top" and count.isascii() and count.isdigit() and int(count) > 0:
            return cls("top", int(count))
        raise InputError(f"The frontier rule {text!r} is not known: give every, record, or top-10 for the ten largest.")

    def __str__(self) -> str:
        return f"top-{self.count}" if self.kind == "top" else self.kind

    @property
    def words(self) -> str:
        """The rule as a sentence has it."""
        largest = f"those that were among the {self.count} largest when they came"
        return {"every": "all rows", "record": "those above all earlier ones", "top": largest}[self.kind]


@dataclass(frozen=True, eq=False)
class Series:
    """A dated series; rows are in order of date.

    Attributes:
        name, title: what it is called.
        unit: of the values, such as "FLOP"; empty for none.
        meaning: one of `MEANINGS`.
        scale: on which it is a line.
        rule: which rows are the frontier.
        dates: decimal years, shape (rows,).
        values: `nan` where none was disclosed, shape (rows,).
        sides: 1 where the value is a lower bound, -1 an upper one, 0 a value, shape (rows,).
        errors: standard errors on the scale; None if there are none.
        groups: who made it, names separated by commas; None if that is not known.
        labels: name of each row; None if they have none.
        falls: whether progress is downwards, as for a price or a loss.
        start: where the trend begins, if the series says so.
        since: from where on slowing is asked about, if the series says so.
        windows: further stretches whose pace is of interest, (start, end).
        source: where it comes from, with its digest.
        version: of the source: a date or a commit.
        notes: what was left out when it was read.
    """

    name: str
    title: str
    unit: str
    meaning: str
    scale: Scale
    rule: Rule
    dates: np.ndarray
    values: np.ndarray
    sides: np.ndarray
    errors: np.ndarray | None = None
    groups: np.ndarray | None = None
    labels: np.ndarray | None = None
    falls: bool = False
    start: float | None = None
    since: float | None = None
    windows: tuple[tuple[float, float], ...] = ()
    source: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def known(self) -> np.ndarray:
        """Which rows have a value or a bound."""
        return ~np.isnan(self.values)

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return -1 if self.falls else 1
