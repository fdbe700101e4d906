"""What the study measured, as tables that laws are fitted to."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.evidence.counts import Counts
from nextflop.evidence.files import Json, read_lines
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.evidence.store import Store

Measured = Mapping[str, Run]  # trial id → run


def fresh(runs: Measured) -> Runs:
    """Every measurement of the supervised runs on fresh demonstrations.

    Columns: "run" (the trial), "params", "tokens", "flop", "loss", "accuracy".
    """
    return _table(
        {"run": id, **_columns(point, run, ("tokens", "flop", "loss"))}
        for id, run in _of(runs, "supervised")
        if "pool" not in run.config
        for point in run.curve
    )


def reinforced(runs: Measured) -> Runs:
    """Every measurement of the reinforcement-learning runs.

    Columns: "run", "params", "answers" (sampled in training so far), "rl_flop", "start" (accuracy before),
    "start_loss", "accuracy".
    """
    return _table(
        {
            "run": id,
            **_columns(point, run, ("answers", "rl_flop")),
            "start": run.curve[0]["pass@1"],
            "start_loss": run.curve[0]["loss"],
        }
        for id, run in _of(runs, "rl")
        for point in run.curve
    )


class Sampled(NamedTuple):
    """One snapshot that was sampled many times.

    Attributes:
        id: the sampling trial.
        run: its record.
        counts: correct answers a problem.
        trained: the run that left the snapshot.
        step: the step of the snapshot in that run.
        share: how far reinforcement learning had gone, as a share of that run's steps; 0 for a supervised snapshot.
        origin: the supervised snapshot from which all began, (trial, step).
    """

    id: str
    run: Run
    counts: Counts
    trained: Run
    step: int
    share: float
    origin: tuple[str, int]

    @property
    def label(self) -> str:
        """Name for a person."""
        return f"{self.trained.name}, step {self.step}"

    @property
    def reinforced(self) -> bool:
        """Whether reinforcement learning had begun."""
        return self.share > 0

    @property
    def key(self) -> dict[str, Json]:
        """How answers name it."""
        return {
            "trial": self.id,
            "label": self.label,
            "size": list(self.run.config["size"]),
            "seed": self.run.seed,
            "rl_share": self.share,
            "origin": {"trial": self.origin[0], "step": self.origin[1]},
        }


def sampled(runs: Measured, root: Path) -> list[Sampled]:
    """The sampled snapshots, supervised ones first, then by size, seed and strength of the start."""
    found = []
    for id, run in _of(runs, "sampling"):
        start = run.config["start"]
        trained = runs[start["trial"]]
        is_rl = trained.kind == "rl"
        origin = trained.config["start"] if is_rl else start
        lines = list(read_lines(Store(root).folder(id) / "counts.jsonl"))
        counts = Counts(
            problems=tuple(line["problem"] for line in lines),
            samples=np.array([line["samples"] for line in lines]),
            correct=np.array([line["correct"] for line in lines]),
        )
        share = start["step"] / trained.config["at"][-1] if is_rl else 0.0
        found.append(Sampled(id, run, counts, trained, start["step"], share, (origin["trial"], origin["step"])))
    return sorted(found, key=lambda s: (s.reinforced, s.run.quantities["params"], s.run.seed, s.origin[1], s.share))


def arms(runs: Measured) -> list[dict[str, Json]]:
    """The data axis: for every seed the curves of fresh data, the repeated pool, and the pool with own solutions.

    Each ends where the shortest of the three ends.
    """
    limited = [run for _, run in _of(runs, "supervised") if "pool" in run.config]
    last = max((run.config["at"][-1] for run in limited), default=0)
    sizes = {(tuple(run.config["size"]), run.seed) for run in limited}
    rows = []
    for _, run in _of(runs, "supervised"):
        if (tuple(run.config["size"]), run.seed) not in sizes:
            continue
        pool = run.config.get("pool")
        arm = "fresh" if pool is None else "pool and own solutions" if "synthetic" in pool else "pool"
        rows.append(
            {
                "arm": arm,
                "seed": run.seed,
                "size": list(run.config["size"]),
                "pool": run.quantities.get("pool"),
                "own": run.quantities.get("synthetic"),
                "own_flop": run.quantities.get("synthetic_flop"),
                "curve": [
                    {name: point.get(name) for name in ("step", "tokens", "flop", "epochs", "loss", "pass@1")}
                    for point in run.curve
                    if point["step"] <= last
                ],
            }
        )
    return sorted(rows, key=lambda row: (("fresh", "pool", "pool and own solutions").index(row["arm"]), row["seed"]))


def _of(runs: Measured, kind: str) -> Iterable[tuple[str, Run]]:
    return ((id, run) for id, run in runs.items() if run.kind == kind)


def _columns(point: Mapping[str, float], run: Run, names: Iterable[str]) -> dict[str, float]:
    return {
        "params": run.quantities["params"],
        **{name: point[name] for name in names},
        "accuracy": point["pass@1"],
    }


def _table(rows: Iterable[Mapping[str, float | str]]) -> Runs:
    rows = list(rows)
    names = rows[0] if rows else ()
    return Runs({name: np.array([row[name] for row in rows]) for name in names}, source="nextflop study countdown")
