"""Accuracy against loss: what lower loss is worth on a task that must be right in every step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value


@dataclass(frozen=True)
class ExponentialAccuracy(Law):
    r"""Accuracy as an exponential of the loss.

    $$R(L) = K e^{-\gamma L}$$

    The form of Gadre et al. with a random-guess error of 1: an answer of many tokens guessed at random is never
    right. If an answer of T tokens is right with the chance that no token departs from the ideal distribution, γ is of
    the order of T, and R reaches 1 at L = ln K / γ, the irreducible loss; the formula does not hold below it.

    Example:
        >>> round(float(ExponentialAccuracy(K=5.0, gamma=8.0)(loss=0.4)), 4)
        0.2038
    """

    K: Value
    gamma: Value

    name = "exponential-accuracy"
    formula = r"R(L) = K e^{-\gamma L}"
    reference = "Gadre et al. 2024, arXiv:2403.08540, eq. 5, for accuracy and a random-guess error of 1"
    inputs = ("loss",)
    response = "accuracy"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "K": Parameter("K", "share of problems", "accuracy extrapolated to a loss of 0", 0.0, log=True),
        "gamma": Parameter(r"\gamma", "1/nat", "relative gain of accuracy for a fall of the loss", 0.0, 1e3, log=True),
    }
    linear = ("K",)
    highest = 1.0

    def __call__(self, **inputs: Value) -> Any:
        """Accuracy at `loss` (L), broadcast against the parameters; not capped at 1."""
        self.check_inputs(inputs)
        return self.K * np.exp(-self.gamma * np.asarray(inputs["loss"]))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The column e^-γL."""
        return np.exp(-np.asarray(exponents["gamma"]) * inputs["loss"])[..., None, :]

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """From a tenth of a unit of accuracy a nat to a step within the range of the losses."""
        return {"gamma": np.geomspace(0.1, 100.0, 40)}

    def in_units(self, **units: float) -> "ExponentialAccuracy":
        """γ is counted a new unit of loss; K is as it was."""
        return ExponentialAccuracy(self.K, self.gamma * units.get("loss", 1.0))
