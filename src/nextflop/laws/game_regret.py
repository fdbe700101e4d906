"""Regret against perfect play of an agent trained by self-play: what is left undone, where nothing need be left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Expansion, Parameter, Value
from nextflop.laws.undone import EXPONENTS, Left, Undone, odds, put_depth, undone

WORST = 2.0
"""Regret of a won game that every move loses: outcomes are 1, 0 and -1."""


@dataclass(frozen=True)
class GameRegret(Undone):
    r"""Outcome that an agent gives away a move, from play without a plan to perfect play.

    $$R(N, D, T) = \frac{R_0\, T^{-\gamma}}{1 + 1 / (A N^{-\alpha} + B D^{-\beta})}$$

    What few parameters N and few positions D of self-play leave undone adds up, as in `SelfPlay`, and training takes
    regret down from R_0, that of play without a plan. T simulations of the search divide what is left, on a strong
    network and on a weak one by about the same number, so the search stands outside the ceiling. Perfect play has a
    place on the axis, so there is no floor to be fitted: far below R_0 the law is `Chinchilla` with E = 0. No move
    gives away more than a win for a loss, so R_0 is at most 2; where random play has been judged it is known, and may
    be pinned.

    Example:
        >>> law = GameRegret(R_0=0.5, A=300.0, B=3e4, alpha=0.7, beta=0.8, gamma=0.3)
        >>> [round(float(law(params=1e4, positions=1e6, simulations=t)), 3) for t in (1.0, 16.0, 256.0)]
        [0.244, 0.106, 0.046]
    """

    R_0: Value
    A: Value
    B: Value
    alpha: Value
    beta: Value
    gamma: Value

    name = "game-regret"
    formula = r"R(N, D, T) = \frac{R_0\, T^{-\gamma}}{1 + 1 / (A N^{-\alpha} + B D^{-\beta})}"
    reference = "nextflop; the plane of training and test is that of Jones 2021, arXiv:2104.03113, section 4"
    response = "regret"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "R_0": Parameter("R_0", "outcome", "regret without a network worth the name", 0.0, WORST),
        **EXPONENTS,
    }
    linear = ("R_0",)
    pure = ("simulations",)  # R_0 is that of one, the policy alone

    def __call__(self, **inputs: Value) -> Any:
        """Regret at `params` (N), `positions` (D) and `simulations` (T), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.R_0 * _left(self.values, **inputs)

    def undone_at(self, strength: Value, simulations: Value) -> Any:
        """A N^-α + B D^-β of agents of that regret at `simulations` (T)."""
        searched = np.asarray(simulations, dtype=np.float64) ** self.gamma
        return odds(np.asarray(strength, dtype=np.float64) * searched / self.R_0)

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Those of what the policy alone leaves undone."""
        return super().nodes(**{**inputs, "simulations": np.ones(1)})

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The share of R_0 that is left."""
        return _left(exponents, **inputs)[..., None, :]

    def expand(self, **inputs: Value) -> Expansion:
        """Value and derivatives from the same powers."""
        self.check_inputs(inputs)
        depth = np.log(inputs["simulations"])
        searched = np.exp(-np.asarray(self.gamma) * depth)
        left = Left(self.values, inputs["params"], inputs["positions"], np.ones_like(depth))
        risen = 1 / (1 + left.value)
        response = self.R_0 * (1 - risen) * searched

        def slopes() -> np.ndarray:
            found = np.empty((*left.slopes.shape[:-2], 6, left.slopes.shape[-1]))
            found[..., 0, :] = (1 - risen) * searched
            np.multiply(left.slopes, (self.R_0 * risen**2 * searched)[..., None, :], out=found[..., 1:, :])
            found[..., 5, :] = -response * depth
            return found

        def bends(weights: np.ndarray) -> np.ndarray:
            rising = weights * risen**2 * searched
            found = np.zeros((*rising.shape[:-1], 6, 6))
            found[..., 1:, 1:] = left.bends_through(self.R_0 * rising, -2 * self.R_0 * rising * risen)
            found[..., 0, 1:] = found[..., 1:, 0] = (left.slopes @ rising[..., None])[..., 0]
            put_depth(found, slopes(), weights, depth)
            return found

        return Expansion(response, slopes, bends)


def _left(parameters: Mapping[str, Value], simulations: Value, **trained: Value) -> Any:
    """T^-γ u / (1 + u), u being what the policy alone leaves undone."""
    left = undone(parameters, simulations=1.0, **trained)
    return left / (1 + left) * np.asarray(simulations, dtype=np.float64) ** -parameters["gamma"]
