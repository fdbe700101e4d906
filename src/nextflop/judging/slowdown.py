"""Did later runs fall short of what a law fitted to earlier ones forecast, and could these runs have shown it?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.dates import show_date
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Interval
from nextflop.fitting.objective import Objective, Squares
from nextflop.judging.backtest import Backtest, along, split, usual_axis
from nextflop.judging.compute import lower_is_better
from nextflop.judging.kink import Kink, broken, kink
from nextflop.judging.later_runs import LaterRuns, hold_against
from nextflop.judging.law_error import law_verdict, look_back, miss
from nextflop.judging.pace import doubling_time
from nextflop.judging.readings import distance, each, read
from nextflop.judging.rows import disclosed, repeated
from nextflop.judging.smallest import Shortfall, Smallest, judge
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.judging.withheld import Resource, kind
from nextflop.judging.worth import Worth, diminishing, worth
from nextflop.laws.base import Law
from nextflop.laws.growth import Growth

_PACED = 3  # rows with different dates, for a doubling time of their own


@dataclass(frozen=True)
class Slowdown:
    """The later runs against the forecast.

    Attributes:
        law: the name of the family.
        axis: the column along which runs are earlier or later.
        since: where the later runs begin.
        start: where the earlier runs begin; None for the first there is.
        places: of the later runs along the axis, in the order of the forecast's rows.
        responses: of the later runs, likewise.
        forecast: what was forecast of them.
        shortfall: what they are short of it as a whole.
        smallest: the smallest slowdown that would have been seen.
        lost: the factor on compute, or the years, by which each is behind; empty where the law has no one resource.
        kink: a change of slope; None where the law has no one resource or there are too few runs.
        worth: what another doubling or year brings; None where the axis is not the law's resource.
        paces: "before", "since" and "all" → doubling time in days, for a law of growth.
        backtest: of the earlier runs; None if they are too few, or it was not asked for.
        undisclosed: rows without a value before the cut, after it, and at an unknown place.
        verdicts: `slowdown`, `break`, `diminishing`, `law_error`, `disclosure`, `repeated`, where they apply.
    """

    law: str
    axis: str
    since: float
    start: float | None
    places: np.ndarray
    responses: np.ndarray
    forecast: LaterRuns
    shortfall: Shortfall
    smallest: Smallest
    lost: np.ndarray
    kink: Kink | None
    worth: Worth | None
    paces: Mapping[str, Interval]
    backtest: Backtest | None
    undisclosed: tuple[int, int, int]
    verdicts: tuple[Verdict, ...]

    @property
    def seen(self) -> bool:
        """Whether slowing is seen."""
        return self.verdicts[0].outcome is Outcome.fail

    def to_json(self) -> dict[str, Json]:
        """The whole as JSON."""
        runs = self.forecast.to_json()
        lost = self.lost if len(self.lost) else [None] * len(self.places)
        more = zip(runs["runs"], self.places, self.responses, lost, strict=True)
        return {
            "seen": self.seen,
            "law": self.law,
            "axis": self.axis,
            "since": self.since,
            "start": self.start,
            "forecast": {
                **runs,
                "runs": [{**run, "place": place, "response": came, "lost": one} for run, place, came, one in more],
            },
            "shortfall": self.shortfall.to_json(),
            "smallest": self.smallest.to_json(),
            "break": None if self.kink is None else self.kink.to_json(),
            "worth": None if self.worth is None else self.worth.to_json(),
            "doubling_time": {name: pace._asdict() for name, pace in self.paces.items()},
            "backtest": None if self.backtest is None else self.backtest.to_json(),
            "undisclosed": dict(zip(("before", "later", "unplaced"), self.undisclosed, strict=True)),
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def slowdown(
    law: type[Law],
    runs: Runs,
    since: float,
    *,
    axis: str | None = None,
    start: float | None = None,
    better: str | None = None,
    objective: Objective | None = None,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    alarm: float = 0.05,
    power: float = 0.8,
    law_error: bool = True,
) -> Slowdown:
    """Fits a law to the runs before a place on an axis and judges the later ones by it.

    Args:
        law: the family; `Growth` for a series in time.
        runs: the table; a row whose response or input is `nan`, or of which only a bound is known, was not disclosed:
            it is counted, and never read as a poor one.
        since: the later runs are those at this place or beyond, in the unit of the axis.
        axis: a column; "flop" is 6 params tokens where the column is missing. By default "flop" for a law of params
            and tokens, else the law's first input.
        start: runs before this place are left out.
        better: "lower" or "higher", which response is better; by default lower for a loss or an error.
        objective: as for `fit`; by default squares, of logarithms where every response is above 0 and has no upper
            bound, for which the reference is exact.
        pinned, cluster, seed: as for `fit`.
        draws: of the reference.
        level: of the intervals.
        alarm: how often a test may see a slowing where there is none.
        power: the probability with which the smallest slowdown would have been seen.
        law_error: whether the misses of the law in a back-test of the earlier runs widen the forecast, if its
            intervals turn out too narrow there.

    Raises:
        InputError: if a column, a place or a setting cannot be used.
        FitError: if the earlier runs do not determine the law and the scatter about it.
    """
    _check(better, alarm, power, draws)
    axis = axis or usual_axis(law, law.inputs)
    known = _known(law, runs, axis)
    disclosure = _undisclosed(runs, known, axis, since, start)
    numbers = np.flatnonzero(known)
    place = along(runs.where(numbers), axis)
    if start is not None:
        numbers, place = numbers[place >= start], place[place >= start]
    runs = _measured(runs.where(numbers))
    before, later = _parted(runs, place, since, cluster, axis)
    worse = 1 if (better or ("lower" if lower_is_better(law) else "higher")) == "lower" else -1
    if objective is None:
        objective = Squares(log=law.lowest >= 0 and law.highest == np.inf and bool((runs[law.response] > 0).all()))
    how: dict[str, Any] = {"objective": objective, "pinned": pinned, "cluster": cluster, "seed": seed, "level": level}
    last = float(place[before].max())
    past = look_back(law, runs.where(before), axis, how) if law_error else None
    missed = (
        0.0 if past is None else miss(past, float(place[later].max()) / last, runs[law.response][before], objective)
    )
    found = hold_against(law, runs, before, later, worse=worse, draws=draws, law_error=missed, **how)
    inputs = {name: runs[name][later] for name in law.inputs}
    resource = None if kind(law) is None else Resource(found.fit.law, inputs, found.log, worse)
    reach = distance(law, axis, place[later], last)
    shortfall, smallest = read(found, resource, reach, runs.where(before), alarm, power)
    verdicts = [judge(shortfall, smallest)]
    turn = None
    if reach is not None:
        rest = {name: value for name, value in how.items() if name != "objective"}
        turn = kink(law, runs, place, last, worse=worse, log=found.log, draws=draws, **rest)
    if turn is not None:
        verdicts.append(broken(turn, axis, alarm, level))
    gains = None
    if resource is not None and reach is not None:
        shares = [resource.amount(gap, found.weights, reach) for gap in shortfall.gap]
        gains = worth(resource, reach, Interval(*shares))
        verdicts.append(diminishing(gains, verdicts[0].outcome is Outcome.fail))
    if past is not None:
        verdicts.append(law_verdict(past, missed, found.log))
    if sum(disclosure):
        verdicts.append(disclosed(disclosure, len(before), len(later)))
    copies = repeated(law, runs, np.concatenate([before, later]), numbers)
    if copies is not None:
        verdicts.append(copies)
    return Slowdown(
        law=law.name,
        axis=axis,
        since=since,
        start=start,
        places=place[later],
        responses=runs[law.response][later],
        forecast=replace(found, rows=numbers[later]),
        shortfall=shortfall,
        smallest=smallest,
        lost=np.empty(0) if resource is None else each(resource, found.gaps),
        kink=turn,
        worth=gains,
        paces=_paces(law, runs, before, later, how) if issubclass(law, Growth) else {},
        backtest=past,
        undisclosed=disclosure,
        verdicts=tuple(verdicts),
    )


def _check(better: str | None, alarm: float, power: float, draws: int) -> None:
    if better not in {None, "lower", "higher"}:
        raise InputError(f"Which response is better cannot be {better!r}: give 'lower' or 'higher'.")
    if not 0 < alarm < 0.5:
        raise InputError(f"The false-alarm rate {alarm} cannot be used: give a number between 0 and 0.5, such as 0.05.")
    if not alarm < power < 1:
        raise InputError(f"The power {power} cannot be used: give a number between the alarm rate, {alarm}, and 1.")
    if draws * alarm < 5:
        raise InputError(
            f"{draws} draws cannot tell a chance of {alarm}: give {int(np.ceil(5 / alarm))} or more, such as 1000."
        )


def _known(law: type[Law], runs: Runs, axis: str) -> np.ndarray:
    """Which rows have every input, the response, and a place."""
    for name in (*law.inputs, law.response):
        if name not in runs:
            raise InputError(f"The column {name!r} is missing (there are {', '.join(runs.columns)}): add or map it.")
        if runs[name].dtype.kind != "f":
            raise InputError(f"The column {name!r} holds text, such as {runs[name][0].item()!r}: give numbers.")
    names = {*law.inputs, law.response, *({axis} if axis in runs and runs[axis].dtype.kind == "f" else ())}
    known = np.all([~np.isnan(runs[name]) for name in names], axis=0)
    return known & (runs["censored"] == 0) if "censored" in runs else known


def _measured(runs: Runs) -> Runs:
    """The table without the column that says which responses are bounds: none is, once those are left out."""
    if "censored" not in runs:
        return runs
    return Runs({k: v for k, v in runs.columns.items() if k != "censored"}, runs.conventions, runs.source)


def _undisclosed(runs: Runs, known: np.ndarray, axis: str, since: float, start: float | None) -> tuple[int, int, int]:
    """Rows without a value before the cut, after it, and at an unknown place."""
    lacking = runs.where(~known)
    if axis in lacking and lacking[axis].dtype.kind == "f":
        place = lacking[axis]
    elif {"params", "tokens"} <= set(lacking.columns):
        place = 6 * lacking["params"] * lacking["tokens"]
    else:
        place = np.full(len(lacking), np.nan)
    early = (place < since) & (place >= (-np.inf if start is None else start))
    return int(early.sum()), int((place >= since).sum()), int(np.isnan(place).sum())


def _parted(
    runs: Runs, place: np.ndarray, since: float, cluster: str | None, axis: str
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of whole runs before the cut, and those at it or beyond, along the axis."""
    before, later = split(runs, place, float(np.nextafter(since, -np.inf)), cluster)

    def at(value: float) -> str:
        return show_date(value) if axis == "date" else f"{value:.6g}"

    ends = f"they lie between {at(place.min())} and {at(place.max())}" if len(place) else "there are none"
    if not len(later):
        raise InputError(f"No run with a value is at {axis} = {at(since)} or beyond ({ends}): give an earlier place.")
    if not len(before):
        raise InputError(f"No run with a value is before {axis} = {at(since)} ({ends}): give a later place.")
    order = np.lexsort((*(runs[name][later] for name in runs.columns if runs[name].dtype.kind == "f"), place[later]))
    return before, later[order]


def _paces(
    law: type[Law], runs: Runs, before: np.ndarray, later: np.ndarray, how: dict[str, Any]
) -> dict[str, Interval]:
    parts = {"before": before, "since": later, "all": np.concatenate([before, later])}
    found = {}
    for name, rows in parts.items():
        part = runs.where(np.sort(rows))
        if how["objective"].log and len(np.unique(part["date"])) >= _PACED:
            found[name] = doubling_time(fit(law, part, draws=0, **how), part)
    return found
