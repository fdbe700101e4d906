"""Loss against one resource: a power law that falls to an offset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nextflop.laws.base import Expansion, Law, Parameter, Value

# Where searches for an exponent set out. Measured exponents of loss lie between 0.03 and 0.7.
EXPONENTS = np.geomspace(0.02, 2.0, 20)
STEEPEST = 3.0  # above it a term is gone within a third of a decade, and the largest runs no longer see it


@dataclass(frozen=True)
class Power(Law):
    r"""Loss against compute, or any one resource, when nothing else limits it.

    $$L(C) = E + A C^{-\alpha}$$

    The offset is the irreducible loss for this kind of data. With E pinned at 0 this is the pure power law of Kaplan
    et al. (2020), with E free the form of Henighan et al. (2020).

    Example:
        >>> round(Power(E=1.7, A=1e3, alpha=0.15)(compute=1e21), 4)
        2.4079
    """

    E: Value
    A: Value
    alpha: Value

    name = "power"
    formula = r"L(C) = E + A C^{-\alpha}"
    reference = "Henighan et al. 2020, arXiv:2010.14701, eq. 1.1; without offset Kaplan et al. 2020, arXiv:2001.08361"
    inputs = ("compute",)
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "A": Parameter("A", "loss × FLOP^α", "loss above E at one unit of compute", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of compute", 0.0, STEEPEST),
    }
    linear = ("E", "A")

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `compute` (C), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.E + self.A * inputs["compute"] ** -self.alpha

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, C^-α."""
        term = inputs["compute"] ** -np.asarray(exponents["alpha"])
        return np.stack([np.ones_like(term), term], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A geometric grid of exponents."""
        return {"alpha": EXPONENTS}

    def in_units(self, **units: float) -> "Power":
        """A takes the unit of compute up; E and α are as they were."""
        return Power(self.E, self.A * units.get("compute", 1.0) ** -self.alpha, self.alpha)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, α, shape (..., 3, runs)."""
        return self.expand(**inputs).slopes()

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 3, 3)."""
        return self.expand(**inputs).bends(weights)

    def expand(self, **inputs: Value) -> Expansion:
        """Value and derivatives from the same power."""
        self.check_inputs(inputs)
        return of_terms(self.E, [(PowerTerm(self.A, self.alpha, inputs["compute"]), (1, 2))], 3)


class PowerTerm:
    """a x^-α with its derivatives, all from one power and one logarithm.

    Attributes:
        amplitude: a, a number or of shape (..., 1).
        power: x^-α, shape (..., runs).
        log: ln x, shape (runs,).
        value: the term, shape (..., runs).
    """

    def __init__(self, amplitude: Value, exponent: Value, x: Value) -> None:
        """Evaluates the term.

        Args:
            amplitude: a, a number or of shape (..., 1).
            exponent: α, likewise.
            x: the input, shape (runs,).
        """
        self.amplitude = amplitude
        self.log = np.log(x)
        self.power = np.exp(-np.asarray(exponent) * self.log)
        self.value = amplitude * self.power

    def add_slopes(self, slopes: np.ndarray, at: tuple[int, int]) -> None:
        """Writes the derivatives by a and α into the rows `at` of an array of shape (..., parameters, runs)."""
        slopes[..., at[0], :] = self.power
        np.multiply(self.value, -self.log, out=slopes[..., at[1], :])

    def add_bends(self, bends: np.ndarray, at: tuple[int, int], weights: np.ndarray) -> None:
        """Adds the second derivatives of Σ w a x^-α, with weights of shape (..., runs), in place.

        Args:
            bends: shape (..., parameters, parameters); the rows and columns `at` belong to a and α.
            at: their places.
            weights: w.
        """
        weighted = weights * self.power
        mixed = weighted @ self.log
        bends[..., at[0], at[1]] -= mixed
        bends[..., at[1], at[0]] -= mixed
        bends[..., at[1], at[1]] += (self.amplitude * (weighted @ self.log**2)[..., None])[..., 0]


Placed = Sequence[tuple[PowerTerm, tuple[int, int]]]
"""Terms, each with the places of its amplitude and its exponent among the parameters."""


def of_terms(offset: Value, terms: Placed, count: int) -> Expansion:
    """The expansion of a law that is an offset, its first parameter, plus terms.

    Args:
        offset: a number or of shape (..., 1).
        terms: with their places among the parameters.
        count: how many parameters the law has.
    """
    value = offset + sum(term.value for term, _ in terms)
    return Expansion(value, partial(_slopes, terms, count), partial(_bends, terms, count))


def _slopes(terms: Placed, count: int) -> np.ndarray:
    shape = np.broadcast_shapes(*(term.power.shape for term, _ in terms))
    found = np.empty((*shape[:-1], count, shape[-1]))
    found[..., 0, :] = 1.0
    for term, at in terms:
        term.add_slopes(found, at)
    return found


def _bends(terms: Placed, count: int, weights: np.ndarray) -> np.ndarray:
    found = np.zeros((*weights.shape[:-1], count, count))
    for term, at in terms:
        term.add_bends(found, at, weights)
    return found
