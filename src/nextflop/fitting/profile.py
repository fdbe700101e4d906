"""What the runs say of one parameter when all others may follow: profile likelihood."""

from dataclasses import dataclass, replace

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import better
from nextflop.fitting.estimate import prepare, search
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.newton import Optima, minimise
from nextflop.fitting.problem import GONE, Problem
from nextflop.fitting.sandwich import sandwich
from nextflop.fitting.table import Table

_POINTS = 81  # each side has half of them
_REACH = 40.0  # standard errors; beyond, the values spread geometrically to the end of the search
_OTHERS = 6  # optima with the parameter held at the estimate, from which every value is searched
_APART = 1e-3  # of a coordinate, by which optima are distinct
_SWEEPS = 6  # in which every point starts again from its neighbours


@dataclass(frozen=True)
class Profile:
    """The least objective at each value of one parameter.

    Attributes:
        parameter: its name.
        values: rising, shape (points,), in the law's unit.
        rise: the least objective with the parameter held there, over the best, less 1; shape (points,).
        limit: the rise up to which a value belongs to the interval.
        interval: the estimate with the ends of the interval; an end that these data do not set is infinite, or the
            bound of the family.
        level: level of the interval.
        missed: how far the objective of the fit lies above the lowest that the profile came upon, as a share of it: 0
            where the fit is the optimum.
    """

    parameter: str
    values: np.ndarray
    rise: np.ndarray
    limit: float
    interval: Interval
    level: float
    missed: float = 0.0

    @property
    def open_above(self) -> bool:
        """Whether no value, however large, is excluded by these data."""
        return bool(self.rise[-1] <= self.limit)

    @property
    def open_below(self) -> bool:
        """Whether no value, however small, is excluded by these data."""
        return bool(self.rise[0] <= self.limit)

    @property
    def sentence(self) -> str:
        """What the profile says, in words."""
        name, (value, low, high), level = self.parameter, self.interval, f"{self.level:.0%}"
        if self.open_above and self.open_below:
            return f"{name} has neither a lower nor an upper end in these data."
        if self.open_above:
            return (
                f"{name} has no upper end in these data: at {level} it is above {low:.3g}, and {value:.3g} fits best."
            )
        if self.open_below:
            return (
                f"{name} has no lower end in these data: at {level} it is below {high:.3g}, and {value:.3g} fits best."
            )
        return f"{name} lies between {low:.3g} and {high:.3g} at {level}."

    def to_json(self) -> dict[str, Json]:
        """The profile as JSON."""
        return {
            **vars(self),
            "interval": self.interval._asdict(),
            "open_above": self.open_above,
            "open_below": self.open_below,
            "sentence": self.sentence,
        }


def profile(fit: Fit, runs: Runs, parameter: str, *, values: np.ndarray | None = None) -> Profile:
    """Holds one parameter at many values and fits all others at each.

    The limit is that of a likelihood ratio for an objective that need not be a likelihood: the rise of the objective
    at one standard error of the sandwich, times the squared quantile of Student's t (Kent 1982,
    doi:10.1093/biomet/69.1.19).

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
        parameter: its name.
        values: where it is held, in the law's unit; by default from one end of what a search would try to the other.

    Raises:
        InputError: if the runs are not those that were fitted, or the parameter is pinned or unknown.
    """
    if runs.digest != fit.runs_digest or fit.method is None:
        raise InputError("These are not the runs that were fitted: give the same table, unchanged.")
    if parameter not in fit.law.parameters:
        raise unknown(f"parameter of {fit.law.name}", parameter, fit.law.parameters)
    if parameter in fit.method.pinned:
        raise InputError(f"{parameter} is pinned, so it has no profile: choose a free parameter.")
    estimate = float(fit.law.values[parameter])
    probe = estimate if not fit.law.parameters[parameter].log else max(estimate, 1e-300)
    # Held parameters keep the unit of the law; so does the one that is profiled.
    table, problem = prepare(type(fit.law), runs, replace(fit.method, pinned={**fit.method.pinned, parameter: probe}))
    index = list(fit.law.parameters).index(parameter)
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[index], upper[index] = -np.inf, np.inf
    problem = replace(problem, lower=lower, upper=upper)
    freed = replace(problem, free=problem.free | (np.arange(len(lower)) == index))
    best = minimise(freed, problem.coordinates(fit.law)[None], table.response, table.weights)
    point = best.points[0]
    spread = sandwich(freed, table, point)
    error = float(np.sqrt(spread.covariance[index, index])) or 1.0
    held = _grid(problem, index, point, error) if values is None else _held(problem, index, values)
    found = _follow(problem, table, index, held, point, spread.bread[:, index])
    lowest = min(float(best.values[0]), float(found.values.min()))
    floor = max(lowest, float(problem.floor(table.weights[None])[0]))
    rise = np.maximum(found.values, floor) / floor - 1
    missed = max(float(best.values[0]), floor) / floor - 1
    limit = _limit(spread.covariance[index, index], spread.bread[index, index], spread.freedom, fit.level) / floor
    shown = np.exp(held) if problem.log[index] else held
    low, high = _ends(held, rise, limit, point[index], fit, parameter)
    return Profile(parameter, shown, rise, limit, Interval(estimate, low, high), fit.level, missed)


