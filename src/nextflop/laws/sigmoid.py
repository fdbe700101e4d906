"""Accuracy against reinforcement-learning compute."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_STEEPEST = 20.0  # a rise from 10% to 90% within a quarter of a decade: a step, as far as any curve of runs can show
_FARTHEST = 500.0  # exp of it is finite, and 1 plus it is itself


@dataclass(frozen=True)
class Sigmoid(Law):
    r"""Accuracy from where training starts to the ceiling that it approaches.

    $$R(C) = R_0 + \frac{A - R_0}{1 + (C_{mid}/C)^B}$$

    R₀ is the accuracy before any reinforcement learning, A the ceiling, C_mid the compute at which half of the way is
    made, B how steep it is. For C far above C_mid the distance to the ceiling falls as C^-B. C = 0 gives R₀.

    Example:
        >>> law = Sigmoid(R0=0.25, A=0.61, C_mid=2542.0, B=1.92)
        >>> [round(float(law(rl_flop=flop)), 4) for flop in (0.0, 2542.0)]
        [0.25, 0.43]
    """

    R0: Value
    A: Value
    C_mid: Value
    B: Value

    name = "sigmoid"
    formula = r"R(C) = R_0 + \frac{A - R_0}{1 + (C_{mid}/C)^B}"
    reference = "Khatri et al. 2025 (ScaleRL), arXiv:2510.13786, eq. 1"
    inputs = ("rl_flop",)
    response = "accuracy"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "R0": Parameter("R_0", "share of problems", "accuracy before reinforcement learning", 0.0, 1.0),
        "A": Parameter("A", "share of problems", "ceiling of accuracy", 0.0, 1.0),
        "C_mid": Parameter("C_{mid}", "FLOP", "compute at which half of the way is made", 0.0, log=True),
        "B": Parameter("B", "", "steepness", 0.05, _STEEPEST, log=True),
    }
    linear = ("R0", "A")
    zeros = ("rl_flop",)
    highest = 1.0

    def __call__(self, **inputs: Value) -> Value:
        """Accuracy at `rl_flop` (C), broadcast against the parameters; nan where C is below 0."""
        self.check_inputs(inputs)
        done = _share_done(inputs["rl_flop"], self.C_mid, self.B)
        return self.R0 * (1 - done) + self.A * done

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1 - s, s, with s the share of the way that is made."""
        done = _share_done(inputs["rl_flop"], exponents["C_mid"], exponents["B"])
        return np.stack([1 - done, done], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """C_mid from below the smallest compute to far above the largest, B from a crawl to a jump."""
        spent = inputs["rl_flop"][inputs["rl_flop"] > 0]
        return {"C_mid": np.geomspace(spent.min() / 3, spent.max() * 100, 24), "B": np.geomspace(0.15, 12.0, 16)}

    def in_units(self, **units: float) -> "Sigmoid":
        """C_mid is counted in the new unit."""
        return Sigmoid(self.R0, self.A, self.C_mid / units.get("rl_flop", 1.0), self.B)


def _share_done(compute: Value, middle: Value, steepness: Value) -> np.ndarray:
    """1 / (1 + (C_mid/C)^B), with 0 at C = 0; accepts complex C_mid and B."""
    compute = np.asarray(compute, dtype=np.float64)
    log_compute = np.log(np.where(compute > 0, compute, 1.0))
    power = steepness * (np.log(middle) - log_compute)
    share = 1 / (1 + np.exp(np.where(power.real > _FARTHEST, _FARTHEST, power)))
    return np.where(compute > 0, share, np.where(compute == 0, 0.0, np.nan))
