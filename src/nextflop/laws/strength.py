"""Strength at games against one resource: a power law of the Bradley-Terry strength is a straight line in Elo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

_ELO = 400.0  # a decade of Bradley-Terry strength, by the definition of Elo
_REFERENCE = "Neumann and Gros 2023, arXiv:2210.00849, eqs. 1 to 3"
_OFFSET = Parameter("c", "Elo", "rating of an agent with one unit of it")


@dataclass(frozen=True)
class _Strength(Law):
    """A line in Elo over the logarithm of the one input."""

    alpha: Value
    c: Value

    response = "elo"
    linear = ("alpha", "c")
    lowest = -np.inf

    def __call__(self, **inputs: Value) -> Any:
        """Elo at the input, broadcast against the parameters."""
        self.check_inputs(inputs)
        return _ELO * self.alpha * np.log10(inputs[self.inputs[0]]) + self.c

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 400 log₁₀ x, 1."""
        column = _ELO * np.log10(inputs[cls.inputs[0]])
        return np.stack([column, np.ones_like(column)])

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing to search for: every parameter is linear."""
        return {}

    def in_units(self, **units: float) -> "_Strength":
        """The offset takes the unit up; α is as it was."""
        return type(self)(self.alpha, self.c + _ELO * self.alpha * np.log10(units.get(self.inputs[0], 1.0)))


@dataclass(frozen=True)
class StrengthParams(_Strength):
    r"""Elo of agents that are large enough to need all their training, against their size.

    $$Elo(N) = 400\, \alpha \log_{10} N + c$$

    An agent beats another with odds of (N₁/N₂)^α: α is the Elo of a decade over 400. Ratings are on a common scale only
    if they were made by one program at one temperature of play; α of Connect Four runs from 0.92 to 0.38 over
    temperatures (arXiv:2412.11979), and a program that counts on draws which the game does not have stretches it.

    Example:
        >>> law = StrengthParams(alpha=0.88, c=-1000.0)
        >>> round(float(law(params=1e5) - law(params=1e4)), 6)
        352.0
    """

    name = "strength-params"
    formula = r"Elo(N) = 400 \alpha \log_{10} N + c"
    reference = _REFERENCE
    inputs = ("params",)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "alpha": Parameter(r"\alpha", "", "exponent of parameters in the odds of winning"),
        "c": _OFFSET,
    }


@dataclass(frozen=True)
class StrengthCompute(_Strength):
    r"""Elo of the best agent that a budget buys, against the compute of its training.

    $$Elo(C) = 400\, \alpha \log_{10} C + c$$

    With the exponent of `StrengthParams`, the best size grows as C to the ratio of both.

    Example:
        >>> law = StrengthCompute(alpha=0.55, c=-3000.0)
        >>> round(float(law(flop=1e16) - law(flop=1e15)), 6)
        220.0
    """

    name = "strength-compute"
    formula = r"Elo(C) = 400 \alpha \log_{10} C + c"
    reference = _REFERENCE
    inputs = ("flop",)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "alpha": Parameter(r"\alpha", "", "exponent of compute in the odds of winning"),
        "c": _OFFSET,
    }


@dataclass(frozen=True)
class StrengthSimulations(_Strength):
    r"""Elo of one agent against the simulations of its search.

    $$Elo(T) = 400\, \alpha \log_{10} T + c$$

    Far from perfect play each doubling of the search adds about as much; towards it the line bends, which this law
    does not.

    Example:
        >>> law = StrengthSimulations(alpha=0.6, c=100.0)
        >>> round(float(law(simulations=800.0) - law(simulations=400.0)), 2)
        72.25
    """

    name = "strength-simulations"
    formula = r"Elo(T) = 400 \alpha \log_{10} T + c"
    reference = f"{_REFERENCE}, for simulations"
    inputs = ("simulations",)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "alpha": Parameter(r"\alpha", "", "exponent of simulations in the odds of winning"),
        "c": _OFFSET,
    }
