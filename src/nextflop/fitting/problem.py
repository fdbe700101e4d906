"""A law, its runs and an objective as one smooth function of coordinates in a box."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.fitting.objective import Objective
from nextflop.fitting.table import Table
from nextflop.laws.base import Law

# A positive parameter is moved by its logarithm, and zero is then endlessly far. An amplitude that has come down to a
# millionth of the response has gone, as far as any measurement can tell; so has a scale a million times off the runs.
GONE = 1e-6
# Residuals below this size, relative to the response, are the rounding of logarithms and powers, not a misfit.
_ROUNDING = 1e-7


class Derivatives(NamedTuple):
    """Of the objective, by the coordinates: each row has its own runs' weights and responses.

    Attributes:
        gradient: shape (rows, parameters).
        hessian: shape (rows, parameters, parameters).
        majorant: the curvature of the weighted least squares that touch the objective here from above, same shape;
            positive semidefinite, unlike the Hessian.
    """

    gradient: np.ndarray
    hessian: np.ndarray
    majorant: np.ndarray


@dataclass(frozen=True)
class Problem:
    """Where the optimum is looked for.

    Inputs are divided by their geometric means, so that amplitudes are losses in the middle of the data and do not
    trade off against the exponents for want of a unit. Coordinates are the parameters, or their logarithms where the
    law says so.

    Attributes:
        law: the family.
        objective: what is minimised.
        inputs: input → column in the units of the search, shape (runs,).
        units: input → the unit of the search in the law's unit.
        lower, upper: the box of the coordinates, shape (parameters,).
        free: which parameters are not pinned.
        log: which coordinates are logarithms.
        pinned: parameter → value.
        size: the typical size of the response.
    """

    law: type[Law]
    objective: Objective
    inputs: Mapping[str, np.ndarray]
    units: Mapping[str, float]
    lower: np.ndarray
    upper: np.ndarray
    free: np.ndarray
    log: np.ndarray
    pinned: Mapping[str, float]
    size: float

    @classmethod
    def of(cls, law: type[Law], table: Table, objective: Objective, pinned: Mapping[str, float]) -> "Problem":
        """The problem for a table.

        Raises:
            InputError: if the law is not one for tables, or a pin is not a parameter or outside its bounds.
        """
        if "search" not in vars(law):
            raise InputError(f"The law {law.name!r} is not fitted to a table of runs: it has a fit of its own.")
        for name, value in pinned.items():
            if name not in law.parameters:
                raise unknown(f"parameter of {law.name}", name, law.parameters)
            bounds = law.parameters[name]
            if not bounds.lower <= value <= bounds.upper or not np.isfinite(value) or (bounds.log and value == 0):
                raise InputError(
                    f"{name} cannot be pinned at {value:g}: give a number from {bounds.lower:g} to {bounds.upper:g}"
                    f"{', above 0' if bounds.log and bounds.lower == 0 else ''}."
                )
        if len(pinned) == len(law.parameters):
            raise InputError("Every parameter is pinned, so nothing is left to fit: leave at least one free.")
        units = {
            name: 1.0 if name in law.pure else float(np.exp(np.log(x[x > 0]).mean()))
            for name, x in table.inputs.items()
        }
        probe = law(**dict.fromkeys(law.parameters, 0.5))
        for unit in units:  # an input keeps the unit in which a parameter is pinned
            if any(probe.in_units(**{unit: 2.0}).values[name] != probe.values[name] for name in pinned):
                units[unit] = 1.0
        size = float(np.median(table.response)) or 1.0
        log = np.array([parameter.log for parameter in law.parameters.values()])
        ends = [_box(law, name, size) for name in law.parameters]
        lower, upper = np.array(ends).T
        for index, name in enumerate(law.parameters):
            if name in pinned:
                lower[index] = upper[index] = np.log(pinned[name]) if log[index] else pinned[name]
        free = np.array([name not in pinned for name in law.parameters])
        inputs = {name: x / units[name] for name, x in table.inputs.items()}
        return cls(law, objective, inputs, units, lower, upper, free, log, dict(pinned), size)

    def at(self, points: np.ndarray) -> Law:
        """The law in the units of the search at coordinates of shape (rows, parameters)."""
        return self.law.from_draws(np.where(self.log, np.exp(np.where(self.log, points, 0.0)), points))

    def coordinates(self, law: Law) -> np.ndarray:
        """Of a law with one set of parameters in its own units, shape (parameters,); the inverse of `parameters`."""
        values = np.array([float(value) for value in law.in_units(**self.units).values.values()])
        logs = np.log(np.maximum(values, 1e-300))
        return np.clip(np.where(self.log, logs, values), self.lower, self.upper)

    def parameters(self, points: np.ndarray) -> np.ndarray:
        """The parameters in the law's own units, shape (rows, parameters); what has gone is 0."""
        law = self.at(points).in_units(**{name: 1 / unit for name, unit in self.units.items()})
        values = np.concatenate([np.broadcast_to(v, (len(points), 1)) for v in law.values.values()], axis=1)
        linear = np.array([name in self.law.linear for name in self.law.parameters])
        gone = linear & self.log & self.free & (points <= self.lower)
        return np.where(gone, 0.0, values)

    def residuals(self, points: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Law less response, or the difference of their logarithms, shape (rows, runs)."""
        predicted = self.at(points)(**self.inputs)
        return np.log(predicted) - np.log(response) if self.objective.log else predicted - response

    def value(self, points: np.ndarray, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The objective, shape (rows,)."""
        return np.einsum("rn,rn->r", weights, self.objective.terms(self.residuals(points, response)))

    def floor(self, weights: np.ndarray) -> np.ndarray:
        """The objective below which residuals are rounding, shape (rows,)."""
        small = np.array([_ROUNDING * (1.0 if self.objective.log else self.size)])
        return weights.sum(axis=1) * self.objective.terms(small)

    def derivatives(self, points: np.ndarray, response: np.ndarray, weights: np.ndarray) -> Derivatives:
        """First and second derivatives at (rows, parameters), with weights and responses of shape (rows, runs)."""
        law = self.at(points)
        predicted = law(**self.inputs)
        chain = self._chain(points)
        slopes = law.jacobian(**self.inputs) * chain[:, :, None]
        log = self.objective.log
        residuals = np.log(predicted) - np.log(response) if log else predicted - response
        first = weights * self.objective.slopes(residuals)
        second = weights * self.objective.bends(residuals)
        outward = first / predicted if log else first  # how each predicted response pulls
        if log:
            slopes /= predicted[:, None, :]
        across = slopes.swapaxes(1, 2)
        gradient = (slopes @ first[:, :, None])[:, :, 0]
        hessian = (slopes * (second - first if log else second)[:, None, :]) @ across
        hessian += law.curvature(outward, **self.inputs) * (chain[:, :, None] * chain[:, None, :])
        diagonal = np.arange(len(self.log))
        hessian[:, diagonal, diagonal] += np.where(self.log, gradient, 0.0)
        majorant = (slopes * (weights * self.objective.pulls(residuals))[:, None, :]) @ across
        return Derivatives(gradient, hessian, majorant)

    def design(self, point: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """J'WJ, how the runs together see the coordinates at one point, shape (parameters, parameters)."""
        slopes = self._slopes(point[None])[0]
        return (slopes * weights) @ slopes.T

    def gradients(self, point: np.ndarray, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The part of each run in the gradient at one point, shape (parameters, runs)."""
        residuals = self.residuals(point[None], response)[0]
        return self._slopes(point[None])[0] * weights * self.objective.slopes(residuals)

    def _slopes(self, points: np.ndarray) -> np.ndarray:
        """Derivatives of the residuals by the coordinates, shape (rows, parameters, runs)."""
        law = self.at(points)
        slopes = law.jacobian(**self.inputs) * self._chain(points)[:, :, None]
        return slopes / law(**self.inputs)[:, None, :] if self.objective.log else slopes

    def _chain(self, points: np.ndarray) -> np.ndarray:
        """Derivatives of the parameters by their coordinates, shape (rows, parameters)."""
        return np.where(self.log, np.exp(np.where(self.log, points, 0.0)), 1.0)


def _box(law: type[Law], name: str, size: float) -> tuple[float, float]:
    entry = law.parameters[name]
    if not entry.log:
        return entry.lower, entry.upper
    scale = size if name in law.linear else 1.0
    low = entry.lower if entry.lower > 0 else GONE * scale
    high = entry.upper if np.isfinite(entry.upper) else scale / GONE
    return float(np.log(low)), float(np.log(high))
