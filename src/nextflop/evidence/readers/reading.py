"""What a reader of logs gives: the runs it found, and what it had to leave out."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.evidence.run import Run, Source

STEP = "step"
"""The key under which a point of a curve says at which step it was logged."""

KIND = "logged"
"""The kind of a run of which only the log is known."""


class Skipped(NamedTuple):
    """Something damaged that was left out.

    Attributes:
        file: where it is.
        what: what one of it is, such as "damaged stretch" or "unreadable line".
        count: how many.
    """

    file: str
    what: str
    count: int

    def __str__(self) -> str:
        return f"{self.file}: {times(self.count, self.what)} left out"


@dataclass(frozen=True)
class Reading:
    """Runs from logs.

    Attributes:
        runs: one a run; its quantities are the last values logged, its curve all of them, its config the settings.
        skipped: what was damaged and left out.
    """

    runs: tuple[Run, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass
class Log:
    """The log of one run while it is being read; a value logged twice at one step is the one logged last."""

    points: dict[int, dict[str, float]] = field(default_factory=dict)
    config: dict[str, Json] = field(default_factory=dict)
    summary: dict[str, float] = field(default_factory=dict)

    def add(self, step: int, key: str, value: float) -> None:
        """Takes up one value."""
        self.points.setdefault(step, {})[key] = value

    def curve(self) -> list[dict[str, float]]:
        """The points in the order of their steps."""
        return [{**self.points[step], STEP: number(step)} for step in sorted(self.points)]

    def final(self) -> dict[str, float]:
        """The last value of every key; what a summary says goes before it."""
        found: dict[str, float] = {}
        for step in sorted(self.points):
            found.update(self.points[step])
        return found | self.summary

    def run(self, name: str, source: Source, seed: int | None) -> Run:
        """The run of which this is the log."""
        return Run(name, KIND, self.final(), {}, self.config, seed, tuple(self.curve()), source)

    def merge(self, later: "Log") -> None:
        """Takes up the log of a later session of the same run."""
        for step, values in later.points.items():
            self.points.setdefault(step, {}).update(values)
        self.config |= later.config
        self.summary |= later.summary


def content(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}; give the path of a log.") from error


def numbers(value: Json, prefix: str = "") -> dict[str, float]:
    """The numbers in a JSON value, those in nested objects under dotted keys.

    Texts that spell what is not finite, such as "NaN", are numbers; lists, other texts and objects that stand for
    media (they have a "_type") are not.
    """
    if isinstance(value, Mapping):
        if "_type" in value:
            return {}
        return {
            key: number
            for name, item in value.items()
            for key, number in numbers(item, f"{prefix}.{name}" if prefix else str(name)).items()
        }
    if isinstance(value, int | float) or value in _NOT_FINITE:
        return {prefix: number(value)}
    return {}


_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


def number(value: int | float | str) -> float:
    """A float; an integer beyond its range is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def tally(file: Path | str, counts: Mapping[str, int] | Iterable[str]) -> tuple[Skipped, ...]:
    """What was left out of one file, without what did not occur."""
    counted = counts if isinstance(counts, Mapping) else Counter(counts)
    return tuple(Skipped(str(file), what, count) for what, count in counted.items() if count)


def seed_of(config: Mapping[str, Json]) -> int | None:
    """The seed that a configuration names."""
    value = config.get("seed")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def times(count: int, what: str) -> str:
    """A count of something, in the plural where it is not one."""
    return f"{count} {what}{'' if count == 1 else 'es' if what.endswith('ch') else 's'}"
