"""Would the law have foretold the runs that came later? Rolling extrapolation with whole runs held out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Fit
from nextflop.fitting.objective import Objective
from nextflop.fitting.prediction import predict
from nextflop.judging.baselines import last_value, straight_line
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law

LAST, LINE = "last value", "power law without offset"
_FIRST = 0.4  # of the runs, or as many as the law needs, come before the first cut
# Shares of a level by which intervals may miss it: test runs share their law and their cut, so that a few dozen of them
# scatter by a tenth, while intervals that hold less than two thirds of what they promise mislead.
_LACKING, _MISLEADING = 0.1, 1 / 3


class Foretold(NamedTuple):
    """What a fit said of the runs beyond its cut, beside what came; every array has the shape (test runs,).

    Attributes:
        place: where they are on the axis.
        measured: their response.
        value: as the law foretold it.
        low, high: the interval for single runs; nan if it could not be known.
    """

    place: np.ndarray
    measured: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Fold(NamedTuple):
    """One cut of the axis: fitted below, tested above.

    Attributes:
        cut: the largest value of the axis in training.
        reach: decades from there to the farthest test run.
        trained, tested: how many runs.
        errors: name of a forecast → root mean square of its log errors (of its errors where the response may be 0 or
            negative); infinite if it had no answer.
        bias: mean of (law less run), of logarithms likewise; nan without an answer.
        covered: share of the test runs inside the law's interval for single runs; nan if it had none.
        width: median width of that interval, as a share of the response if errors are of logarithms.
        foretold: run by run; None without an answer.
    """

    cut: float
    reach: float
    trained: int
    tested: int
    errors: Mapping[str, float]
    bias: float
    covered: float
    width: float
    foretold: Foretold | None = None

    def to_json(self) -> dict[str, Json]:
        """The fold as JSON, without the single runs."""
        record = self._asdict()
        del record["foretold"]
        return {**record, "errors": dict(self.errors)}


@dataclass(frozen=True)
class Backtest:
    """How a law would have done.

    Attributes:
        law: its name.
        axis: the column along which runs were held out.
        folds: from the first cut to the last.
        log: whether errors are of logarithms.
        level: level of the intervals.
        verdicts: `extrapolation`, `coverage`.
    """

    law: str
    axis: str
    folds: tuple[Fold, ...]
    log: bool
    level: float
    verdicts: tuple[Verdict, ...]

    def error(self, name: str | None = None) -> float:
        """The geometric mean over the folds of a forecast's error; of the law's if none is named."""
        errors = np.array([fold.errors[name or self.law] for fold in self.folds])
        return float(np.exp(np.log(np.maximum(errors, 1e-12)).mean()))

    def to_json(self) -> dict[str, Json]:
        """The back-test as JSON."""
        return {
            "law": self.law,
            "axis": self.axis,
            "log": self.log,
            "level": self.level,
            "errors": {name: self.error(name) for name in self.folds[0].errors},
            "folds": [fold.to_json() for fold in self.folds],
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def backtest(
    law: type[Law],
    runs: Runs,
    axis: str,
    *,
    objective: Objective | None = None,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
    folds: int = 5,
    draws: int = 200,
    seed: int = 0,
    level: float = 0.9,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Fits a law to the runs up to a cut and lets it foretell the others, for several cuts.

    A run of which several rows are given (a cluster) is in training only if all of its rows lie below the cut; its rows
    above the cut are tested, its rows below it are then used for nothing.

    Args:
        law: the family.
        runs: the table.
        axis: a column, such as "compute", "params" or "flop"; where there is no such column "flop" is 6 params tokens,
            and "epochs" tokens over unique tokens, at least 1.
        objective, pinned, seed, level: as for `fit`.
        cluster: the column that tells the runs apart, if rows are snapshots.
        folds: how many cuts, evenly spread over the levels of the axis.
        draws: bootstrap draws of each fit; 0 for no intervals.
        progress: called with the number of fits done and the number of all.

    Raises:
        InputError: if a column is missing or a setting cannot be used.
        FitError: if the runs leave no cut with enough runs on both sides.
    """
    if folds < 1:
        raise InputError(f"folds = {folds}: give at least one cut.")
    place = along(runs, axis)
    log = law.lowest >= 0 and bool((runs[law.response] > 0).all())
    cuts = _cuts(law, runs, place, cluster, folds, len(law.parameters) - len(pinned or {}) + 1)
    found = []
    for cut in cuts:
        train, test = split(runs, place, cut, cluster)
        try:
            fitted = fit(
                law,
                runs.where(train),
                objective=objective,
                draws=draws,
                seed=seed,
                cluster=cluster,
                pinned=pinned,
                level=level,
            )
        except FitError:
            fitted = None
        found.append(_fold(law, fitted, runs.where(train), runs.where(test), place[train], place[test], log))
        if progress is not None:
            progress(len(found), len(cuts))
    result = Backtest(law.name, axis, tuple(found), log, level, ())
    return replace(result, verdicts=(_extrapolation(result), _coverage(result)))