def _held(problem: Problem, index: int, values: np.ndarray) -> np.ndarray:
    values = np.unique(np.asarray(values, dtype=np.float64))
    return np.log(values) if problem.log[index] else values


def _grid(problem: Problem, index: int, point: np.ndarray, error: float) -> np.ndarray:
    """Coordinates close together near the estimate and far apart away from it, within what the family allows."""
    entry = list(problem.law.parameters.values())[index]
    here = point[index]
    near = error * np.linspace(0, 1, _POINTS // 2) ** 2 * _REACH
    low, high = (
        (np.log(end) if end > 0 else -np.inf) if entry.log and np.isfinite(end) else end
        for end in (entry.lower, entry.upper)
    )
    far = abs(np.log(GONE)) if entry.log else max(1e3 * abs(here), 1e3 * error)
    low, high = max(low, here - far), min(high, here + far)
    steps = np.concatenate([here - near, here + near, np.linspace(low, high, 25)])
    return np.unique(np.clip(steps, low, high))


def _follow(
    problem: Problem, table: Table, index: int, held: np.ndarray, point: np.ndarray, bread: np.ndarray
) -> Optima:
    """The optimum at each held coordinate: from the estimate, from the grid of starts, then from its neighbours.

    A start is moved as the other coordinates follow the held one to first order.
    """
    others = search(problem, table).optima
    chosen: list[np.ndarray] = []
    for start in others.points[np.argsort(others.values, kind="stable")]:
        if len(chosen) < _OTHERS and all(np.abs(start - one).max() > _APART for one in chosen):
            chosen.append(start)
    along = bread / bread[index] if bread[index] > 0 else np.eye(len(bread))[index]

    def at(starts: np.ndarray, from_here: np.ndarray | float) -> Optima:
        moved = starts + (held - from_here)[:, None] * along
        moved[:, index] = held
        return minimise(problem, moved, table.response, table.weights)

    found = at(np.tile(point, (len(held), 1)), point[index])
    for start in chosen:
        found = better(found, at(np.tile(start, (len(held), 1)), held))
    for _ in range(_SWEEPS):
        before = found.values.copy()
        for shift in (1, -1):
            found = better(found, at(np.roll(found.points, shift, axis=0), np.roll(held, shift)))
        if (found.values >= before * (1 - 1e-9)).all():
            break
    return found


def _limit(variance: float, bread: float, freedom: int, level: float) -> float:
    from scipy.special import stdtrit  # `scipy.stats` has it too, and takes most of a second to import

    return 0.5 * variance / max(bread, 1e-300) * float(stdtrit(freedom, (1 + level) / 2)) ** 2


def _ends(
    held: np.ndarray, rise: np.ndarray, limit: float, here: float, fit: Fit, parameter: str
) -> tuple[float, float]:
    """Where the rise crosses the limit first on each side of the estimate, in the law's unit."""
    entry = fit.law.parameters[parameter]
    ends = []
    for side in (-1, 1):
        rows = np.flatnonzero(side * (held - here) >= 0)
        rows = rows[np.argsort(side * held[rows])]
        crossed = np.flatnonzero(rise[rows] > limit)
        if not crossed.size:
            ends.append(entry.lower if side < 0 else entry.upper)
            continue
        # Between the last value inside and the first one outside the root of the rise is nearly straight.
        outside = crossed[0]
        x1, y1 = held[rows[outside]], np.sqrt(rise[rows[outside]])
        x0, y0 = (held[rows[outside - 1]], np.sqrt(max(rise[rows[outside - 1]], 0.0))) if outside else (here, 0.0)
        end = x0 + (x1 - x0) * (np.sqrt(limit) - y0) / max(y1 - y0, 1e-300)
        ends.append(float(np.exp(end)) if entry.log else float(end))
    return ends[0], ends[1]
