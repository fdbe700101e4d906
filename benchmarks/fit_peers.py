"""One peer of `benchmarks/fit.py`, timed in an interpreter that has it; prints JSON.

    python benchmarks/fit_peers.py simple-scaling-laws|chinchilla runs.csv

The table has the columns params, tokens and loss. Needs NumPy and the peer, not nextflop.
"""

import csv
import io
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

import numpy as np

DRAWS, REPEATS = 1000, 2
# Two values a parameter over the ranges of Hoffmann et al.'s grid: 32 of the 3,125 starts that the package advises.
GRID = {"e": [0.0, 1.0], "a": [5.0, 15.0], "b": [5.0, 15.0], "alpha": [0.3, 0.8], "beta": [0.3, 0.8]}


def read(path: str) -> dict[str, np.ndarray]:
    with Path(path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("params", "tokens", "loss")}


def huber(columns: dict[str, np.ndarray], E: float, A: float, B: float, alpha: float, beta: float) -> float:
    """Sum of Huber terms of log residuals with delta 1e-3."""
    predicted = E + A * columns["params"] ** -alpha + B * columns["tokens"] ** -beta
    gaps = np.abs(np.log(predicted / columns["loss"]))
    inside = np.minimum(gaps, 1e-3)
    return float((inside * (gaps - inside / 2)).sum())


def simple_scaling_laws(columns: dict[str, np.ndarray]) -> dict[str, object]:
    """Its fit of squares, without draws to speak of and with 1,000."""
    import polars as pl
    from simple_scaling_laws import fit

    count = len(columns["loss"])
    names = [f"{index:03d}" for index in range(count)]
    frame = pl.DataFrame(
        {
            "training_run_id": names,
            "train_set_id": names,
            "test_set_id": ["all"] * count,
            "optimizer_seed": [0] * count,
            "model_size__params": columns["params"],
            "dataset_size__tokens": columns["tokens"],
            "test_loss__loss": columns["loss"],
        }
    )

    def timed(draws: int) -> tuple[list[float], list[float]]:
        fit(frame, law="separable-power", n_draws=draws, seed=0)
        wall, busy = [], []
        for _ in range(REPEATS):
            begin, cpu = time.perf_counter(), time.process_time()
            fit(frame, law="separable-power", n_draws=draws, seed=0)
            wall.append(time.perf_counter() - begin)
            busy.append(time.process_time() - cpu)
        return wall, busy

    (fit_wall, fit_busy), (wall, busy) = timed(2), timed(DRAWS)
    return {
        "objective": "squares only",
        "fit_wall": fit_wall,
        "fit_processor": fit_busy,
        "draws_wall": wall,
        "draws_processor": busy,
    }


def chinchilla(columns: dict[str, np.ndarray]) -> dict[str, object]:
    """Its fit of log Huber terms from 32 starts on all cores; it has no draws."""
    import matplotlib

    matplotlib.use("Agg")
    multiprocessing.set_start_method("fork")  # it sends a nested function to its workers, which only fork can
    from chinchilla import Chinchilla

    with tempfile.TemporaryDirectory() as folder:
        rows = np.column_stack([6 * columns["params"] * columns["tokens"], *columns.values()])
        np.savetxt(Path(folder) / "df.csv", rows, delimiter=",", header="C,N,D,loss", comments="", fmt="%.17g")

        def log_huber(true: np.ndarray, predicted: np.ndarray, weights: object = None) -> float:
            gaps = np.abs(np.log(predicted) - np.log(true))
            inside = np.minimum(gaps, 1e-3)
            return (inside * (gaps - inside / 2)).mean()

        model = Chinchilla(folder, param_grid=GRID, loss_fn=log_huber, log_level=logging.ERROR)
        begin, before = time.perf_counter(), os.times()
        model.fit()
        took, after = time.perf_counter() - begin, os.times()
        values = {name: float(getattr(model, name)) for name in ("E", "A", "B", "alpha", "beta")}
    busy = sum(after[:4]) - sum(before[:4])  # of this process and of its workers
    return {"starts": 32, "fit_wall": [took], "fit_processor": [busy], "huber": huber(columns, **values)}


def main() -> None:
    """Times one peer and prints what it took."""
    name, path = sys.argv[1:]
    work = {"simple-scaling-laws": simple_scaling_laws, "chinchilla": chinchilla}[name]
    with redirect_stdout(io.StringIO()):
        found = work(read(path))
    print(json.dumps({"version": version(name), "python": sys.version.split()[0], **found}))


if __name__ == "__main__":
    main()
