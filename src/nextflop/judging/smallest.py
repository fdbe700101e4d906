"""The smallest slowdown that a test could have shown, and the verdict on slowing, which cannot be made without it."""

import math
from dataclasses import dataclass

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict

CODE, NAME = "slowdown", "later runs keep to the forecast"


@dataclass(frozen=True)
class Smallest:
    """The smallest slowdown that would have been seen; the same one in several units.

    Attributes:
        gap: mean shortfall of the later runs, in the unit of the gaps; above 0.
        share: of the gain that the law forecast beyond the last fitted run; above 1 where even a standstill there
            would have gone unseen, nan where no gain was forecast.
        lost: the factor on compute, or the years, by which later runs would have been behind; infinite where no
            reasonable amount is enough, nan where the law has no one resource.
        bend: share of its worth that each further decade or year would have lost; nan if it cannot be said.
        power: the probability of seeing it.
        alarm: the false-alarm rate of the test.
    """

    gap: float
    share: float
    lost: float
    bend: float
    power: float
    alarm: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.gap) and self.gap > 0):
            raise InputError(
                f"A smallest visible shortfall of {self.gap:g} is none: more draws, or a power above the false-alarm "
                "rate, give one above 0."
            )

    def to_json(self) -> dict[str, Json]:
        """The figures as JSON."""
        return vars(self).copy()


@dataclass(frozen=True)
class Shortfall:
    """How far the later runs as a whole are below the forecast; negative where they are better.

    Attributes:
        runs: how many.
        log: whether gaps are of logarithms of the response.
        gap: the mean, with its interval.
        share: of the forecast gain, with its interval; nan where no gain was forecast.
        lost: factor on compute, or years, by which they are behind; nan where the law has no one resource.
        resource: "compute", "time" or None.
        pace: days in which the forecast doubles, for a law of growth; else nan.
        chance: the probability of later runs so poor or poorer, if nothing has changed.
    """

    runs: int
    log: bool
    gap: Interval
    share: Interval
    lost: Interval
    resource: str | None
    pace: float
    chance: float

    def to_json(self) -> dict[str, Json]:
        """The shortfall as JSON."""
        return {
            **vars(self),
            "gap": self.gap._asdict(),
            "share": self.share._asdict(),
            "lost": self.lost._asdict(),
        }


def judge(found: Shortfall, smallest: Smallest) -> Verdict:
    """The verdict on slowing; its sentence says, whatever the outcome, what these runs could have shown.

    Slowing is seen where runs so poor are rarer than the false-alarm rate. It is not seen where they are not and a
    standstill would have been; where not even that would have been, these runs cannot tell.
    """
    what = f"{found.runs} later run{'s' if found.runs > 1 else ''}"
    side = "short of" if found.gap.value >= 0 else "ahead of"
    measured = f"the {what} {'are on the mean' if found.runs > 1 else 'is'} {gap_words(found.gap.value, found.log)} "
    measured += f"{side} the forecast (p = {found.chance:.2g})"
    power = f"{smallest.power:.0%}"
    if found.chance <= smallest.alarm:
        says = f"Slowing seen: {measured}{_equals(found)}. The smallest slowdown that would have been seen with a "
        says += f"probability of {power} is {words(smallest, found)}."
        return Verdict(CODE, NAME, Outcome.fail, found.chance, smallest.alarm, says)
    if smallest.share < 1:
        says = f"No slowing seen: {measured}. The smallest slowdown that would have been seen with a probability of "
        says += f"{power} is {words(smallest, found)}."
        return Verdict(CODE, NAME, Outcome.passed, found.chance, smallest.alarm, says)
    why = "not even a standstill would have been seen" if smallest.share >= 1 else "the law forecasts no gain to miss"
    says = f"These runs cannot tell: {measured}, but {why}: with a probability of {power} the smallest slowdown that "
    says += f"would have been seen is {words(smallest, found)}."
    return Verdict(CODE, NAME, Outcome.unknown, found.chance, smallest.alarm, says)


def words(smallest: Smallest, found: Shortfall) -> str:
    """The smallest visible slowdown in every unit that it has."""
    parts = [f"a mean shortfall of {gap_words(smallest.gap, found.log)}"]
    if smallest.share == smallest.share:
        parts.append(f"{smallest.share:.0%} of the forecast gain")
    if smallest.lost == smallest.lost:
        parts.append(lost_words(smallest.lost, found.resource))
    if found.pace > 0 and smallest.bend < 1:
        parts.append(f"a doubling time of {found.pace / (1 - smallest.bend):.0f} days instead of {found.pace:.0f}")
    return ", or ".join(parts)


def gap_words(gap: float, log: bool) -> str:
    """The size of a gap: a percentage of the response where it is one of logarithms."""
    if not log:
        return f"{abs(gap):.3g}"
    # A factor reads better than a percentage once the response is off by a quarter.
    return f"{abs(gap):.2%}" if abs(gap) < 0.25 else f"a factor of {math.exp(abs(gap)):.3g}"


def lost_words(lost: float, resource: str | None) -> str:
    """What was spent for nothing, in words."""
    if resource == "time":
        if math.isinf(lost):
            return "as if more than a century late"
        return f"as if {abs(lost) * 365.25:.0f} days {'late' if lost >= 0 else 'early'}"
    if math.isinf(lost):
        return "which no factor of compute up to a billion stands for"
    return f"as if of {max(lost, 1 / lost):.3g} times {'less' if lost >= 1 else 'more'} compute"


def _equals(found: Shortfall) -> str:
    share, lost = found.share, found.lost
    text = ""
    if share.value == share.value:
        text += f", which is {share.value:.0%} of the forecast gain ({share.low:.0%} to {share.high:.0%})"
    if lost.value == lost.value:
        text += f", {lost_words(lost.value, found.resource)}"
    if found.pace > 0 and share.value < 1:
        text += f", a doubling time of {found.pace / (1 - share.value):.0f} days instead of {found.pace:.0f}"
    return text
