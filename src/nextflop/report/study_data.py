"""What the page of a study reads: the answers, the runs, and how both are spelled."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from nextflop.errors import StoreError
from nextflop.evidence.files import Json, read_json
from nextflop.evidence.run import Run
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.lab.study import Study
from nextflop.laws.base import Law
from nextflop.report.style import ramp

AnyLaw = TypeVar("AnyLaw", bound=Law)

#: Axis → colour and marker, the same in every figure.
AXES: Mapping[str, tuple[str, str]] = {
    "parameters": ("blue", "o"),
    "demonstrations": ("teal", "s"),
    "reinforcement learning": ("orange", "^"),
    "samples": ("purple", "D"),
}


_ANSWERS = (
    *("axes", "budget", "by_queries", "conventions", "coverage", "curves", "data", "exchange", "fits", "further"),
    *("level", "limits", "machine", "next", "plan", "recommendation", "scope", "seconds", "settings", "spent", "split"),
    *("start", "teacher", "version"),
)


def read_answers(root: Path, wanted: Sequence[str]) -> Mapping[str, Json]:
    """The answers of a study.

    Args:
        root: its folder.
        wanted: what a page needs of them.

    Raises:
        StoreError: if they are missing, cannot be read, or are those of a version that told less.
    """
    path = root / "answers.json"
    answers = read_json(path)
    missing = [name for name in wanted if name not in answers]
    if missing:
        raise StoreError(f"{path} has no {missing[0]!r}: have the study answered again, with --resume.")
    return answers


@dataclass(frozen=True)
class StudyData:
    """A finished study.

    Attributes:
        study: the declaration.
        answers: what the analysis found.
        runs: trial id → run.
    """

    study: Study
    answers: Mapping[str, Json]
    runs: Mapping[str, Run]

    @classmethod
    def read(cls, root: Path) -> "StudyData":
        """Reads a study folder.

        Raises:
            StoreError: if a file is missing or cannot be read.
        """
        study = Study.load(root)
        return cls(study, read_answers(root, _ANSWERS), study.runs(root))

    @property
    def sizes(self) -> list[tuple[int, ...]]:
        """Width and depth of the networks, smallest first."""
        return [tuple(size) for size in self.answers["settings"]["sizes"]]

    def supervised(self, size: Sequence[int]) -> list[Run]:
        """The runs of a size on fresh demonstrations, by seed."""
        found = [
            run
            for run in self.runs.values()
            if run.kind == "supervised" and "pool" not in run.config and list(run.config["size"]) == list(size)
        ]
        return sorted(found, key=lambda run: run.seed or 0)

    def reinforced(self) -> dict[str, Run]:
        """Trial id → run of reinforcement learning, by size, start and seed."""
        found = [(id, run) for id, run in self.runs.items() if run.kind == "rl"]
        order = [list(size) for size in self.sizes]
        return dict(
            sorted(
                found,
                key=lambda item: (order.index(item[1].config["size"]), item[1].config["start"]["step"], item[1].seed),
            )
        )

    def shade(self, size: Sequence[int]) -> str:
        """The colour of a size, darker for larger."""
        return ramp(len(self.sizes))[self.sizes.index(tuple(size))]


def known(value: float | int | None) -> float:
    """A number of the answers; null is nan."""
    return math.nan if value is None else float(value)


def interval(record: Mapping[str, float | int | None]) -> Interval:
    """An interval of the answers."""
    return Interval(known(record["value"]), known(record["low"]), known(record["high"]))


def law_of(family: type[AnyLaw], fit: Json) -> AnyLaw:
    """The law at the estimate of a fit of the answers."""
    return family(**{name: known(value["value"]) for name, value in fit["estimate"].items()})


def band(family: type[Law], fit: Json, level: float, **inputs: np.ndarray) -> np.ndarray:
    """The ends of the interval of a law at some inputs, shape (2, points), from the draws that the answers keep."""
    draws = family.from_draws(np.array(fit["rows"], dtype=np.float64))(**inputs)
    return np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)


def size_name(size: Sequence[int]) -> str:
    """A network as it is named: width × depth."""
    return "×".join(map(str, size))


def verdicts(records: Json) -> list[Verdict]:
    """The verdicts of the answers."""

    def verdict(given: Mapping[str, Json]) -> Verdict:
        measured = known(given["statistic"]), known(given["threshold"])
        return Verdict(given["code"], given["name"], Outcome(given["outcome"]), *measured, given["sentence"])

    return [verdict(record) for record in records]
