"""The best learning rate and batch size against model and data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value


@dataclass(frozen=True)
class LearningRate(Law):
    r"""Best peak learning rate of a model of N parameters that sees D tokens.

    $$\eta(N, D) = c N^p D^q$$

    For runs whose rate falls to a fixed floor, and models counted without embeddings, as in the paper. The runs to fit
    are the best ones of each N and D, not all of a sweep.

    Example:
        >>> law = LearningRate(c=1.79, p=-0.713, q=0.307)
        >>> round(law(params=1e9, tokens=1e11), 6)
        0.001632
    """

    c: Value
    p: Value
    q: Value

    name = "learning-rate"
    formula = r"\eta(N, D) = c N^p D^q"
    reference = "Li et al. 2025 (Step Law), arXiv:2503.04715, eq. 1"
    inputs = ("params", "tokens")
    response = "learning_rate"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "c": Parameter("c", "rate / (parameters^p tokens^q)", "rate for one parameter and one token", 0.0, log=True),
        "p": Parameter("p", "", "exponent of parameters", -3.0, 3.0),
        "q": Parameter("q", "", "exponent of tokens", -3.0, 3.0),
    }
    linear = ("c", "p", "q")
    log_linear = True

    def __call__(self, **inputs: Value) -> Any:
        """Learning rate at `params` (N) and `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.c * inputs["params"] ** self.p * inputs["tokens"] ** self.q

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns of ln η: 1, ln N, ln D."""
        return np.stack([np.ones_like(inputs["params"]), np.log(inputs["params"]), np.log(inputs["tokens"])])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing to search for: the logarithm is linear in every coordinate."""
        return {}

    def in_units(self, **units: float) -> "LearningRate":
        """The factor takes the units up; the exponents are as they were."""
        factor = units.get("params", 1.0) ** self.p * units.get("tokens", 1.0) ** self.q
        return LearningRate(self.c * factor, self.p, self.q)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by c, p, q, shape (..., 3, runs)."""
        return _slopes(self(**inputs), self.c, self.basis({}, **_columns(inputs)))

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 3, 3)."""
        return _bends(self(**inputs) * weights, self.c, self.basis({}, **_columns(inputs)))


@dataclass(frozen=True)
class BatchSize(Law):
    r"""Best batch size of a model that sees D tokens; the size of the model hardly matters.

    $$B(D) = c D^q$$

    Example:
        >>> round(BatchSize(c=0.58, q=0.571)(tokens=1e11))  # tokens a batch
        1107715
    """

    c: Value
    q: Value

    name = "batch-size"
    formula = r"B(D) = c D^q"
    reference = LearningRate.reference
    inputs = ("tokens",)
    response = "batch_size"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "c": Parameter("c", "tokens^(1-q)", "batch for one token", 0.0, log=True),
        "q": Parameter("q", "", "exponent of tokens", -3.0, 3.0),
    }
    linear = ("c", "q")
    log_linear = True

    def __call__(self, **inputs: Value) -> Any:
        """Batch size at `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.c * inputs["tokens"] ** self.q

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns of ln B: 1, ln D."""
        return np.stack([np.ones_like(inputs["tokens"]), np.log(inputs["tokens"])])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing to search for: the logarithm is linear in every coordinate."""
        return {}

    def in_units(self, **units: float) -> "BatchSize":
        """The factor takes the unit of the input up; the exponent is as it was."""
        return BatchSize(self.c * units.get("tokens", 1.0) ** self.q, self.q)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by c, q, shape (..., 2, runs)."""
        return _slopes(self(**inputs), self.c, self.basis({}, **_columns(inputs)))

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 2, 2)."""
        return _bends(self(**inputs) * weights, self.c, self.basis({}, **_columns(inputs)))


def _columns(inputs: Mapping[str, Value]) -> dict[str, np.ndarray]:
    return {name: np.asarray(column) for name, column in inputs.items()}


def _slopes(response: np.ndarray, factor: Value, columns: np.ndarray) -> np.ndarray:
    """Derivatives of a factor times powers, of which the columns are those of the logarithm."""
    slopes = np.asarray(response)[..., None, :] * columns
    slopes[..., 0, :] /= factor
    return slopes


def _bends(weighted: np.ndarray, factor: Value, columns: np.ndarray) -> np.ndarray:
    """Second derivatives of it, summed over runs; none by the factor twice."""
    bends = np.einsum("...n,pn,qn->...pq", weighted, columns, columns)
    bends[..., 0, :] /= factor
    bends[..., :, 0] /= factor
    bends[..., 0, 0] = 0.0
    return bends
