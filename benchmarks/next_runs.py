"""Which runs to make next: the score on a held-out expensive region for what was spent, beside other ways to choose.

    NEXTFLOP_MIRROR=… python benchmarks/next_runs.py        prints tables and writes benchmarks/results/next_runs.json

The tasks are those of ScaleBench (Li et al. 2026, arXiv:2604.22753) of which the set at hand has data. An episode
spends 1, 5 and 10% of what the whole pool of runs costs, in rounds, after each of which the results are seen. All
designs start from the same runs, spread out over a quarter of the first budget, look at the results as often, divide
what they gain by the power of the cost that promises most in all, and are scored by the same forecast, so that only the
choice differs: the median of an ensemble of the same laws. The score is R² on the target, cut at -1 as in the paper's
table. Each seed leaves out another random tenth of the pool, for all ways alike. The ways:

    random          at random
    cheapest        the cheapest first
    D-optimal       the most information on the parameters of the best law, linearised at its best optimum
    V-optimal       the most variance removed from the target under that law
    nextflop        what `nextflop next` does: several laws, several optima, noisy copies, a smooth misfit

Of each round of nextflop the promise is kept: the standard deviation of the target that it expected to reach, beside
the one that the next look at the results found and the error that the forecast really had.

Beside the scores stand those that the paper prints for the same tasks. They are not the same protocol: there a single
run is chosen at a time, from the cheapest runs on, gains are divided by the cost to the power 0.3 (V-optimal) or 0.4
(their own design), the law is known to be the one that is scored, the score is the mean over ten laws a task (one for
farseer), and the whole pool is there.
"""

import argparse
import csv
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

import nextflop
from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.laws import Chinchilla, DataConstrained, Farseer, Law, OverfitPenalty, Routing, Skaling, Vocabulary
from nextflop.planning.ensemble import NOISE, Ensemble, anchored, ensemble, inputs_of
from nextflop.planning.greedy import greedy
from nextflop.planning.misfit import logs
from nextflop.planning.next_runs import choose
from nextflop.planning.spread import spread_out

SHARES = (0.01, 0.05, 0.10)
LEAST = 1e-4  # of the variance left, that a run must remove to be taken
ROUNDS = 2  # looks at the results for each share
FIRST = 0.25  # of the first share, for runs that are spread out before there is a law
LEFT_OUT = 0.1  # of the pool, by each seed
WAYS = ("random", "cheapest", "D-optimal", "V-optimal", "nextflop")
OUT = Path(__file__).parent / "results" / "next_runs.json"


class Task(NamedTuple):
    """One of the benchmark's."""

    columns: dict[str, str]
    laws: tuple[type[Law], ...]
    cost: Callable[[Runs], np.ndarray]


def six_nd(runs: Runs) -> np.ndarray:
    return 6 * runs["params"] * runs["tokens"]


def by_experts(runs: Runs) -> np.ndarray:
    return runs["params"] * runs["experts"]


def by_characters(runs: Runs) -> np.ndarray:
    return runs["params"] * runs["characters"]


TASKS = {
    "vocab": Task(
        {
            "params": "non_vocab_parameters",
            "vocabulary": "vocab_size",
            "characters": "num_characters",
            Vocabulary.response: "unigram_normalized_loss",
        },
        (Vocabulary,),
        by_characters,
    ),
    "moe": Task(
        {"params": "dense_parameter_count", "experts": "num_experts", "loss": "loss_validation"}, (Routing,), by_experts
    ),
    "data_constrained": Task(
        {"params": "params", "tokens": "tokens", "unique_tokens": "unique_tokens", "loss": "loss"},
        (DataConstrained, OverfitPenalty),
        six_nd,
    ),
    "farseer": Task({"params": "N", "tokens": "D", "loss": "loss"}, (Chinchilla, Skaling, Farseer), six_nd),
}
# Table 2 of the paper, at 1, 5 and 10%; "theirs" is its own method.
PUBLISHED = {
    "vocab": {
        "random": (0.54, 0.53, 0.59),
        "cheapest": (0.30, 0.53, 0.55),
        "D-optimal": (0.95, 0.97, 0.97),
        "V-optimal": (0.96, 0.97, 0.98),
        "theirs": (0.96, 0.98, 0.98),
        "all runs": (0.93,) * 3,
    },
    "moe": {
        "random": (-0.47, 0.01, 0.26),
        "cheapest": (0.30, 0.74, 0.81),
        "D-optimal": (0.34, 0.55, 0.74),
        "V-optimal": (0.67, 0.80, 0.80),
        "theirs": (0.59, 0.65, 0.83),
        "all runs": (0.81,) * 3,
    },
    "data_constrained": {
        "random": (-0.74, -0.36, 0.12),
        "cheapest": (-0.58, -0.56, -0.40),
        "D-optimal": (0.71, 0.80, 0.77),
        "V-optimal": (0.58, 0.83, 0.85),
        "theirs": (0.73, 0.85, 0.86),
        "all runs": (0.79,) * 3,
    },
    "farseer": {
        "random": (-0.77, 0.78, 0.79),
        "cheapest": (-0.89, 0.41, 0.68),
        "D-optimal": (-0.11, 0.49, 0.87),
        "V-optimal": (0.67, 0.87, 0.92),
        "theirs": (0.60, 0.88, 0.93),
        "all runs": (0.91,) * 3,
    },
}


