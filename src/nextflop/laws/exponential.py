"""Accuracy or error against loss, as an exponential: what lower loss is worth on a task."""

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


@dataclass(frozen=True)
class ExponentialError(Law):
    r"""Error as an exponential of the loss, below the error of guessing.

    $$Err(L) = \epsilon - k e^{-\gamma L}$$

    With ε pinned at 1 it is `ExponentialAccuracy`. The form holds while the error is well above 0, which it does not
    know of.

    Example:
        >>> law = ExponentialError(epsilon=0.857, k=2.21, gamma=0.715)
        >>> [round(float(law(loss=loss)), 4) for loss in (2.4, 3.0, 9.0)]
        [0.4597, 0.5983, 0.8535]
    """

    epsilon: Value
    k: Value
    gamma: Value

    name = "exponential-error"
    formula = r"Err(L) = \epsilon - k e^{-\gamma L}"
    reference = "Gadre et al. 2024, arXiv:2403.08540, eq. 5"
    inputs = ("loss",)
    response = "error"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "epsilon": Parameter(r"\epsilon", "share of problems", "error of a model that knows nothing", 0.0, 1.0),
        "k": Parameter("k", "share of problems", "fall of the error extrapolated to a loss of 0", 0.0, log=True),
        "gamma": Parameter(r"\gamma", "1/nat", "relative gain for a fall of the loss", 0.0, 1e3, log=True),
    }
    linear = ("epsilon", "k")
    highest = 1.0

    def __call__(self, **inputs: Value) -> Any:
        """Error at `loss` (L), broadcast against the parameters; not held above 0."""
        self.check_inputs(inputs)
        return self.epsilon - self.k * np.exp(-self.gamma * np.asarray(inputs["loss"]))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, -e^-γL."""
        gain = np.exp(-np.asarray(exponents["gamma"]) * inputs["loss"])
        return np.stack([np.ones_like(gain), -gain], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """As `ExponentialAccuracy`."""
        return ExponentialAccuracy.search(**inputs)

    def in_units(self, **units: float) -> "ExponentialError":
        """γ is counted a new unit of loss; ε and k are as they were."""
        return ExponentialError(self.epsilon, self.k, self.gamma * units.get("loss", 1.0))
