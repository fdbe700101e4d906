"""Draws of a law from its posterior: what the runs leave possible, given how they scatter and what was known before.

The likelihood is that of independent residuals with one unknown scale σ. The priors are flat in the coordinates of the
search: in the logarithm of a parameter that may be 1 or 1e9, such as an amplitude, over the range that a search would
try; in every other parameter between the bounds of the family; and in log σ. They are written out in `priors`. Where
the runs say little of a parameter the posterior is the prior, and its ends are those of the family.

How the draws are made and how it is known that they may be used: `nextflop.fitting.ensemble`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError, unknown
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.bootstrap import Progress
from nextflop.fitting.ensemble import ENOUGH, ENSEMBLES, MIXED, STEPS, WALKERS, walk
from nextflop.fitting.estimate import fit, prepare
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.objective import Objective, Quantile, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.sandwich import sandwich
from nextflop.fitting.table import Table
from nextflop.laws.base import Law

_UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Posterior(Fit):
    """A fit whose draws are from the posterior; its law is the mode of the likelihood.

    Attributes:
        likelihood: of the residuals, in words.
        priors: parameter → its prior, in words.
        scale: σ of the residuals with its interval.
        rhat: parameter → split R-hat; near 1 where the chains agree.
        effective: parameter → how many independent draws the chains are worth.
    """

    likelihood: str = ""
    priors: Mapping[str, str] = field(default_factory=dict)
    scale: Interval = _UNKNOWN
    rhat: Mapping[str, float] = field(default_factory=dict)
    effective: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The fit as JSON, with how its draws were made."""
        return super().to_json() | {
            "posterior": {
                "likelihood": self.likelihood,
                "priors": dict(self.priors),
                "scale": self.scale._asdict(),
                "rhat": dict(self.rhat),
                "effective": dict(self.effective),
            }
        }


class _Likelihood(NamedTuple):
    """A distribution of residuals: its objective has the same mode, and -ln of its density is rise / σ^power + ln σ."""

    words: str
    objective: Callable[[bool], Objective]
    power: int
    rise: Callable[[np.ndarray], np.ndarray]


_LIKELIHOODS = {
    "normal": _Likelihood("normal", lambda log: Squares(log=log), 2, lambda residuals: residuals**2 / 2),
    "laplace": _Likelihood("Laplace", lambda log: Quantile(0.5, log=log), 1, np.abs),
}


def posterior(
    law_class: type[Law],
    runs: Runs,
    *,
    likelihood: str = "normal",
    draws: int = 1000,
    seed: int = 0,
    pinned: Mapping[str, float] | None = None,
    reason: str = "",
    level: float = 0.9,
    progress: Progress | None = None,
) -> Posterior:
    """Draws laws from the posterior. Needs emcee: pip install 'nextflop[bayes]'.

    Args:
        law_class: the family.
        runs: a table as for `fit`; a weight of two counts a run twice.
        likelihood: of the residuals, "normal" or "laplace"; of the logarithm for a law of the loss, of the response
            itself for one of a share or of what may be negative.
        draws: how many are kept, picked at random from the chains.
        seed: of the sampler.
        pinned: parameter → value at which it is held.
        reason: why parameters are pinned, for the record.
        level: level of the intervals.
        progress: called with the number of steps done and the largest number of steps.

    Raises:
        InputError: if a setting or the table cannot be used, or emcee is not installed.
        FitError: if the runs have no answer, are censored, are met exactly, or the chains have not mixed.
    """
    if likelihood not in _LIKELIHOODS:
        raise unknown("likelihood", likelihood, _LIKELIHOODS)
    if draws < 1 or seed < 0:
        raise InputError(f"draws = {draws}, seed = {seed}: give draws of 1 or more and a seed of 0 or more.")
    form = _LIKELIHOODS[likelihood]
    log = law_class.lowest >= 0 and law_class.highest == np.inf
    mode = fit(
        law_class, runs, objective=form.objective(log), draws=0, seed=seed, pinned=pinned, reason=reason, level=level
    )
    assert mode.method is not None
    table, problem = prepare(law_class, runs, mode.method)
    if table.sides is not None:
        raise FitError("Censored runs have no residual: leave them out, or use the bootstrap.")
    if mode.objective <= problem.floor(table.weights):
        raise FitError("The law meets every run exactly, so the scatter of the runs cannot be known.")
    mode_at = problem.coordinates(mode.law)
    rng = np.random.default_rng(seed)
    starts = _starts(problem, table, form, mode_at, rng)
    chains = walk(_log_density(problem, table, form, mode_at), starts, seed, progress)
    names = [name for name, free in zip(law_class.parameters, problem.free, strict=True) if free] + ["σ"]
    if not chains.mixed:
        worst = int(chains.rhat.argmax())
        raise FitError(
            f"The chains have not mixed after {STEPS} steps (split R-hat of {names[worst]} {chains.rhat[worst]:.3f}, "
            f"limit {MIXED}; {chains.effective.min():.0f} effective draws, {ENOUGH} needed): pin what these runs do "
            "not determine, or use the bootstrap."
        )
    # At random: an even stride would pick the same few walkers again and again.
    kept = chains.draws[rng.choice(len(chains.draws), draws, replace=draws > len(chains.draws))]
    points = np.tile(mode_at, (draws, 1))
    points[:, problem.free] = kept[:, :-1]
    low, middle, high = np.exp(np.quantile(chains.draws[:, -1], [(1 - level) / 2, 0.5, (1 + level) / 2]))
    words = f"{form.words} residuals of {'the logarithm of ' if log else ''}{law_class.response}, scale unknown"
    told = (*mode.notes, f"The draws are from the posterior: {words}.")
    return Posterior(
        **vars(replace(mode, draws=problem.parameters(points), notes=told)),
        likelihood=words,
        priors=_priors(problem) | {"σ": "flat in ln σ"},
        scale=Interval(float(middle), float(low), float(high)),
        rhat=dict(zip(names, chains.rhat.tolist(), strict=True)),
        effective=dict(zip(names, chains.effective.tolist(), strict=True)),
    )


