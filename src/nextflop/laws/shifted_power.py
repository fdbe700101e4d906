"""Loss against one resource: a power law whose resource runs out of effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST


@dataclass(frozen=True)
class ShiftedPower(Law):
    r"""Loss that falls as a power law up to a compute of C_e and levels off beyond it.

    $$L(C) = E \left(1 + \frac{C_e}{C}\right)^c$$

    The form M3 of Alabdulmohsin et al. (2022), β (1/C + γ)^c, by where it ends: E = β γ^c is the loss that it
    approaches and C_e = 1/γ the compute at which the fall ends. Both are seen in the data, while β is the loss at one
    unit of compute. The logarithm of the loss is linear in log E and c, so only C_e is searched. Far below C_e it is
    `PurePower`.

    Example:
        >>> law = ShiftedPower(E=1.4523, c=0.06, C_e=1e24)
        >>> [round(float(law(compute=flop)), 4) for flop in (1e18, 1e21, 1e30)]
        [3.327, 2.1983, 1.4523]
    """

    E: Value
    c: Value
    C_e: Value

    name = "shifted-power"
    formula = r"L(C) = E \left(1 + \frac{C_e}{C}\right)^c"
    reference = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M3, with E = βγ^c and C_e = 1/γ"
    inputs = ("compute",)
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "as the loss", "irreducible loss", 0.0, log=True),
        "c": Parameter("c", "", "exponent of compute, far from the end", 0.0, STEEPEST),
        "C_e": Parameter("C_e", "FLOP", "compute at which the fall ends", 0.0, log=True),
    }
    linear = ("E", "c")
    log_linear = True

    def __call__(self, **inputs: Value) -> Value:
        """Loss at `compute` (C), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.E * (1 + self.C_e / inputs["compute"]) ** self.c

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, log(1 + C_e/C) of the logarithm of the loss."""
        excess = np.log1p(np.asarray(exponents["C_e"]) / inputs["compute"])
        return np.stack([np.ones_like(excess), excess], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """An end from a tenth of the smallest compute to ten thousand times the largest."""
        return {"C_e": np.geomspace(inputs["compute"].min() / 10, 1e4 * inputs["compute"].max(), 50)}

    def in_units(self, **units: float) -> "ShiftedPower":
        """C_e is counted in the new unit."""
        return ShiftedPower(self.E, self.c, self.C_e / units.get("compute", 1.0))

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, c, C_e, shape (..., 3, runs)."""
        shape, excess, by_end = self._parts(inputs)
        return np.stack([shape, self.E * shape * excess, self.E * shape * self.c * by_end], axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 3, 3)."""
        shape, excess, by_end = self._parts(inputs)
        shape = weights * shape
        loss = self.E * shape
        bends = np.zeros((*weights.shape[:-1], 3, 3))
        for one, other, part in (
            (0, 1, shape * excess),
            (0, 2, shape * self.c * by_end),
            (1, 1, loss * excess**2),
            (1, 2, loss * (1 + self.c * excess) * by_end),
            (2, 2, loss * self.c * (self.c - 1) * by_end**2),
        ):
            bends[..., one, other] = bends[..., other, one] = part.sum(axis=-1)
        return bends

    def _parts(self, inputs: Mapping[str, Value]) -> tuple[Any, Any, Any]:
        """The loss over E, log(1 + C_e/C) and its derivative by C_e."""
        excess = np.log1p(np.asarray(self.C_e) / inputs["compute"])
        return np.exp(self.c * excess), excess, 1 / (np.asarray(inputs["compute"]) + self.C_e)
