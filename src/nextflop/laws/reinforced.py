"""Accuracy after reinforcement learning, from the strength of the start and the answers that were tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_FARTHEST = 500.0  # exp of it is finite, and 1 plus it is itself


@dataclass(frozen=True)
class Reinforced(Law):
    r"""One sigmoid for every start: a stronger start has a higher ceiling and needs fewer tries.

    $$R(R_0, n) = R_0 + \frac{R_0^c - R_0}{1 + (M R_0^{-m}/n)^B}$$

    R₀ is the accuracy before reinforcement learning, n the answers sampled in it. The sigmoid is that of Khatri et al.
    (2025); that its ceiling is set by the supervised start is what the chess study of arXiv:2607.16097 finds. The
    ceiling R₀^c says that reinforcement learning divides the log-odds of failure at the start, -ln R₀, by 1/c: it
    makes a model surer of what it can do, and a model that never succeeds is not helped at all. The answers for half
    of the way, M R₀^-m, grow as successes get rare.

    Example:
        >>> law = Reinforced(c=0.4, M=2e3, m=1.0, B=1.2)
        >>> [round(float(law(start=0.2, answers=n)), 4) for n in (0.0, 1e4, 1e9)]
        [0.2, 0.3627, 0.5253]
    """

    c: Value
    M: Value
    m: Value
    B: Value

    name = "reinforced"
    formula = r"R(R_0, n) = R_0 + \frac{R_0^c - R_0}{1 + (M R_0^{-m}/n)^B}"
    reference = "nextflop; the sigmoid of Khatri et al. 2025, arXiv:2510.13786, eq. 1, with a ceiling set by the start"
    inputs = ("start", "answers")
    response = "accuracy"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "c": Parameter("c", "", "exponent of the ceiling: 1 for no gain, 0 for a ceiling of 1", 0.0, 1.0),
        "M": Parameter("M", "answers", "answers for half of the way from a start of 1", 0.0, log=True),
        "m": Parameter("m", "", "how the answers needed grow as the start gets weaker", 0.0, 4.0),
        "B": Parameter("B", "", "steepness", 0.05, 20.0, log=True),
    }
    zeros = ("answers",)
    pure = ("start",)
    highest = 1.0

    def __call__(self, **inputs: Value) -> Any:
        """Accuracy after `answers` (n) from `start` (R₀), broadcast against the parameters."""
        self.check_inputs(inputs)
        start = np.asarray(inputs["start"], dtype=np.float64)
        return start + (start**self.c - start) * self.share(**inputs)

    def share(self, start: Value, answers: Value) -> np.ndarray:
        """The share of the way from start to ceiling that the answers make, 0 at none."""
        tried = np.asarray(answers, dtype=np.float64)
        needed = np.log(self.M) - self.m * np.log(start)
        power = np.asarray(self.B * (needed - np.log(np.where(tried > 0, tried, 1.0))))
        return np.where(tried > 0, 1 / (1 + np.exp(np.where(power.real > _FARTHEST, _FARTHEST, power))), 0.0)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """No parameter enters linearly: no column."""
        return np.empty((len(np.atleast_1d(exponents["c"])), 0, len(inputs["start"])))

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A coarse grid: the surface is smooth and the four parameters are scaled."""
        tried = inputs["answers"][inputs["answers"] > 0]
        return {
            "c": np.linspace(0.1, 0.9, 5),
            "M": np.geomspace(tried.min() / 30, tried.max(), 8),
            "m": np.linspace(0.0, 2.0, 4),
            "B": np.geomspace(0.4, 4.0, 5),
        }

    def in_units(self, **units: float) -> "Reinforced":
        """M is counted in the new unit of answers; a share has no other unit."""
        return Reinforced(self.c, self.M / units.get("answers", 1.0), self.m, self.B)
