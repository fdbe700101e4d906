"""Loss against size, vocabulary and text, comparable between vocabularies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST, PowerTerm

_EXPONENTS = np.geomspace(0.05, 1.6, 9)


@dataclass(frozen=True)
class Vocabulary(Law):
    r"""Loss of a model of N parameters outside the vocabulary, V words in it, and H characters of text.

    $$L(N, V, H) = E + A N^{-\alpha} + B V^{-\beta} + C H^{-\gamma}$$

    The loss is normalised by that of a unigram model of the same vocabulary, so that vocabularies can be compared; it
    is below 0 for any model that has learnt something, and E with it. It has a column name of its own, since what is
    called loss is above 0. Tao et al. count the parameters of the
    vocabulary where V stands here; at one width they are in proportion.

    Example:
        >>> law = Vocabulary(E=-5.5, A=60.0, B=4.0, C=150.0, alpha=0.25, beta=0.3, gamma=0.25)
        >>> round(float(law(params=1e9, vocabulary=64e3, characters=1e11)), 4)
        -4.7512
    """

    E: Value
    A: Value
    B: Value
    C: Value
    alpha: Value
    beta: Value
    gamma: Value

    name = "vocabulary"
    formula = r"L(N, V, H) = E + A N^{-\alpha} + B V^{-\beta} + C H^{-\gamma}"
    reference = "Tao et al. 2024, arXiv:2407.13623, eq. 5, with words for the parameters of the vocabulary"
    inputs = ("params", "vocabulary", "characters")
    response = "unigram_normalized_loss"
    lowest = -np.inf
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss"),
        "A": Parameter("A", "loss × parameters^α", "what one parameter would lose above E", 0.0, log=True),
        "B": Parameter("B", "loss × words^β", "what a vocabulary of one word would lose above E", 0.0, log=True),
        "C": Parameter("C", "loss × characters^γ", "what one character would lose above E", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of the vocabulary", 0.0, STEEPEST),
        "gamma": Parameter(r"\gamma", "", "exponent of characters", 0.0, STEEPEST),
    }
    linear = ("E", "A", "B", "C")

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N), `vocabulary` (V) and `characters` (H), broadcast against the parameters."""
        self.check_inputs(inputs)
        terms = ((self.A, "params", self.alpha), (self.B, "vocabulary", self.beta), (self.C, "characters", self.gamma))
        return self.E + sum(amplitude * inputs[name] ** -exponent for amplitude, name, exponent in terms)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, N^-α, V^-β, H^-γ."""
        names = zip(cls.inputs, ("alpha", "beta", "gamma"), strict=True)
        columns = [inputs[name] ** -np.asarray(exponents[exponent]) for name, exponent in names]
        return np.stack(np.broadcast_arrays(np.ones_like(columns[0]), *columns), axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A geometric grid in each exponent."""
        return {"alpha": _EXPONENTS, "beta": _EXPONENTS, "gamma": _EXPONENTS}

    def in_units(self, **units: float) -> "Vocabulary":
        """The amplitudes take the units up."""
        scales = [
            units.get(name, 1.0) ** -exponent
            for name, exponent in zip(self.inputs, (self.alpha, self.beta, self.gamma), strict=True)
        ]
        a, b, c = (value * scale for value, scale in zip((self.A, self.B, self.C), scales, strict=True))
        return Vocabulary(self.E, a, b, c, self.alpha, self.beta, self.gamma)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, B, C, α, β, γ, shape (..., 7, runs)."""
        powers = [
            np.asarray(inputs[name]) ** -np.asarray(exponent)
            for name, exponent in zip(self.inputs, (self.alpha, self.beta, self.gamma), strict=True)
        ]
        falls = [
            power * -amplitude * np.log(inputs[name])
            for power, amplitude, name in zip(powers, (self.A, self.B, self.C), self.inputs, strict=True)
        ]
        return np.stack(np.broadcast_arrays(np.ones_like(powers[0]), *powers, *falls), axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 7, 7)."""
        bends = np.zeros((*weights.shape[:-1], 7, 7))
        triples = zip((self.A, self.B, self.C), (self.alpha, self.beta, self.gamma), self.inputs, strict=True)
        for index, (amplitude, exponent, name) in enumerate(triples):
            PowerTerm(amplitude, exponent, inputs[name]).add_bends(bends, (1 + index, 4 + index), weights)
        return bends
