"""Seconds of a fit, of 1,000 draws, of the published pipeline and of 100,000 runs, beside peers on the same points.

    python benchmarks/fit.py            prints a table and writes benchmarks/results/fit.json

The published pipeline is that of Besiroglu et al. (2024): L-BFGS-B with finite differences from a grid of 4,500 starts
on the log-sum-exp of Hoffmann et al. (2022), appendix D.2, and 4,000 bootstrap draws, each one BFGS from the best. One
in 90 of its starts and 40 of its draws are made, and their time scaled up. Ours is a fit, from every exponent of its
grid with the best amplitudes, and 4,000 draws. Two packages are timed too in the interpreter that NEXTFLOP_PEERS names
and that has them; what is not there is named as not measured. NEXTFLOP_DATA names the folder of public data sets; the
published points are timed if it has them, and the peers on them.

The process is held to two cores. Seconds are the least and the median of some repeats, of the wall clock and of the
processors: on a machine that others use the wall clock says more of them than of us.
"""

import csv
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small; before NumPy is loaded

import numpy as np
import scipy
from scipy.optimize import minimize

import nextflop
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, fit
from nextflop.laws import Chinchilla

REPEATS = 5
# Besiroglu et al.'s grid: log A, log B, log E, alpha, beta.
GRID = list(product(range(0, 30, 5), range(0, 30, 5), (-1, -0.5, 0, 0.5, 1), (0, 0.5, 1, 1.5, 2), (0, 0.5, 1, 1.5, 2)))
STARTS, ONE_IN, DRAWS, PEER_DRAWS = len(GRID), 90, 4000, 20
PEERS = ("simple-scaling-laws", "chinchilla")
OUT = Path(__file__).parent / "results" / "fit.json"


def synthetic() -> Runs:
    """240 runs of a known law with one per cent of noise."""
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.6, 10.2, 240), 10 ** rng.uniform(8.5, 11.5, 240)
    loss = Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367)(params=params, tokens=tokens)
    return Runs({"params": params, "tokens": tokens, "loss": loss * np.exp(0.01 * rng.normal(size=240))})


def published() -> Runs | None:
    """The 240 points of Besiroglu et al. (2024), if they are there."""
    path = Path(os.environ.get("NEXTFLOP_DATA", "")) / "epoch-chinchilla" / "svg_extracted_data.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    params, flop, loss = (np.array([float(row[n]) for row in rows]) for n in ("Model Size", "Training FLOP", "loss"))
    runs = Runs({"params": params, "tokens": flop / 6 / params, "loss": loss})
    return runs.where(np.sort(np.argsort(loss)[:-5]))


def many() -> Runs:
    """100,000 runs of the same law."""
    rng = np.random.default_rng(1)
    params, tokens = 10 ** rng.uniform(7.6, 10.2, 100_000), 10 ** rng.uniform(8.5, 11.5, 100_000)
    loss = Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367)(params=params, tokens=tokens)
    return Runs({"params": params, "tokens": tokens, "loss": loss * np.exp(0.01 * rng.normal(size=100_000))})


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> dict[str, float]:
    """Least, median and largest seconds of some calls after one to warm up, and the least of the processors."""
    work()
    wall, busy = [], []
    for _ in range(repeats):
        begin, cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - begin)
        busy.append(time.process_time() - cpu)
    return {
        "best": min(wall),
        "median": statistics.median(wall),
        "worst": max(wall),
        "processor_best": min(busy),
        "processor_median": statistics.median(busy),
    }


