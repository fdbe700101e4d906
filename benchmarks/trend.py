"""How often the answers about a series are right, when its points remember each other and when leaders fall silent.

    python benchmarks/trend.py               prints the rates and writes benchmarks/results/trend.json

Intervals: series of one pace at random dates over four years, with scatter of variance one whose correlation fades with
a time given as a share of the span; the share of 90% intervals that hold the pace, beside that of least squares with
Student's interval. Alarms: how often, at a nominal 5%, such a series is said to slow, at a date that is named and at
any. Silence: worlds of four leading groups and six that follow, records or the five largest, whose leaders disclose
nothing from half a year after the date that is asked about; how often slowing is said to be seen, and how often it
would be if rows that are missing had not happened.
"""

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import nextflop
from nextflop.outlook.trend.change import change, line
from nextflop.outlook.trend.memory import remember
from nextflop.outlook.trend.readings import CENSORED, NAIVE
from nextflop.outlook.trend.regression import Regression
from nextflop.outlook.trend.sought import seek
from nextflop.outlook.trend.trend import trend
from nextflop.outlook.trend.windows import plain

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "outlook" / "trend"))
from worlds import field, points, scatter

SPAN, PACE, DRAWS = 4.0, 1.5, 200
TIMES = (0.0, 1 / 24, 1 / 12, 1 / 6, 1 / 3)
OUT = Path(__file__).parent / "results" / "trend.json"


def dates(count: int) -> np.ndarray:
    """Dates over the span, its ends included."""
    inner = np.random.default_rng(count).uniform(0, SPAN, count - 2)
    return 2020 + np.sort(np.append(inner, [0.0, SPAN]))


def covered(count: int, share: float, worlds: int) -> dict[str, float]:
    """The share of intervals that hold the pace."""
    when, rng = dates(count), np.random.default_rng(1)
    series = np.array([PACE * when + scatter(rng, when, share * SPAN) for _ in range(worlds)])
    regression = Regression(line(when), remember(when))
    known = regression.known(regression.solve(series), np.array([0.0, 1.0]))
    student = [plain(when, one, 0.9) for one in series]
    return {
        "held": float(((known.quantile(0.05) <= PACE) & (known.quantile(0.95) >= PACE)).mean()),
        "least_squares": float(np.mean([one.low <= PACE <= one.high for one in student])),
    }


def alarms(count: int, share: float, worlds: int) -> dict[str, float]:
    """How often a steady series is said to slow."""
    when, rng = dates(count), np.random.default_rng(2)
    named = sought = 0
    for _ in range(worlds):
        given = points(when, PACE * when + scatter(rng, when, share * SPAN))
        turn = change(given, 2022.0, draws=DRAWS, seed=0, level=0.9, alarm=0.05, power=0.8)
        anywhere = seek(given, draws=DRAWS, seed=0, level=0.9)
        named += turn is not None and turn.chance <= 0.05
        sought += anywhere is not None and anywhere.chance <= 0.05
    return {"named": named / worlds, "sought": sought / worlds}


def silence(rule: str, dark: float | None, fall: float, worlds: int) -> dict[str, float]:
    """What is said of worlds whose leaders may fall silent and whose pace may fall."""
    answers = [trend(field(seed, dark, rule, fall), since=2022.0, draws=DRAWS) for seed in range(worlds)]
    naive = [one.readings.get(NAIVE) or one.readings[CENSORED] for one in answers]
    outcomes = [one.verdicts[0].outcome.name for one in answers]
    return {
        "seen": outcomes.count("fail") / worlds,
        "cannot_tell": outcomes.count("unknown") / worlds,
        "naive": float(np.mean([one is not None and one.chance <= 0.05 for one in naive])),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=300)
    worlds = parser.parse_args().worlds
    began = time.perf_counter()
    intervals = [{"points": n, "time": t, **covered(n, t, 5 * worlds)} for n in (12, 25, 60) for t in TIMES]
    print(*intervals, sep="\n", flush=True)
    called = [{"points": 25, "time": t, **alarms(25, t, worlds)} for t in TIMES]
    print(*called, sep="\n", flush=True)
    said = [
        {"rule": rule, "silent_from": dark, "fall": fall, **silence(rule, dark, fall, worlds // 5)}
        for rule in ("record", "top-5")
        for dark, fall in ((None, 0.0), (None, 1.2), (2022.5, 0.0), (2023.2, 0.0))
    ]
    print(*said, sep="\n", flush=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "nextflop": nextflop.__version__}
    record = {
        "machine": {**machine, "date": datetime.now(UTC).date().isoformat()},
        "worlds": worlds,
        "draws": DRAWS,
        "intervals": intervals,
        "alarms": called,
        "silence": said,
        "seconds": time.perf_counter() - began,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
