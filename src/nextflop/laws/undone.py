"""What training by self-play leaves undone: the part that the laws of strength at a game share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import PowerTerm

_STEEPEST = 4.0
EXPONENTS = {
    "A": Parameter("A", "parameters^α", "what few parameters leave undone", 0.0, log=True),
    "B": Parameter("B", "positions^β", "what few positions leave undone", 0.0, log=True),
    "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, _STEEPEST),
    "beta": Parameter(r"\beta", "", "exponent of positions", 0.0, _STEEPEST),
    "gamma": Parameter(r"\gamma", "", "exponent of simulations", 0.0, _STEEPEST),
}
"""The parameters of what is left undone."""
INPUTS = ("params", "positions", "simulations")


class Undone(Law):
    r"""Base of laws of $u = (A N^{-\alpha} + B D^{-\beta})\, T^{-\gamma}$, whose fields are theirs to declare.

    What a small network of N parameters and few positions D of self-play leave undone adds up, as in `Chinchilla`; T
    simulations of the search at each move divide it, or the strength that is left to be won.
    """

    inputs = INPUTS

    def undone(self, **inputs: Value) -> Any:
        """(A N^-α + B D^-β) T^-γ: 1 half way up, 0 at perfect play."""
        return undone(self.values, **inputs)

    def undone_at(self, strength: Value, simulations: Value) -> Any:
        """A N^-α + B D^-β of agents of that strength at `simulations` (T): the law turned round.

        inf where it takes no training, 0 or less where no training is enough.
        """
        raise NotImplementedError

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The values at the `nodes`; not all of their combinations make a rise within the runs."""
        return cls.nodes(**inputs)

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Three of each exponent, and of what the middle sizes and middle amounts of games leave undone."""
        middle = {name: np.exp(np.log(inputs[name]).mean()) for name in cls.inputs}
        left = np.array([0.1, 1.0, 10.0])
        axes = (left, left, np.array([0.3, 0.8, 2.0]), np.array([0.3, 0.8, 2.0]), np.array([0.1, 0.3, 0.8]))
        few, brief, alpha, beta, gamma = (axis.ravel() for axis in np.meshgrid(*axes))
        searched = middle["simulations"] ** gamma
        return {
            "A": few * searched * middle["params"] ** alpha,
            "B": brief * searched * middle["positions"] ** beta,
            "alpha": alpha,
            "beta": beta,
            "gamma": gamma,
        }

    def in_units(self, **units: float) -> Self:
        """A and B take the units up; strength and exponents are as they were."""
        params, positions, simulations = (units.get(name, 1.0) for name in self.inputs)
        A, B, alpha, beta, gamma = (self.values[name] for name in EXPONENTS)
        searched = simulations**-gamma
        return replace(self, A=A * params**-alpha * searched, B=B * positions**-beta * searched)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by the parameters, shape (..., parameters, runs)."""
        return self.expand(**inputs).slopes()

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., parameters, parameters)."""
        return self.expand(**inputs).bends(weights)

    @property
    def size_exponent(self) -> Value:
        """The power of training compute as which the best size grows, where an evaluation costs as its parameters."""
        return self.values["beta"] / (self.values["alpha"] + self.values["beta"])

    @property
    def exchange(self) -> Value:
        """How many times deeper a search is worth ten times the training compute, if that is spent on the best size.

        Of `GameRegret` far below its R_0; nearer to it the training is worth less.
        """
        return 10 ** (self.values["alpha"] * self.size_exponent / self.values["gamma"])


def undone(parameters: Mapping[str, Value], **inputs: Value) -> Any:
    """(A N^-α + B D^-β) T^-γ for any mapping of `EXPONENTS`, at "params" (N), "positions" (D), "simulations" (T)."""
    A, B, alpha, beta, gamma = (parameters[name] for name in EXPONENTS)
    params, positions, simulations = (np.asarray(inputs[name], dtype=np.float64) for name in INPUTS)
    return (A * params**-alpha + B * positions**-beta) * simulations**-gamma


def odds(left: Value) -> Any:
    """U of which u / (1 + u) is left: inf where all is, 0 or less where nothing is."""
    left = np.asarray(left, dtype=np.float64)
    return np.where(left < 1, left / np.where(left < 1, 1 - left, 1.0), np.inf)


class Left:
    """What is left undone with its derivatives by A, B, α, β, γ, all from three powers.

    Attributes:
        value: (A N^-α + B D^-β) T^-γ, shape (..., runs).
        slopes: first derivatives, shape (..., 5, runs).
    """

    def __init__(self, parameters: Mapping[str, Value], params: Value, positions: Value, simulations: Value) -> None:
        """Evaluates the powers.

        Args:
            parameters: `EXPONENTS`, each a number or of shape (..., 1).
            params: N, shape (runs,).
            positions: D, likewise.
            simulations: T, likewise.
        """
        A, B, alpha, beta, gamma = (parameters[name] for name in EXPONENTS)
        self._few, self._brief = PowerTerm(A, alpha, params), PowerTerm(B, beta, positions)
        self._search = PowerTerm(1.0, gamma, simulations)
        few, brief = (term.value * self._search.power for term in (self._few, self._brief))
        self.value = few + brief
        rows = (
            self._few.power * self._search.power,
            self._brief.power * self._search.power,
            -few * self._few.log,
            -brief * self._brief.log,
            -self.value * self._search.log,
        )
        self.slopes = np.stack(np.broadcast_arrays(*rows), axis=-2)

    def bends(self, weights: np.ndarray) -> np.ndarray:
        """Second derivatives summed over the runs with weights of shape (..., runs): (..., 5, 5)."""
        found = np.zeros((*np.broadcast_shapes(weights.shape, self.value.shape)[:-1], 5, 5))
        self._few.add_bends(found, (0, 2), weights * self._search.power)
        self._brief.add_bends(found, (1, 3), weights * self._search.power)
        put_depth(found, self.slopes, weights, self._search.log)
        return found

    def bends_through(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Likewise of a function of the value, from its two derivatives times the weights, each (..., runs)."""
        return (self.slopes * second[..., None, :]) @ self.slopes.swapaxes(-1, -2) + self.bends(first)


def put_depth(bends: np.ndarray, slopes: np.ndarray, weights: np.ndarray, depth: np.ndarray) -> None:
    """Puts the second derivatives by γ, the last parameter, of what T^-γ multiplies into their row and column.

    Args:
        bends: shape (..., parameters, parameters), changed in place.
        slopes: first derivatives, shape (..., parameters, runs).
        weights: of the runs, shape (..., runs).
        depth: ln T, shape (runs,).
    """
    mixed = -(slopes @ (weights * depth)[..., None])[..., 0]
    bends[..., -1, :] = bends[..., :, -1] = mixed
