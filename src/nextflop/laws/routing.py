"""Loss of a routed language model against its size and the number of its experts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value


@dataclass(frozen=True)
class Routing(Law):
    r"""Loss when each token of a model of N dense parameters is sent to one of E experts.

    $$\log_{10} L = a \log_{10} N + b \log_{10} S + c \log_{10} N \log_{10} S + d$$

    S is the number of experts that count, Ê in the paper: it starts at E_start for a dense model, E = 1, and saturates
    at E_max. With c > 0 experts are worth less the larger the model: their gain ends at N = 10^(-b/c). Logarithms are
    of base 10, as in the paper's code: c and d belong to it.

    Example:
        >>> law = Routing(a=-0.082, b=-0.108, c=0.009, d=1.104, E_start=1.847, E_max=314.478)
        >>> [round(float(law(params=1.3e9, experts=experts)), 3) for experts in (1.0, 64.0, 512.0)]
        [2.237, 2.05, 1.982]
    """

    a: Value
    b: Value
    c: Value
    d: Value
    E_start: Value
    E_max: Value

    name = "routing"
    formula = (
        r"\log_{10} L = a \log_{10} N + b \log_{10} S + c \log_{10} N \log_{10} S + d, \qquad "
        r"S^{-1} = (E - 1 + (E_{start}^{-1} - E_{max}^{-1})^{-1})^{-1} + E_{max}^{-1}"
    )
    reference = "Clark et al. 2022, arXiv:2202.01169, eq. 1"
    inputs = ("params", "experts")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "a": Parameter("a", "", "exponent of parameters without experts"),
        "b": Parameter("b", "", "exponent of experts for one parameter"),
        "c": Parameter("c", "per decade", "how the gain of experts fades with size"),
        "d": Parameter("d", "decades", "offset"),
        "E_start": Parameter("E_{start}", "experts", "experts that a dense model counts as", 0.0, log=True),
        "E_max": Parameter("E_{max}", "experts", "experts that count at most", 0.0, log=True),
    }
    linear = ("a", "b", "c", "d")
    log_linear = True
    pure = ("experts",)

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N) and `experts` (E), broadcast against the parameters; nan where E_start > E_max."""
        self.check_inputs(inputs)
        size, counted = np.log10(inputs["params"]), _counted(inputs["experts"], self.E_start, self.E_max)
        return 10 ** (self.a * size + self.b * counted + self.c * size * counted + self.d)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns of ln L: those of log₁₀ L, which are log N, log S, log N log S and 1, times ln 10."""
        size = np.log10(inputs["params"])
        counted = _counted(inputs["experts"], exponents["E_start"], exponents["E_max"])
        return np.log(10) * np.stack(np.broadcast_arrays(size, counted, size * counted, np.ones_like(counted)), axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """E_start up to the largest number of experts, E_max to far beyond it."""
        most = max(float(inputs["experts"].max()), 4.0)
        return {"E_start": np.geomspace(0.3, most, 14), "E_max": np.geomspace(2.0, 1e4 * most, 20)}

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The combinations with E_start below E_max."""
        points = super().nodes(**inputs)
        kept = 1.2 * points["E_start"] < points["E_max"]
        return {name: values[kept] for name, values in points.items()}

    def in_units(self, **units: float) -> "Routing":
        """B and d take the unit of parameters up; experts are counted one by one."""
        size = np.log10(units.get("params", 1.0))
        return Routing(self.a, self.b + self.c * size, self.c, self.d + self.a * size, self.E_start, self.E_max)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by a, b, c, d, E_start, E_max, shape (..., 6, runs)."""
        line, _, _ = self._line(inputs)
        return np.asarray(self(**inputs))[..., None, :] * line

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 6, 6)."""
        line, by_counted, (first, second) = self._line(inputs)
        weighted = weights * self(**inputs)
        bends = np.einsum("...n,...pn,...qn->...pq", weighted, line, line, optimize=True)
        size = np.log(inputs["params"])
        bends[..., 4:, 4:] += np.einsum("...n,...pqn->...pq", weighted * by_counted, second)
        mixed = np.stack(np.broadcast_arrays(np.log(10.0), size), axis=-2)  # by b and c, of the slope of ln L in log S
        cross = np.einsum("...n,...pn,qn->...pq", weighted, first, mixed)
        bends[..., 4:, 1:3] += cross
        bends[..., 1:3, 4:] += cross.swapaxes(-1, -2)
        return bends

    def _line(self, inputs: Mapping[str, Value]) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Derivatives of ln L by the parameters and by log₁₀ S; those of log₁₀ S by E_start and E_max, two orders."""
        columns = {name: np.asarray(column) for name, column in inputs.items()}
        straight = self.basis({"E_start": self.E_start, "E_max": self.E_max}, **columns)
        by_counted = np.log(10) * (self.b + self.c * np.log10(columns["params"]))
        first, second = _bent(columns["experts"], self.E_start, self.E_max)
        return np.concatenate([straight, by_counted[..., None, :] * first], axis=-2), by_counted, (first, second)


def _counted(experts: Value, start: Value, most: Value) -> Any:
    """log₁₀ of the experts that count; nan where start is not below most, of which the formula says nothing."""
    start, most = np.asarray(start), np.asarray(most)
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = 1 / (1 / (np.asarray(experts) - 1 + 1 / (1 / start - 1 / most)) + 1 / most)
        return np.log10(np.where(start.real < most.real, counted, np.nan))


def _bent(experts: np.ndarray, start: Value, most: Value) -> tuple[np.ndarray, np.ndarray]:
    """First and second derivatives of `_counted` by start and most, shapes (..., 2, runs) and (..., 2, 2, runs)."""
    start, most = np.broadcast_arrays(start, most, experts)[:2]
    added = 1 / (1 / start - 1 / most)  # T in S⁻¹ = (E - 1 + T)⁻¹ + E_max⁻¹
    share = np.stack([added / start, added / most])
    sign = np.array([1.0, -1.0]).reshape(2, *(1,) * start.ndim)
    of_added = sign * share**2
    twice = 2 / added * of_added[:, None] * of_added[None]
    twice[0, 0] -= 2 * added**2 / start**3
    twice[1, 1] += 2 * added**2 / most**3
    total = experts - 1 + added
    inverse = 1 / total + 1 / most
    slope = -of_added / total**2
    slope[1] -= 1 / most**2
    bend = 2 * of_added[:, None] * of_added[None] / total**3 - twice / total**2
    bend[1, 1] += 2 / most**3
    first = -slope / inverse / np.log(10)
    second = -(bend / inverse - slope[:, None] * slope[None] / inverse**2) / np.log(10)
    return np.moveaxis(first, 0, -2), np.moveaxis(second, (0, 1), (-3, -2))
