"""What a fit says of inputs that were or were not tried, and how far beyond the runs that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit
from nextflop.laws.base import Law, Value

_REPEATS = 4  # noise drawn for each draw of the law, against the grain of few draws


class Spread(NamedTuple):
    """What makes a prediction uncertain, apart: standard deviations as shares of the response, of the inputs' shape.

    Attributes:
        parameter: what the scatter of the runs leaves open within a law.
        law: how far laws that could hold are apart; nan where only one was fitted.
        noise: the scatter of single runs; nan if it cannot be known.
    """

    parameter: np.ndarray
    law: np.ndarray
    noise: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Of one more run."""
        return np.asarray(np.sqrt(self.parameter**2 + self.law**2 + self.noise**2))


@dataclass(frozen=True)
class Prediction:
    """The response at some inputs; every array has the shape of the inputs.

    Attributes:
        value: at the estimate.
        low, high: the interval of the law itself, from the draws of its parameters; nan without draws.
        run_low, run_high: the interval of one more run there, with the scatter of the runs; nan if it cannot be known.
        beyond: input → decades outside the range of the runs, 0 inside.
        level: the level of both intervals.
        spread: the parts of the uncertainty; that of the law needs several, see `nextflop.judging.forecast`.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    run_low: np.ndarray
    run_high: np.ndarray
    beyond: Mapping[str, np.ndarray]
    level: float
    spread: Spread

    def to_json(self) -> dict[str, Json]:
        """The prediction as JSON."""
        return {**vars(self), "beyond": dict(self.beyond), "spread": self.spread._asdict()}


def predict(fit: Fit, **inputs: Value) -> Prediction:
    """Predicts the response, under the condition that the law holds there.

    The scatter of single runs is taken from the residuals, enlarged for the parameters that were fitted to them, and
    as wide at every input as the objective has it: in proportion to the response if it is one of logarithms.

    Args:
        fit: the fit.
        inputs: the law's inputs, numbers or arrays that broadcast.

    Raises:
        InputError: if an input is missing, unknown or outside the law's domain.
    """
    law = fit.law
    given = columns(law, inputs)
    shape = next(iter(given.values())).shape
    flat = {name: column.ravel() for name, column in given.items()}
    drawn = fit.laws(**flat)
    low, high = fit.quantiles(drawn)
    run_low, run_high = fit.quantiles(_with_noise(fit, drawn))
    value = np.asarray(law(**flat))
    return Prediction(
        *(part.reshape(shape) for part in (value, low, high, run_low, run_high)),
        beyond={name: beyond(column, *fit.ranges[name]) for name, column in given.items()},
        level=fit.level,
        spread=Spread(*(part.reshape(shape) for part in _parts(fit, drawn, value))),
    )


def _parts(fit: Fit, drawn: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The standard deviations of `Spread`, each of shape (points,)."""
    unknown = np.full(len(value), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        parameter = drawn.std(axis=0) / np.abs(value) if len(drawn) else unknown
        free = _free(fit)
        if free is None:
            return parameter, unknown, unknown
        scatter = np.sqrt((fit.residuals**2).sum() / (len(fit.residuals) - free))
        log = fit.method is not None and fit.method.objective.log
        return parameter, unknown, np.full(len(value), scatter) if log else scatter / np.abs(value)


def _free(fit: Fit) -> int | None:
    """How many parameters were fitted to the residuals; None if they leave nothing to estimate scatter from."""
    free = len(fit.law.parameters) - (len(fit.method.pinned) if fit.method else 0)
    return None if fit.method is None or len(fit.residuals) <= free else free


def _with_noise(fit: Fit, drawn: np.ndarray) -> np.ndarray:
    """Responses of single runs, shape (some, points); none if the runs leave nothing to estimate scatter from."""
    free, count = _free(fit), len(fit.residuals)
    if free is None or fit.method is None:
        return drawn[:0]
    rng = np.random.default_rng(fit.seed)
    scatter = rng.choice(fit.residuals, (_REPEATS * len(drawn), 1)) * np.sqrt(count / (count - free))
    laws = np.tile(drawn, (_REPEATS, 1))
    # A residual is law less run.
    return laws * np.exp(-scatter) if fit.method.objective.log else laws - scatter


def columns(law: Law, inputs: Mapping[str, Value]) -> dict[str, np.ndarray]:
    """The inputs of a law at which something is predicted, as arrays of one shape.

    Raises:
        InputError: if an input is missing, unknown or outside the law's domain.
    """
    law.check_inputs(inputs)
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in inputs.values()))
    found = dict(zip(inputs, arrays, strict=True))
    for name, column in found.items():
        bad = ~np.isfinite(column) | (column < 0) | ((column == 0) & (name not in law.zeros))
        if bad.any():
            expected = "0 or more" if name in law.zeros else "above 0"
            raise InputError(
                f"{name} = {column[bad].flat[0]:g} cannot be predicted for: give a finite number {expected}."
            )
    return found


def beyond(column: np.ndarray, low: float, high: float) -> np.ndarray:
    """Decades by which inputs lie outside the range of the runs, 0 inside."""
    with np.errstate(divide="ignore"):
        above = np.log10(column) - np.log10(high)
        below = np.where(column < low, np.log10(low) - np.log10(column), 0.0)
    return np.asarray(np.maximum(np.maximum(above, below), 0.0))
