"""True reward against how far a policy has moved towards a proxy of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value


def best_of_n_kl(n: int | Value) -> np.ndarray:
    """Divergence from the policy to the best of n of its samples, in nats: ln n - (n-1)/n; nan for n below 1.

    Hilton 2020, as used by Gao et al. 2022, arXiv:2210.10760, section 1; exact where no two samples are alike.
    """
    n = np.asarray(n, dtype=np.float64)
    return np.where(n >= 1, np.log(np.maximum(n, 1.0)) - (n - 1) / n, np.nan)


@dataclass(frozen=True)
class BestOfN(Law):
    r"""True reward when the best of n samples by a proxy is taken.

    $$R(d) = d(\alpha - \beta d), \qquad d = KL^{1/2}$$

    The reward is counted from that of the untouched policy. It is greatest, α²/4β, at d = α/2β; beyond, the samples
    exploit the proxy. `best_of_n_kl` gives the divergence of n.

    Example:
        >>> law = BestOfN(alpha=1.0, beta=0.25)
        >>> [round(float(law(kl=best_of_n_kl(n))), 4) for n in (1, 4, 400)]
        [0.0, 0.6386, 0.9862]
    """

    alpha: Value
    beta: Value

    name = "best-of-n"
    formula = r"R = d(\alpha - \beta d), \qquad d = KL^{1/2}"
    reference = "Gao, Schulman and Hilton 2022, arXiv:2210.10760, section 1"
    inputs = ("kl",)
    response = "reward"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "alpha": Parameter(r"\alpha", "reward / nat^(1/2)", "gain at the first step away"),
        "beta": Parameter(r"\beta", "reward / nat", "loss to exploits of the proxy"),
    }
    linear = ("alpha", "beta")
    zeros = ("kl",)
    lowest = -np.inf

    def __call__(self, **inputs: Value) -> Any:
        """True reward at `kl`, in nats, broadcast against the parameters."""
        self.check_inputs(inputs)
        d = np.sqrt(np.asarray(inputs["kl"], dtype=np.float64))
        return d * (self.alpha - self.beta * d)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns d, -d²."""
        return np.stack([np.sqrt(inputs["kl"]), -inputs["kl"]])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing to search for: every parameter is linear."""
        return {}

    def in_units(self, **units: float) -> "BestOfN":
        """α and β take the unit of the divergence up."""
        unit = units.get("kl", 1.0)
        return BestOfN(self.alpha * unit**0.5, self.beta * unit)


@dataclass(frozen=True)
class RLOveroptimised(Law):
    r"""True reward when a policy is trained against a proxy.

    $$R(d) = d(\alpha - \beta \ln d), \qquad d = KL^{1/2}$$

    Greatest, β d, at d = exp(α/β - 1). The slope at no divergence is infinite, which the authors call out: the law is
    one of policies that have moved.

    Example:
        >>> law = RLOveroptimised(alpha=0.9, beta=0.4)
        >>> [round(float(law(kl=kl)), 4) for kl in (0.0, 1.0, 100.0)]
        [0.0, 0.9, -0.2103]
    """

    alpha: Value
    beta: Value

    name = "rl-overoptimised"
    formula = r"R = d(\alpha - \beta \log d), \qquad d = KL^{1/2}"
    reference = BestOfN.reference
    inputs = BestOfN.inputs
    response = BestOfN.response
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "alpha": Parameter(r"\alpha", "reward / nat^(1/2)", "gain a step at a divergence of one nat"),
        "beta": Parameter(r"\beta", "reward / nat^(1/2)", "loss to exploits of the proxy"),
    }
    linear = BestOfN.linear
    zeros = BestOfN.zeros
    lowest = BestOfN.lowest

    def __call__(self, **inputs: Value) -> Any:
        """True reward at `kl`, in nats, broadcast against the parameters."""
        self.check_inputs(inputs)
        first, second = self.basis({}, **{name: np.asarray(value, np.float64) for name, value in inputs.items()})
        return self.alpha * first + self.beta * second

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns d, -d ln d, which is 0 at 0."""
        d = np.sqrt(inputs["kl"])
        return np.stack([d, -d * np.log(np.where(d > 0, d, 1.0))])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing to search for: every parameter is linear."""
        return {}

    def in_units(self, **units: float) -> "RLOveroptimised":
        """α and β take the unit of the divergence up, and α the logarithm of it."""
        unit = units.get("kl", 1.0)
        return RLOveroptimised((self.alpha - self.beta * np.log(unit) / 2) * unit**0.5, self.beta * unit**0.5)
