"""Loss of a language model against parameters and data, without an offset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import least_squares
from nextflop.laws.power import STEEPEST

# N_c is where parameters alone would bring the loss to 1: at an exponent of 0.05 the loss of 4 that small models have
# puts it a million million times off, on either side if the loss is counted in other units.
_LOWEST, _HIGHEST = 1e-60, 1e60


@dataclass(frozen=True)
class Kaplan(Law):
    r"""Loss of the best model of N parameters on D tokens, stopped early.

    $$L(N, D) = \left(\left(\frac{N_c}{N}\right)^{\alpha_N/\alpha_D} + \frac{D_c}{D}\right)^{\alpha_D}$$

    With endless data the loss is (N_c/N)^α_N, with an endless model (D_c/D)^α_D; between them N^(α_N/α_D)/D decides
    how far a model overfits. There is no irreducible loss, so the law cannot level off.

    Example:
        >>> law = Kaplan(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103)
        >>> [round(float(law(params=1e9, tokens=tokens)), 4) for tokens in (1e9, 1e11, 1e30)]
        [2.7943, 2.3308, 2.3188]
    """

    N_c: Value
    D_c: Value
    alpha_N: Value
    alpha_D: Value

    name = "kaplan"
    formula = r"L(N, D) = \left(\left(\frac{N_c}{N}\right)^{\alpha_N/\alpha_D} + \frac{D_c}{D}\right)^{\alpha_D}"
    reference = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5"
    inputs = ("params", "tokens")
    response = "loss"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "N_c": Parameter("N_c", "parameters", "size of a loss of 1 with endless data", _LOWEST, _HIGHEST, log=True),
        "D_c": Parameter("D_c", "tokens", "data of a loss of 1 with an endless model", _LOWEST, _HIGHEST, log=True),
        "alpha_N": Parameter(r"\alpha_N", "", "exponent of parameters", 0.0, STEEPEST),
        "alpha_D": Parameter(r"\alpha_D", "", "exponent of data", 1e-3, STEEPEST),
    }

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N) and `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        log_params, log_tokens = self._distances(inputs)
        return np.exp(self.alpha_D * _log_of_sum(self.alpha_N / self.alpha_D * log_params, log_tokens))

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A grid of exponents; N_c and D_c follow from the response, see `starts`."""
        exponents = np.geomspace(0.02, 1.0, 14)
        middles = {"N_c": np.median(inputs["params"]), "D_c": np.median(inputs["tokens"])}
        return {name: np.array([value]) for name, value in middles.items()} | dict.fromkeys(
            ("alpha_N", "alpha_D"), exponents
        )

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The grid of exponents with the N_c and D_c that make L^(1/α_D) fit, which is linear in their powers."""
        nodes = cls.nodes(**inputs)
        alpha_N, alpha_D = (nodes[name][:, None] for name in ("alpha_N", "alpha_D"))
        ratio = alpha_N / alpha_D
        size = np.median(response)
        columns = np.stack(np.broadcast_arrays(inputs["params"] ** -ratio, 1 / inputs["tokens"]), axis=1)
        aim = (response / size) ** (1 / alpha_D)
        found = least_squares(columns, aim, 1 / aim)
        small, brief = (np.maximum(part, 1e-6)[:, None] for part in found.T)
        log_size = np.log(size) / alpha_D
        nodes["N_c"] = np.exp((np.log(small) + log_size) / ratio)[:, 0]
        nodes["D_c"] = np.exp(np.log(brief) + log_size)[:, 0]
        return nodes

    def in_units(self, **units: float) -> "Kaplan":
        """N_c and D_c are counted in the new units; the exponents are as they were."""
        N_c, D_c = self.N_c / units.get("params", 1.0), self.D_c / units.get("tokens", 1.0)
        return Kaplan(N_c, D_c, self.alpha_N, self.alpha_D)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by N_c, D_c, α_N, α_D, shape (..., 4, runs)."""
        log_params, log_tokens = self._distances(inputs)
        small = self.alpha_N / self.alpha_D * log_params
        log_sum = _log_of_sum(small, log_tokens)
        loss = np.exp(self.alpha_D * log_sum)
        of_params, of_tokens = loss * np.exp(small - log_sum), loss * np.exp(log_tokens - log_sum)
        slopes = [
            of_params * self.alpha_N / self.N_c,
            of_tokens * self.alpha_D / self.D_c,
            of_params * log_params,
            loss * log_sum - of_params * small,
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def _distances(self, inputs: Mapping[str, Value]) -> tuple[Any, Any]:
        """log(N_c/N) and log(D_c/D)."""
        return np.log(self.N_c) - np.log(inputs["params"]), np.log(self.D_c) - np.log(inputs["tokens"])


def _log_of_sum(one: Any, other: Any) -> Any:
    """log(e^one + e^other) without overflow; accepts complex numbers."""
    top = np.maximum(np.real(one), np.real(other))
    return top + np.log(np.exp(one - top) + np.exp(other - top))