def _log_density(
    problem: Problem, table: Table, form: _Likelihood, point: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """The logarithm of the posterior but for a constant, of rows of the free coordinates and ln σ."""
    weight = float(table.weights.sum())

    def found(rows: np.ndarray) -> np.ndarray:
        points = np.tile(point, (len(rows), 1))
        points[:, problem.free] = rows[:, :-1]
        inside = np.all((points >= problem.lower) & (points <= problem.upper), axis=1)
        with np.errstate(all="ignore"):  # a walker may look where the law has no value; it does not go there
            residuals = problem.residuals(np.where(inside[:, None], points, point), table.response)
            rise = (form.rise(residuals) * table.weights).sum(axis=1)
            density = -rise * np.exp(-form.power * rows[:, -1]) - weight * rows[:, -1]
        return np.where(inside & np.isfinite(density), density, -np.inf)

    return found


def _starts(
    problem: Problem, table: Table, form: _Likelihood, point: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Walkers scattered about the mode twice as wide as its standard errors, within the box."""
    free = problem.free
    count = ENSEMBLES * max(WALKERS, 4 * (int(free.sum()) + 1))
    covariance = sandwich(problem, table, point).covariance[np.ix_(free, free)]
    # A coordinate on its bound has no standard error; it sets out a little inside.
    covariance = covariance + np.diag(np.where(np.diag(covariance) > 0, 0.0, 1e-6))
    values, axes = np.linalg.eigh(covariance)
    spread = 2 * axes * np.sqrt(np.maximum(values, 0))
    lower, upper = problem.lower[free], problem.upper[free]
    found = point[free] + rng.normal(size=(count, int(free.sum()))) @ spread.T
    found = np.where(found < lower, np.minimum(2 * lower - found, upper), found)
    found = np.where(found > upper, np.maximum(2 * upper - found, lower), found)
    residuals = problem.residuals(point[None], table.response)[0]
    mean = float((form.rise(residuals) * table.weights).sum() / table.weights.sum()) * form.power
    scale = np.log(mean) / form.power + rng.normal(size=count) * np.sqrt(2 / len(residuals))
    return np.column_stack([found, scale])


def _priors(problem: Problem) -> dict[str, str]:
    """The prior of every free parameter, in words."""
    found = {}
    for index, name in enumerate(problem.law.parameters):
        if not problem.free[index]:
            continue
        low, high = problem.lower[index], problem.upper[index]
        found[name] = f"flat from {low:.3g} to {high:.3g}"
        if problem.log[index]:
            ends = f"{np.exp(low):.3g} to {np.exp(high):.3g}"
            found[name] = f"flat in its logarithm from {ends}, with the inputs in units of their geometric means"
    return found
