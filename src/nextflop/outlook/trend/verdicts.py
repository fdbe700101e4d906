"""What is said of a series: was it slowing, and what would not have been seen."""

from collections.abc import Mapping

import numpy as np

from nextflop.evidence.dates import YEAR, show_date
from nextflop.judging.smallest import CODE
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.outlook.trend.change import FEWEST, Change
from nextflop.outlook.trend.readings import CENSORED, LARGER, NAIVE, NONE
from nextflop.outlook.trend.scale import MARGIN
from nextflop.outlook.trend.series import Series
from nextflop.outlook.trend.sought import Sought
from nextflop.outlook.trend.windows import Window
from nextflop.outlook.trend.words import pace_words, reading_words, span_words

NAME = "the pace did not fall"

_SLOW = 1 / 6
"""Correlation time, as a share of the span, from which intervals hold less often than they say (see the tests)."""


def slowing(
    series: Series, readings: Mapping[str, Change | None], since: float, alarm: float, power: float, silent: int
) -> Verdict:
    """Whether the pace fell at a date.

    Slowing is seen where it is seen whatever silent rows were. It is not seen where it is not under any reading and
    a standstill would have been. All else cannot be told, and the sentence says on what it depends.
    """
    found = readings[CENSORED]
    what = f"{series.meaning}, since {show_date(since)}"
    if found is None:
        says = (
            f"Cannot tell whether it slowed ({what}): a turn needs {FEWEST} values or more on either side of the date."
        )
        return Verdict(CODE, NAME, Outcome.unknown, float("nan"), alarm, says)
    paces = f"{pace_words(series, found.after.value)} ({span_words(series, found.after)}) after, "
    paces += f"{pace_words(series, found.before.value)} ({span_words(series, found.before)}) before"
    measured = f"({what}): {paces} (p = {found.chance:.2g})"
    least = f"The smallest slowdown that would have been seen with a probability of {power:.0%} is one from "
    least += f"{pace_words(series, found.before.value)} to {pace_words(series, found.seen)}."
    larger, none, naive = (readings.get(name) for name in (LARGER, NONE, NAIVE))
    rows = f"{silent} row{'s' if silent > 1 else ''} without a value"
    if found.chance <= alarm:
        if larger is None or larger.chance <= alarm:
            return Verdict(CODE, NAME, Outcome.fail, found.chance, alarm, f"Slowing seen {measured}. {least}")
        says = f"Cannot tell {measured}: what was disclosed slowed, but it would not have if the {rows} were "
        says += f"{reading_words(series, LARGER)} (p = {larger.chance:.2g}). {least}"
        return Verdict(CODE, NAME, Outcome.unknown, found.chance, alarm, says)
    if found.before.value <= 0 or found.seen <= 0:
        why = "the pace before leaves no gain to lose" if found.before.value <= 0 else "a standstill might go unseen"
        return Verdict(CODE, NAME, Outcome.unknown, found.chance, alarm, f"Cannot tell {measured}: {why}. {least}")
    for other, case in ((none, f"if none of the {rows} was above the record that stood"), (naive, "read naively")):
        if other is not None and other.chance <= alarm:
            says = f"Cannot tell {measured}: no slowing is seen, but {case}, it would be (p = {other.chance:.2g}). "
            says += f"What is missing is unknown, not slow. {least}"
            return Verdict(CODE, NAME, Outcome.unknown, found.chance, alarm, says)
    return Verdict(CODE, NAME, Outcome.passed, found.chance, alarm, f"No slowing seen {measured}. {least}")


def broken(series: Series, found: Sought, alarm: float) -> Verdict:
    """Whether the pace changes anywhere."""
    code, name = "break", "one pace runs through all points"
    near = f"{show_date(found.place.value)} ({show_date(found.place.low)} to {show_date(found.place.high)})"
    chance = min(found.chance, found.rise)
    if chance > alarm / 2:  # two directions are asked
        says = (
            f"No change of pace stands out anywhere (p = {found.chance:.2g} for a fall, {found.rise:.2g} for a rise, "
        )
        says += "all dates being tried and paid for)."
        return Verdict(code, name, Outcome.passed, chance, alarm / 2, says)
    way = "falls" if found.chance <= found.rise else "rises"
    says = f"The pace {way} near {near} (p = {chance:.2g}, all dates being tried and paid for): one line through all "
    says += "points describes neither side, so begin the trend after it."
    return Verdict(code, name, Outcome.warn, chance, alarm / 2, says)


def remembered(found: Window) -> Verdict:
    """Whether points remember each other for so long that even these intervals are too short."""
    code, name = "dependence", "the scatter fades within the series"
    share = found.memory / YEAR / max(found.end - found.start, 1e-9)
    wide = (found.pace.high - found.pace.low) / max(found.plain.high - found.plain.low, 1e-300)
    says = "Points are most likely independent of each other" if not found.memory else ""
    says = says or f"Points remember each other for about {found.memory:.0f} days, {share:.0%} of the window"
    says += f"; intervals allow for what is not known of that, and are {wide:.2g} times those of independent points"
    if share <= _SLOW:
        return Verdict(code, name, Outcome.passed, share, _SLOW, f"{says}.")
    says += ". Swings as slow as these can pass for a pace: the intervals may hold the truth less often than they say."
    return Verdict(code, name, Outcome.warn, share, _SLOW, says)


def bounded(series: Series, rows: np.ndarray) -> Verdict | None:
    """How many values of a benchmark are too near its floor or ceiling to be read; None for other scales."""
    if series.scale.name != "logit":
        return None
    code, name = "ceiling", "values lie clear of floor and ceiling"
    high, low = int((series.sides[rows] > 0).sum()), int((series.sides[rows] < 0).sum())
    share = (high + low) / max(len(rows), 1)
    says = f"{high} of {len(rows)} values lie within {MARGIN:.0%} of the ceiling {series.scale.ceiling:g} and {low} of "
    says += f"the floor {series.scale.floor:g}"
    if not share:
        return Verdict(code, name, Outcome.passed, share, 0.0, f"{says}.")
    says += (
        ": there a benchmark cannot tell models apart, so they are read as bounds; their approach to the ceiling is "
    )
    says += "not taken for slowing."
    return Verdict(code, name, Outcome.warn, share, 0.0, says)
