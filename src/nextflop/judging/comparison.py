"""Two recipes beside each other at every scale: what a comparison holds, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.crossing import Crossing
from nextflop.judging.pairing import Pairing
from nextflop.judging.verdict import Outcome, Verdict

_FAR = 1.0  # decades beyond the data, where an answer is as much the law's as the data's
_UNLIKELY = 0.01  # of misses like these if parameters are common, where the verdict turns
_SAME = 1e-9  # by which two multipliers differ through rounding only


class Pin(NamedTuple):
    """A parameter that was held, for a metric: an asymptote of one metric says nothing of another."""

    parameter: str
    value: float
    metric: str
    reason: str


class Row(NamedTuple):
    """Both recipes at one scale.

    Attributes:
        compute: the scale.
        baseline, candidate: their responses.
        difference: candidate less baseline.
        multiplier: how many times this compute the baseline needs for the candidate's response; infinite if no amount
            is enough.
        ahead: share of the draws in which the candidate is better.
        beyond: decades to the nearest scale at which both were measured; 0 inside.
    """

    compute: float
    baseline: Interval
    candidate: Interval
    difference: Interval
    multiplier: Interval
    ahead: float
    beyond: float

    def to_json(self) -> dict[str, Json]:
        """The row as JSON."""
        return {name: part._asdict() if isinstance(part, Interval) else part for name, part in self._asdict().items()}


@dataclass(frozen=True)
class Comparison:
    """A candidate against a baseline.

    Attributes:
        law: the family of either recipe.
        axis: what counts as compute: the law's input, or "flop" for a law of params and tokens.
        names: of the baseline and the candidate.
        lower: whether a lower response is better.
        rows: scales in ascending order.
        target: the scale that decides.
        crossing: of the two curves, the candidate first, from the smallest scale of the rows to the largest.
        pairing: how draws were made.
        shared: parameters that both recipes have in common.
        pins: parameters that were held.
        fit: of both recipes together, see `nextflop.judging.joint`.
        verdicts: `better`, `multiplier`, `crossing`, `distance`, then `shared` and `pinned` where something is, then
            `optimum`.
    """

    law: str
    axis: str
    names: tuple[str, str]
    lower: bool
    rows: tuple[Row, ...]
    target: float
    crossing: Crossing
    pairing: Pairing
    shared: tuple[str, ...]
    pins: tuple[Pin, ...]
    fit: Fit
    verdicts: tuple[Verdict, ...]

    @property
    def at_target(self) -> Row:
        """The row of the scale that decides."""
        return next(row for row in self.rows if row.compute == self.target)

    @property
    def better(self) -> bool:
        """Whether the candidate is better at the target, and nothing speaks against believing it."""
        decided = self.verdicts[0].outcome is Outcome.passed
        return decided and not any(verdict.outcome is Outcome.fail for verdict in self.verdicts)

    def to_json(self) -> dict[str, Json]:
        """The comparison as JSON."""
        return {
            "better": self.better,
            "law": self.law,
            "axis": self.axis,
            "baseline": self.names[0],
            "candidate": self.names[1],
            "lower_is_better": self.lower,
            "target": self.target,
            "level": self.fit.level,
            "rows": [row.to_json() for row in self.rows],
            "crossing": self.crossing.to_json(),
            "pairing": self.pairing.to_json(),
            "shared": list(self.shared),
            "pins": [pin._asdict() for pin in self.pins],
            "fit": self.fit.to_json(),
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def ends(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The central interval over the first axis, by values that occur, as some may be infinite; nan without draws."""
    if len(values) == 0:
        empty = np.full(np.shape(values)[1:], np.nan)
        return empty, empty
    tail = (1 - level) / 2
    return np.quantile(values, tail, axis=0, method="lower"), np.quantile(values, 1 - tail, axis=0, method="higher")


def spelled(interval: Interval, sign: str = "") -> str:
    """A value with its interval, for a reader."""
    return f"{interval.value:{sign}.3g} ({interval.low:{sign}.3g} to {interval.high:{sign}.3g})"


def better(row: Row, names: tuple[str, str], axis: str, lower: bool) -> Verdict:
    """Whether the candidate is better at a scale; the statistic is the multiplier.

    What the data could have shown is said where they show nothing: by how much the interval of the multiplier, were it
    moved onto its lower end, would leave 1 behind.
    """
    code, name = "better", f"{names[1]} is better"
    times = row.multiplier
    where = f"At {axis} {row.compute:.3g}"
    what = f"{names[1]} differs from {names[0]} by {spelled(row.difference, '+')}"
    worth = f"one unit of its compute is worth {spelled(times)} of {names[0]}"
    if np.isnan(row.difference.low):
        says = f"{where} {what.split(' (')[0]}, but without draws that has no interval: ask for draws."
        return Verdict(code, name, Outcome.unknown, times.value, 1.0, says)
    good = row.difference.high < 0 if lower else row.difference.low > 0
    bad = row.difference.low > 0 if lower else row.difference.high < 0
    if good or bad:
        says = f"{where} {what}: {'better' if good else 'worse'}; {worth}."
        return Verdict(code, name, Outcome.passed if good else Outcome.fail, times.value, 1.0, says)
    shown = float(np.sqrt(times.high / times.low)) if times.low > 0 and np.isfinite(times.high) else np.inf
    limit = f"{shown:.3g} times" if np.isfinite(shown) else "any size"
    says = f"{where} {what}, so these runs cannot tell; {worth}, and a gain of {limit} could have gone unseen."
    return Verdict(code, name, Outcome.unknown, times.value, 1.0, says)


