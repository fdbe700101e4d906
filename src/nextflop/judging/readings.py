"""A shortfall of the response in other units: share of the forecast gain, compute or time that was lost."""

import numpy as np

from nextflop.evidence.dates import YEAR
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.judging.later_runs import LaterRuns
from nextflop.judging.smallest import Shortfall, Smallest
from nextflop.judging.withheld import Resource, kind
from nextflop.laws.base import Law
from nextflop.laws.growth import Growth


def distance(law: type[Law], axis: str, place: np.ndarray, last: float) -> np.ndarray | None:
    """How far runs are beyond the last fitted one in the law's resource: in logarithms of compute, or in years.

    Args:
        law: the family.
        axis: the column along which runs are placed.
        place: of the later runs, shape (runs,).
        last: the place of the last run that is fitted.

    Returns:
        None where the axis is not the resource of the law.
    """
    what = kind(law)
    if what == "time" and axis == "date":
        return place - last
    own = law.inputs if len(law.inputs) == 1 else ("flop", "compute")
    return np.log(place / last) if what == "compute" and axis in own and last > 0 else None


def read(
    found: LaterRuns,
    resource: Resource | None,
    reach: np.ndarray | None,
    before: Runs,
    alarm: float,
    power: float,
) -> tuple[Shortfall, Smallest]:
    """The shortfall of the later runs, and the smallest that would have been seen, in every unit that they have.

    Args:
        found: the forecast.
        resource: the later runs as amounts of the law's resource; None if it has no single one.
        reach: see `distance`.
        before: the runs that were fitted.
        alarm: false-alarm rate of the test.
        power: the probability of seeing the smallest slowdown.
    """
    gap, least = found.shift(found.fit.level), found.visible(alarm, power)
    gain = _gain(found, resource, reach, before)
    lost = Interval(*[float("nan")] * 3)
    behind = bend = float("nan")
    if resource is not None:
        lost = Interval(*(_factor(resource, resource.amount(value, found.weights)) for value in gap))
        behind = _factor(resource, resource.amount(least, found.weights))
        bend = bend if reach is None else resource.amount(least, found.weights, reach)
    shortfall = Shortfall(
        runs=len(found.rows),
        log=found.log,
        gap=gap,
        share=Interval(*(value / gain if gain > 0 else float("nan") for value in gap)),
        lost=lost,
        resource=None if resource is None else resource.kind,
        pace=YEAR / float(found.fit.law.values["g"]) if isinstance(found.fit.law, Growth) else float("nan"),
        chance=found.chance,
    )
    share = least / gain if gain > 0 else float("nan")
    return shortfall, Smallest(least, share, behind, bend, power, alarm)


def each(resource: Resource, gaps: np.ndarray) -> np.ndarray:
    """By what factor of compute, or how many years, each run is behind."""
    one = np.eye(len(gaps))
    return np.array([_factor(resource, resource.amount(float(gap), row)) for gap, row in zip(gaps, one, strict=True)])


def _factor(resource: Resource, amount: float) -> float:
    return amount if resource.kind == "time" else float(np.exp(amount))


def _gain(found: LaterRuns, resource: Resource | None, reach: np.ndarray | None, before: Runs) -> float:
    """What the law forecast the later runs to gain on the mean: over a standstill at the last fitted run.

    Where the axis is not the law's resource, over the best that the law has for a fitted run.
    """
    if resource is not None and reach is not None:
        return float(found.weights @ resource.gaps(reach))
    law = found.fit.law
    reached = np.asarray(law(**{name: before[name] for name in law.inputs}))
    best = reached.min() if found.worse > 0 else reached.max()
    gains = np.log(best / found.value) if found.log else best - found.value
    return float(found.weights @ (found.worse * gains))
