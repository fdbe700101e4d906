"""Does a unit of the resource buy less from some place on? A break of the law's slope, its place unknown.

The curve may turn at any place τ: from there on, a unit of the resource (an e-folding of compute, a year) is worth
1 - s units on the law. To first order that adds s times a known shape to the residuals, with a corner at τ. The
largest F statistic over all τ is held against what it is when residuals are turned about by random signs, so that
looking everywhere has its price (Davies 1987, doi:10.1093/biomet/74.1.33; Hansen 2017, doi:10.1080/07350015.2015.1073595).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import restored
from nextflop.fitting.estimate import fit, prepare
from nextflop.fitting.fit import Interval
from nextflop.fitting.objective import Method, Objective
from nextflop.judging.withheld import Resource, kind
from nextflop.laws.base import Law

_PLACES = 61  # at which the curve may turn
_VISIBLE = 1e-2  # of a shape, that the law's own parameters leave of it
_LEAST = 3  # residual degrees of freedom beside the law and the kink


class Kink(NamedTuple):
    """A change of slope.

    Attributes:
        place: where the curve turns most likely, with the interval of places that fit as well; along the axis.
        share: of the worth of a unit that is lost from there on; below 0 if it is worth more.
        chance: of a kink that stands out as much, wherever, if there is none.
        cut: share of the worth lost from the cut on, with its interval; nan if it cannot be known.
        cut_chance: of a change at the cut as large in either direction, if there is none.
    """

    place: Interval
    share: float
    chance: float
    cut: Interval
    cut_chance: float

    def to_json(self) -> dict[str, Json]:
        """The kink as JSON."""
        return {**self._asdict(), "place": self.place._asdict(), "cut": self.cut._asdict()}


def kink(
    law: type[Law],
    runs: Runs,
    along: np.ndarray,
    cut: float,
    *,
    worse: int,
    objective: Objective,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
) -> Kink | None:
    """Looks for a change of slope in all runs.

    Args:
        law: the family.
        runs: the table.
        along: where each run is, in compute or in years, shape (runs,).
        cut: the place that was named beforehand.
        worse: 1 if a larger response is worse, -1 if it is better.
        objective, pinned, cluster, seed, level: as for `fit`.
        draws: of the reference.

    Returns:
        None if the law's inputs are no one resource, or the runs are too few.
    """
    what = kind(law)
    if what is None:
        return None
    method = Method(objective, pinned or {}, cluster)
    fitted = fit(law, runs, objective=objective, pinned=pinned, cluster=cluster, draws=0, seed=seed)
    table, problem = prepare(law, runs, method)
    place = (np.log(along) if what == "compute" else along)[table.order]
    turn = float(np.log(cut)) if what == "compute" else cut
    resource = Resource(fitted.law, table.inputs, objective.log, worse)
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
    share = (gaps[0] @ unit.T) / np.maximum(sizes, 1e-300)

    from scipy.stats import f, t

    # Places whose kink leaves hardly more than the best (Hansen 2017: the F test of the place, inverted).
    near = turns[:-1][rest[0, :-1] <= rest[0, best] * (1 + f.ppf(level, 1, freedom) / freedom)]
    ends = [float(np.exp(end)) if what == "compute" else float(end) for end in (turns[best], near.min(), near.max())]
    nothing = Interval(*[float("nan")] * 3)
    if not seen[-1]:
        return Kink(Interval(*ends), float(share[best]), stand, nothing, float("nan"))
    reach = float(t.ppf((1 + level) / 2, freedom)) * float(np.sqrt(rest[0, -1] / freedom)) / float(sizes[-1])
    at_cut = Interval(float(share[-1]), float(share[-1]) - reach, float(share[-1]) + reach)
    cut_chance = float((1 + (other[:, -1] >= found[0, -1]).sum()) / (draws + 1))
    return Kink(Interval(*ends), float(share[best]), stand, at_cut, cut_chance)