def load(folder: Path, name: str, part: str) -> Runs:
    with (folder / "scalebench" / f"{name}_scaling_law.{part}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Runs({key: np.array([float(row[column]) for row in rows]) for key, column in TASKS[name].columns.items()})


def both(some: Runs, more: Runs) -> Runs:
    return Runs({name: np.concatenate([some[name], more[name]]) for name in some.columns})


def linearised(laws: Sequence[type[Law]], runs: Runs, open_: Runs, target: Runs) -> tuple[np.ndarray, float]:
    """Fields whose covariance is that of the best law, linearised at its optimum with the same anchors; its noise."""
    best = max(anchored(laws, runs, both(open_, target)), key=lambda one: one.score)
    problem = best.problem
    point = best.found.optima.points[best.found.optima.values.argmin()]
    law = problem.at(point[None])
    chain = np.where(problem.log, np.exp(np.where(problem.log, point, 0)), 1.0)[:, None]

    def slopes(inputs: dict[str, np.ndarray]) -> np.ndarray:
        return law.jacobian(**inputs)[0] * chain / problem.objective.unit(np.asarray(law(**inputs))[0])

    far = np.ones(len(best.table.response), dtype=bool)
    far[best.made] = False
    worth = (best.noise / NOISE / (1.0 if problem.objective.log else problem.size)) ** 2
    own = slopes(dict(problem.inputs))
    information = (own * np.where(far, best.table.weights * worth, best.table.weights)) @ own.T / best.noise**2
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, axes = np.linalg.eigh(information / np.outer(scale, scale))
    root = axes / np.sqrt(np.maximum(values, 1e-9)) / scale[:, None]
    there = [slopes({name: some[name] / problem.units[name] for name in best.law.inputs}) for some in (open_, target)]
    return root.T @ np.concatenate(there, axis=1), best.noise


def forecast(drawn: Ensemble, target: Runs) -> tuple[np.ndarray, np.ndarray]:
    """The median of the members, and the truth in the same unit."""
    truth = target[drawn.laws[0].response]
    return np.nanmedian(drawn.predict(target), axis=0), np.log(truth) if drawn.log else truth


def score(laws: Sequence[type[Law]], runs: Runs, pool: Runs, target: Runs) -> float:
    """R² of the ensemble's median on the target, cut at -1."""
    try:
        drawn = ensemble(laws, runs, both(pool, target), members=100)
    except FitError:
        return -1.0
    told, truth = forecast(drawn, target)
    told, truth = (np.exp(told), np.exp(truth)) if drawn.log else (told, truth)
    found = 1 - ((told - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    return float(max(found, -1.0)) if np.isfinite(found) else -1.0


class Episode(NamedTuple):
    """What one way came to.

    Attributes:
        scores, counts: R² and number of runs at each share.
        promises: (expected before, expected after, error before) of each round of nextflop.
    """

    scores: list[float]
    counts: list[int]
    promises: list[tuple[float, float, float]]


def episode(folder: Path, name: str, way: str, seed: int) -> Episode:
    """Spends the shares one after the other in one way."""
    task = TASKS[name]
    pool, target = load(folder, name, "train"), load(folder, name, "test")
    whole = float(task.cost(pool).sum())
    rng = np.random.default_rng(seed)
    pool = pool.where(np.sort(rng.permutation(len(pool))[round(LEFT_OUT * len(pool)) :]))
    cost = task.cost(pool)
    result = Episode([], [], [])
    places = logs(pool, inputs_of(task.laws))
    if way == "all runs":
        return Episode([score(task.laws, pool, pool, target)] * len(SHARES), [len(pool)] * len(SHARES), [])
    chosen: list[int] = []
    order = rng.permutation(len(cost)) if way == "random" else np.argsort(cost, kind="stable")
    for share in SHARES:
        limit = share * whole
        if way in ("random", "cheapest"):
            for row in order:
                if row not in chosen and cost[chosen].sum() + cost[row] <= limit:
                    chosen.append(int(row))
        else:
            if not chosen:
                few = min(len(law.parameters) for law in task.laws) + 1
                chosen = spread_out(places, cost, FIRST * limit, few, places[:0]).tolist()
            for turn in range(ROUNDS):
                left = limit - float(cost[chosen].sum())
                _round(task, way, seed, pool, target, places, cost, chosen, left, left / (ROUNDS - turn), result)
        result.scores.append(score(task.laws, pool.where(np.array(chosen)), pool, target))
        result.counts.append(len(chosen))
    return result


def _round(
    task: Task,
    way: str,
    seed: int,
    pool: Runs,
    target: Runs,
    places: np.ndarray,
    cost: np.ndarray,
    chosen: list[int],
    left: float,
    pause: float,
    result: Episode,
) -> None:
    """Chooses runs until `pause` has been spent, and adds them to `chosen`."""
    rest = np.setdiff1d(np.arange(len(cost)), chosen)
    known, open_ = pool.where(np.array(chosen)), pool.where(rest)
    try:
        if way == "nextflop":
            drawn = ensemble(task.laws, known, both(open_, target), members=100, seed=seed)
            picked = choose(drawn, open_, target, cost[rest], left, pause=pause, least=LEAST)
            told, truth = forecast(drawn, target)
            spread = [float(np.sqrt(part / len(target))) for part in (picked.before, picked.after)]
            result.promises.append((*spread, float(np.sqrt(np.mean((told - truth) ** 2)))))
        else:
            fields, noise = linearised(task.laws, known, open_, target)
            aimless = way == "D-optimal"
            picked = greedy(
                fields, len(rest), len(target), noise, cost[rest], left, pause=pause, least=LEAST, spread=aimless
            )
        rows = picked.rows
    except FitError:
        rows = spread_out(places[rest], cost[rest], pause, len(chosen), places[chosen])
    chosen += rest[rows].tolist()


def calibration(promises: list[list[tuple[float, float, float]]]) -> dict[str, float]:
    """What came of the promises of one task, as geometric means over rounds and seeds."""
    ratios, errors = [], []
    for rounds in promises:
        for (_, after, _), (before, _, error) in pairwise(rounds):
            ratios.append(np.log(before / after))
            errors.append(error / before)
    return {
        "found / promised": float(np.exp(np.mean(ratios))),
        "error / sd": float(np.sqrt(np.mean(np.square(errors)))),
        "error / sd, median": float(np.median(errors)),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    folder = Path(os.environ.get("NEXTFLOP_MIRROR") or os.environ["NEXTFLOP_DATA"])
    tasks, ways = arguments.tasks.split(","), (*arguments.ways.split(","), "all runs")
    began = time.perf_counter()
    with ProcessPoolExecutor(arguments.workers) as workers:
        waiting = {
            workers.submit(episode, folder, task, way, seed): (task, way, seed)
            for seed in range(arguments.seeds)
            for task in tasks
            for way in ways
        }
        done = {}
        for future in as_completed(waiting):
            key = waiting[future]
            done[key] = future.result()
            told = " ".join(f"{value:.2f}" for value in done[key].scores)
            print(f"{len(done)} of {len(waiting)}: {' '.join(map(str, key))}: {told}", file=sys.stderr, flush=True)
    # task → way → shape (seeds, shares)
    scores = {
        task: {way: np.array([done[task, way, seed].scores for seed in range(arguments.seeds)]) for way in ways}
        for task in tasks
    }
    scores["mean"] = {way: np.mean([scores[task][way] for task in tasks], axis=0) for way in ways}
    print("R² on the target, mean ± standard deviation over seeds; as printed by the paper")
    head = "".join(f"{share:>14.0%}" for share in SHARES)
    print(f"{'':18s}{'':11s}{head}{'all':>14s}   paper")
    for task, table in scores.items():
        for way, rows in table.items():
            cells = np.concatenate([rows, rows.mean(axis=1, keepdims=True)], axis=1)
            text = "".join(f"{m:8.2f} ±{s:4.2f}" for m, s in zip(cells.mean(axis=0), cells.std(axis=0), strict=True))
            paper = " ".join(f"{value:5.2f}" for value in _published(task, tasks, way))
            print(f"{task:18s}{way:11s}{text}   {paper}")
    promised = {
        task: calibration([done[task, "nextflop", seed].promises for seed in range(arguments.seeds)])
        for task in tasks
        if "nextflop" in ways
    }
    print("\nPromises of nextflop: the next look's standard deviation over the promised one; error over sd before")
    for task, found in promised.items():
        print(f"{task:18s}" + "".join(f"  {key} {value:.2f}" for key, value in found.items()))
    record = {
        "machine": {
            "cores": os.cpu_count(),
            "workers": arguments.workers,
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "nextflop": nextflop.__version__,
            "date": datetime.now(UTC).date().isoformat(),
        },
        "shares": SHARES,
        "seeds": list(range(arguments.seeds)),
        "scores": {
            task: {
                way: {"mean": rows.mean(axis=0).tolist(), "sd": rows.std(axis=0).tolist(), "each": rows.tolist()}
                for way, rows in table.items()
            }
            for task, table in scores.items()
        },
        "runs": {
            task: {
                way: np.mean([done[task, way, s].counts for s in range(arguments.seeds)], axis=0).tolist()
                for way in ways
            }
            for task in tasks
        },
        "promises": promised,
        "published": PUBLISHED,
        "seconds": time.perf_counter() - began,
    }
    print(f"{record['seconds']:.0f} s")
    if set(tasks) == set(TASKS) and set(WAYS) <= set(ways):
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _published(task: str, tasks: Sequence[str], way: str) -> tuple[float, ...]:
    way = "theirs" if way == "nextflop" else way
    if task != "mean":
        return PUBLISHED[task][way]
    return tuple(np.mean([PUBLISHED[one][way] for one in tasks], axis=0).tolist())


if __name__ == "__main__":
    main()
