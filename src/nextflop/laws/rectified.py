"""Error against training tokens when a model has seen something like them before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST


@dataclass(frozen=True)
class Rectified(Law):
    r"""Error that falls as a power law once the tokens outweigh what earlier training was already worth.

    $$Err(D) = \frac{B}{D_l + D^{\beta}} + E$$

    D_l^{1/β} tokens of the task are what pre-training has given; below them the curve is flat, above them it is
    `Power`. SynthLLM fits it to accuracy on mathematics after synthetic tokens, with β = 0.34 for 1B parameters and
    the same for 3B and 8B. Its fits reach 4.5 billion tokens, and drawn to a thousand times as many the curve of the
    3B model passes below that of the 8B model: of this law, as of any, the asymptote is the least of what is known.

    Example:
        >>> law = Rectified(B=800.0, D_l=1000.0, beta=0.34, E=0.16)
        >>> [round(float(law(tokens=tokens)), 4) for tokens in (0.0, 1e9, 1e12)]
        [0.96, 0.5324, 0.2214]
    """

    B: Value
    D_l: Value
    beta: Value
    E: Value

    name = "rectified"
    formula = r"Err(D) = \frac{B}{D_l + D^{\beta}} + E"
    reference = "Qin et al. 2025, arXiv:2503.19551, eq. 2; Lin et al. 2024, arXiv:2402.02314, for the loss"
    inputs = ("tokens",)
    response = "error"
    zeros = ("tokens",)
    highest = 1.0
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "B": Parameter("B", "share of problems × tokens^β", "what one token would leave above E", 0.0, log=True),
        "D_l": Parameter("D_l", "tokens^β", "what earlier training was worth", 0.0, log=True),
        "beta": Parameter(r"\beta", "", "exponent of tokens", 0.0, STEEPEST),
        "E": Parameter("E", "share of problems", "error that more tokens do not mend", 0.0, 1.0),
    }
    linear = ("B", "E")

    def __call__(self, **inputs: Value) -> Any:
        """Error at `tokens` (D), broadcast against the parameters; not capped at 1."""
        self.check_inputs(inputs)
        return self.B * _left(self.values, inputs) + self.E

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1 / (D_l + D^β), 1."""
        left = _left(exponents, inputs)
        return np.stack([left, np.ones_like(left)], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """D_l around what the tokens of the middle of the runs are worth, which is 1 in the units of a search."""
        return {"D_l": np.geomspace(0.003, 300.0, 16), "beta": np.geomspace(0.1, 2.0, 12)}

    def in_units(self, **units: float) -> "Rectified":
        """B and D_l take the unit of tokens up; β and E are as they were."""
        unit = units.get("tokens", 1.0) ** -self.beta
        return Rectified(self.B * unit, self.D_l * unit, self.beta, self.E)


def _left(values: Mapping[str, Value], inputs: Mapping[str, Value]) -> Any:
    """1 / (D_l + D^β), with a power of 0 tokens that has a derivative by β, of 0."""
    tokens = np.asarray(inputs["tokens"], dtype=np.float64)
    some = tokens > 0
    power = np.where(some, np.where(some, tokens, 1.0) ** np.asarray(values["beta"]), 0.0)
    return 1 / (np.asarray(values["D_l"]) + power)
