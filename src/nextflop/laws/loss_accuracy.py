"""Accuracy against loss: a sigmoid from guessing to the best that the task allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_FARTHEST = 500.0  # exp of it is finite, and 1 plus it is itself


@dataclass(frozen=True)
class LossAccuracy(Law):
    r"""Accuracy as a sigmoid of the loss on the right answers.

    $$R(L) = b + \frac{a}{1 + e^{-k(L - L_0)}}, \qquad a \le 0$$

    The second step of a model ladder: the first predicts the loss of a task, this one what the loss is worth. b is the
    accuracy at the lowest losses, a + b the accuracy of a model that knows nothing, and halfway between, at L₀, a nat
    is worth |a| k / 4. Runs that all lie on one side of L₀ do not show the plateau on the other: pin b = 1, or a + b at
    the rate of guessing, where it is known.

    Example:
        >>> law = LossAccuracy(a=-0.75, b=1.0, k=6.0, L0=0.9)  # four choices, all right at no loss
        >>> [round(float(law(loss=loss)), 4) for loss in (0.6, 0.9, 3.0)]
        [0.8936, 0.625, 0.25]
    """

    a: Value
    b: Value
    k: Value
    L0: Value

    name = "loss-accuracy"
    formula = r"R(L) = b + \frac{a}{1 + e^{-k(L - L_0)}}"
    reference = "Bhagia et al. 2024, arXiv:2412.04403, section 3.2"
    inputs = ("loss",)
    response = "accuracy"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "a": Parameter("a", "share of problems", "what is lost from the best to guessing", -1.0, 0.0),
        "b": Parameter("b", "share of problems", "accuracy at the lowest losses", 0.0, 1.0),
        "k": Parameter("k", "1/nat", "steepness", 0.0, 1e3, log=True),
        "L0": Parameter("L_0", "nats, as the loss", "loss halfway between both plateaus", 0.0),
    }
    linear = ("a", "b")
    highest = 1.0

    def __call__(self, **inputs: Value) -> Any:
        """Accuracy at `loss` (L), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.b + self.a * _risen(inputs["loss"], self.k, self.L0)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns s, 1, with s the share of the way to guessing."""
        risen = _risen(inputs["loss"], exponents["k"], exponents["L0"])
        return np.stack([risen, np.ones_like(risen)], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """L₀ from half of the lowest loss to half above the highest, k from a slope to a step within that range."""
        loss = inputs["loss"]
        return {
            "k": np.geomspace(0.5, 100.0, 20) / loss.mean(),
            "L0": np.linspace(loss.min() / 2, loss.max() * 1.5, 24),
        }

    def in_units(self, **units: float) -> "LossAccuracy":
        """K and L₀ are counted in the new unit of loss."""
        unit = units.get("loss", 1.0)
        return LossAccuracy(self.a, self.b, self.k * unit, self.L0 / unit)


def _risen(loss: Value, k: Value, middle: Value) -> Any:
    """1 / (1 + e^(-k(L - L₀))); accepts complex k and L₀."""
    power = np.asarray(-k * (np.asarray(loss, dtype=np.float64) - middle))
    return 1 / (1 + np.exp(np.where(power.real > _FARTHEST, _FARTHEST, power)))
