"""Does a unit of the resource buy less from some place on? A break of the law's slope, its place unknown.

The curve may turn at any place τ: from there on, a unit of the resource (an e-folding of compute, a year) is worth
1 - s units on the law. For small s that adds s times a known shape, with a corner at τ, to the residuals. The largest
F statistic over all τ is held against what it is when residuals are turned about by random signs, so that looking
everywhere has its price (Davies 1987, doi:10.1093/biomet/74.1.33; Hansen 2017, doi:10.1080/07350015.2015.1073595).
How large s is at a given τ is then found by fitting the law to what the compute or time is worth, for many s.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.evidence.dates import show_date
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import restored
from nextflop.fitting.estimate import fit, prepare
from nextflop.fitting.fit import Interval
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.judging.withheld import Resource, kind
from nextflop.laws.base import Law
from nextflop.quantities import show

_SHARES = np.sinh(np.arange(-6, 5) / 2)  # of a unit's worth that may be lost: from -10 to 3.6
_ROUNDS, _STEPS, _WITHIN = 5, 7, 5  # finer and finer, until so many shares are in the interval
_NEAR = 1e-4  # relative offset at which squares are right to eight digits
_FAINT = 0.5  # chance above which a kink is nothing; no false-alarm rate is as high
_PLACES = 61  # at which the curve may turn
_VISIBLE = 1e-2  # of a shape, that the law's own parameters leave of it
_LEAST = 3  # residual degrees of freedom beside the law and the kink


class Kink(NamedTuple):
    """A change of slope.

    Attributes:
        place: where the curve turns most likely, with the interval of places that fit as well; along the axis.
        share: of the worth of a unit that is lost from there on, with its interval; below 0 if a unit is worth more.
            Not sought, and nan, where the kink does not stand out at all.
        chance: of a kink that stands out as much, wherever, if there is none.
        cut: share of the worth lost from the cut on, with its interval; nan if it cannot be known.
        cut_chance: of a change at the cut as large in either direction, if there is none.
    """

    place: Interval
    share: Interval
    chance: float
    cut: Interval
    cut_chance: float

    def to_json(self) -> dict[str, Json]:
        """The kink as JSON."""
        spans = {name: getattr(self, name)._asdict() for name in ("place", "share", "cut")}
        return {**self._asdict(), **spans}


def kink(
    law: type[Law],
    runs: Runs,
    along: np.ndarray,
    cut: float,
    *,
    worse: int,
    log: bool,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
) -> Kink | None:
    """Looks for a change of slope in all runs, by least squares.

    Args:
        law: the family.
        runs: the table.
        along: where each run is, in compute or in years, shape (runs,).
        cut: the place that was named beforehand.
        worse: 1 if a larger response is worse, -1 if it is better.
        log: whether squares are of logarithms of the response.
        pinned, cluster, seed, level: as for `fit`.
        draws: of the reference.

    Returns:
        None if the law's inputs are no one resource, or the runs are too few, or have none of it.
    """
    what = kind(law)
    if what is None or (what == "compute" and (along <= 0).any()):
        return None
    method = Method(Squares(log), pinned or {}, cluster)
    fitted = fit(law, runs, objective=method.objective, pinned=pinned, cluster=cluster, draws=0, seed=seed)
    table, problem = prepare(law, runs, method)
    place = (np.log(along) if what == "compute" else along)[table.order]
    turn = float(np.log(cut)) if what == "compute" else cut
    resource = Resource(fitted.law, table.inputs, log, worse)
    point = problem.coordinates(fitted.law)
    root = np.sqrt(table.weights)
    live = problem.free & (point > problem.lower) & (point < problem.upper)
    own = np.linalg.qr((problem.slopes(point)[live] * root).T)[0]
    levels = np.unique(place)
    if table.clusters - own.shape[1] - 1 < _LEAST or len(levels) < 5:
        return None
    turns = np.append(np.linspace(levels[1], levels[-2], _PLACES), turn)
    shapes = resource.slopes() * np.maximum(place - turns[:, None], 0.0) * root
    left = shapes - (shapes @ own) @ own.T
    sizes = np.linalg.norm(left, axis=1)
    seen = sizes > _VISIBLE * np.maximum(np.linalg.norm(shapes, axis=1), 1e-300)
    unit = np.where(seen[:, None], left / np.maximum(sizes, 1e-300)[:, None], 0.0)
    freedom = table.clusters - own.shape[1] - 1

    def statistics(gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """F at each turn and the squares that are left, shape (rows, turns), for rows of gaps."""
        gaps = gaps - (gaps @ own) @ own.T
        gained = (gaps @ unit.T) ** 2
        rest = np.maximum((gaps**2).sum(axis=1, keepdims=True) - gained, 1e-300)
        return gained / rest * freedom, rest

    gaps = -worse * problem.residuals(point[None], table.response) * root
    found, rest = statistics(gaps)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, table.clusters))[:, table.groups]
    other, _ = statistics(signs * (-worse * restored(problem, table, point) * root))
    best = int(found[0, :-1].argmax())
    stand = float((1 + (other[:, :-1].max(axis=1) >= found[0, best]).sum()) / (draws + 1))
    from scipy.stats import f

    limit = 1 + float(f.ppf(level, 1, freedom)) / freedom  # of the squares, up to which a value is in its interval
    # Places whose kink leaves hardly more than the best (Hansen 2017: the F test of the place, inverted).
    near = turns[:-1][rest[0, :-1] <= rest[0, best] * limit]
    ends = [float(np.exp(end)) if what == "compute" else float(end) for end in (turns[best], near.min(), near.max())]

    def lost(where: float) -> Interval:
        return _lost(problem, table, point, resource, np.maximum(place - where, 0.0), limit)

    cut_chance = float((1 + (other[:, -1] >= found[0, -1]).sum()) / (draws + 1)) if seen[-1] else float("nan")
    at_cut = lost(turn) if seen[-1] else Interval(*[float("nan")] * 3)
    share = lost(float(turns[best])) if stand <= _FAINT else Interval(*[float("nan")] * 3)
    return Kink(Interval(*ends), share, stand, at_cut, cut_chance)


def _lost(
    problem: Problem, table: Table, point: np.ndarray, resource: Resource, past: np.ndarray, limit: float
) -> Interval:
    """The share of its worth that a unit has lost beyond a place, by the squares that are left at many shares.

    Args:
        problem: what was minimised without a kink.
        table: the runs.
        point: where it was least.
        resource: the runs as amounts of the law's resource.
        past: how far each run is beyond the place, 0 before it.
        limit: the factor on the least squares up to which a share is in the interval.

    Returns:
        Infinite ends where no share that was tried leaves too much.
    """
    shares, squares, points = np.zeros(1), np.array([problem.value(point[None], *_rows(table))[0]]), point[None]
    grid, within = _SHARES[_SHARES != 0], np.zeros(1, int)
    for _ in range(_ROUNDS):
        for share in grid[np.argsort(np.abs(grid - shares[squares.argmin()]))]:  # outwards from the best so far
            inputs = resource.less(share * past)
            moved = replace(problem, inputs={name: np.asarray(x) / problem.units[name] for name, x in inputs.items()})
            start = points[np.abs(shares - share).argmin()]
            found = minimise(moved, start[None], table.response, table.weights, _NEAR)
            order = np.argsort(np.append(shares, share))
            shares, squares = np.append(shares, share)[order], np.append(squares, found.values)[order]
            points = np.append(points, found.points, axis=0)[order]
        within = np.flatnonzero(squares <= limit * squares.min())
        if len(within) >= _WITHIN:
            break
        low, high = shares[max(within[0] - 1, 0)], shares[min(within[-1] + 1, len(shares) - 1)]
        grid = np.linspace(low, high, _STEPS + 2)[1:-1]
        grid = grid[np.abs(grid[:, None] - shares).min(axis=1) > 1e-9 * (high - low)]
    over = squares / max(float(squares.min()), 1e-300) - limit
    ends = []
    for side, edge, inner in ((-1, 0, within[0]), (1, len(shares) - 1, within[-1])):
        if inner == edge:
            ends.append(side * float("inf"))
            continue
        x, y = shares[[inner, inner + side]], over[[inner, inner + side]]
        ends.append(float(x[0] - (x[1] - x[0]) * y[0] / (y[1] - y[0])))
    best = int(squares.argmin())
    value = float(shares[best])
    if 0 < best < len(shares) - 1:  # the foot of the parabola through the three lowest
        x, y = shares[best - 1 : best + 2], squares[best - 1 : best + 2]
        slopes = np.diff(y) / np.diff(x)
        bend = (slopes[1] - slopes[0]) / (x[2] - x[0])
        value = float((x[0] + x[1]) / 2 - slopes[0] / (2 * bend)) if bend > 0 else value
    return Interval(value, *ends)


def _rows(table: Table) -> tuple[np.ndarray, np.ndarray]:
    return table.response[None], table.weights[None]


def broken(found: Kink, axis: str, alarm: float, level: float) -> Verdict:
    """Whether the slope changes somewhere, with what is known of the cut."""
    code, name = "break", "one slope runs through all runs"

    def at(value: float) -> str:
        return show_date(value) if axis == "date" else show(value, "FLOP" if axis in {"flop", "compute"} else "")

    each = "year" if axis == "date" else "decade"
    if found.cut.value == found.cut.value:
        there = f"from the last run before the cut on, a {each} is worth {_less(found.cut.value)} than before "
        there += f"({level:.0%} interval {-found.cut.high:+.0%} to {-found.cut.low:+.0%}; p = {found.cut_chance:.2g})."
    else:
        there = "what changes at the cut cannot be told from the law's own bend."
    if found.chance > alarm:
        says = f"No change of slope stands out anywhere (p = {found.chance:.2g}); {there}"
        return Verdict(code, name, Outcome.passed, found.chance, alarm, says)
    says = f"The slope changes near {at(found.place.value)} ({at(found.place.low)} to {at(found.place.high)}): beyond, "
    says += f"a {each} is worth {_less(found.share.value)} than before (p = {found.chance:.2g}); {there}"
    return Verdict(code, name, Outcome.warn, found.chance, alarm, says)


def _less(share: float) -> str:
    return f"{abs(share):.0%} {'less' if share >= 0 else 'more'}"
