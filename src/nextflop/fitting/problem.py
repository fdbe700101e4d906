"""A law, its runs and an objective as one smooth function of coordinates in a box."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.fitting.objective import Objective
from nextflop.fitting.table import Table
from nextflop.laws.base import Expansion, Law

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

    def rows(self, chosen: np.ndarray) -> "Derivatives":
        """Those of some rows."""
        return Derivatives(*(part[chosen] for part in self))


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
        sides: 0 for a run that was measured, 1 for one of which the response is known to be at least, -1 for one of
            which it is known to be at most the one given; None if all were measured. Shape (runs,).
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
    sides: np.ndarray | None = None

    @classmethod
    def of(cls, law: type[Law], table: Table, objective: Objective, pinned: Mapping[str, float]) -> "Problem":
        """The problem for a table.

        Raises:
            InputError: if the law is not one for tables, or a pin is not a parameter or outside its bounds.
        """
        if not law.for_tables():
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
        units = _units(law, table, pinned)
        size = float(np.median(np.abs(table.response))) or 1.0
        log = np.array([parameter.log for parameter in law.parameters.values()])
        ends = [_box(law, name, size) for name in law.parameters]
        lower, upper = np.array(ends).T
        for index, name in enumerate(law.parameters):
            if name in pinned:
                lower[index] = upper[index] = np.log(pinned[name]) if log[index] else pinned[name]
        free = np.array([name not in pinned for name in law.parameters])
        inputs = {name: x / units[name] for name, x in table.inputs.items()}
        return cls(law, objective, inputs, units, lower, upper, free, log, dict(pinned), size, table.sides)

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
        return self.objective.residuals(self.at(points)(**self.inputs), response)

    def expand(self, points: np.ndarray) -> Expansion:
        """The law about coordinates of shape (rows, parameters), at the inputs of the runs."""
        with np.errstate(all="ignore"):  # a trial may overflow or leave the domain of a logarithm; it is not taken
            return self.at(points).expand(**self.inputs)

    def losses(self, points: np.ndarray, response: np.ndarray) -> np.ndarray:
        """The loss of each run before weights, shape (rows, runs); infinite where the law has no value."""
        return self._losses(self.expand(points).response, response)

    def value(
        self, points: np.ndarray, response: np.ndarray, weights: np.ndarray, known: Expansion | None = None
    ) -> np.ndarray:
        """The objective, shape (rows,).

        Args:
            points: coordinates, shape (rows, parameters).
            response: shape (rows, runs) or (runs,).
            weights: likewise.
            known: the law about these points, if it has been expanded.
        """
        losses = self._losses((known or self.expand(points)).response, response)
        weights = np.broadcast_to(weights, losses.shape)
        with np.errstate(invalid="ignore"):
            values = np.einsum("rn,rn->r", weights, losses)
        if np.isfinite(values).all():
            return values
        finite = np.isfinite(losses)
        return np.where(
            (finite | (weights == 0)).all(axis=1), np.einsum("rn,rn->r", weights, np.where(finite, losses, 0.0)), np.inf
        )

    def floor(self, weights: np.ndarray) -> np.ndarray:
        """The objective below which residuals are rounding, shape (rows,), or () for weights of shape (runs,)."""
        near = np.array([self.size * (1 + _ROUNDING)])
        return weights.sum(axis=-1) * self.objective.losses(near, np.array([self.size]))

    def derivatives(
        self, points: np.ndarray, response: np.ndarray, weights: np.ndarray, known: Expansion | None = None
    ) -> Derivatives:
        """First and second derivatives at (rows, parameters); the arguments are those of `value`."""
        law = known or self.expand(points)
        slopes, pull = law.slopes(), self.objective.pull(law.response, response)
        if self.sides is not None:
            weights = np.where(self._satisfied(law.response, response), 0.0, weights)
        outward = weights * pull.slopes  # how each predicted response pulls
        across = slopes.swapaxes(1, 2)
        chain = self._chain(points)
        square = chain[:, :, None] * chain[:, None, :]
        gradient = (slopes @ outward[:, :, None])[:, :, 0] * chain
        hessian = (slopes * (weights * pull.bends)[:, None, :]) @ across
        hessian = (hessian + law.bends(outward)) * square
        diagonal = np.arange(len(self.log))
        hessian[:, diagonal, diagonal] += np.where(self.log, gradient, 0.0)
        majorant = ((slopes * (weights * pull.majorants)[:, None, :]) @ across) * square
        return Derivatives(gradient, hessian, majorant)

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Derivatives of the residuals by the coordinates at one point, shape (parameters, runs)."""
        law = self.at(point[None])
        slopes = law.jacobian(**self.inputs)[0] * self._chain(point[None])[0][:, None]
        return slopes / self.objective.unit(law(**self.inputs)[0])

    def design(self, point: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """J'WJ, how the runs together see the coordinates at one point, shape (parameters, parameters)."""
        slopes = self.slopes(point)
        return (slopes * weights) @ slopes.T

    def gradients(self, point: np.ndarray, response: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The part of each run in the gradient at one point, shape (parameters, runs)."""
        predicted = self.at(point[None])(**self.inputs)[0]
        live = np.ones(len(predicted)) if self.sides is None else ~self._satisfied(predicted, response)
        pull = self.objective.pull(predicted, response).slopes * self.objective.unit(predicted)
        return self.slopes(point) * weights * live * pull

    def _losses(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """The loss of each run where the law has a value, infinite elsewhere, shape (rows, runs)."""
        with np.errstate(all="ignore"):
            losses = self.objective.losses(predicted, response)
        finite = np.isfinite(losses)
        if not finite.all():
            losses = np.where(finite, losses, np.inf)
        return losses if self.sides is None else np.where(self._satisfied(predicted, response), 0.0, losses)

    def _satisfied(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Where a censored run has nothing to say: the law lies on the side on which the response is known to be."""
        return (self.sides * (predicted - response) > 0) if self.sides is not None else np.zeros(1, dtype=bool)

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


def _units(law: type[Law], table: Table, pinned: Mapping[str, float]) -> dict[str, float]:
    """Input → unit of the search: the geometric mean, common to inputs that a law can only count alike."""
    units = {name: 1.0 for name in law.inputs}
    for group in (*law.alike, *((name,) for name in law.inputs if not any(name in group for group in law.alike))):
        values = np.concatenate([table.inputs[name] for name in group])
        if not set(group) & set(law.pure) and (values > 0).any():
            units |= dict.fromkeys(group, float(np.exp(np.log(values[values > 0]).mean())))
    probe = law(**dict.fromkeys(law.parameters, 0.5))
    for unit in units:  # an input keeps the unit in which a parameter is pinned
        group = next((group for group in law.alike if unit in group), (unit,))
        doubled = {} if set(group) & set(law.pure) else dict.fromkeys(group, 2.0)
        if any(probe.in_units(**doubled).values[name] != probe.values[name] for name in pinned):
            units |= dict.fromkeys(group, 1.0)
    return units
