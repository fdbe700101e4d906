"""One way to ask a question of a table: a law, an objective, and what was left out.

A multiverse needs the estimate of each universe exactly and its sampling scatter as one number beside many others. So a
law is searched for once a table, every objective then sets out from what was found there, and few draws of the pairs
bootstrap are fitted roughly, each from one start. They are fitted because what is true to first order misleads where it
matters: two stray runs in a hundred that squares follow widen a sandwich covariance so much that choices seem to matter
little, while most draws lie close together.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import resample
from nextflop.fitting.curvature import followed
from nextflop.fitting.estimate import prepare, search
from nextflop.fitting.named import name_of
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method, Objective, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.laws.base import Law

Decision = Callable[[Law], np.ndarray]

_ENDS = 4  # distinct optima of the first search, the best ones, from which every objective sets out
_NODES = 4  # and as many points of its grid, those that suit the objective best
_APART = 1e-3  # of a coordinate, by which optima are distinct
_ROUGH, _STEPS = 1e-3, 30  # relative offset and Newton steps at which a draw is left as it is
_WIDE = 1.349  # quartiles of a normal distribution, in standard deviations


class Universe(NamedTuple):
    """One way to ask.

    Attributes:
        law, objective, exclusion: the choices, in words.
        runs: how many were left.
        value: the decision at the estimate.
        low, high: its interval over the draws; nan where the runs leave it no room to move, as on a bound of the law.
        scatter: variance of its logarithm over the draws; nan likewise.
    """

    law: str
    objective: str
    exclusion: str
    runs: int
    value: float
    low: float
    high: float
    scatter: float


class Ground(NamedTuple):
    """A law on a table before objectives are varied.

    Attributes:
        law: the family.
        runs: the table.
        cluster: the column of rows that belong together.
        ends: coordinates of the distinct optima under squares of log residuals, best first, shape (ends, parameters).
        nodes: coordinates of the points of the law's grid.
        score: AICc of a normal model of log residuals; infinite with too few runs for it.
    """

    law: type[Law]
    runs: Runs
    cluster: str | None
    ends: np.ndarray
    nodes: np.ndarray
    score: float


def ground(law: type[Law], runs: Runs, cluster: str | None) -> Ground:
    """Searches for a law on a table.

    Raises:
        InputError, FitError: as `fit`.
    """
    table, problem = _problem(law, runs, cluster, Squares(log=True))
    found = search(problem, table)
    order = np.argsort(found.optima.values, kind="stable")
    ends: list[np.ndarray] = []
    for point in found.optima.points[order]:
        if len(ends) < _ENDS and all(np.abs(point - other).max() > _APART for other in ends):
            ends.append(point)
    count, size = len(law.parameters) + 1, len(runs)
    score = float("inf")
    if size > count + 1:
        least = max(float(found.optima.values[order[0]]), 1e-300)
        score = size * float(np.log(least / size)) + 2 * count * size / (size - count - 1)
    return Ground(law, runs, cluster, np.array(ends), found.nodes, score)


def ask(
    known: Ground, objective: Objective, exclusion: str, decide: Decision, draws: int, seed: int, level: float
) -> Universe:
    """Fits the law by an objective, and asks the fit the question.

    Args:
        known: the law on the table.
        objective: what is minimised.
        exclusion: what was left out of the table, in words.
        decide: the answer of a law, positive, one a row of its parameters.
        draws, seed, level: of the interval.

    Raises:
        InputError, FitError: as `fit`, and FitError if the answer is not a positive number.
    """
    table, problem = _problem(known.law, known.runs, known.cluster, objective)
    values = problem.value(known.nodes, table.response, table.weights)
    suited = known.nodes[np.argsort(values, kind="stable")[:_NODES]]
    starts = np.concatenate([known.ends, suited])
    optima = minimise(problem, starts, table.response, table.weights)
    point = optima.points[int(optima.values.argmin())]

    def answers(points: np.ndarray) -> np.ndarray:
        return np.asarray(decide(known.law.from_draws(problem.parameters(points))), dtype=np.float64).ravel()

    value = float(answers(point[None])[0])
    if not (np.isfinite(value) and value > 0):
        raise FitError("the answer is not a positive number")
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.log(answers(_draws(problem, table, point, draws, seed)))
    drawn = drawn[np.isfinite(drawn)]
    low = high = scatter = float("nan")
    if len(drawn) > 1 and np.ptp(drawn) > 0:
        tail = (1 - level) / 2
        low, first, third, high = map(float, np.quantile(drawn, [tail, 0.25, 0.75, 1 - tail]))
        scatter = ((third - first) / _WIDE) ** 2  # from the quartiles, which a few wild draws do not move
    return Universe(
        known.law.name,
        name_of(objective),
        exclusion,
        len(known.runs),
        value,
        float(np.exp(low)),
        float(np.exp(high)),
        scatter,
    )


def _problem(law: type[Law], runs: Runs, cluster: str | None, objective: Objective) -> tuple[Table, Problem]:
    return prepare(law, runs, Method(objective, {}, cluster, "pairs", ""))


def _draws(problem: Problem, table: Table, point: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Where other runs of the same kind would have put the estimate, roughly, shape (draws, parameters)."""
    weights = resample(table, draws, seed)
    starts = followed(problem, table, point, table.response, weights)
    return minimise(problem, starts, table.response, weights, _ROUGH, _STEPS).points
