r"""A frontier with a pinned asymptote, in closed form: what one run of another recipe is worth in its compute.

With $L_\infty$ known the law $L(C) = L_\infty + A C^{-\alpha}$ is a straight line of log(L - L_∞) against log C, and a
run of another recipe with loss L_c at compute C is worth

$$\left(\frac{L_b(C) - L_\infty}{L_c - L_\infty}\right)^{1/\alpha}$$

times that compute of the baseline. The interval is that of calibration by a line (Fieller 1954; Draper and Smith 1998,
section 3.2): all factors m at which the loss of the run could have come from the baseline's line at m C, by Student's t
on n - 2 residuals. It holds what the line is missed by, its own uncertainty and the scatter of the new runs, and has no
end where the line may as well be level.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.judging.comparison import Pin, spelled
from nextflop.judging.verdict import Outcome, Verdict

_FEWEST = 3  # runs, of which two make a line and one shows how far it may be believed


class Worth(NamedTuple):
    """One run, or all of a recipe together, against the frontier.

    Attributes:
        compute: of the run; of several, their geometric mean.
        loss: of the run; of several, that whose distance from the asymptote is the geometric mean.
        expected: the loss of the frontier at that compute, with the interval of a single run.
        multiplier: how many times the compute the baseline needs for that loss.
        beyond: decades outside the compute of the frontier.
    """

    compute: float
    loss: float
    expected: Interval
    multiplier: Interval
    beyond: float

    def to_json(self) -> dict[str, Json]:
        """The worth as JSON."""
        return {**self._asdict(), "expected": self.expected._asdict(), "multiplier": self.multiplier._asdict()}


@dataclass(frozen=True)
class Frontier:
    """A baseline's best losses, as a line of log(L - E) against log C.

    Attributes:
        pin: the asymptote E, the metric that it belongs to, and why it is what it is.
        A: loss above E at one unit of compute.
        alpha: exponent of compute.
        middle: of log C and log(L - E), over the runs.
        spread: sum of squares of log C about its middle.
        scatter: standard deviation of the residuals, of n - 2 degrees of freedom.
        runs: n.
        low, high: the compute of the runs.
        level: of all intervals.
    """

    pin: Pin
    A: Interval
    alpha: Interval
    middle: tuple[float, float]
    spread: float
    scatter: float
    runs: int
    low: float
    high: float
    level: float

    def at(self, compute: float, runs: int = 1) -> Interval:
        """The loss at some compute, with the interval of the mean of so many new runs there."""
        away = np.log(compute) - self.middle[0]
        line = self.middle[1] - self.alpha.value * away
        reach = self._t * self.scatter * np.sqrt(1 / runs + 1 / self.runs + away**2 / self.spread)
        return Interval(*(self.pin.value + float(np.exp(line + side * reach)) for side in (0, -1, 1)))

    def worth(self, compute: np.ndarray, loss: np.ndarray) -> Worth:
        """What runs of another recipe are worth, all together: one multiplier for all of them.

        Args:
            compute: of each run, shape (runs,).
            loss: likewise.

        Raises:
            FitError: if a loss is not above the asymptote.
        """
        compute, loss = np.atleast_1d(compute), np.atleast_1d(loss)
        x, y = float(np.log(compute).mean()), float(_gaps(loss, self.pin.value, "The candidate").mean())
        # (y - ȳ - b u)² = t² s² (1/k + 1/n + u²/S) in u, how far the line must be followed from its middle.
        slope, rise = -self.alpha.value, y - self.middle[1]
        noise = (self._t * self.scatter) ** 2
        square = slope**2 - noise / self.spread
        rest = rise**2 - noise * (1 / len(loss) + 1 / self.runs)
        roots = (-np.inf, np.inf)
        if square > 0:
            reach = np.sqrt(max((slope * rise) ** 2 - square * rest, 0.0))
            roots = ((slope * rise - reach) / square, (slope * rise + reach) / square)
        with np.errstate(over="ignore"):
            found = [float(np.exp(u + self.middle[0] - x)) for u in (rise / slope, *roots)]
        beyond = float(max(abs(np.log10(np.clip(compute, self.low, self.high) / compute))))
        there, gap = float(np.exp(x)), float(np.exp(y))
        return Worth(there, self.pin.value + gap, self.at(there, len(loss)), Interval(*found), beyond)

    @property
    def _t(self) -> float:
        return student(self.level, self.runs - 2)

    def to_json(self) -> dict[str, Json]:
        """The frontier as JSON."""
        return {
            "pin": self.pin._asdict(),
            "A": self.A._asdict(),
            "alpha": self.alpha._asdict(),
            "scatter": self.scatter,
            "runs": self.runs,
            "degrees_of_freedom": self.runs - 2,
            "low": self.low,
            "high": self.high,
            "level": self.level,
        }


@dataclass(frozen=True)
class Speedup:
    """A candidate's runs against a baseline's frontier.

    Attributes:
        frontier: of the baseline.
        runs: each run of the candidate, by compute.
        together: all of them, under one multiplier.
        names: of the baseline and the candidate.
    """

    frontier: Frontier
    runs: tuple[Worth, ...]
    together: Worth
    names: tuple[str, str]

    @property
    def verdict(self) -> Verdict:
        """Whether the candidate's runs are worth more than their compute."""
        code, name = "speedup", f"{self.names[1]} lies below the frontier"
        times = self.together.multiplier
        count = "Its run is" if len(self.runs) == 1 else f"Its {len(self.runs)} runs are"
        says = f"{count} worth {spelled(times)} times the compute of {self.names[0]}"
        if times.low > 1:
            return Verdict(code, name, Outcome.passed, times.value, 1.0, f"{says}.")
        if times.high < 1:
            return Verdict(code, name, Outcome.fail, times.value, 1.0, f"{says}: worse.")
        seen = float(np.sqrt(times.high / times.low)) if times.low > 0 and np.isfinite(times.high) else np.inf
        says += f": the frontier scatters too much to tell, and a gain of {seen:.3g} times could have gone unseen."
        return Verdict(code, name, Outcome.unknown, times.value, 1.0, says)

    def to_json(self) -> dict[str, Json]:
        """The speedups as JSON."""
        return {
            "frontier": self.frontier.to_json(),
            "runs": [run.to_json() for run in self.runs],
            "together": self.together.to_json(),
            "verdict": self.verdict.to_json(),
        }