def usual_axis(law: type[Law], columns: Collection[str]) -> str:
    """The axis if none is named: training FLOP if params and tokens are among the columns, else the first input."""
    return "flop" if {"params", "tokens"} <= set(columns) else law.inputs[0]


def along(runs: Runs, axis: str) -> np.ndarray:
    """Where each run is on an axis, shape (runs,).

    Raises:
        InputError: if there is no such column, or it is negative or not finite somewhere.
    """
    if axis in runs:
        column = runs[axis]
    elif axis == "flop" and {"params", "tokens"} <= set(runs.columns):
        column = 6 * runs["params"] * runs["tokens"]
    elif axis == "epochs" and {"tokens", "unique_tokens"} <= set(runs.columns):
        column = np.maximum(runs["tokens"] / runs["unique_tokens"], 1.0)
    else:
        raise InputError(
            f"There is no column {axis!r} to hold runs out along: choose one of {', '.join(runs.columns)}."
        )
    if column.dtype.kind != "f" or not (np.isfinite(column) & (column >= 0)).all():
        raise InputError(
            f"The axis {axis!r} must be a number, 0 or more, for every run: choose another, or mend the rows."
        )
    return column


def split(runs: Runs, place: np.ndarray, cut: float, cluster: str | None) -> tuple[np.ndarray, np.ndarray]:
    """The rows of whole runs up to a cut, and the rows beyond it."""
    beyond = place > cut
    if cluster is None:
        return np.flatnonzero(~beyond), np.flatnonzero(beyond)
    reaching = np.unique(runs[cluster][beyond])
    return np.flatnonzero(~np.isin(runs[cluster], reaching)), np.flatnonzero(beyond)


def _cuts(law: type[Law], runs: Runs, place: np.ndarray, cluster: str | None, folds: int, needed: int) -> list[float]:
    """Cuts with enough settings below and a run above, spread evenly over the runs as ranked along the axis."""
    settings = np.unique(np.stack([runs[name] for name in law.inputs]), axis=1, return_inverse=True)[1].ravel()
    levels = np.unique(place)[:-1]
    fine = np.unique(np.quantile(place, np.linspace(0, 1, 20 * folds + 1), method="lower"))
    possible = []
    for cut in fine[np.isin(fine, levels)]:
        train, _ = split(runs, place, float(cut), cluster)
        if len(np.unique(settings[train])) >= needed and len(train) >= 2:
            possible.append(float(cut))
    late = [cut for cut in possible if (place <= cut).mean() >= _FIRST] or possible
    if not late:
        raise FitError(
            f"The {len(runs)} runs leave no cut of the axis with {needed} different settings below it and a run above: "
            "add runs, pin parameters, or take another axis."
        )
    chosen = np.linspace(0, len(late) - 1, min(folds, len(late))).round().astype(int)
    return [late[index] for index in np.unique(chosen)]


