"""Strength at a game against the size of the network, the games it learned from and the depth of its search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_STEEPEST = 4.0
EXPONENTS = {
    "A": Parameter("A", "parameters^α", "what few parameters leave undone", 0.0, log=True),
    "B": Parameter("B", "positions^β", "what few positions leave undone", 0.0, log=True),
    "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, _STEEPEST),
    "beta": Parameter(r"\beta", "", "exponent of positions", 0.0, _STEEPEST),
    "gamma": Parameter(r"\gamma", "", "exponent of simulations", 0.0, _STEEPEST),
}
"""The parameters of what is left `undone`."""
_NAMES = tuple(EXPONENTS)


@dataclass(frozen=True)
class SelfPlay(Law):
    r"""Elo of an agent trained by self-play, from play without a plan to perfect play.

    $$Elo(N, D, T) = E_0 + \frac{H}{1 + (A N^{-\alpha} + B D^{-\beta})\, T^{-\gamma}}$$

    What a small network of N parameters and few positions D of self-play leave undone adds up, as in `Chinchilla`; T
    simulations of the search at each move divide it. Strength rises with the logarithm of each as a sigmoid, as on the
    plane of training and test of Jones 2021; the slope in the middle is H/4 a factor of e in what is left undone.
    Searching k times deeper is worth as much as 10 times the compute of training at the best size where
    k^γ = 10^(αβ/(α+β)).

    Example:
        >>> law = SelfPlay(E_0=400.0, H=1000.0, A=300.0, B=3e4, alpha=0.7, beta=0.8, gamma=0.3)
        >>> [round(float(law(params=1e4, positions=1e6, simulations=t)), 1) for t in (1.0, 16.0, 256.0)]
        [912.6, 1107.3, 1247.3]
    """

    E_0: Value
    H: Value
    A: Value
    B: Value
    alpha: Value
    beta: Value
    gamma: Value

    name = "self-play"
    formula = r"Elo(N, D, T) = E_0 + \frac{H}{1 + (A N^{-\alpha} + B D^{-\beta}) T^{-\gamma}}"
    reference = "nextflop; the plane of training and test is that of Jones 2021, arXiv:2104.03113, section 4"
    inputs = ("params", "positions", "simulations")
    response = "elo"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E_0": Parameter("E_0", "Elo", "strength without a network worth the name"),
        "H": Parameter("H", "Elo", "from there to perfect play", 0.0),
        **EXPONENTS,
    }
    linear = ("E_0", "H")
    lowest = -np.inf

    def __call__(self, **inputs: Value) -> Any:
        """Elo at `params` (N), `positions` (D) and `simulations` (T), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.E_0 + self.H / (1 + self.undone(**inputs))

    def undone(self, **inputs: Value) -> Any:
        """(A N^-α + B D^-β) T^-γ: 1 half way up, 0 at perfect play."""
        return undone(inputs, *(getattr(self, name) for name in _NAMES))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1 and the share of the rise that is made."""
        risen = 1 / (1 + undone(inputs, *(exponents[name] for name in _NAMES)))
        return np.stack([np.ones_like(risen), risen], axis=-2)

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

    def in_units(self, **units: float) -> "SelfPlay":
        """A and B take the units up; Elo and exponents are as they were."""
        params, positions, simulations = (units.get(name, 1.0) for name in self.inputs)
        searched = simulations**-self.gamma
        return SelfPlay(
            self.E_0,
            self.H,
            self.A * params**-self.alpha * searched,
            self.B * positions**-self.beta * searched,
            self.alpha,
            self.beta,
            self.gamma,
        )

    @property
    def size_exponent(self) -> Value:
        """The power of training compute as which the best size grows, where an evaluation costs as its parameters."""
        return self.beta / (self.alpha + self.beta)

    @property
    def exchange(self) -> Value:
        """How many times deeper a search is worth ten times the training compute, if that is spent on the best size."""
        return exchange(self.alpha, self.beta, self.gamma)


def undone(inputs: Mapping[str, Value], A: Value, B: Value, alpha: Value, beta: Value, gamma: Value) -> Any:
    """(A N^-α + B D^-β) T^-γ at "params" (N), "positions" (D) and "simulations" (T)."""
    params, positions, simulations = (np.asarray(inputs[name], dtype=np.float64) for name in SelfPlay.inputs)
    return (A * params**-alpha + B * positions**-beta) * simulations**-gamma


def exchange(alpha: Value, beta: Value, gamma: Value) -> Value:
    """By how much deeper a search divides what is left undone as ten times the compute do at the best size."""
    return 10 ** (alpha * beta / (alpha + beta) / gamma)
