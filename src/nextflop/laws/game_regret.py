"""Regret against perfect play of an agent trained by self-play: what is left undone, where nothing need be left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Parameter, Value
from nextflop.laws.undone import EXPONENTS, Undone, undone

WORST = 2.0
"""Regret of a won game that every move loses: outcomes are 1, 0 and -1."""


@dataclass(frozen=True)
class GameRegret(Undone):
    r"""Outcome that an agent gives away a move, from play without a plan to perfect play.

    $$R(N, D, T) = \frac{R_0}{1 + T^{\gamma} / (A N^{-\alpha} + B D^{-\beta})}$$

    What is left undone is that of `SelfPlay`: u = (A N^-α + B D^-β) T^-γ for a network of N parameters, D positions of
    self-play and T simulations of the search. Here perfect play has a place on the axis, so the law has no floor to be
    fitted: far below R_0 regret is R_0 u, `Chinchilla` with E = 0. Nor is the other end free: no move gives away more
    than a win for a loss, so R_0 is at most 2.

    Example:
        >>> law = GameRegret(R_0=0.5, A=300.0, B=3e4, alpha=0.7, beta=0.8, gamma=0.3)
        >>> [round(float(law(params=1e4, positions=1e6, simulations=t)), 3) for t in (1.0, 16.0, 256.0)]
        [0.244, 0.146, 0.076]
    """

    R_0: Value
    A: Value
    B: Value
    alpha: Value
    beta: Value
    gamma: Value

    name = "game-regret"
    formula = r"R(N, D, T) = \frac{R_0}{1 + T^{\gamma} / (A N^{-\alpha} + B D^{-\beta})}"
    reference = "nextflop; the plane of training and test is that of Jones 2021, arXiv:2104.03113, section 4"
    response = "regret"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "R_0": Parameter("R_0", "outcome", "regret without a network worth the name", 0.0, WORST),
        **EXPONENTS,
    }
    linear = ("R_0",)

    def __call__(self, **inputs: Value) -> Any:
        """Regret at `params` (N), `positions` (D) and `simulations` (T), broadcast against the parameters."""
        self.check_inputs(inputs)
        left = self.undone(**inputs)
        return self.R_0 * left / (1 + left)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The share of the way that is left."""
        left = undone(exponents, **inputs)
        return (left / (1 + left))[..., None, :]
