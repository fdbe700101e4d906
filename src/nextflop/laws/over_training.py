"""Loss against compute and tokens per parameter: what it costs to train a small model for long."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import EXPONENTS, STEEPEST


@dataclass(frozen=True)
class OverTraining(Law):
    r"""Loss when a compute of C is spent at M tokens per parameter.

    $$L(C, M) = E + (a M^{\eta} + b M^{-\eta}) C^{-\eta}$$

    This is `Chinchilla` with equal exponents, in the inputs that a team decides on: with C = 6ND and M = D/N,
    η = α/2, a = A·6^η and b = B·6^η. Over-training moves the curve up but leaves its exponent, so lines of loss above
    E against compute are parallel. The best M is (b/a)^(1/2η) at every compute.

    Example:
        >>> law = OverTraining(E=1.8, a=140.0, b=190.0, eta=0.12)
        >>> [round(float(law(compute=1e21, tokens_per_param=m)), 4) for m in (20.0, 640.0)]
        [2.8062, 2.9823]
    """

    E: Value
    a: Value
    b: Value
    eta: Value

    name = "over-training"
    formula = r"L(C, M) = E + (a M^{\eta} + b M^{-\eta}) C^{-\eta}"
    reference = "Gadre et al. 2024, arXiv:2403.08540, eq. 4"
    inputs = ("compute", "tokens_per_param")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "a": Parameter("a", "loss × FLOP^η", "what few parameters lose", 0.0, log=True),
        "b": Parameter("b", "loss × FLOP^η", "what few tokens lose", 0.0, log=True),
        "eta": Parameter(r"\eta", "", "exponent of compute", 0.0, STEEPEST),
    }
    linear = ("E", "a", "b")

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `compute` (C) and `tokens_per_param` (M), broadcast against the parameters."""
        self.check_inputs(inputs)
        small, brief = _ratios(inputs)
        return self.E + self.a * small**-self.eta + self.b * brief**-self.eta

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, (C/M)^-η, (CM)^-η."""
        small, brief = (ratio ** -np.asarray(exponents["eta"]) for ratio in _ratios(inputs))
        return np.stack([np.ones_like(small), small, brief], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A geometric grid of exponents."""
        return {"eta": EXPONENTS / 2}

    def in_units(self, **units: float) -> "OverTraining":
        """A and b take the units up; E and η are as they were."""
        small, brief = _ratios({"compute": 1.0, "tokens_per_param": 1.0, **units})
        return OverTraining(self.E, self.a * small**-self.eta, self.b * brief**-self.eta, self.eta)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, a, b, η, shape (..., 4, runs)."""
        ratios = _ratios(inputs)
        small, brief = (ratio ** -np.asarray(self.eta) for ratio in ratios)
        fall = -self.a * small * np.log(ratios[0]) - self.b * brief * np.log(ratios[1])
        return np.stack([np.ones_like(small), small, brief, fall], axis=-2)


def _ratios(inputs: Mapping[str, Value]) -> tuple[Value, Value]:
    """C/M and CM: 6N² and 6D²."""
    return inputs["compute"] / inputs["tokens_per_param"], inputs["compute"] * inputs["tokens_per_param"]
