"""Loss of a language model whose data are repeated: `Chinchilla` and what overfitting costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST, PowerTerm


@dataclass(frozen=True)
class OverfitPenalty(Law):
    r"""Loss when a model of N parameters sees D tokens, of which U are unique.

    $$L(N, D, U) = E + A N^{-\alpha} + B D^{-\beta} + P R^{\delta} (N/U)^{\kappa}, \qquad R = D/U - 1$$

    Every token counts in full, and repeating costs a penalty that grows with the repetitions R and with the parameters
    for each unique token. So there is a number of epochs beyond which more training hurts; a monotone law of effective
    data, such as `DataConstrained`, has none. Without repetition, R = 0, the penalty is 0 and the law `Chinchilla`.

    Example:
        >>> law = OverfitPenalty(E=1.8, A=480.0, B=2100.0, P=0.05, alpha=0.35, beta=0.37, delta=0.4, kappa=0.7)
        >>> [round(float(law(params=1e9, tokens=tokens, unique_tokens=1e9)), 4) for tokens in (1e9, 8e9, 64e9)]
        [3.1221, 2.7038, 2.6129]
    """

    E: Value
    A: Value
    B: Value
    P: Value
    alpha: Value
    beta: Value
    delta: Value
    kappa: Value

    name = "overfit-penalty"
    formula = r"L(N, D, U) = E + A N^{-\alpha} + B D^{-\beta} + P R^{\delta} (N/U)^{\kappa}, \; R = D/U - 1"
    reference = "Lovelace et al. 2026, arXiv:2605.01640"
    inputs = ("params", "tokens", "unique_tokens")
    response = "loss"
    alike = (("tokens", "unique_tokens"),)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "A": Parameter("A", "loss × parameters^α", "what one parameter would lose above E", 0.0, log=True),
        "B": Parameter("B", "loss × tokens^β", "what one token would lose above E", 0.0, log=True),
        "P": Parameter("P", "loss × (tokens/parameters)^κ", "penalty of one repetition at N = U", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters", 0.0, STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of tokens", 0.0, STEEPEST),
        "delta": Parameter(r"\delta", "", "exponent of repetitions", 0.0, STEEPEST),
        "kappa": Parameter(r"\kappa", "", "exponent of parameters over unique tokens", 0.0, STEEPEST),
    }
    linear = ("E", "A", "B", "P")

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N), `tokens` (D) and `unique_tokens` (U), broadcast against the parameters."""
        self.check_inputs(inputs)
        penalty = self.P * _penalty(inputs, self.delta, self.kappa)
        of_params, of_tokens = inputs["params"] ** -self.alpha, inputs["tokens"] ** -self.beta
        return self.E + self.A * of_params + self.B * of_tokens + penalty

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, N^-α, D^-β, R^δ (N/U)^κ."""
        of_params = inputs["params"] ** -np.asarray(exponents["alpha"])
        of_tokens = inputs["tokens"] ** -np.asarray(exponents["beta"])
        penalty = _penalty(inputs, exponents["delta"], exponents["kappa"])
        return np.stack(np.broadcast_arrays(np.ones_like(penalty), of_params, of_tokens, penalty), axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """A coarse grid: the surface is smooth, and four amplitudes follow."""
        exponents = np.geomspace(0.1, 1.5, 6)
        return {
            "alpha": exponents,
            "beta": exponents,
            "delta": np.array([0.2, 0.5, 1.0, 2.0]),
            "kappa": np.array([0.1, 0.4, 0.8, 1.5]),
        }

    def in_units(self, **units: float) -> "OverfitPenalty":
        """A, B and P take the units up; the exponents are as they were."""
        of_params, of_tokens = units.get("params", 1.0), units.get("tokens", 1.0)
        return OverfitPenalty(
            self.E,
            self.A * of_params**-self.alpha,
            self.B * of_tokens**-self.beta,
            self.P * (of_params / of_tokens) ** self.kappa,
            self.alpha,
            self.beta,
            self.delta,
            self.kappa,
        )

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, B, P, α, β, δ, κ, shape (..., 8, runs)."""
        of_params = inputs["params"] ** -np.asarray(self.alpha)
        of_tokens = inputs["tokens"] ** -np.asarray(self.beta)
        penalty = _penalty(inputs, self.delta, self.kappa)
        log_repeats, log_crowding = _logs(inputs)
        slopes = [
            np.ones_like(penalty),
            of_params,
            of_tokens,
            penalty,
            -self.A * of_params * np.log(inputs["params"]),
            -self.B * of_tokens * np.log(inputs["tokens"]),
            self.P * penalty * log_repeats,
            self.P * penalty * log_crowding,
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 8, 8)."""
        bends = np.zeros((*weights.shape[:-1], 8, 8))
        PowerTerm(self.A, self.alpha, inputs["params"]).add_bends(bends, (1, 4), weights)
        PowerTerm(self.B, self.beta, inputs["tokens"]).add_bends(bends, (2, 5), weights)
        penalty = weights * _penalty(inputs, self.delta, self.kappa)
        logs = np.stack(_logs(inputs))
        bends[..., 3, 6:] = bends[..., 6:, 3] = penalty @ logs.T
        bends[..., 6:, 6:] = np.einsum("...r,pr,qr->...pq", self.P * penalty, logs, logs)
        return bends


def _logs(inputs: Mapping[str, Value]) -> tuple[Any, Any]:
    """Log R, 0 where nothing is repeated, and log(N/U)."""
    repeats = np.asarray(inputs["tokens"] / inputs["unique_tokens"] - 1)
    log_crowding = np.log(np.asarray(inputs["params"] / inputs["unique_tokens"]))
    return np.log(np.where(repeats > 0, repeats, 1.0)), log_crowding


def _penalty(inputs: Mapping[str, Value], delta: Value, kappa: Value) -> Any:
    """R^δ (N/U)^κ, 0 where nothing is repeated."""
    log_repeats, log_crowding = _logs(inputs)
    repeated = np.asarray(inputs["tokens"]) > np.asarray(inputs["unique_tokens"])
    return np.where(repeated, np.exp(np.asarray(delta) * log_repeats + np.asarray(kappa) * log_crowding), 0.0)