def _fold(
    law: type[Law], fitted: Fit | None, train: Runs, test: Runs, before: np.ndarray, after: np.ndarray, log: bool
) -> Fold:
    truth = test[law.response]
    errors = {
        law.name: float("inf"),
        LAST: _error(last_value(law, train, test, before), truth, log),
        LINE: _error(straight_line(law, train, test), truth, log),
    }
    bias = covered = width = float("nan")
    told = None
    if fitted is not None:
        foretold = predict(fitted, **{name: test[name] for name in law.inputs})
        told = Foretold(after, truth, foretold.value, foretold.run_low, foretold.run_high)
        errors[law.name] = _error(foretold.value, truth, log)
        with np.errstate(all="ignore"):
            bias = float(np.mean(np.log(foretold.value / truth) if log else foretold.value - truth))
        if np.isfinite(foretold.run_low).all():
            covered = float(np.mean((foretold.run_low <= truth) & (truth <= foretold.run_high)))
            width = float(np.median((foretold.run_high - foretold.run_low) / (truth if log else 1.0)))
    reach = float(np.log10(after.max() / before.max())) if before.max() > 0 else float("inf")
    return Fold(float(before.max()), reach, len(train), len(test), errors, bias, covered, width, told)


def _error(foretold: np.ndarray, truth: np.ndarray, log: bool) -> float:
    with np.errstate(all="ignore"):
        gaps = np.log(foretold / truth) if log else foretold - truth
    error = float(np.sqrt(np.mean(gaps**2)))
    return error if np.isfinite(error) else float("inf")


def _extrapolation(result: Backtest) -> Verdict:
    code, name = "extrapolation", "foretells larger runs"
    own = result.error()
    rival = min((LAST, LINE), key=result.error)
    ratio = own / result.error(rival)
    far = max(fold.reach for fold in result.folds)
    silent = sum(not np.isfinite(fold.errors[result.law]) for fold in result.folds)
    if silent:
        says = f"Below {silent} of {len(result.folds)} cuts the law had no answer."
        return Verdict(code, name, Outcome.fail, ratio, 1.0, says)
    what = f"Fitted below {len(result.folds)} cuts, the law foretold runs up to {far:.1f} decades beyond"
    spelled = [f"{value:.2%}" if result.log else f"{value:.3g}" for value in (own, result.error(rival))]
    if ratio < 1:
        says = f"{what} to {spelled[0]}; the best simple forecast, {rival}, missed by {spelled[1]}."
        return Verdict(code, name, Outcome.passed, ratio, 1.0, says)
    says = f"{what} no better than {rival}: it missed by {spelled[0]}, that by {spelled[1]}."
    return Verdict(code, name, Outcome.fail if rival == LAST else Outcome.warn, ratio, 1.0, says)


def _coverage(result: Backtest) -> Verdict:
    code, name = "coverage", "its intervals hold what came"
    told = [fold for fold in result.folds if np.isfinite(fold.covered)]
    if not told:
        says = "There were no intervals to be tested: fit with draws, and with more runs than parameters."
        return Verdict(code, name, Outcome.unknown, float("nan"), result.level, says)
    held = float(np.average([fold.covered for fold in told], weights=[fold.tested for fold in told]))
    limit = result.level - _LACKING
    says = f"The {result.level:.0%} intervals for single runs held {held:.0%} of the runs beyond the cuts"
    if held >= limit:
        return Verdict(code, name, Outcome.passed, held, limit, f"{says}.")
    if held >= result.level * (1 - _MISLEADING):
        return Verdict(code, name, Outcome.warn, held, limit, f"{says}: take them wider than they say.")
    return Verdict(code, name, Outcome.fail, held, limit, f"{says}: beyond the data they mislead.")
