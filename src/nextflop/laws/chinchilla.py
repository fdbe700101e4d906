"""Loss of a language model against parameters and training tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.laws.base import Expansion, Law, Parameter, Value
from nextflop.laws.power import EXPONENTS, STEEPEST, PowerTerm, of_terms


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
        of_params = PowerTerm(1.0, exponents["alpha"], inputs["params"])
        of_tokens = PowerTerm(1.0, exponents["beta"], inputs["tokens"])
        terms = of_params.power, of_tokens.power
        shape = np.broadcast_shapes(*(term.shape for term in terms))
        columns = np.ones((*shape[:-1], 3, shape[-1]))
        for index, term in enumerate(terms):
            columns[..., 1 + index, :] = term
        return columns

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
        return self.expand(**inputs).slopes()

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 5, 5)."""
        return self.expand(**inputs).bends(weights)

    def expand(self, **inputs: Value) -> Expansion:
        """Value and derivatives from the same two powers."""
        self.check_inputs(inputs)
        params, tokens = PowerTerm(self.A, self.alpha, inputs["params"]), PowerTerm(self.B, self.beta, inputs["tokens"])
        return of_terms(self.E, [(params, (1, 3)), (tokens, (2, 4))], 5)
