"""Error after reinforcement learning against model size and compute, a straight line in logarithms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value


@dataclass(frozen=True)
class RLLog(Law):
    r"""Error that falls as a power of the compute, faster for larger models up to a limit.

    $$\log_{10} L = -\frac{K_{max}}{1 + N_0/N} \log_{10} X + \frac{E_{max}}{1 + N_1/N}$$

    L is 1 - pass@1, X the compute of reinforcement learning or its data, N the size of the model. The paper gives the
    line an offset E(N) of its own for each size that was run; the saturating offset here, which its published code
    also tries, makes a law for sizes that were not. A model without parameters then gets everything wrong. The offset
    belongs to the unit of X, which is kept: give X as it will be quoted.

    Example:
        >>> law = RLLog(K_max=0.1, N0=5e9, E_max=1.55, N1=4e9)
        >>> [round(float(law(params=params, rl_flop=1e20)), 4) for params in (5e8, 7e9, 7e10)]
        [0.9781, 0.6602, 0.3977]
    """

    K_max: Value
    N0: Value
    E_max: Value
    N1: Value

    name = "rl-log"
    formula = r"\log_{10} L = -\frac{K_{max}}{1 + N_0/N} \log_{10} X + \frac{E_{max}}{1 + N_1/N}"
    reference = "Tan et al. 2025, arXiv:2509.25300, eqs. 1 and 2; offset as `loglinear_kn_e0` of its code"
    inputs = ("params", "rl_flop")
    response = "error"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "K_max": Parameter("K_{max}", "", "exponent of compute for the largest models", 0.0),
        "N0": Parameter("N_0", "parameters", "size with half of that exponent", 0.0, log=True),
        "E_max": Parameter("E_{max}", "decades", "offset of the line for the largest models"),
        "N1": Parameter("N_1", "parameters", "size with half of that offset", 0.0, log=True),
    }
    linear = ("K_max", "E_max")
    log_linear = True
    highest = 1.0
    pure = ("rl_flop",)

    def __call__(self, **inputs: Value) -> Any:
        """Error at `params` (N) and `rl_flop` (X), broadcast against the parameters; not capped at 1."""
        self.check_inputs(inputs)
        size = np.asarray(inputs["params"], dtype=np.float64)
        slope, offset = self.K_max / (1 + self.N0 / size), self.E_max / (1 + self.N1 / size)
        return 10 ** (offset - slope * np.log10(inputs["rl_flop"]))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns of ln L: -ln X / (1 + N₀/N), ln 10 / (1 + N₁/N)."""
        size = inputs["params"]
        slope = -np.log(inputs["rl_flop"]) / (1 + np.asarray(exponents["N0"]) / size)
        return np.stack([slope, np.log(10) / (1 + np.asarray(exponents["N1"]) / size)], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Half-way sizes from a thirtieth of the smallest model to thirty times the largest."""
        size = inputs["params"]
        sizes = np.geomspace(size.min() / 30, size.max() * 30, 20)
        return {"N0": sizes, "N1": sizes}

    def in_units(self, **units: float) -> "RLLog":
        """N₀ and N₁ are counted in the new unit of parameters; the unit of compute is kept."""
        unit = units.get("params", 1.0)
        return RLLog(self.K_max, self.N0 / unit, self.E_max, self.N1 / unit)
