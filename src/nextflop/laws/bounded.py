"""Loss against parameters, tokens and unique tokens, between the loss of guessing and the irreducible one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import scatter
from nextflop.laws.power import STEEPEST

_POINTS = 3000  # scattered over seven dimensions; a third of them lead to the optimum as well


@dataclass(frozen=True)
class Bounded(Law):
    r"""Loss of a model of N parameters that sees D tokens, of which U are unique, and never exceeds guessing.

    $$L(N, D, U) = E + (L_0 - E) \frac{h}{1 + h}, \qquad h = a N^{-\alpha} + b D^{-\beta} + c N^{\gamma} U^{-\delta}$$

    Three shortages add up in h: too few parameters, too little training, and too many parameters for the unique data.
    Where h is small this is E plus (L₀ - E) h, `Chinchilla` with overfitting; where it is large the loss stays at L₀.
    All nine parameters of the paper are kept (which writes T for our D, and D for our U). Two parts of a table tell
    them apart: runs near the loss of guessing, without which only (L₀ - E) times a, b and c is known, so pin L0 at the
    logarithm of the vocabulary; and runs whose tokens are repeated, without which U is D and the last two terms blur.
    On one axis it is `BoundedPower` with α = 1.

    Example:
        >>> law = Bounded(E=1.7, L0=10.8, a=50.0, alpha=0.35, b=230.0, beta=0.37, c=0.2, gamma=0.4, delta=0.5)
        >>> [round(float(law(params=1e9, tokens=2e10, unique_tokens=unique)), 4) for unique in (2e10, 1e9, 1e3)]
        [2.347, 2.4977, 10.4533]
    """

    E: Value
    L0: Value
    a: Value
    alpha: Value
    b: Value
    beta: Value
    c: Value
    gamma: Value
    delta: Value

    name = "bounded"
    formula = (
        r"L(N, D, U) = E + (L_0 - E) \frac{h}{1 + h}, \; h = a N^{-\alpha} + b D^{-\beta} + c N^{\gamma} U^{-\delta}"
    )
    reference = "Practical Scaling Laws 2026, arXiv:2605.09189"
    inputs = ("params", "tokens", "unique_tokens")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "L0": Parameter("L_0", "nats per token, as the loss", "loss of guessing", 0.0, log=True),
        "a": Parameter("a", "parameters^α", "shortage of one parameter", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, STEEPEST),
        "b": Parameter("b", "tokens^β", "shortage of one token of training", 0.0, log=True),
        "beta": Parameter(r"\beta", "", "exponent of tokens", 0.0, STEEPEST),
        "c": Parameter("c", "tokens^δ / parameters^γ", "overfitting of one parameter to one token", 0.0, log=True),
        "gamma": Parameter(r"\gamma", "", "exponent of parameters in overfitting", 0.0, STEEPEST),
        "delta": Parameter(r"\delta", "", "exponent of unique tokens", 0.0, STEEPEST),
    }
    linear = ("E", "L0")

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N), `tokens` (D) and `unique_tokens` (U), broadcast against the parameters."""
        self.check_inputs(inputs)
        left = _left(self.values, inputs)
        return self.E * (1 - left) + self.L0 * left

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1/(1+h), h/(1+h)."""
        left = _left(exponents, inputs)
        return np.stack([1 - left, left], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The box over which points are scattered, in the units of a search: the terms' sizes amid the runs."""
        sizes, exponents = np.geomspace(0.003, 1.0, 5), np.geomspace(0.1, 1.2, 5)
        return {
            "a": sizes,
            "alpha": exponents,
            "b": sizes,
            "beta": exponents,
            "c": sizes,
            "gamma": exponents,
            "delta": exponents,
        }

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Scattered over the box that `search` marks out, evenly in the logarithms."""
        logs = {name: np.log(values) for name, values in cls.search(**inputs).items()}
        return {name: np.exp(values) for name, values in scatter(logs, _POINTS).items()}

    def in_units(self, **units: float) -> "Bounded":
        """a, b and c take the units up; the rest is as it was."""
        of_params, of_tokens, of_unique = (units.get(name, 1.0) for name in self.inputs)
        return Bounded(
            **{
                **self.values,
                "a": self.a * of_params**-self.alpha,
                "b": self.b * of_tokens**-self.beta,
                "c": self.c * of_params**self.gamma * of_unique**-self.delta,
            }
        )

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, L₀, a, α, b, β, c, γ, δ, shape (..., 9, runs)."""
        log_params, log_tokens, log_unique = (np.log(inputs[name]) for name in self.inputs)
        of_params, of_tokens, of_unique = _terms(self.values, inputs)
        left = _left(self.values, inputs)
        steep = (self.L0 - self.E) * (1 - left) ** 2
        slopes = [
            1 - left,
            left,
            steep * of_params,
            -steep * self.a * of_params * log_params,
            steep * of_tokens,
            -steep * self.b * of_tokens * log_tokens,
            steep * of_unique,
            steep * self.c * of_unique * log_params,
            -steep * self.c * of_unique * log_unique,
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)


def _terms(values: Mapping[str, Value], inputs: Mapping[str, Value]) -> tuple[Any, Any, Any]:
    """N^-α, D^-β, N^γ U^-δ."""
    params, tokens, unique = (np.asarray(inputs[name]) for name in Bounded.inputs)
    alpha, beta, gamma, delta = (np.asarray(values[name]) for name in ("alpha", "beta", "gamma", "delta"))
    return params**-alpha, tokens**-beta, params**gamma * unique**-delta


def _left(values: Mapping[str, Value], inputs: Mapping[str, Value]) -> Any:
    """H / (1 + h), the share of the way from E to the loss of guessing that is left."""
    of_params, of_tokens, of_unique = _terms(values, inputs)
    height = values["a"] * of_params + values["b"] * of_tokens + values["c"] * of_unique
    return height / (1 + height)
