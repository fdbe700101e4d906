"""Seconds for one Huber fit and for 1,000 bootstrap draws, beside a SciPy multistart in the same process.

    python benchmarks/fit.py            prints a table and writes benchmarks/results/fit.json

The peer is how such fits are usually made: L-BFGS-B from a grid of starts with an analytic gradient, Huber 1e-3 of log
residuals on a log-sum-exp (Hoffmann et al. 2022, appendix D.2), and for each draw one L-BFGS-B from the estimate. The
published points are timed too if NEXTFLOP_DATA names the folder that has them.
"""

import csv
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize

import nextflop
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, fit
from nextflop.laws import Chinchilla

DRAWS, REPEATS, PEER_DRAWS = 1000, 5, 50
# 243 starts: three values a parameter over the ranges of Hoffmann et al.'s grid, which has 4,500.
PEER_STARTS = list(product((-0.5, 0.5, 1.0), (2.5, 7.5, 12.5), (2.5, 7.5, 12.5), (0.3, 0.8, 1.5), (0.3, 0.8, 1.5)))
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


def peer(runs: Runs, start: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """One L-BFGS-B on (log E, log A, log B, alpha, beta): objective and end point."""
    log_params, log_tokens, log_loss = (np.log(runs[name]) for name in ("params", "tokens", "loss"))

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        terms = np.stack([np.full_like(log_loss, x[0]), x[1] - x[3] * log_params, x[2] - x[4] * log_tokens])
        top = terms.max(axis=0)
        shares = np.exp(terms - top)
        total = shares.sum(axis=0)
        shares /= total
        residual = top + np.log(total) - log_loss
        pull = weights * np.clip(residual, -1e-3, 1e-3)
        slope = np.array(
            [
                pull @ shares[0],
                pull @ shares[1],
                pull @ shares[2],
                -pull @ (shares[1] * log_params),
                -pull @ (shares[2] * log_tokens),
            ]
        )
        return float(weights @ Huber().terms(residual)), slope

    end = minimize(value, start, jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10})
    return float(end.fun), end.x


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Median wall seconds of some calls after one to warm up."""
    work()
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def measure(runs: Runs) -> dict[str, float]:
    """Times one table."""
    found = fit(Chinchilla, runs, draws=DRAWS)
    one = median_seconds(lambda: fit(Chinchilla, runs, draws=0), REPEATS)
    both = median_seconds(lambda: fit(Chinchilla, runs, draws=DRAWS), REPEATS)
    ones = np.ones(len(runs))
    begin = time.perf_counter()
    ends = [peer(runs, np.array(start), ones) for start in PEER_STARTS]
    peer_fit = time.perf_counter() - begin
    values = np.array([end[0] for end in ends])
    best = ends[int(values.argmin())][1]
    rng = np.random.default_rng(0)
    begin = time.perf_counter()
    for _ in range(PEER_DRAWS):
        peer(runs, best, np.bincount(rng.integers(len(runs), size=len(runs)), minlength=len(runs)).astype(float))
    peer_draws = (time.perf_counter() - begin) * DRAWS / PEER_DRAWS
    return {
        "runs": len(runs),
        "fit_seconds": one,
        "fit_with_1000_draws_seconds": both,
        "objective": found.objective,
        "agreeing_starts": found.certificate.agreeing,
        "starts": found.certificate.starts,
        "failed_draws": found.failed_draws,
        "peer_fit_seconds": peer_fit,
        "peer_starts": len(PEER_STARTS),
        "peer_objective": float(values.min()),
        "peer_agreeing_starts": float((values <= 1.01 * found.objective).mean()),
        "peer_1000_draws_seconds": peer_draws,
        "fit_ratio": peer_fit / one,
        "draws_ratio": (peer_fit + peer_draws) / both,
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


def main() -> None:
    """Measures, prints and writes."""
    tables = {"synthetic": synthetic(), "published points": published()}
    results = {name: measure(runs) for name, runs in tables.items() if runs is not None}
    for name, found in results.items():
        peer_both = found["peer_fit_seconds"] + found["peer_1000_draws_seconds"]
        print(f"{name}, {found['runs']} runs, ours and the peer's")
        for what, ours, theirs in (
            ("one fit, seconds", found["fit_seconds"], found["peer_fit_seconds"]),
            ("fit with 1,000 draws, seconds", found["fit_with_1000_draws_seconds"], peer_both),
            ("objective", found["objective"], found["peer_objective"]),
            ("share of starts within 1%", found["agreeing_starts"], found["peer_agreeing_starts"]),
        ):
            print(f"  {what:30} {ours:12.6g} {theirs:12.6g}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"machine": machine(), "tables": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
