"""Loss of a language model whose data are repeated, by the worth of repeated tokens and of excess parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import least_squares
from nextflop.laws.power import STEEPEST

_FLATTEST = 0.01  # the size at which parameters become too many has exponents in its denominators
_FARTHEST = 200.0  # of its logarithm, where every parameter of any model is in excess, or none
_MOST_DECAY = 1e9  # repetitions or excess that no run reaches: with a decay beyond it no worth is lost


@dataclass(frozen=True)
class DataConstrained(Law):
    r"""Loss when a model of N parameters sees D tokens, of which U are unique.

    $$L(N, D, U) = E + A N'^{-\alpha} + B D'^{-\beta}$$

    `Chinchilla` of an effective size and effective data. Each repetition of the data, R_D = D/U - 1 of them, is worth
    less than the one before, and so is each multiple of the parameters beyond N_U = G (U G)^(β/α), the best size for U
    tokens (Hoffmann et al. 2022, eq. 4):

    $$D' = U + U R^*_D (1 - e^{-R_D / R^*_D}), \qquad N' = N_U + N_U R^*_N (1 - e^{-R_N / R^*_N})$$

    with G^(α+β) = αA / βB and R_N = N/N_U - 1, or no excess where N is below N_U. The loss never rises with training.
    Runs that repeat data usually have excess parameters too, and then R*_D has no upper end: look at its profile.

    Example:
        >>> law = DataConstrained(
        ...     E=1.869144, A=520.825, B=1487.716, alpha=0.3526596, beta=0.3526596, R_D=15.387756, R_N=5.309743
        ... )
        >>> round(float(law(params=6.34e9, tokens=242e9, unique_tokens=25e9)), 4)
        2.2256
        >>> [round(float(repeated(1.0, epochs, 15.387756)), 3) for epochs in (2.0, 4.0, 16.0)]
        [1.968, 3.726, 10.582]
    """

    E: Value
    A: Value
    B: Value
    alpha: Value
    beta: Value
    R_D: Value
    R_N: Value

    name = "data-constrained"
    formula = (
        r"L(N, D, U) = E + A N'^{-\alpha} + B D'^{-\beta}, \; D' = U + U R^*_D (1 - e^{-R_D / R^*_D}), "
        r"\; N' = N_U + N_U R^*_N (1 - e^{-R_N / R^*_N})"
    )
    reference = "Muennighoff et al. 2023, arXiv:2305.16264, eqs. 5 and 6"
    inputs = ("params", "tokens", "unique_tokens")
    response = "loss"
    alike = (("tokens", "unique_tokens"),)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "E": Parameter("E", "nats per token, as the loss", "irreducible loss", 0.0),
        "A": Parameter("A", "loss × parameters^α", "what one parameter would lose above E", 0.0, log=True),
        "B": Parameter("B", "loss × tokens^β", "what one token would lose above E", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of parameters", _FLATTEST, STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of tokens", _FLATTEST, STEEPEST),
        "R_D": Parameter(
            "R^*_D", "", "repetitions at which 1/e of a token's worth is left", 0.0, _MOST_DECAY, log=True
        ),
        "R_N": Parameter("R^*_N", "", "excess at which 1/e of a parameter's worth is left", 0.0, _MOST_DECAY, log=True),
    }

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N), `tokens` (D) and `unique_tokens` (U), broadcast against the parameters."""
        self.check_inputs(inputs)
        size, data = self._effective(inputs)
        return self.E + self.A * size.amount**-self.alpha + self.B * data.amount**-self.beta

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Exponents and decays; E, A and B follow from the response, see `starts`."""
        exponents = np.geomspace(0.12, 1.0, 6)
        return {
            "alpha": exponents,
            "beta": exponents,
            "R_D": np.array([3.0, 15.0, 100.0]),
            "R_N": np.array([0.5, 5.0, 1e3]),
        } | dict.fromkeys(("E", "A", "B"), np.ones(1))

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """E, A and B by least squares, in turns with the best size, which depends on A and B."""
        nodes = cls.nodes(**inputs)
        typical = np.median(response)
        for _ in range(4):
            law = cls(**{name: values[:, None] for name, values in nodes.items()})
            size, data = law._effective(inputs)
            of_params, of_tokens = size.amount**-law.alpha, data.amount**-law.beta
            columns = np.stack([np.ones_like(of_params), of_params, of_tokens], axis=1)
            found = least_squares(columns, response, 1 / response)
            nodes["E"] = np.maximum(found[:, 0], 0.0)
            nodes["A"], nodes["B"] = np.maximum(found[:, 1:], 1e-3 * typical).T
        return nodes

    def in_units(self, **units: float) -> "DataConstrained":
        """A and B take the units up; E, the exponents and the decays are as they were."""
        A, B = self.A * units.get("params", 1.0) ** -self.alpha, self.B * units.get("tokens", 1.0) ** -self.beta
        return DataConstrained(self.E, A, B, self.alpha, self.beta, self.R_D, self.R_N)

    def best_size(self, unique_tokens: Value) -> Any:
        """N_U, the parameters from which more are in excess, for some unique tokens."""
        log_size = self.beta / self.alpha * (np.log(unique_tokens) + self._log_G) + self._log_G
        return np.exp(np.clip(log_size, -_FARTHEST, _FARTHEST))

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by E, A, B, α, β, R*_D, R*_N, shape (..., 7, runs)."""
        size, data = self._effective(inputs)
        log_G = self._log_G
        log_pool = np.log(_pool(inputs)) + log_G
        # How the logarithm of N_U moves with A, B, α and β: by G, and by the exponent of UG.
        by_G = 1 / self.alpha  # (1 + β/α) / (α + β)
        moves = {
            "A": by_G / self.A,
            "B": -by_G / self.B,
            "alpha": by_G * (1 / self.alpha - log_G) - self.beta / self.alpha**2 * log_pool,
            "beta": by_G * (-1 / self.beta - log_G) + log_pool / self.alpha,
        }
        of_params, of_tokens = size.amount**-self.alpha, data.amount**-self.beta
        lost = -self.alpha * self.A * of_params  # the loss by the logarithm of N'
        slopes = [
            np.ones_like(of_params),
            of_params + lost * size.by_base * moves["A"],
            of_tokens + lost * size.by_base * moves["B"],
            -self.A * of_params * np.log(size.amount) + lost * size.by_base * moves["alpha"],
            -self.B * of_tokens * np.log(data.amount) + lost * size.by_base * moves["beta"],
            -self.beta * self.B * of_tokens * data.by_decay,
            lost * size.by_decay,
        ]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def _effective(self, inputs: Mapping[str, Value]) -> tuple["_Effective", "_Effective"]:
        """N' and D'."""
        best = self.best_size(_pool(inputs))
        return _effective(best, inputs["params"], self.R_N), _effective(_pool(inputs), inputs["tokens"], self.R_D)

    @property
    def _log_G(self) -> Any:
        return (np.log(self.alpha * self.A) - np.log(self.beta * self.B)) / (self.alpha + self.beta)


