"""What pre-training on other data is worth, in data of the task itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST


@dataclass(frozen=True)
class Transfer(Law):
    r"""Data of the task that a model trained from scratch would need beyond those that a pre-trained one was given.

    $$D_T(N, D_F) = k D_F^{\alpha} N^{\beta}$$

    D_F are the data that a pre-trained model of N parameters is tuned on, and D_F + D_T what the same model would have
    needed without pre-training for the same loss. Hernandez et al. count characters, and parameters without embeddings.
    The smaller α is, the nearer is the other data to the task.

    It holds where data are scarce, for D_F up to a tenth of what the model would need from scratch to be limited by its
    size instead. With more of them pre-training can hurt ("ossification"), which no D_T above 0 can express.

    Example:
        Text to Python, and text with other code to Python, for a model of 1e9 parameters and a million characters:

        >>> text, code = Transfer(k=1.9e4, alpha=0.18, beta=0.38), Transfer(k=2.1e5, alpha=0.096, beta=0.38)
        >>> [f"{float(law(tuning_data=1e6, params=1e9)):.3g}" for law in (text, code)]
        ['6.01e+08', '2.08e+09']
    """

    k: Value
    alpha: Value
    beta: Value

    name = "transfer"
    formula = r"D_T(N, D_F) = k D_F^{\alpha} N^{\beta}"
    reference = "Hernandez et al. 2021, arXiv:2102.01293, eq. 1.1"
    inputs = ("tuning_data", "params")
    response = "transferred_data"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "k": Parameter("k", "data^(1-α) / parameters^β", "data transferred by one of each", 0.0, log=True),
        "alpha": Parameter(r"\alpha", "", "exponent of tuning data; small if pre-training was alike", 0.0, STEEPEST),
        "beta": Parameter(r"\beta", "", "exponent of parameters", 0.0, STEEPEST),
    }
    linear = ("k", "alpha", "beta")
    log_linear = True

    def __call__(self, **inputs: Value) -> Any:
        """Transferred data, in the unit of the paper's characters, at `tuning_data` (D_F) and `params` (N)."""
        self.check_inputs(inputs)
        return self.k * inputs["tuning_data"] ** self.alpha * inputs["params"] ** self.beta

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, log D_F, log N of the logarithm of the response."""
        logs = [np.log(inputs[name]) for name in cls.inputs]
        return np.stack([np.ones_like(logs[0]), *logs])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing is left to search."""
        return {}

    def in_units(self, **units: float) -> "Transfer":
        """Both units go into k; the response keeps its own."""
        grown = units.get("tuning_data", 1.0) ** self.alpha * units.get("params", 1.0) ** self.beta
        return Transfer(self.k * grown, self.alpha, self.beta)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by k, α, β, shape (..., 3, runs)."""
        value = self(**inputs)
        slopes = [value / self.k, *(value * np.log(inputs[name]) for name in self.inputs)]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)
