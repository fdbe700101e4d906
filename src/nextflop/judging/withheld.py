"""Shortfalls read as compute or time that was spent for nothing: where on the law's own curve would they be usual?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.judging.compute import grown
from nextflop.laws.base import Law, Value

_FARTHEST = {"compute": float(np.log(1e9)), "time": 100.0}
"""Beyond a factor of a billion or a century no shortfall is translated."""

_HALVINGS = 50
_STEP = 1e-4  # of a logarithm or a year, for a slope
_SIZED = {"params", "tokens"}


@dataclass(frozen=True)
class Resource:
    """Runs of a law whose inputs are one resource: compute, or time.

    Amounts of it are logarithms of compute, or years.

    Attributes:
        law: at its estimate.
        inputs: input → column of the runs, shape (runs,).
        log: whether gaps are of logarithms of the response.
        worse: 1 if a larger response is worse, -1 if it is better.
    """

    law: Law
    inputs: Mapping[str, np.ndarray]
    log: bool
    worse: int

    @property
    def kind(self) -> str:
        """Either "compute" or "time"."""
        return kind(type(self.law)) or "compute"

    def response(self, amounts: np.ndarray) -> np.ndarray:
        """What the law gives runs that have less of the resource by these amounts, of shape (..., runs)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.law(**self.less(amounts)))

    def gaps(self, amounts: np.ndarray) -> np.ndarray:
        """How far runs fall short that have less of the resource by these amounts, of shape (..., runs)."""
        less, own = self.response(amounts), self.response(np.zeros(1))
        with np.errstate(all="ignore"):
            return self.worse * (np.log(less) - np.log(own) if self.log else less - own)

    def slopes(self) -> np.ndarray:
        """How far each run falls short for a small amount that is withheld, per amount; shape (runs,)."""
        ends = self.gaps(np.array([[_STEP], [-_STEP]]) * np.ones(len(next(iter(self.inputs.values())))))
        return (ends[0] - ends[1]) / (2 * _STEP)

    def amount(self, gap: float, weights: np.ndarray, along: np.ndarray | None = None) -> float:
        """How much less of the resource makes the runs fall short by this on the weighted mean.

        Args:
            gap: the mean gap; where it is below 0 the amount is below 0.
            weights: of the runs, shape (runs,).
            along: the amount that is withheld of each run for a unit of the answer, above or equal to 0; 1 by default.

        Returns:
            Infinite, with the sign of the gap, where no amount within reason is enough.
        """
        along = np.ones(len(weights)) if along is None else along
        far = _FARTHEST[self.kind] / max(float(along.max()), 1e-300)
        low, high = -far, far
        if not weights @ self.gaps(high * along) >= gap:
            return float("inf")
        if not weights @ self.gaps(low * along) <= gap:
            return -float("inf")
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if weights @ self.gaps(middle * along) < gap else (low, middle)
        return (low + high) / 2

    def less(self, amounts: np.ndarray) -> dict[str, Value]:
        """The inputs of runs that have less of the resource by these amounts, of shape (..., runs)."""
        if self.kind == "time":
            return {name: column - amounts for name, column in self.inputs.items()}
        return dict(grown(type(self.law), self.inputs, np.exp(-amounts)))


def kind(law: type[Law]) -> str | None:
    """What the inputs of a law are an amount of: "compute" (or another single resource), "time", or no one thing."""
    if law.inputs == ("date",):
        return "time"
    if len(law.inputs) == 1 and law.inputs[0] not in law.pure and law.inputs[0] != "loss":
        return "compute"
    return "compute" if set(law.inputs) == _SIZED else None
