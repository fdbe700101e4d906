"""What a law that was fitted to some runs says of later ones, and how likely runs as poor as those that came were.

The reference is a bootstrap under "nothing has changed": the law at its estimate makes the earlier runs and the later
ones anew, the law is fitted to the earlier ones again, and the later ones are held against it. All later runs of one
draw share its parameters, as the real ones share theirs, so that their chances are not multiplied as if independent.
What is compared is the gap over its standard error, which for a law that is linear in its parameters and normal
scatter has Student's distribution whatever the parameters and the scatter are; the draws then only add what is curved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import Sample, refit
from nextflop.fitting.estimate import fit, prepare, search
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.objective import Method, Objective, OfResiduals
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.laws.base import Law

_FEWEST = 50  # usable draws, below which a chance of 0.05 is not known to a factor of two


class Scatter(NamedTuple):
    """How runs scatter about a law, as standard deviations in the unit of the residuals.

    Attributes:
        between: of what the rows of a cluster share, 0 without clusters; an array over draws, or of one number.
        within: of what each row has of its own.
    """

    between: np.ndarray
    within: np.ndarray


@dataclass(frozen=True)
class LaterRuns:
    """Later runs against a law fitted to earlier ones; gaps are positive where a run is worse than forecast.

    Arrays over later runs are in the order of `rows`. Gaps are of logarithms where `fit` is one of logarithms.

    Attributes:
        fit: the law fitted to the earlier runs.
        rows: places of the later runs in the table.
        value, low, high: what was forecast for each, with the interval of a single run.
        gaps: how far each fell short.
        chances: the probability of a run so poor or poorer, each by itself.
        weights: of the later runs in their mean, which add up to 1; every cluster counts alike.
        gap: the mean gap.
        error: its standard error.
        scatter: of the earlier runs.
        law_error: standard deviation of a miss of the law that all later runs share.
        worse: 1 if a larger response is worse, -1 if it is better.
        drawn: the mean gap in each draw, if nothing had changed.
        errors: its standard error in each draw.
        failed: how many draws gave no estimate.
    """

    fit: Fit
    rows: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    gaps: np.ndarray
    chances: np.ndarray
    weights: np.ndarray
    gap: float
    error: float
    scatter: Scatter
    law_error: float
    worse: int
    drawn: np.ndarray
    errors: np.ndarray
    failed: int

    @property
    def log(self) -> bool:
        """Whether gaps are of logarithms."""
        return self.fit.method is not None and self.fit.method.objective.log

    @property
    def chance(self) -> float:
        """The probability of later runs whose mean is so poor or poorer, if nothing has changed."""
        return chance(self.drawn / self.errors, self.gap / self.error)

    def shift(self, level: float) -> Interval:
        """How far the later runs as a whole are below what the law would have given, with its interval."""
        tail = (1 - level) / 2
        low, high = np.quantile(self.drawn / self.errors, [1 - tail, tail])
        return Interval(self.gap, float(self.gap - low * self.error), float(self.gap - high * self.error))

    def visible(self, alarm: float, power: float) -> float:
        """The smallest true shift that a test with this false-alarm rate sees with this probability.

        A slowdown moves the later runs and leaves the fit of the earlier ones as it was, so the draws under "nothing
        has changed" say for each shift how often it would have been seen.
        """
        limit = np.quantile(self.drawn / self.errors, 1 - alarm)
        return float(np.quantile(limit * self.errors - self.drawn, power))

    def to_json(self) -> dict[str, Json]:
        """The forecast as JSON; the draws are summarised by the chances."""
        return {
            "fit": self.fit.to_json(),
            "runs": [
                {"row": int(row) + 1, "forecast": value, "low": low, "high": high, "gap": gap, "chance": one}
                for row, value, low, high, gap, one in zip(
                    self.rows, self.value, self.low, self.high, self.gaps, self.chances, strict=True
                )
            ],
            "gap": self.gap,
            "error": self.error,
            "log": self.log,
            "chance": self.chance,
            "scatter": {"between": float(self.scatter.between), "within": float(self.scatter.within)},
            "law_error": self.law_error,
            "draws": {"number": len(self.drawn), "failed": self.failed, "seed": self.fit.seed},
        }


def hold_against(
    law: type[Law],
    runs: Runs,
    before: np.ndarray,
    later: np.ndarray,
    *,
    worse: int,
    objective: Objective,
    pinned: Mapping[str, float] | None = None,
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    law_error: float = 0.0,
) -> LaterRuns:
    """Fits a law to some runs and holds others against it.

    Args:
        law: the family.
        runs: the table.
        before, later: places of the runs that are fitted, and of those that are judged, in the order to be shown.
        worse: 1 if a larger response is worse, -1 if it is better.
        objective, pinned, cluster, seed: as for `fit`.
        draws: of the reference.
        level: of the intervals.
        law_error: standard deviation of a miss of the law that all later runs share, in the unit of the residuals.

    Raises:
        InputError: if a column or a setting cannot be used.
        FitError: if the earlier runs do not determine the law, or leave nothing to know their scatter from.
    """
    if not isinstance(objective, OfResiduals):
        raise InputError("A forecast of single runs needs an objective of residuals: take squares, huber or absolute.")
    method = Method(objective, pinned or {}, cluster)
    train = runs.where(before)
    fitted = fit(law, train, objective=objective, pinned=pinned, cluster=cluster, draws=0, seed=seed, level=level)
    table, problem = prepare(law, train, method)
    if table.sides is not None:
        raise InputError("Some earlier runs are censored, and a scatter needs what was measured: leave those out.")
    point = problem.coordinates(fitted.law)
    ahead = _ahead(problem, runs, later)
    groups = np.arange(len(later)) if cluster is None else np.unique(runs[cluster][later], return_inverse=True)[1]
    weights = 1 / (np.bincount(groups)[groups] * (groups.max() + 1))
    plan = _Plan.of(problem, ahead, table, point, groups, weights)
    residuals = problem.residuals(point[None], table.response)
    scatter = Scatter(*(np.asarray(part[0]) for part in plan.scatter(residuals)))
    if not float(scatter.within) + float(scatter.between) > 0:
        raise FitError("The law meets the earlier runs exactly, so their scatter is not known: give more runs.")

    def gaps(points: np.ndarray, response: np.ndarray) -> np.ndarray:
        return -worse * ahead.residuals(points, response)

    response = np.asarray(runs[law.response][later], dtype=np.float64)
    found, spread = gaps(point[None], response)[0], plan.errors(scatter, law_error)
    rng = np.random.default_rng(seed)
    made = _made(problem, point, _noise(rng, draws, scatter, table.groups))
    drawn = refit(problem, table, Sample(draws, made, table.weights), point, search(problem, table).optima.points)
    if len(drawn.points) < _FEWEST:
        raise FitError(
            f"{len(drawn.points)} of {draws} draws gave an estimate, too few to know a chance: give more draws or runs."
        )
    shared = law_error * rng.normal(size=(draws, 1))
    came = _made(ahead, point, _noise(rng, draws, scatter, groups) + shared)[drawn.usable]
    other = gaps(drawn.points, came)
    others = plan.errors(plan.scatter(problem.residuals(drawn.points, made[drawn.usable])), law_error)
    ratios = other / others[:, :-1]
    tail = (1 - level) / 2
    # A run was likely to be found between these gaps; the larger of two gaps is the worse run.
    ends = np.quantile(ratios, [tail, 1 - tail], axis=0) * spread[:-1] * -worse
    value = ahead.at(point[None])(**ahead.inputs)[0]
    low, high = np.sort(value * np.exp(-ends) if objective.log else value - ends, axis=0)
    return LaterRuns(
        fit=fitted,
        rows=later,
        value=value,
        low=low,
        high=high,
        gaps=found,
        chances=np.array([chance(ratios[:, j], found[j] / spread[j]) for j in range(len(later))]),
        weights=weights,
        gap=float(weights @ found),
        error=float(spread[-1]),
        scatter=scatter,
        law_error=law_error,
        worse=worse,
        drawn=other @ weights,
        errors=others[:, -1],
        failed=drawn.failed,
    )


def chance(drawn: np.ndarray, found: float) -> float:
    """The share of draws that are as large or larger, with the run itself counted as one more draw."""
    return float((1 + (drawn >= found).sum()) / (len(drawn) + 1))


class _Plan(NamedTuple):
    """What the placement of the runs makes of their scatter, by the law's slopes at the estimate.

    Attributes:
        own: factors of the variance within clusters, for the gap of each later run and then for their mean.
        common: factors of the variance between clusters, likewise.
        member: runs by clusters of the earlier runs, 1 where a run is in a cluster.
        used: which earlier runs have a weight.
        freedom: degrees of freedom of the scatter between clusters, or of runs without them.
    """

    own: np.ndarray
    common: np.ndarray
    member: np.ndarray
    used: np.ndarray
    freedom: int

    @classmethod
    def of(
        cls, problem: Problem, ahead: Problem, table: Table, point: np.ndarray, groups: np.ndarray, weights: np.ndarray
    ) -> "_Plan":
        live = problem.free & (point > problem.lower) & (point < problem.upper)
        slopes = problem.slopes(point)[live]
        # How much of the noise of each earlier run the fit carries into the forecast of each later one.
        carried = ahead.slopes(point)[live].T @ np.linalg.pinv((slopes * table.weights) @ slopes.T, hermitian=True)
        carried = carried @ (slopes * table.weights)
        behind = np.concatenate([carried, weights[None] @ carried])
        fresh = np.concatenate([np.eye(len(weights)), weights[None]])
        member = (table.groups[:, None] == np.arange(table.clusters)).astype(np.float64)
        beyond = (groups[:, None] == np.arange(groups.max() + 1)).astype(np.float64)
        used = table.weights > 0
        count = len(np.unique(table.groups[used]))
        if count <= live.sum():
            raise FitError(
                f"{count} earlier {'runs' if count == used.sum() else 'clusters of runs'} leave nothing to know the "
                f"scatter about a law of {live.sum()} free parameters from: fit more runs, or pin parameters."
            )
        return cls(
            (behind**2).sum(axis=1) + (fresh**2).sum(axis=1),
            ((behind @ member) ** 2).sum(axis=1) + ((fresh @ beyond) ** 2).sum(axis=1),
            member,
            used,
            int(count - live.sum()),
        )

    def scatter(self, residuals: np.ndarray) -> Scatter:
        """Variance components of residuals of shape (rows, runs), by the moments of a one-way layout."""
        residuals, member = residuals[:, self.used], self.member[self.used]
        sizes = member.sum(axis=0)
        member, sizes = member[:, sizes > 0], sizes[sizes > 0]
        runs, clusters = member.shape
        if runs == clusters:
            within = np.sqrt((residuals**2).sum(axis=1) / self.freedom)
            return Scatter(np.zeros_like(within), within)
        means = residuals @ member / sizes
        square = ((residuals - means @ member.T) ** 2).sum(axis=1) / (runs - clusters)
        typical = (runs - (sizes**2).sum() / runs) / (clusters - 1)
        across = (sizes * means**2).sum(axis=1) / self.freedom
        return Scatter(np.sqrt(np.maximum(across - square, 0.0) / typical), np.sqrt(square))

    def errors(self, scatter: Scatter, law_error: float) -> np.ndarray:
        """Standard errors of the gap of each later run and of their mean, shape (..., later runs + 1)."""
        between, within = (np.asarray(part)[..., None] for part in scatter)
        return np.sqrt(within**2 * self.own + between**2 * self.common + law_error**2)


def _ahead(problem: Problem, runs: Runs, later: np.ndarray) -> Problem:
    """The problem at the inputs of the later runs.

    Raises:
        InputError: if a later run has an input or a response that the law cannot have.
    """
    law = problem.law
    for name in (*law.inputs, law.response):
        column = runs[name][later]
        least = law.lowest if name == law.response else 0.0
        strict = problem.objective.log if name == law.response else name not in law.zeros
        bad = ~np.isfinite(column) | (column < least) | (strict & (column <= 0))
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                f"The column {name!r} has {column[row]:g} in row {later[row] + 1}, a later run; expected is a number "
                f"{'above 0' if strict else f'of {least:g} or more'}: correct the row or leave it out."
            )
    return replace(problem, inputs={name: runs[name][later] / problem.units[name] for name in law.inputs})


def _noise(rng: np.random.Generator, draws: int, scatter: Scatter, groups: np.ndarray) -> np.ndarray:
    common = rng.normal(size=(draws, groups.max() + 1))[:, groups]
    return scatter.between * common + scatter.within * rng.normal(size=(draws, len(groups)))


def _made(problem: Problem, point: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Responses of runs under the law, shape (draws, runs)."""
    value = problem.at(point[None])(**problem.inputs)
    made = value * np.exp(noise) if problem.objective.log else value + noise
    return np.clip(made, problem.law.lowest, problem.law.highest)