def steady(rows: Sequence[Row], growth: Interval, names: tuple[str, str]) -> Verdict:
    """Whether one multiplier describes all scales; the statistic is the last over the first.

    Args:
        rows: the first and the last scale.
        growth: the multiplier at the last over that at the first.
        names: of the baseline and the candidate.
    """
    code, name = "multiplier", "one multiplier at all scales"
    first, last = rows
    stretch = f"from {first.multiplier.value:.3g} at {first.compute:.3g} to {last.multiplier.value:.3g}"
    stretch += f" at {last.compute:.3g}"
    if not (np.isfinite(growth).all() and growth.low > 0):
        says = f"The multiplier goes {stretch}, but it has no finite interval, so its change cannot be known."
        return Verdict(code, name, Outcome.unknown, growth.value, 1.0, says)
    if growth.high - growth.low < _SAME and abs(growth.value - 1) < _SAME:
        says = f"The multiplier is {first.multiplier.value:.3g} at every scale, because of what both recipes share."
        return Verdict(code, name, Outcome.passed, growth.value, 1.0, says)
    change = f"its change by {spelled(growth)} times"
    if growth.low <= 1 <= growth.high:
        says = f"The multiplier goes {stretch}; {change} may be none, so one multiplier will do."
        return Verdict(code, name, Outcome.passed, growth.value, 1.0, says)
    way = f"{names[1]} gains on {names[0]}" if growth.value > 1 else f"{names[1]} loses its lead over {names[0]}"
    if growth.value < 1 and last.multiplier.value < 1:
        way = f"{names[1]} falls behind {names[0]}"
    says = f"The multiplier goes {stretch}: with scale {way} ({change}), so no one multiplier describes it."
    return Verdict(code, name, Outcome.warn, growth.value, 1.0, says)


def distance(row: Row, high: float) -> Verdict:
    """How far the deciding scale lies from what was measured."""
    code, name = "distance", "decided near the data"
    if row.beyond == 0:
        says = f"Both recipes were measured around {row.compute:.3g}."
        return Verdict(code, name, Outcome.passed, 0.0, _FAR, says)
    says = f"The target {row.compute:.3g} lies {row.beyond:.1f} decades from the nearest scale measured ({high:.3g})"
    if row.beyond <= _FAR:
        return Verdict(code, name, Outcome.passed, row.beyond, _FAR, f"{says}.")
    return Verdict(code, name, Outcome.warn, row.beyond, _FAR, f"{says}: it holds if the law does.")


def sharing(shared: Sequence[str], common: Fit, apart: Fit) -> Verdict:
    """The F test of common parameters against parameters of each recipe's own, for squares.

    Args:
        shared: the parameters in common.
        common: the fit with them.
        apart: the fit without.
    """
    from scipy.stats import f

    code, name = "shared", f"{', '.join(shared)} in common"
    assert common.method is not None
    assert apart.method is not None
    free = [len(fit.law.parameters) - len(fit.method.pinned) for fit in (common, apart) if fit.method is not None]
    more, left = free[1] - free[0], common.runs - free[1]
    if more < 1 or left < 1 or apart.objective <= 0 or not common.method.objective.name.startswith("sum of squares"):
        says = f"Whether {', '.join(shared)} may be common cannot be tested: that takes squares, and more runs."
        return Verdict(code, name, Outcome.unknown, np.nan, _UNLIKELY, says)
    ratio = max(common.objective - apart.objective, 0.0) / more / (apart.objective / left)
    chance = float(f.sf(ratio, more, left))
    says = f"Runs like these have p = {chance:.2g} if both recipes share {', '.join(shared)}"
    if chance > _UNLIKELY:
        return Verdict(code, name, Outcome.passed, chance, _UNLIKELY, f"{says}, so they may.")
    says += ": they do not, and the multiplier is biased."
    return Verdict(code, name, Outcome.fail, chance, _UNLIKELY, says)


def reasons(pins: Sequence[Pin]) -> Verdict:
    """Whether what was held was held for a reason."""
    code, name = "pinned", "held for a reason"
    held = ", ".join(f"{pin.parameter} = {pin.value:g} of {pin.metric}" for pin in pins)
    if all(pin.reason for pin in pins):
        says = f"{held}: {pins[0].reason.rstrip('.')}."
        return Verdict(code, name, Outcome.passed, float(len(pins)), 0.0, says)
    says = f"{held} was given without a reason: a value from another metric would bias every multiplier."
    return Verdict(code, name, Outcome.warn, float(len(pins)), 0.0, says)
