"""Loss against one resource: a power law without offset."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST, PowerTerm


@dataclass(frozen=True)
class PurePower(Law):
    r"""Loss that falls by the same factor with every doubling, towards 0.

    $$L(C) = \beta C^{-c}$$

    The form M1 of Alabdulmohsin et al. (2022), and that of Kaplan et al. (2020), who write it (C_c/C)^c, so that
    β = C_c^c. In logarithms it is a straight line. No loss falls to 0, so it holds over a stretch only, and predicts
    too little beyond it.

    Example:
        The compute frontier of Kaplan et al., C_c = 3.1e8 petaFLOP-days:

        >>> round(float(PurePower(beta=(3.1e8 * 8.64e19) ** 0.05, c=0.05)(compute=1e21)), 4)
        2.3518
    """

    beta: Value
    c: Value

    name = "pure-power"
    formula = r"L(C) = \beta C^{-c}"
    reference = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M1; Kaplan et al. 2020, arXiv:2001.08361, eq. 1.3"
    inputs = ("compute",)
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "beta": Parameter(r"\beta", "loss × FLOP^c", "loss at one unit of compute", 0.0, log=True),
        "c": Parameter("c", "", "exponent of compute", 0.0, STEEPEST),
    }
    linear = ("beta", "c")
    log_linear = True

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `compute` (C), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.beta * inputs["compute"] ** -self.c

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, -log C of the logarithm of the loss."""
        log_compute = np.log(inputs["compute"])
        return np.stack([np.ones_like(log_compute), -log_compute])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing is left to search."""
        return {}

    def in_units(self, **units: float) -> "PurePower":
        """β takes the unit of compute up; c is as it was."""
        return PurePower(self.beta * units.get("compute", 1.0) ** -self.c, self.c)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by β, c, shape (..., 2, runs)."""
        term = inputs["compute"] ** -np.asarray(self.c)
        return np.stack([term, -self.beta * term * np.log(inputs["compute"])], axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 2, 2)."""
        bends = np.zeros((*weights.shape[:-1], 2, 2))
        PowerTerm(self.beta, self.c, inputs["compute"]).add_bends(bends, (0, 1), weights)
        return bends
