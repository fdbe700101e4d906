"""Paces, levels and dates of a series as a sentence has them."""

import math

from nextflop.evidence.dates import YEAR, show_date
from nextflop.fitting.fit import Interval
from nextflop.judging.pace import days_to_double
from nextflop.outlook.trend.readings import CENSORED, LARGER, NAIVE, NONE
from nextflop.outlook.trend.scale import Scale
from nextflop.outlook.trend.series import Series
from nextflop.quantities import show

_HOURS_FROM = 120.0  # minutes
_LONG = 20 * YEAR
"""Days beyond which a doubling time is no help; the pace is then said as a factor a year."""


def doubling(slope: float) -> float:
    """Days in which what grows by so many e-foldings a year doubles; below 0 where it halves."""
    return YEAR * math.log(2) / slope if slope else math.inf


def doublings(pace: Interval) -> Interval:
    """Doubling times of paces in e-foldings a year."""
    return days_to_double(Interval(*(part / math.log(2) for part in pace)))


def pace_words(series: Series, pace: float) -> str:
    """A pace in the direction of progress, as what the values do."""
    slope = series.sign * pace
    if math.isinf(slope) or math.isnan(slope):
        return "no pace that can be told"
    if series.scale.name != "log":
        unit = "logits" if series.scale.name == "logit" else series.unit or "units"
        return f"{slope:+.3g} {unit} a year"
    days = doubling(slope)
    if abs(days) > _LONG:
        return f"×{_short(slope)} a year"
    return f"{'doubling' if slope > 0 else 'halving'} every {abs(days):.0f} days"


def span_words(series: Series, pace: Interval) -> str:
    """The interval of a pace, in the words of its value."""
    ends = sorted((series.sign * pace.low, series.sign * pace.high))
    days = [doubling(end) for end in ends]
    if series.scale.name != "log":
        return f"{ends[0]:+.3g} to {ends[1]:+.3g}"
    if ends[0] * ends[1] > 0 and max(map(abs, days)) <= _LONG:
        return f"{min(map(abs, days)):.0f} to {max(map(abs, days)):.0f}"
    return f"×{_short(ends[0])} to ×{_short(ends[1])} a year"


def pace_unit(series: Series) -> str:
    """What a column of paces counts."""
    if series.scale.name == "log":
        return "days to double"
    return f"{'logits' if series.scale.name == 'logit' else series.unit or 'units'} a year"


def pace_cell(series: Series, pace: float) -> str:
    """A pace as a cell of that column: negative days where values halve, a factor where neither says much."""
    slope = series.sign * pace
    if series.scale.name != "log":
        return f"{slope:+.3g}"
    days = doubling(slope)
    return f"{days:.0f}" if abs(days) <= _LONG else f"×{_short(slope)} a year"


def rate_words(series: Series, pace: Interval) -> tuple[str, str]:
    """A pace a year and its interval: factors for what grows by factors, steps for all else."""
    value, low, high = (series.sign * part for part in (pace.value, *sorted(pace[1:], key=lambda x: series.sign * x)))
    if series.scale.name == "log":
        return f"×{_short(value)}", f"{_short(low)} to {_short(high)}"
    return f"{value:+.3g}", f"{low:+.3g} to {high:+.3g}"


def reading_words(series: Series, name: str) -> str:
    """What rows without a value were, in one reading."""
    larger = "ten times above the trend" if series.scale.name == "log" else "a year ahead of the trend"
    return {
        CENSORED: "unknown (the answer)",
        NAIVE: "not there (naive)",
        LARGER: larger,
        NONE: "none above the record",
    }[name]


def value_words(series: Series, value: float) -> str:
    """A value with its unit; many minutes in hours."""
    if series.unit == "minutes" and value >= _HOURS_FROM:
        return f"{show(value / 60)} hours"
    return (
        show(value, series.unit) if series.unit in {"FLOP", "$", "tokens"} else f"{show(value)} {series.unit}".strip()
    )


def unscaled(scale: Scale, sign: int, places: Interval) -> Interval:
    """Places in the direction of progress as values, the lower end first."""
    value, *ends = (float(scale.back(sign * place)) for place in places)
    return Interval(value, *sorted(ends))


def date_words(date: float) -> str:
    """A date that may never come."""
    return show_date(date) if math.isfinite(date) and 1 <= date < 9999 else "never"


def _short(slope: float) -> str:
    factor = math.exp(slope) if slope < 700 else math.inf
    return f"{factor:.3g}"
