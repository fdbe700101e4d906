"""What one more doubling of compute, or one more year, brings: then, now by the law, and now as measured."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.judging.withheld import Resource

_STEP = 1e-4
_SAME = 1e-6
_SHARES = 21  # between the ends of an interval; a gain need not fall with the share that was lost


class Worth(NamedTuple):
    """The gain by one more step of the resource, and the local exponent.

    Attributes:
        step: "doubling", for which a gain is a difference of the response, or "year", for which it is a factor.
        then: the gain at the last fitted run.
        law: the gain at the farthest later run, as the law has it.
        now: the gain there if the later runs keep the pace that they have shown, with its interval.
        exponent_then, exponent_law, exponent_now: local exponent of the response, d ln R / d ln C, or growth a year,
            at the same places; positive where the response gets better.
    """

    step: str
    then: float
    law: float
    now: Interval
    exponent_then: float
    exponent_law: float
    exponent_now: Interval

    def to_json(self) -> dict[str, Json]:
        """The gains as JSON."""
        return {**self._asdict(), "now": self.now._asdict(), "exponent_now": self.exponent_now._asdict()}


def worth(resource: Resource, reach: np.ndarray, bend: Interval) -> Worth:
    """What one more step brings.

    Args:
        resource: the later runs.
        reach: how far they are beyond the last fitted run, in logarithms of compute or in years, shape (runs,).
        bend: share of the worth of each step that the later runs have lost, with its interval.
    """
    far = int(reach.argmax())
    one = replace(resource, inputs={name: column[far : far + 1] for name, column in resource.inputs.items()})
    step = float(np.log(2)) if one.kind == "compute" else 1.0
    there = float(reach[far])

    def gain(amount: float, share: float) -> float:
        ends = one.response(np.array([[amount], [amount - (1 - share) * step]]))[:, 0]
        if one.kind == "time":
            return float((ends[1] / ends[0]) ** -one.worse)
        return float(one.worse * (ends[0] - ends[1]))

    def exponent(amount: float, share: float) -> float:
        ends = one.response(np.array([[amount + _STEP], [amount - _STEP]]))[:, 0]
        with np.errstate(all="ignore"):
            return float(one.worse * (1 - share) * np.log(ends[0] / ends[1]) / (2 * _STEP))

    def measured(what: Callable[[float, float], float]) -> Interval:
        """At the share that was lost, and the least and the most at any share of its interval."""
        if not np.isfinite(bend).all():
            return Interval(*[float("nan")] * 3)
        values = [what(share * there, share) for share in (bend.value, *np.linspace(bend.low, bend.high, _SHARES))]
        return Interval(values[0], min(values), max(values))

    return Worth(
        "doubling" if one.kind == "compute" else "year",
        gain(there, 0.0),
        gain(0.0, 0.0),
        measured(gain),
        exponent(there, 0.0),
        exponent(0.0, 0.0),
        measured(exponent),
    )


def diminishing(found: Worth, seen: bool) -> Verdict:
    """Whether the return diminishes, and whether by more than the law itself has it.

    Args:
        found: the gains.
        seen: whether the later runs are slower than the law.
    """
    code, name = "diminishing", "a step brings what the law says"
    what, sign = ("doubling of compute", "") if found.step == "doubling" else (found.step, "×")
    share = found.law / found.then if found.then else float("nan")
    says = f"One more {what} brought {sign}{found.then:.3g} at the last fitted run"
    if np.isnan(share):
        return Verdict(code, name, Outcome.unknown, share, 1.0, f"{says}: there is no gain to diminish.")
    less, same = share < 1 - _SAME, abs(share - 1) <= _SAME
    by_law = "the same" if same else f"{'down' if less else 'up'} to {sign}{found.law:.3g}"
    says += f"; at the farthest later run the law has it {by_law}"
    now = f"{sign}{found.now.value:.3g} ({found.now.low:.3g} to {found.now.high:.3g})"
    says += f", and the later runs make it {now}: "
    if seen:
        return Verdict(code, name, Outcome.warn, share, 1.0, f"{says}less than the law.")
    tail = "the law's own diminishing return accounts for it." if less else "as the law has it, as far as they tell."
    return Verdict(code, name, Outcome.passed, share, 1.0, f"{says}{tail}")
