"""Loss against one resource: a power law between the loss of guessing and the irreducible one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import least_squares
from nextflop.laws.power import EXPONENTS, STEEPEST

_ROUNDS = 60  # of Newton steps; ten are enough but for exponents near the ends of their range


@dataclass(frozen=True)
class BoundedPower(Law):
    r"""Loss that starts at the loss of guessing L₀, falls as a power law and approaches E.

    $$\frac{L - E}{(1-y)^{\alpha}} = A C^{-c}, \qquad y = \frac{L - E}{L_0 - E}$$

    The form M4 of Alabdulmohsin et al. (2022), (L - E)/(L₀ - L)^α = β C^-c, with the distance from L₀ as a share of the
    whole way, so that β = A (L₀ - E)^-α. Counted so, A is the loss above E far from the start, as in `Power`, which the
    law becomes as α goes to 0 or L₀ grows. α sets how slowly the start is left; with α = 1 this is one axis of
    `Bounded`. L has no formula: it is solved for.

    Where runs do not show the loss of guessing, pin L0: an error rate starts at that of chance, a language model at the
    logarithm of its vocabulary.

    Example:
        >>> law = BoundedPower(E=0.1, L0=1.0, alpha=1.0, A=900.0, c=0.5)
        >>> round(float(law(compute=1e6)), 4)  # there A C^-c is the whole way, and half of it is left
        0.55
    """

    E: Value
    L0: Value
    alpha: Value
    A: Value
    c: Value

    name = "bounded-power"
    formula = r"\frac{L - E}{(1-y)^{\alpha}} = A C^{-c}, \; y = \frac{L - E}{L_0 - E}"
    reference = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M4, with the distance from L₀ as a share"
    inputs = ("compute",)
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "as the loss", "irreducible loss", 0.0),
        "L0": Parameter("L_0", "as the loss", "loss of guessing", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "how slowly the start is left", 0.05, 20.0, log=True),
        "A": Parameter("A", "loss × FLOP^c", "loss above E at one unit of compute, were there no start", 0.0, log=True),
        "c": Parameter("c", "", "exponent of compute, far from the start", 0.0, STEEPEST),
    }

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `compute` (C), broadcast against the parameters; nan where L₀ is below E."""
        self.check_inputs(inputs)
        left, done, _ = self._shares(inputs)
        return self.E * done + self.L0 * left

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A over the whole way, in the middle of the runs; E and L₀ follow from the response, see `starts`."""
        ends = dict.fromkeys(("E", "L0"), np.ones(1))
        return ends | {"alpha": np.geomspace(0.1, 8.0, 6), "A": np.geomspace(0.01, 100.0, 9), "c": EXPONENTS[::2]}

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """E and L₀ by least squares, in which the law is linear where A is counted in the whole way."""
        nodes = cls.nodes(**inputs)
        log_height = np.log(nodes["A"])[:, None] - nodes["c"][:, None] * np.log(inputs["compute"])
        left, done, _ = _shares(log_height, nodes["alpha"][:, None])
        found = least_squares(np.stack([done, left], axis=1), response, 1 / response)
        nodes["E"] = np.clip(found[:, 0], 0.0, 0.99 * response.min())
        nodes["L0"] = np.maximum(found[:, 1], 1.01 * response.max())
        nodes["A"] = nodes["A"] * (nodes["L0"] - nodes["E"])
        return nodes

    def in_units(self, **units: float) -> "BoundedPower":
        """A takes the unit of compute up."""
        return BoundedPower(self.E, self.L0, self.alpha, self.A * units.get("compute", 1.0) ** -self.c, self.c)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, L₀, α, A, c, shape (..., 5, runs), by differentiating the equation of L."""
        left, done, log_done = self._shares(inputs)
        way = self.L0 - self.E
        along = way * left * done / (done + self.alpha * left)  # the loss by the logarithm of A C^-c over the way
        slopes = [
            done + along / way,
            left - along / way,
            along * log_done,
            along / self.A,
            -along * np.log(inputs["compute"]),
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def _shares(self, inputs: Mapping[str, Value]) -> tuple[Any, Any, Any]:
        """y, 1 - y and log(1 - y)."""
        log_height = np.log(self.A) - np.log(self.L0 - self.E) - self.c * np.log(inputs["compute"])
        return _shares(log_height, self.alpha)


def _shares(log_height: Value, alpha: Value) -> tuple[Any, Any, Any]:
    """y, 1 - y and log(1 - y) with y / (1-y)^α = e^log_height; accepts complex numbers.

    In z, the log-odds of y, the equation log y - α log(1-y) = log_height has slopes between 1 and α and bends one way
    only, so that Newton's steps overshoot at most once and then close in from one side.
    """
    log_height, alpha = np.broadcast_arrays(np.asarray(log_height), np.asarray(alpha))
    level, power = log_height.real, alpha.real
    z = np.where(level > 0, level / power, level)
    for _ in range(_ROUNDS):
        step = _step(z, level, power)
        z = z + step
        if (np.abs(step) <= 1e-15 * (1 + np.abs(z))).all():
            break
    # Once more with the numbers as they came: it polishes real ones, and is exact to first order for a complex step.
    z = z + _step(z, log_height, alpha)
    log_done = -_softplus(z)
    return np.exp(z + log_done), np.exp(log_done), log_done


def _step(z: Any, level: Any, power: Any) -> Any:
    """Newton's step for z."""
    above, below = _softplus(z), _softplus(-z)
    return (level + below - power * above) / (np.exp(-above) + power * np.exp(-below))


def _softplus(z: Any) -> Any:
    """log(1 + e^z)."""
    top = np.maximum(z.real, 0)
    return top + np.log(np.exp(-top) + np.exp(z - top))
