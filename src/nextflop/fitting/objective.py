"""What a fit makes small, as values: a sum over runs of a function of the residual."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from nextflop.errors import InputError


@dataclass(frozen=True)
class Huber:
    """Sum of Huber terms: r²/2 up to δ, δ(|r| - δ/2) beyond, so that stray runs pull with constant force.

    With δ = 1e-3 on log residuals it is the objective of Hoffmann et al. (2022), appendix D.2: nearly least absolute
    deviations, since losses scatter by more than a thousandth.

    Attributes:
        delta: where the square turns into the straight line, in the unit of the residual.
        log: whether residuals are of the logarithm of the response.
    """

    delta: float = 1e-3
    log: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.delta < np.inf:
            raise InputError(f"The Huber delta {self.delta} cannot be used: give a number above 0, such as 1e-3.")

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return f"sum of Huber terms (delta {self.delta:g}) of {_residuals(self.log)}"

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        inside = np.minimum(np.abs(residuals), self.delta)
        return inside * (np.abs(residuals) - inside / 2)

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        return np.clip(residuals, -self.delta, self.delta)

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        return (np.abs(residuals) <= self.delta).astype(np.float64)

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual: the weights under which least squares has the same slope."""
        return self.delta / np.maximum(np.abs(residuals), self.delta)


@dataclass(frozen=True)
class Squares:
    """Sum of squared residuals.

    Attributes:
        log: whether residuals are of the logarithm of the response.
    """

    log: bool = False

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return f"sum of squares of {_residuals(self.log)}"

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        return residuals**2

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        return 2 * residuals

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        return np.full_like(residuals, 2.0)

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual."""
        return np.full_like(residuals, 2.0)


Objective = Huber | Squares


@dataclass(frozen=True)
class Method:
    """How a law was fitted: enough to fit it again.

    Attributes:
        objective: what was minimised.
        pinned: parameter → value at which it was held.
        cluster: the column whose equal values were drawn together, if any.
    """

    objective: Objective
    pinned: Mapping[str, float] = field(default_factory=dict)
    cluster: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "pinned", MappingProxyType(dict(self.pinned)))


def _residuals(log: bool) -> str:
    return "log residuals" if log else "residuals"