def frontier(runs: Runs, pin: Pin, *, level: float = 0.9) -> Frontier:
    """The line through log(L - E) against log C, by least squares.

    Args:
        runs: a table with "compute" and "loss", a best run a row.
        pin: the asymptote, with the metric that it belongs to and the reason.
        level: of the intervals.

    Raises:
        InputError: if a column is missing, or the runs say that their loss is of another metric.
        FitError: if there are fewer than three computes, a loss is not above the asymptote, or losses do not fall.
    """
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")
    _same_metric(runs, pin)
    x = _logs(runs["compute"])
    y = _gaps(runs["loss"], pin.value, "The baseline")
    if len(np.unique(x)) < _FEWEST:
        raise FitError(
            f"A frontier of {len(np.unique(x))} different computes cannot show how far to believe it: give "
            f"{_FEWEST} or more."
        )
    middle = (float(x.mean()), float(y.mean()))
    spread = float(((x - middle[0]) ** 2).sum())
    slope = float(((x - middle[0]) * (y - middle[1])).sum() / spread)
    if slope >= 0:
        raise FitError("The losses of the baseline do not fall with compute, so nothing can be counted in its compute.")
    count = len(x)
    scatter = float(np.sqrt(((y - middle[1] - slope * (x - middle[0])) ** 2).sum() / (count - 2)))
    t = student(level, count - 2)
    reach = t * scatter / np.sqrt(spread)
    start = middle[1] - slope * middle[0]
    off = t * scatter * np.sqrt(1 / count + middle[0] ** 2 / spread)
    return Frontier(
        pin,
        Interval(*(float(np.exp(start + side * off)) for side in (0, -1, 1))),
        Interval(-slope, float(-slope - reach), float(-slope + reach)),
        middle,
        spread,
        scatter,
        count,
        float(np.exp(x.min())),
        float(np.exp(x.max())),
        level,
    )


def speedup(
    baseline: Runs,
    candidate: Runs,
    pin: Pin,
    *,
    level: float = 0.9,
    names: tuple[str, str] = ("baseline", "candidate"),
) -> Speedup:
    """What each run of a candidate, be it a single one, is worth in a baseline's compute.

    Args:
        baseline: the runs of the frontier, with "compute" and "loss".
        candidate: likewise; one run is enough.
        pin: the asymptote, with the metric that it belongs to and the reason.
        level: of the intervals.
        names: what to call the recipes.

    Raises:
        InputError, FitError: as `frontier`.
    """
    line = frontier(baseline, pin, level=level)
    _same_metric(candidate, pin)
    compute, loss = np.exp(_logs(candidate["compute"])), candidate["loss"]
    runs = tuple(line.worth(compute[[row]], loss[[row]]) for row in np.argsort(compute, kind="stable"))
    return Speedup(line, runs, line.worth(compute, loss), names)


@cache
def student(level: float, freedom: int) -> float:
    """The half-width of a central interval of Student's t."""
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, freedom))


def _same_metric(runs: Runs, pin: Pin) -> None:
    counted = runs.conventions.get("loss")
    if counted is not None and counted != pin.metric:
        raise InputError(
            f"The asymptote {pin.value:g} was given for {pin.metric!r}, and the losses of the runs are {counted!r}: an "
            "asymptote holds for one metric; give that of the runs."
        )


def _logs(compute: np.ndarray) -> np.ndarray:
    if not (np.isfinite(compute) & (compute > 0)).all():
        raise InputError("Every run needs a compute that is a finite number above 0: correct the table.")
    return np.log(compute)


def _gaps(loss: np.ndarray, asymptote: float, whose: str) -> np.ndarray:
    if not (loss > asymptote).all():
        raise FitError(
            f"{whose} has a run with loss {loss.min():.4g}, which is not above the asymptote {asymptote:g}: that "
            "cannot be the asymptote of this metric."
        )
    return np.log(loss - asymptote)
