"""How often intervals of 90% hold the truth: every way to draw, under squares and Huber, with few clusters and many.

    python benchmarks/intervals.py            prints a table and writes benchmarks/results/intervals.json

Worlds are power laws with offset, L = 1.7 + 2000 C^-0.17, over four decades of compute. The snapshots of a run share
0.4% of noise and have 0.3% each. Every world is drawn anew with its own noise, fitted, and its draws are fitted in one
batch; shares are of the three parameters together, with the lowest of them beside it. 400 worlds tell a share of 0.90
to ±0.015.
"""

import argparse
import json
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import nextflop
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Objective, Squares
from nextflop.fitting.bootstrap import RESAMPLINGS, sample
from nextflop.fitting.estimate import prepare
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method
from nextflop.laws import Power

TRUTH = Power(1.7, 2e3, 0.17)
DESIGNS = ((6, 4), (12, 4), (24, 4), (40, 1), (120, 1))  # clusters, snapshots of each
OBJECTIVES: dict[str, Objective] = {"squares of logs": Squares(log=True), "Huber 1e-3": Huber()}
DRAWS = 99
OUT = Path(__file__).parent / "results" / "intervals.json"


def ladder(clusters: int, snapshots: int) -> Runs:
    """Snapshots of runs of one size each."""
    compute = (np.geomspace(1e18, 1e22, clusters)[:, None] * np.geomspace(0.2, 1, snapshots)).ravel()
    names = np.repeat(np.arange(clusters), snapshots).astype(str)
    return Runs({"compute": compute, "loss": TRUTH(compute=compute), "run": names})


def held(runs: Runs, objective: Objective, resampling: str, worlds: int) -> tuple[float, float]:
    """The share of intervals that hold the truth, of all parameters and of the one that is held least."""
    table, problem = prepare(Power, runs, Method(objective, cluster="run"))
    truth = problem.coordinates(TRUTH)
    rng = np.random.default_rng(20)
    common = 0.004 * rng.normal(size=(worlds, table.clusters))[:, table.groups]
    losses = table.response * np.exp(common + 0.003 * rng.normal(size=(worlds, len(runs))))
    points = minimise(problem, np.tile(truth, (worlds, 1)), losses, table.weights).points
    inside = np.empty((worlds, len(truth)), dtype=bool)
    for world in range(worlds):
        here = table._replace(response=losses[world])
        other = sample(problem, here, points[world], resampling, DRAWS, world)
        ends = minimise(problem, np.tile(points[world], (DRAWS, 1)), other.response, other.weights, tolerance=1e-3)
        low, high = np.quantile(ends.points, [0.05, 0.95], axis=0)
        inside[world] = (low <= truth) & (truth <= high)
    shares = inside.mean(axis=0)
    return float(shares.mean()), float(shares.min())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=400)
    worlds = parser.parse_args().worlds
    began, rows = time.perf_counter(), []
    print(f"{'clusters':>9s}{'snapshots':>11s}  {'objective':18s}" + "".join(f"{name:>16s}" for name in RESAMPLINGS))
    for clusters, snapshots in DESIGNS:
        runs = ladder(clusters, snapshots)
        for name, objective in OBJECTIVES.items():
            found = {way: held(runs, objective, way, worlds) for way in RESAMPLINGS}
            rows.append({"clusters": clusters, "snapshots": snapshots, "objective": name, "held": found})
            cells = "".join(f"{f'{mean:.3f} ({least:.3f})':>16s}" for mean, least in found.values())
            print(f"{clusters:9d}{snapshots:11d}  {name:18s}{cells}", flush=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "nextflop": nextflop.__version__}
    record = {
        "machine": {**machine, "date": datetime.now(UTC).date().isoformat()},
        "level": 0.9,
        "worlds": worlds,
        "draws": DRAWS,
        "rows": rows,
        "seconds": time.perf_counter() - began,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
