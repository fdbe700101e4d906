"""How far off are forecasts of larger runs? A public benchmark of learning curves, every law beside the default choice.

    NEXTFLOP_MIRROR=… python benchmarks/extrapolation.py              prints, writes results/extrapolation.json
    NEXTFLOP_MIRROR=… python benchmarks/extrapolation.py --keep       measures nextflop anew, keeps the others' figures
    NEXTFLOP_MIRROR=… python benchmarks/extrapolation.py --series 12  a quick look at a few series; nothing is written

The series are those of Alabdulmohsin et al. (2022, arXiv:2209.06640), on which the broken law was shown too (Caballero
et al. 2022, arXiv:2210.14891): 20 of language, and the 36 of vision whose task is birds or ImageNet. Each is fitted on
the rows with Training = 1 and scored on those with Training = 0, up to twice as far: the root mean square of the log
loss. Rows that repeat another exactly count once. Below, errors are geometric means over the series.

M1 to M4 and the broken laws are fitted to their certified optimum on squared log residuals, which suits the score, and
M2 and M4 also as their paper fits them. The number of breaks is also chosen by BIC. `nextflop` is the weighted mean of
`choose` with its intervals, `nextflop, one law` the law that it names, fitted to all rows. Its constants were set on
held-out parts of the training rows; no forecast sees a test row. There is no randomness but the resampling of series
for the interval of a ratio, seed 0.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

import nextflop
from as_published import M4_ERRORS, m2, m4
from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import prepare, search
from nextflop.fitting.objective import Method, Squares
from nextflop.judging.choice import MEAN, choose
from nextflop.judging.forecast import forecast
from nextflop.laws import LAWS, BoundedPower, Broken1, Broken2, Broken3, Law, Power, PurePower, ShiftedPower
from nextflop.published.read import read

LEVEL = 0.9
DISTANCES = (0.0, 0.1, 0.2, np.inf)  # decades beyond the last training row
OURS, M4, M4_PAPER = "nextflop", "M4", "M4, as published"
BROKEN = {"broken, 1 break": Broken1, "broken, 2 breaks": Broken2, "broken, 3 breaks": Broken3}
BIC = "broken, breaks by BIC"
OUT = Path(__file__).parent / "results" / "extrapolation.json"


class Series(NamedTuple):
    """One learning curve: rows to fit, rows to foretell."""

    name: str
    train: Runs
    test: Runs


@cache
def all_series() -> dict[str, Series]:
    found = {}
    for table in ("language", "vision"):
        for name, part in read("revisiting-nsl", table).group_by("cluster"):
            rows = np.unique(np.stack([part[column] for column in ("training", "examples", "loss")], axis=1), axis=0)
            train, test = (
                Runs({"compute": rows[rows[:, 0] == flag, 1], "loss": rows[rows[:, 0] == flag, 2]}) for flag in (1, 0)
            )
            found[str(name)] = Series(str(name), train, test)
    return found


def optimum(law: type[Law], runs: Runs, pinned: Mapping[str, float] | None = None) -> tuple[Law, float]:
    """The law at the optimum of its squared log residuals, and their sum."""
    table, problem = prepare(law, runs, Method(Squares(log=True), pinned or {}))
    found = search(problem, table).optima
    best = int(found.values.argmin())
    return law(*map(float, problem.parameters(found.points[best][None])[0])), float(found.values[best])


def plain(law: type[Law], **pinned: float) -> Callable[[Series], np.ndarray]:
    return lambda series: optimum(law, series.train, pinned)[0](compute=series.test["compute"])


def published(fit: Callable, *, local: bool) -> Callable[[Series], np.ndarray]:
    return lambda series: fit(series.train["compute"], series.train["loss"], local=local)(series.test["compute"])


WAYS: dict[str, Callable[[Series], np.ndarray]] = {
    "last value": lambda series: np.full(len(series.test), series.train["loss"][series.train["compute"].argmax()]),
    "M1": plain(PurePower),
    "M2": plain(Power),
    "M2, as published": published(m2, local=True),
    "M2, as published, global": published(m2, local=False),
    "M3": plain(ShiftedPower),
    M4: plain(BoundedPower),
    "M4, L0 = 1": plain(BoundedPower, L0=1.0),
    M4_PAPER: published(m4, local=True),
    "M4, as published, global": published(m4, local=False),
}


class Scored(NamedTuple):
    """What came of one series."""

    name: str
    group: str
    errors: dict[str, float]
    seconds: dict[str, float]
    covered: list[bool]
    widths: list[float]
    distances: list[float]
    law: str


def score(name: str, only_ours: bool = False) -> Scored:
    series = all_series()[name]
    truth = np.log(series.test["loss"])
    errors, seconds = {}, {}

    def timed(name: str, work: Callable[[Series], np.ndarray]) -> None:
        begin = time.perf_counter()
        try:
            said = work(series)
        except FitError:  # fewer rows than parameters
            said = np.full(len(truth), np.nan)
        seconds[name] = time.perf_counter() - begin
        with np.errstate(all="ignore"):
            errors[name] = float(np.sqrt(np.mean((np.log(said) - truth) ** 2)))

    if not only_ours:
        for way, work in WAYS.items():
            timed(way, work)
        fits: dict[str, float] = {}
        for way, law in BROKEN.items():

            def broken(series: Series, way: str = way, law: type[Law] = law) -> np.ndarray:
                found, squares = optimum(law, series.train)
                count = len(series.train)
                fits[way] = count * np.log(squares / count) + len(law.parameters) * np.log(count)
                return found(compute=series.test["compute"])

            timed(way, broken)
        errors[BIC] = errors[min(fits, key=fits.__getitem__)]
        seconds[BIC] = sum(seconds[way] for way in BROKEN)
    begin = time.perf_counter()
    choice = choose(series.train)
    said = forecast(choice, LEVEL, compute=series.test["compute"])
    seconds[OURS] = time.perf_counter() - begin
    errors[OURS] = float(np.sqrt(np.mean((np.log(said.value) - truth) ** 2)))
    timed(f"{OURS}, one law", plain(LAWS[choice.law]))
    low, high = np.log(said.run_low), np.log(said.run_high)
    return Scored(
        series.name,
        name.split("/")[0],
        errors,
        seconds,
        ((low <= truth) & (truth <= high)).tolist(),
        (high - low).tolist(),
        said.beyond["compute"].tolist(),
        choice.law,
    )


def geometric(scored: Sequence[Scored], way: str) -> float:
    """Geometric mean over the series at which a way had an answer; an error below 1e-5 counts as that."""
    errors = np.array([one.errors[way] for one in scored])
    errors = errors[np.isfinite(errors)]
    return float(np.exp(np.log(np.maximum(errors, 1e-5)).mean())) if len(errors) else float("nan")


def ratio(scored: Sequence[Scored], way: str, rival: str) -> dict[str, float]:
    """A way over its rival on the series that both answer, with the 90% interval over resampled series."""
    pairs = np.log(np.maximum([(one.errors[way], one.errors[rival]) for one in scored], 1e-5))
    gaps = (pairs[:, 0] - pairs[:, 1])[np.isfinite(pairs).all(axis=1)]
    drawn = np.random.default_rng(0).choice(gaps, (4000, len(gaps))).mean(axis=1)
    low, high = np.exp(np.quantile(drawn, [0.05, 0.95]))
    return {
        "ratio": float(np.exp(gaps.mean())),
        "low": float(low),
        "high": float(high),
        "won": float((gaps < 0).mean()),
        "series": len(gaps),
    }


def intervals(scored: Sequence[Scored], near: float = -1.0, far: float = np.inf) -> dict[str, float]:
    """Share of test rows inside, the mean of it over series, and the median full width of the log loss."""
    parts = [
        (np.array(one.covered)[rows], np.array(one.widths)[rows])
        for one in scored
        if (rows := (np.array(one.distances) > near) & (np.array(one.distances) <= far)).any()
    ]
    if not parts:
        return {}
    inside, widths = (np.concatenate(column) for column in zip(*parts, strict=True))
    return {
        "rows": len(inside),
        "covered": float(inside.mean()),
        "covered_mean_over_series": float(np.mean([part.mean() for part, _ in parts])),
        "median_width": float(np.median(widths)),
    }


def summary(scored: Sequence[Scored]) -> dict[str, object]:
    groups = {name: [one for one in scored if one.group == name] for name in dict.fromkeys(one.group for one in scored)}
    groups |= {"language": [one for one in scored if one.group != "IC"], "all": list(scored)}
    ways = list(scored[0].errors)
    known = [one for one in scored if one.name in M4_ERRORS]
    return {
        "errors": {way: {name: geometric(part, way) for name, part in groups.items() if part} for way in ways},
        "answered": {way: int(np.isfinite([one.errors[way] for one in scored]).sum()) for way in ways},
        "over_m4": {way: ratio(scored, way, M4) for way in ways},
        "ours_over": {way: ratio(scored, OURS, way) for way in ways},
        "intervals": {name: intervals(part) for name, part in groups.items() if part},
        "by_distance": {
            f"{near:g} to {far:g} decades": intervals(scored, near if near else -1.0, far)
            for near, far in pairwise(DISTANCES)
        },
        "m4_printed_on_language": float(np.exp(np.mean([np.log(M4_ERRORS[one.name]) for one in known]))),
        "m4_rerun_on_language": geometric(known, M4_PAPER),
        "ours_on_language": geometric(known, OURS),
        "laws": {law: sum(one.law == law for one in scored) for law in dict.fromkeys(one.law for one in scored)},
    }


def show(found: dict, scored: Sequence[Scored]) -> None:
    names = list(next(iter(found["errors"].values())))
    print(
        f"{'root mean square of log loss':28}"
        + "".join(f"{name:>10}" for name in names)
        + "   / M4  90% interval   won  seconds"
    )
    for way, errors in found["errors"].items():
        over = found["over_m4"][way]
        cells = "".join(f"{value:10.5f}" for value in errors.values())
        few = "" if found["answered"][way] == len(scored) else f"  ({found['answered'][way]} series)"
        print(
            f"{way:28}{cells} {over['ratio']:6.3f}  {over['low']:.3f}-{over['high']:.3f} {over['won']:6.0%} "
            f"{found['seconds'][way]:8.1f}{few}"
        )
    print(f"\n{OURS} over the broken laws: ", end="")
    print("; ".join(f"{way} {found['ours_over'][way]['ratio']:.3f}" for way in (*BROKEN, BIC)))
    print(
        f"M4 on the {sum(one.name in M4_ERRORS for one in scored)} language rows: printed "
        f"{found['m4_printed_on_language']:.5f}, rerun as published {found['m4_rerun_on_language']:.5f}; "
        f"{OURS} {found['ours_on_language']:.5f}"
    )
    print(f"\n{LEVEL:.0%} intervals of {OURS:15}    rows   inside   mean over series   median full width of log loss")
    for name, part in (*found["intervals"].items(), *found["by_distance"].items()):
        if part:
            print(
                f"{name:32}{part['rows']:8d} {part['covered']:8.1%} {part['covered_mean_over_series']:18.1%} "
                f"{part['median_width']:31.4f}"
            )
    print(f"laws named by `choose`: {found['laws']}; the mean is shown in its back-tests as {MEAN!r}")


def merged(one: Scored, record: dict) -> Scored:
    """A series measured anew, with the errors of the other ways from an earlier record."""
    before = next(row for row in record["series"] if row["name"] == one.name)
    return one._replace(errors=before["errors"] | one.errors)


def machine() -> dict[str, object]:
    return {
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "nextflop": nextflop.__version__,
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--series", type=int, help="how many series, evenly chosen; nothing is written")
    parser.add_argument("--keep", action="store_true", help="keep what the results have of the other laws")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    series = list(all_series())
    if given.series:
        chosen = np.linspace(0, len(series) - 1, min(given.series, len(series))).round().astype(int)
        series = [series[index] for index in np.unique(chosen)]
    begin = time.perf_counter()
    with ProcessPoolExecutor(given.workers) as pool:
        scored = list(pool.map(partial(score, only_ours=given.keep), series))
    wall = time.perf_counter() - begin
    seconds = {way: sum(one.seconds[way] for one in scored) for way in scored[0].seconds}
    if given.keep:
        record = json.loads(OUT.read_text(encoding="utf-8"))
        scored = [merged(one, record) for one in scored]
        seconds = record["seconds"] | seconds
    found = summary(scored) | {"seconds": seconds}
    show(found, scored)
    print(f"{len(series)} series in {wall:.0f} s of wall time with {given.workers} processes")
    if not given.series:
        record = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "workers": given.workers,
            "wall_seconds": round(wall, 1),
            "kept_other_laws": given.keep,
            "level": LEVEL,
            **found,
            "series": [
                {
                    "name": one.name,
                    "law": one.law,
                    "errors": one.errors,
                    "rows": len(one.covered),
                    "covered": float(np.mean(one.covered)),
                    "median_width": float(np.median(one.widths)),
                }
                for one in scored
            ],
        }
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
