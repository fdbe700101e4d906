"""Which runs to make next: the score on a held-out expensive region for what was spent, beside other ways to choose.

    NEXTFLOP_MIRROR=… python benchmarks/next_runs.py        prints a table and writes benchmarks/results/next_runs.json

The tasks are those of ScaleBench (Li et al. 2026, arXiv:2604.22753) of which the set at hand has data. An episode has
a share of what the whole pool of runs costs; runs are chosen in rounds, revealed, and the target region is predicted by
the median of the same ensemble of laws for every way to choose, so that only the choice differs. The score is R² on the
target, cut at -1 as in the paper's table. Ways:

    random          at random, three seeds
    cheapest        the cheapest first
    D-optimal       the most information on the parameters of the best law, linearised
    V-optimal       the most variance removed from the target, best law linearised
    nextflop        the same over the ensemble: several laws, several optima, no linearisation

All but the first two weigh what they gain by cost^0.4, the paper's exponent.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

import nextflop
from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.evidence.table import read_table
from nextflop.fitting.estimate import prepare, search
from nextflop.fitting.objective import Method, Squares
from nextflop.laws import Chinchilla, DataConstrained, Farseer, Law, OverfitPenalty, Routing, Skaling
from nextflop.laws.vocabulary import Vocabulary
from nextflop.planning.next_runs import ensemble, greedy, spread_out

SHARES = (0.01, 0.05, 0.10)
ROUNDS, FIRST = 5, 0.25  # of choosing; share of the budget of which runs are spread out before there is a law
OUT = Path(__file__).parent / "results" / "next_runs.json"


class Task(NamedTuple):
    """One of the benchmark's."""

    columns: dict[str, str]
    laws: tuple[type[Law], ...]
    inputs: tuple[str, ...]
    cost: Callable[[Runs], np.ndarray]


def six_nd(runs: Runs) -> np.ndarray:
    return 6 * runs["params"] * runs["tokens"]


TASKS = {
    "data_constrained": Task(
        {"params": "params", "tokens": "tokens", "unique_tokens": "unique_tokens", "loss": "loss"},
        (OverfitPenalty, DataConstrained, Chinchilla),
        ("params", "tokens", "unique_tokens"),
        six_nd,
    ),
    "farseer": Task(
        {"params": "N", "tokens": "D", "loss": "loss"}, (Skaling, Farseer, Chinchilla), ("params", "tokens"), six_nd
    ),
    "moe": Task(
        {"params": "dense_parameter_count", "experts": "num_experts", "loss": "loss_validation"},
        (Routing,),
        ("params", "experts"),
        lambda runs: runs["params"] * runs["experts"],
    ),
    "vocab": Task(
        {
            "params": "non_vocab_parameters",
            "vocabulary": "vocab_size",
            "characters": "num_characters",
            "loss": "unigram_normalized_loss",
        },
        (Vocabulary,),
        ("params", "vocabulary", "characters"),
        lambda runs: runs["params"] * runs["characters"],
    ),
}


def load(folder: Path, name: str, part: str) -> Runs:
    path = folder / "scalebench" / f"{name}_scaling_law.{part}.csv"
    if name != "vocab":
        return read_table(path, TASKS[name].columns)
    import csv

    with path.open(encoding="utf-8") as file:  # its loss is below 0, which a loss of a language model is not
        rows = list(csv.DictReader(file))
    return Runs({key: np.array([float(row[column]) for row in rows]) for key, column in TASKS[name].columns.items()})


def linearised(laws: Sequence[type[Law]], runs: Runs, pool: Runs, target: Runs) -> tuple[np.ndarray, np.ndarray, float]:
    """Members whose covariance is that of the best law, linearised at its estimate, and its noise."""
    best = None
    for law in laws:
        log = law.lowest >= 0
        try:
            table, problem = prepare(law, runs, Method(Squares(log=log)))
            found = search(problem, table).optima
        except FitError:
            continue
        spare = max(len(runs) - len(law.parameters), 1)
        noise = np.sqrt(found.values.min() / spare + (3e-3 * (1 if log else problem.size)) ** 2)
        score = -len(runs) * np.log(noise) - len(law.parameters)
        if best is None or score > best[0]:
            best = (score, law, table, problem, found.points[found.values.argmin()], noise)
    if best is None:
        raise FitError("no law")
    _, law, table, problem, point, noise = best

    def slopes(some: Runs) -> np.ndarray:
        inputs = {name: some[name] / problem.units[name] for name in law.inputs}
        at = problem.at(point[None])
        slope = at.jacobian(**inputs)[0] * np.where(problem.log, np.exp(np.where(problem.log, point, 0)), 1.0)[:, None]
        return slope / np.asarray(at(**inputs))[0] if problem.objective.log else slope

    own = slopes(runs)
    information = own @ own.T / noise**2
    information += np.diag(1e-6 * np.maximum(np.diag(information), 1e-300))  # as wide a prior as lets it be inverted
    root = np.linalg.cholesky(np.linalg.inv(information))
    return root.T @ slopes(pool), root.T @ slopes(target), float(noise)


def take(order: Sequence[int], cost: np.ndarray, budget: float) -> list[int]:
    """As many of some rows, in their order, as the budget pays for."""
    chosen, left = [], budget
    for row in order:
        if cost[row] <= left:
            chosen.append(int(row))
            left -= cost[row]
    return chosen


