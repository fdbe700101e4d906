"""How long 100,000 paths of the data wall take, and how near to the truth their dates are.

    python benchmarks/wall.py          prints, writes results/wall.json

A forecast is everything that `nextflop.wall` returns: scores, whole paths of demand and stock, first passages,
quantiles of the paths and what moves the date. Beside it stands the way of the published code for the same question: on
a grid of 100 years all inputs are drawn anew for every year, the share of draws in which demand exceeds the stock is
counted, and the last year on the grid with a share below one half is read off. Dates are held against the closed form
that straight lines have, and medians against those of ten other seeds.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import nextflop
from nextflop.outlook.wall.draw import accounts, dates, scores
from nextflop.outlook.wall.forecast import wall
from nextflop.outlook.wall.load import load

DRAWS = 100_000
MODELS = ("restart-2025", "published", "code")
SEEDS = range(1, 11)
GRID = np.linspace(2024, 2048, 100)
OUT = Path(__file__).parent / "results" / "wall.json"


def seconds(work: Callable[[], object], times: int = 7) -> dict[str, float]:
    """Wall clock and processor time, best and median; the processor's is the one to read on a busy machine."""
    clocks, processors = [], []
    for _ in range(times):
        clock, cpu = time.perf_counter(), time.process_time()
        work()
        clocks.append(time.perf_counter() - clock)
        processors.append(time.process_time() - cpu)
    return {
        "best": min(clocks),
        "median": float(np.median(clocks)),
        "processor_best": min(processors),
        "processor_median": float(np.median(processors)),
    }


def anew_each_year() -> float:
    """The median of the history account of the published model by draws that are made anew for every year."""
    model = load("published")
    inputs = {name: one.belief for name, one in model.inputs.items()}
    rng = np.random.default_rng(0)
    left = GRID[0]
    for year in GRID:

        def drawn(name: str) -> np.ndarray:
            return inputs[name](rng.standard_normal(DRAWS))

        stock = drawn("pages") * drawn("bytes_per_page") / drawn("bytes_per_token")
        stock *= (drawn("page_size_growth") * drawn("page_count_growth")) ** (year - 2024)
        stock *= drawn("quality") * drawn("repetition")
        demand = drawn("largest") * 10 ** (drawn("growth") * (year - 2024))
        if (demand >= stock).mean() >= 0.5:
            break
        left = year
    return float(left)


def farthest_from_closed_form() -> float:
    """The greatest distance, in years, of a date of `restart-2025` from the crossing of its two straight lines."""
    model = load("restart-2025")
    drawn = scores(model, DRAWS, 0)
    found = dates(model, drawn, accounts(model, DRAWS, 0))
    known = np.zeros(DRAWS)
    value = {name: one.belief(drawn.get(name, known)) for name, one in model.inputs.items()}
    stock = value["pages"] * value["bytes_per_page"] / value["bytes_per_token"] * value["quality"] * value["repetition"]
    pace = np.log10(value["page_size_growth"] * value["page_count_growth"])
    here = np.log10(stock / value["largest"]) + pace * (model.start - model.stock.at)
    crossing = model.start + here / (value["growth"] - pace)
    return float(np.abs(np.maximum(crossing, model.start) - found).max())


def command() -> float:
    """Wall seconds of `nextflop wall` from the shell, three models, the best of three."""
    program = "import sys; from nextflop.cli.app import main; sys.exit(main(['wall', '--json']))"
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
        took.append(time.perf_counter() - begin)
    return min(took)


def main() -> None:
    """Measures, prints, writes."""
    models = {}
    for name in MODELS:
        medians = [wall(name, seed=seed).median for seed in SEEDS]
        models[name] = {
            "median": wall(name).median,
            "spread_of_the_median_over_seeds": float(np.std(medians)),
            "forecast": seconds(lambda name=name: wall(name)),
            "forecast_of_a_million": seconds(lambda name=name: wall(name, draws=10 * DRAWS), 2),
        }
    history = wall("published").accounts["history"].median
    result = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "nextflop": nextflop.__version__,
            "date": datetime.now(UTC).date().isoformat(),
            "load": [round(value, 2) for value in os.getloadavg()],
        },
        "draws": DRAWS,
        "models": models,
        "command_of_three_models": command(),
        "farthest_from_the_closed_form_in_years": farthest_from_closed_form(),
        "anew_each_year": {
            **seconds(anew_each_year, 2),
            "median": anew_each_year(),
            "median_of_whole_paths": history,
        },
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, one in models.items():
        took = one["forecast"]
        print(
            f"{name}: {took['median']:.2f} s ({took['processor_best']:.2f} s of one processor) for {DRAWS:,} paths; "
            f"median {one['median']:.2f} ± {one['spread_of_the_median_over_seeds']:.3f} over seeds"
        )
    rival = result["anew_each_year"]
    print(f"nextflop wall, three models, from the shell: {result['command_of_three_models']:.2f} s")
    print(f"farthest from the closed form: {result['farthest_from_the_closed_form_in_years']:.1e} years")
    print(
        f"drawn anew each year: {rival['processor_best']:.2f} s for the history account alone, read off as "
        f"{rival['median']:.2f} where whole paths say {history:.2f}"
    )


if __name__ == "__main__":
    main()
