"""Loss of a language model against parameters and training tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import EXPONENTS, STEEPEST, add_term


@dataclass(frozen=True)
class Chinchilla(Law):
    r"""Loss when a model of N parameters sees D tokens once.

    $$L(N, D) = E + A N^{-\alpha} + B D^{-\beta}$$

    E is the entropy of the text as far as this kind of model can know it, the second term what a finite model
    loses, the third what finite data lose. Under a budget C = 6ND the optimum grows as N ∝ C^a with
    a = β/(α+β) (Hoffmann et al. 2022, eq. 4).

    Example:
        >>> law = Chinchilla(E=1.8172, A=477.8, B=2143.0, alpha=0.3473, beta=0.3672)
        >>> round(law(params=70e9, tokens=1.4e12), 3)
        1.973
    """

    E: Value
    A: Value
    B: Value
    alpha: Value
    beta: Value

    name = "chinchilla"
    formula = r"L(N, D) = E + A N^{-\alpha} + B D^{-\beta}"
    reference = "Hoffmann et al. 2022, arXiv:2203.15556, eq. 2; fit as in its appendix D.2"
    inputs = ("params", "tokens")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "A": Parameter("A", "loss × parameters^α", "what one parameter would lose above E", 0.0, log=True),
        "B": Parameter("B", "loss × tokens^β", "what one token would lose above E", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of tokens", 0.0, STEEPEST),
    }
    linear = ("E", "A", "B")

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `params` (N) and `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.E + self.A * inputs["params"] ** -self.alpha + self.B * inputs["tokens"] ** -self.beta

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, N^-α, D^-β."""
        of_params = inputs["params"] ** -np.asarray(exponents["alpha"])
        of_tokens = inputs["tokens"] ** -np.asarray(exponents["beta"])
        return np.stack(np.broadcast_arrays(np.ones_like(of_params), of_params, of_tokens), axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A geometric grid over the plane of exponents."""
        return {"alpha": EXPONENTS, "beta": EXPONENTS}

    def in_units(self, **units: float) -> "Chinchilla":
        """A and B take the units up; E and the exponents are as they were."""
        return Chinchilla(
            self.E,
            self.A * units.get("params", 1.0) ** -self.alpha,
            self.B * units.get("tokens", 1.0) ** -self.beta,
            self.alpha,
            self.beta,
        )

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, B, α, β, shape (..., 5, runs)."""
        params, tokens = np.asarray(inputs["params"]), np.asarray(inputs["tokens"])
        of_params, of_tokens = params ** -np.asarray(self.alpha), tokens ** -np.asarray(self.beta)
        shape = np.broadcast_shapes(of_params.shape, of_tokens.shape)
        slopes = np.empty((*shape[:-1], 5, shape[-1]))
        slopes[..., 0, :] = 1.0
        slopes[..., 1, :] = of_params
        slopes[..., 2, :] = of_tokens
        slopes[..., 3, :] = of_params * -self.A * np.log(params)
        slopes[..., 4, :] = of_tokens * -self.B * np.log(tokens)
        return slopes

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 5, 5)."""
        bends = np.zeros((*weights.shape[:-1], 5, 5))
        add_term(bends, (1, 3), weights, self.A, self.alpha, np.asarray(inputs["params"]))
        add_term(bends, (2, 4), weights, self.B, self.beta, np.asarray(inputs["tokens"]))
        return bends
