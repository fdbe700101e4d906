"""A value that doubles at a steady pace: exponential growth in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

EPOCH = 2020.0
"""The date from which the level is counted: near today's series, so that level and rate can be told apart."""


@dataclass(frozen=True)
class Growth(Law):
    r"""Anything that doubles, or halves, at a steady pace: the length of tasks that are done, compute, prices.

    $$R(t) = 2^{h + g \, (t - 2020)}$$

    The logarithm of R is a straight line in time t, a date in years of 365.25 days. R doubles every 365.25 / g days;
    a negative g is a fall. The logarithm is linear in both parameters, so that least squares of it is ordinary
    regression.

    Example:
        What takes a minute at the start of 2020 and doubles twice a year takes 64 minutes at the start of 2023:

        >>> float(Growth(h=0.0, g=2.0)(date=2023.0))
        64.0
    """

    h: Value
    g: Value

    name = "growth"
    formula = r"R(t) = 2^{h + g \, (t - 2020)}"
    reference = "as Kwa et al. 2025, arXiv:2503.14499, for the length of tasks that models complete"
    inputs = ("date",)
    response = "value"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "h": Parameter("h", "doublings", "binary logarithm of the value at the start of 2020"),
        "g": Parameter("g", "doublings a year", "pace of growth"),
    }
    linear = ("h", "g")
    log_linear = True
    pure = ("date",)

    def __call__(self, **inputs: Value) -> Any:
        """The value at `date` (t, in years), broadcast against the parameters."""
        self.check_inputs(inputs)
        return np.exp2(self.h + self.g * (np.asarray(inputs["date"]) - EPOCH))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns ln 2, (t - 2020) ln 2 of the logarithm of the value."""
        since = inputs["date"] - EPOCH
        return np.log(2) * np.stack([np.ones_like(since), since])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing is left to search."""
        return {}

    def in_units(self, **units: float) -> "Growth":
        """A date keeps its unit, so the law is as it was."""
        return self

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by h, g, shape (..., 2, runs)."""
        since = np.asarray(inputs["date"]) - EPOCH
        slope = np.log(2) * self(**inputs)
        return np.stack([slope, slope * since], axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 2, 2)."""
        since = np.asarray(inputs["date"]) - EPOCH
        bend = weights * np.log(2) ** 2 * self(**inputs)
        sums = [(bend * since**power).sum(axis=-1) for power in (0, 1, 2)]
        return np.stack([np.stack(sums[:2], axis=-1), np.stack(sums[1:], axis=-1)], axis=-2)
