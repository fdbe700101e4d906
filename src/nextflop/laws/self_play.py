"""Strength at a game against the size of the network, the games it learned from and the depth of its search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Expansion, Parameter, Value
from nextflop.laws.undone import EXPONENTS, Left, Undone, odds, undone


@dataclass(frozen=True)
class SelfPlay(Undone):
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

    def undone_at(self, strength: Value, simulations: Value) -> Any:
        """A N^-α + B D^-β of agents of that Elo at `simulations` (T)."""
        risen = (np.asarray(strength, dtype=np.float64) - self.E_0) / self.H
        return odds(1 - risen) * np.asarray(simulations, dtype=np.float64) ** self.gamma

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1 and the share of the rise that is made."""
        risen = 1 / (1 + undone(exponents, **inputs))
        return np.stack([np.ones_like(risen), risen], axis=-2)

    def expand(self, **inputs: Value) -> Expansion:
        """Value and derivatives from the same powers."""
        self.check_inputs(inputs)
        left = Left(self.values, **inputs)
        risen = 1 / (1 + left.value)

        def slopes() -> np.ndarray:
            found = np.empty((*left.slopes.shape[:-2], 7, left.slopes.shape[-1]))
            found[..., 0, :], found[..., 1, :] = 1.0, risen
            np.multiply(left.slopes, (-self.H * risen**2)[..., None, :], out=found[..., 2:, :])
            return found

        def bends(weights: np.ndarray) -> np.ndarray:
            falling = -weights * risen**2
            found = np.zeros((*falling.shape[:-1], 7, 7))
            found[..., 2:, 2:] = left.bends_through(self.H * falling, -2 * self.H * falling * risen)
            found[..., 1, 2:] = found[..., 2:, 1] = (left.slopes @ falling[..., None])[..., 0]
            return found

        return Expansion(self.E_0 + self.H * risen, slopes, bends)