class _Effective(NamedTuple):
    """An effective amount, and how its logarithm moves with the logarithm of its base and with the decay."""

    amount: Any
    by_base: Any
    by_decay: Any


def repeated(unique: Value, amount: Value, decay: Value) -> Any:
    """What an amount is worth that repeats a unique one: in tokens, or in parameters with N_U for the unique one.

    Args:
        unique: what is there once.
        amount: what is spent; up to `unique` all of it counts.
        decay: R*, the repetitions after which 1/e of the worth is left.
    """
    return _effective(unique, amount, decay).amount


def _effective(base: Value, amount: Value, decay: Value) -> _Effective:
    excess = np.maximum(np.asarray(amount) / base - 1, 0.0)
    left = np.exp(-excess / decay)
    gain = -decay * np.expm1(-excess / decay)
    worth = np.minimum(base, amount) * (1 + gain)
    # Up to the base neither it nor the decay matters; the excess is 0 there, and both slopes come out as 0.
    return _Effective(worth, 1 - (1 + excess) * left / (1 + gain), (1 - left * (1 + excess / decay)) / (1 + gain))


def _pool(inputs: Mapping[str, Value]) -> Any:
    """Unique tokens that were seen: no more than all tokens."""
    return np.minimum(inputs["unique_tokens"], inputs["tokens"])
