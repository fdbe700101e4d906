"""What a fit is: a law with an estimate, and everything needed to know how far to believe it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.objective import Method
from nextflop.laws.base import Law


class Status(Enum):
    """How the search for the optimum ended; the value is what the user reads."""

    converged = "converged"
    max_steps = "stopped at the limit of steps before the gradient vanished: the estimate is not the optimum"
    at_bound = "a parameter sits on a bound of the family: these data do not determine it from one side"
    ill_conditioned = "some parameters trade off almost exactly: read the predictions, not the coefficients"
    multimodal = "distant optima fit almost equally well: the coefficients are one reading among several"


class Basin(NamedTuple):
    """One optimum among those that the searches found.

    Attributes:
        gap: its objective over the best, less 1.
        starts: how many searches ended there.
    """

    gap: float
    starts: int


class Interval(NamedTuple):
    """A value with the lower and upper end of its interval; an end that the data do not set is infinite or nan."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Certificate:
    """Why the estimate may be called the optimum of its objective.

    Attributes:
        gradient: length of the objective's gradient in units of parameters and objective; near zero at an optimum.
            For a fit to a table of runs the relative offset of Bates and Watts (see `newton.offset`), without what
            would leave the family's bounds.
        starts: how many starting points were tried; for a fit to a table of runs the points of the law's grid.
        agreeing: share of them from which the search ended within 1% of the best objective.
        condition: condition number of the curvature in scaled parameters; infinite if it is singular.
        basins: the distinct optima, the best first; empty if they were not told apart.
        lower_bound: no exponents within the family's bounds reach less than this share of the objective; nan unless
            `certify` was asked (see `nextflop.fitting.lower_bound` for what it rests on) and could tell.
    """

    gradient: float
    starts: int
    agreeing: float
    condition: float
    basins: tuple[Basin, ...] = ()
    lower_bound: float = float("nan")


@dataclass(frozen=True)
class Fit:
    """The outcome of fitting a law to runs.

    Attributes:
        law: the law at its estimate.
        status: how the search ended.
        objective: the value of the objective at the estimate, a sum over runs.
        objective_name: what was minimised, in words.
        draws: bootstrap estimates, shape (draws, parameters), in the order of the law's fields; rows of draws that
            did not converge are left out and counted in `failed_draws`.
        failed_draws: how many draws gave no usable estimate.
        certificate: evidence that the optimum was found.
        runs: how many runs were used.
        runs_digest: SHA-256 of the table that was fitted.
        ranges: input → (smallest, largest) value in the data.
        seed: the seed of the draws.
        level: the level of the intervals.
        notes: what a reader must know, each one sentence.
        method: objective, pins and clusters of a fit to a table of runs; None for a fit of another kind.
        residuals: law less response, or the difference of logarithms if the objective is one of logarithms, shape
            (runs,), in the order of the runs.
    """

    law: Law
    status: Status
    objective: float
    objective_name: str
    draws: np.ndarray
    failed_draws: int
    certificate: Certificate
    runs: int
    runs_digest: str
    ranges: Mapping[str, tuple[float, float]]
    seed: int
    level: float = 0.9
    notes: tuple[str, ...] = ()
    method: Method | None = None
    residuals: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def estimate(self) -> dict[str, Interval]:
        """Parameter → value with its percentile interval over the draws."""
        low, high = self.quantiles(self.draws)
        return {
            name: Interval(float(value), float(low[index]), float(high[index]))
            for index, (name, value) in enumerate(self.law.values.items())
        }

    @property
    def laws(self) -> Law:
        """The law with one row of parameters a draw, of shape (draws, 1)."""
        return type(self.law).from_draws(self.draws)

    def quantiles(self, values: np.ndarray) -> np.ndarray:
        """The ends of the central interval at `level` over the first axis, shape (2, ...); nan without draws."""
        if len(values) == 0:
            return np.full((2, *np.shape(values)[1:]), np.nan)
        tail = (1 - self.level) / 2
        return np.quantile(values, [tail, 1 - tail], axis=0)

    def to_json(self) -> dict[str, Json]:
        """The fit as JSON; the draws are summarised by the intervals."""
        return {
            "law": self.law.name,
            "status": self.status.name,
            "objective": self.objective,
            "objective_name": self.objective_name,
            "estimate": {name: interval._asdict() for name, interval in self.estimate.items()},
            "level": self.level,
            "draws": {"number": len(self.draws), "failed": self.failed_draws, "seed": self.seed},
            "certificate": {
                **vars(self.certificate),
                "basins": [basin._asdict() for basin in self.certificate.basins],
            },
            "runs": {"number": self.runs, "digest": self.runs_digest},
            "method": None if self.method is None else self.method.to_json(),
            "ranges": {name: {"low": low, "high": high} for name, (low, high) in self.ranges.items()},
            "notes": list(self.notes),
        }
