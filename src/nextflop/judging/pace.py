"""Doubling times: the pace of exponential growth as a length of time, with an interval."""

import numpy as np

from nextflop.evidence.dates import YEAR
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit, Interval


def doubling_time(fit: Fit, runs: Runs, level: float | None = None) -> Interval:
    """Days in which the value doubles, by a fit of `Growth`; below 0 where it halves instead.

    The interval is that of ordinary regression (Student's t), for rows that scatter independently and alike. Where
    it reaches a pace of 0 its far end is infinite.

    Args:
        fit: a fit of `Growth` to logarithms.
        runs: the table that was fitted.
        level: of the interval; that of the fit if not given.
    """
    from scipy.stats import t

    pace = float(fit.law.values["g"])
    date = runs["date"]
    freedom = len(date) - 2
    if freedom < 1:
        return Interval(_days(pace), float("nan"), float("nan"))
    # Residuals are natural logarithms, the pace is in binary ones.
    scatter = np.sqrt((fit.residuals**2).sum() / freedom) / np.log(2)
    error = float(scatter / np.sqrt(((date - date.mean()) ** 2).sum()))
    reach = float(t.ppf((1 + (level or fit.level)) / 2, freedom)) * error
    return days_to_double(Interval(pace, pace - reach, pace + reach))


def days_to_double(pace: Interval) -> Interval:
    """Paces in doublings a year as times in days, below 0 where the value halves.

    Where both a rise and a fall are possible, with no change at all between them, the far end is infinite.
    """
    value, low, high = pace
    if low * high > 0:
        return Interval(_days(value), *sorted((_days(low), _days(high))))
    return Interval(_days(value), _days(high), np.inf) if value > 0 else Interval(_days(value), -np.inf, _days(low))


def _days(pace: float) -> float:
    return YEAR / pace if pace else float("inf")