def published_pipeline(runs: Runs) -> dict[str, float]:
    """The procedure of Besiroglu et al., a part of its starts and draws, and what the whole would take."""
    log_params, log_tokens, log_loss = (np.log(runs[name]) for name in ("params", "tokens", "loss"))

    def terms(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = np.stack([x[0] - x[3] * log_params, x[1] - x[4] * log_tokens, np.full_like(log_loss, x[2])])
        top = parts.max(axis=0)
        shares = np.exp(parts - top)
        total = shares.sum(axis=0)
        return top + np.log(total) - log_loss, shares / total

    def value(x: np.ndarray, weights: np.ndarray) -> float:
        return float(weights @ Huber().terms(terms(x)[0]))

    def slope(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        residuals, shares = terms(x)
        pull = weights * np.clip(residuals, -1e-3, 1e-3)
        return np.array([*(shares @ pull), -pull @ (shares[0] * log_params), -pull @ (shares[1] * log_tokens)])

    ones = np.ones(len(log_loss))
    begin, cpu = time.perf_counter(), time.process_time()
    ends = [minimize(value, np.array(start, float), (ones,), method="L-BFGS-B") for start in GRID[::ONE_IN]]
    search = (time.perf_counter() - begin, time.process_time() - cpu)
    values = np.array([end.fun for end in ends])
    best = ends[int(np.nanargmin(values))]
    rng = np.random.default_rng(0)
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(PEER_DRAWS):
        weights = np.bincount(rng.integers(len(ones), size=len(ones)), minlength=len(ones)).astype(float)
        minimize(value, best.x, (weights,), method="BFGS", jac=slope)
    draws = (time.perf_counter() - begin, time.process_time() - cpu)
    scale = STARTS / len(ends), DRAWS / PEER_DRAWS
    return {
        "starts_made": len(ends),
        "draws_made": PEER_DRAWS,
        "wall": search[0] * scale[0] + draws[0] * scale[1],
        "processor": search[1] * scale[0] + draws[1] * scale[1],
        "processor_of_one_start": search[1] / len(ends),
        "processor_of_1000_draws": draws[1] * 1000 / PEER_DRAWS,
        "objective": float(best.fun),
        "share_of_starts_within_1_percent": float((values <= 1.01 * np.nanmin(values)).mean()),
    }


def peers(runs: Runs) -> dict[str, object]:
    """What the packages took in an interpreter of their own."""
    python = os.environ.get("NEXTFLOP_PEERS")
    if python is None:
        return {name: "not measured: NEXTFLOP_PEERS names no interpreter" for name in PEERS}
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        names = ("params", "tokens", "loss")
        rows = np.column_stack([runs[name] for name in names])
        np.savetxt(path, rows, delimiter=",", header=",".join(names), comments="", fmt="%.17g")
        for name in PEERS:
            script = Path(__file__).with_name("fit_peers.py")
            done = subprocess.run([python, script, name, path], capture_output=True, text=True, check=False)
            last = (done.stdout or done.stderr).strip().splitlines()[-1:]
            found[name] = json.loads(done.stdout) if done.returncode == 0 else f"not measured: {' '.join(last)}"
    return found


def measure(runs: Runs, beside: bool) -> dict[str, object]:
    """Ours on one table, with the peers beside it or without."""
    found = fit(Chinchilla, runs, draws=1000)
    return {
        "runs": len(runs),
        "objective": found.objective,
        "grid": found.certificate.starts,
        "failed_draws": found.failed_draws,
        "fit": seconds(lambda: fit(Chinchilla, runs, draws=0), 30),
        "fit_with_1000_draws": seconds(lambda: fit(Chinchilla, runs, draws=1000)),
        "fit_with_4000_draws": seconds(lambda: fit(Chinchilla, runs, draws=DRAWS), 3),
        **({"published_pipeline": published_pipeline(runs), "peers": peers(runs)} if beside else {}),
    }


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        model = next(
            (line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line), model
        )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "nextflop": nextflop.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def report(name: str, found: dict) -> None:
    """Prints one table: ours, the peer's, the ratio, in seconds of the processors."""
    ours = {key: found[key]["processor_best"] for key in ("fit", "fit_with_1000_draws", "fit_with_4000_draws")}
    print(f"{name}, {found['runs']} runs; seconds of the processors, best of several; wall clock in brackets")
    for key, label in (
        ("fit", "one fit"),
        ("fit_with_1000_draws", "with 1,000 draws"),
        ("fit_with_4000_draws", "4,000"),
    ):
        wall = found[key]
        print(f"  {label:36} {ours[key]:9.4f}  ({wall['best']:.4f} to {wall['worst']:.4f})")
    if "peers" not in found:
        return
    theirs = found["published_pipeline"]
    whole, share = theirs["processor"], theirs["share_of_starts_within_1_percent"]
    print(f"  published pipeline, scaled           {whole:9.1f}  {whole / ours['fit_with_4000_draws']:.0f} times ours")
    print(
        f"    objective {found['objective']:.10g}, theirs {theirs['objective']:.10g} ({share:.0%} of starts within 1%)"
    )
    for peer, took in found["peers"].items():
        if isinstance(took, str):
            print(f"  {peer:36} {took}")
            continue
        one = min(took["fit_processor"])
        print(f"  {peer + ', one fit':36} {one:9.3f}  {one / ours['fit']:.0f} times ours")
        if "draws_processor" in took:
            draws = min(took["draws_processor"])
            print(f"  {peer + ', 1,000 draws':36} {draws:9.3f}  {draws / ours['fit_with_1000_draws']:.1f} times ours")


def main() -> None:
    """Measures, prints and writes."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    tables = {name: runs for name, runs in (("published points", published()), ("synthetic", synthetic())) if runs}
    results = {}
    for name, runs in tables.items():
        results[name] = measure(runs, beside=not results)  # the peers once, on the published points if they are there
        report(name, results[name])
    table = many()
    large = seconds(lambda: fit(Chinchilla, table, draws=0), 3)
    print(f"100,000 runs, one fit: {large['processor_best']:.3f} ({large['best']:.3f} to {large['worst']:.3f})")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    whole = {"machine": machine(), "tables": results, "one fit of 100,000 runs": large}
    OUT.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