def d_optimal(members: np.ndarray, noise: float, cost: np.ndarray, budget: float) -> list[int]:
    fields, chosen, left = members.copy(), [], budget
    while True:
        can = (cost <= left) & ~np.isin(np.arange(len(cost)), chosen)
        if not can.any():
            return chosen
        gains = np.log1p((fields**2).sum(axis=0) / noise**2) / cost**0.4
        pick = int(np.where(can, gains, -np.inf).argmax())
        chosen.append(pick)
        left -= cost[pick]
        direction = fields[:, pick].copy()
        size = direction @ direction
        factor = (1 - np.sqrt(noise**2 / (size + noise**2))) / max(size, 1e-300)
        fields -= factor * np.outer(direction, direction @ fields)


def episode(task: Task, pool: Runs, target: Runs, cost: np.ndarray, budget: float, way: str, seed: int) -> float:
    """The score after one budget has been spent in one way."""
    rng = np.random.default_rng(seed)
    if way == "random":
        chosen = take(rng.permutation(len(cost)), cost, budget)
    elif way == "cheapest":
        chosen = take(np.argsort(cost, kind="stable"), cost, budget)
    else:
        count = max(len(law.parameters) for law in task.laws) + 2
        chosen = spread_out(pool, task.inputs, cost, FIRST * budget, count).tolist()
        for turn in range(ROUNDS):
            left = (budget - cost[chosen].sum()) / (ROUNDS - turn)
            rest = np.setdiff1d(np.arange(len(cost)), chosen)
            if not (cost[rest] <= left).any():
                continue
            known, open_ = pool.where(np.array(chosen)), pool.where(rest)
            try:
                if way == "nextflop":
                    drawn = ensemble(task.laws, known, members=150, seed=seed)
                    picked = greedy(drawn.predict(open_), drawn.predict(target), drawn.noise, cost[rest], left)[0]
                else:
                    members, aims, noise = linearised(task.laws, known, open_, target)
                    if way == "D-optimal":
                        picked = d_optimal(members, noise, cost[rest], left)
                    else:
                        picked = greedy_linear(members, aims, noise, cost[rest], left)
            except FitError:
                picked = spread_out(open_, task.inputs, cost[rest], left, count)
            chosen += rest[np.asarray(picked, dtype=int)].tolist()
    return score(task, pool.where(np.array(chosen, dtype=int)), target)


def greedy_linear(members: np.ndarray, aims: np.ndarray, noise: float, cost: np.ndarray, budget: float) -> list[int]:
    fields, size, chosen, left = np.concatenate([members, aims], axis=1), len(cost), [], budget
    while True:
        can = (cost <= left) & ~np.isin(np.arange(size), chosen)
        if not can.any():
            return chosen
        near = fields[:, :size]
        gains = ((near.T @ fields[:, size:]) ** 2).sum(axis=1) / ((near**2).sum(axis=0) + noise**2) / cost**0.4
        pick = int(np.where(can, gains, -np.inf).argmax())
        chosen.append(pick)
        left -= cost[pick]
        direction = near[:, pick].copy()
        total = direction @ direction
        factor = (1 - np.sqrt(noise**2 / (total + noise**2))) / max(total, 1e-300)
        fields -= factor * np.outer(direction, direction @ fields)


def score(task: Task, runs: Runs, target: Runs) -> float:
    """R² of the ensemble's median on the target, cut at -1."""
    try:
        drawn = ensemble(task.laws, runs, members=150, seed=0)
    except FitError:
        return -1.0
    with np.errstate(all="ignore"):
        told = np.nanmedian(drawn.predict(target), axis=0)
        told = np.exp(told) if drawn.log else told
        truth = target["loss"]
        found = 1 - ((told - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    return float(max(found, -1.0)) if np.isfinite(found) else -1.0


WAYS = ("random", "cheapest", "D-optimal", "V-optimal", "nextflop")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    folder = Path(os.environ.get("NEXTFLOP_MIRROR") or os.environ["NEXTFLOP_DATA"])
    results: dict[str, dict[str, list[float]]] = {}
    began = time.perf_counter()
    for name in arguments.tasks.split(","):
        task = TASKS[name]
        pool, target = load(folder, name, "train"), load(folder, name, "test")
        cost = task.cost(pool)
        everything = score(task, pool, target)
        results[name] = {"all runs": [everything] * len(SHARES)}
        for way in arguments.ways.split(","):
            rows = [
                float(
                    np.mean(
                        [
                            episode(task, pool, target, cost, share * cost.sum(), way, seed)
                            for seed in range(1 if way == "cheapest" else arguments.seeds)
                        ]
                    )
                )
                for share in SHARES
            ]
            results[name][way] = rows
            print(f"{name:18s}{way:12s}" + "".join(f"{value:8.2f}" for value in rows), flush=True)
        print(f"{name:18s}{'all runs':12s}{everything:8.2f}", flush=True)
    means = {
        way: [float(np.mean([results[task][way][index] for task in results])) for index in range(len(SHARES))]
        for way in arguments.ways.split(",")
    }
    for way, row in means.items():
        print(f"{'mean':18s}{way:12s}" + "".join(f"{value:8.2f}" for value in row) + f"{np.mean(row):10.3f}")
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "nextflop": nextflop.__version__}
    record = {
        "machine": {**machine, "date": datetime.now(UTC).date().isoformat()},
        "shares": SHARES,
        "seeds": arguments.seeds,
        "results": results,
        "means": means,
        "seconds": time.perf_counter() - began,
    }
    if set(results) == set(TASKS):
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
