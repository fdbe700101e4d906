"""Loss of a language model against parameters and training tokens, with a bend where one takes over from the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_STEEPEST = 20.0  # of the exponents inside, which k makes smaller: with k = 0.05 one of 20 shows as 1
_FLATTEST = 0.05  # of k; at 0 the loss is constant


@dataclass(frozen=True)
class Skaling(Law):
    r"""Loss when the shortage of parameters and that of tokens add up before a power is taken.

    $$L(N, D) = E + A (N^{-\alpha} + R D^{-\beta})^k$$

    With k = 1 it is `Chinchilla`, with B = AR. A k below 1, as published fits have it (0.31 to 0.45), makes the scarcer
    of the two decide: at a large model more data help longer, with the exponent αk or βk of the scarce one.

    Example:
        >>> law = Skaling(E=1.7, A=120.0, R=5.0, alpha=0.9, beta=0.95, k=0.4)
        >>> round(float(law(params=1e9, tokens=2e10)), 4)
        1.7718
    """

    E: Value
    A: Value
    R: Value
    alpha: Value
    beta: Value
    k: Value

    name = "skaling"
    formula = r"L(N, D) = E + A (N^{-\alpha} + R D^{-\beta})^k"
    reference = "Skaling 2026, arXiv:2608.07222"
    inputs = ("params", "tokens")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "A": Parameter("A", "loss × parameters^(αk)", "what one parameter would lose above E", 0.0, log=True),
        "R": Parameter("R", "tokens^β / parameters^α", "weight of tokens against parameters", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters, before the power", 0.0, _STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of tokens, before the power", 0.0, _STEEPEST),
        "k": Parameter("k", "", "power of the sum; below 1 the scarcer decides", _FLATTEST, 20.0, log=True),
    }
    linear = ("E", "A")

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `params` (N) and `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.E + self.A * _shortage(self.values, inputs) ** self.k

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, (N^-α + R D^-β)^k."""
        term = _shortage(exponents, inputs) ** np.asarray(exponents["k"])
        return np.stack([np.ones_like(term), term], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """R around what makes both terms equal in the middle of the runs, which is 1 in the units of a search."""
        exponents = np.geomspace(0.1, 2.0, 7)
        return {"R": np.geomspace(0.05, 20.0, 7), "alpha": exponents, "beta": exponents, "k": np.geomspace(0.2, 2.0, 5)}

    def in_units(self, **units: float) -> "Skaling":
        """A and R take the units up; E and the exponents are as they were."""
        of_params = units.get("params", 1.0) ** -self.alpha
        of_tokens = units.get("tokens", 1.0) ** -self.beta
        return Skaling(
            self.E, self.A * of_params**self.k, self.R * of_tokens / of_params, self.alpha, self.beta, self.k
        )

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, R, α, β, k, shape (..., 6, runs)."""
        params, tokens = np.asarray(inputs["params"]), np.asarray(inputs["tokens"])
        of_params, of_tokens = params ** -np.asarray(self.alpha), tokens ** -np.asarray(self.beta)
        shortage = of_params + self.R * of_tokens
        term = shortage**self.k
        steep = self.A * self.k * term / shortage
        slopes = [
            np.ones_like(term),
            term,
            steep * of_tokens,
            -steep * of_params * np.log(params),
            -steep * self.R * of_tokens * np.log(tokens),
            self.A * term * np.log(shortage),
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)


def _shortage(values: Mapping[str, Value], inputs: Mapping[str, Value]) -> Any:
    """N^-α + R D^-β."""
    of_params = np.asarray(inputs["params"]) ** -np.asarray(values["alpha"])
    return of_params + np.asarray(values["R"]) * np.asarray(inputs["tokens"]) ** -np.asarray(values["beta"])
