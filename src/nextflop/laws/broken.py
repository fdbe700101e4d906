"""Loss against one resource: power laws joined by smooth breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import least_squares, scatter
from nextflop.laws.power import STEEPEST

_SHARPEST, _WIDEST = 0.01, 10.0  # a kink, and a bend over so many decades that no runs show its ends
_POINTS = {1: 500, 2: 1500, 3: 3000}  # scattered, of which the best lead to the optimum


class _Broken(Law):
    """What the laws with one, two and three breaks have in common.

    Between breaks the logarithm of what is above a is a straight line in the logarithm of C; a softplus joins them.

    Class attributes:
        breaks: how many there are.
    """

    breaks: ClassVar[int]
    inputs = ("compute",)
    response = "loss"
    reference = "Caballero et al. 2022, arXiv:2210.14891, eq. 1"
    linear = ("a", "b")

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `compute` (C), broadcast against the parameters."""
        self.check_inputs(inputs)
        return self.values["a"] + self.values["b"] * np.exp(self._log_fall(self.values, inputs["compute"]))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1 and what b multiplies."""
        fall = np.exp(cls._log_fall(exponents, inputs["compute"]))
        return np.stack([np.ones_like(fall), fall], axis=-2)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Where breaks may be and how wide, see `starts`."""
        return _search(cls.breaks, inputs["compute"])

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Offsets, places and widths are scattered; the exponents then follow by least squares.

        Once these are chosen, the logarithm of what is above the offset is linear in the exponents.
        """
        log_compute = np.log(inputs["compute"])
        indices = range(1, cls.breaks + 1)
        axes = cls.search(**inputs)
        ends = np.log(axes["d1"])
        box = {"a": np.array([0.0, 0.99])} | {f"d{index}": ends for index in indices}
        found = scatter(box | {f"f{index}": np.log(axes[f"f{index}"]) for index in indices}, _POINTS[cls.breaks])
        places = np.sort([found[f"d{index}"] for index in indices], axis=0)
        widths = np.exp([found[f"f{index}"] for index in indices])
        above = response - response.min() * found["a"][:, None]
        z = (log_compute - places[:, :, None]) / widths[:, :, None]
        bends = -widths[:, :, None] * np.logaddexp(0, z)
        columns = np.stack([np.ones_like(above), np.broadcast_to(-log_compute, above.shape), *bends], axis=1)
        exponents = least_squares(columns, np.log(above), above / response)[:, 1:].clip(-STEEPEST, STEEPEST)
        steps = np.exp([places[0], *np.diff(places, axis=0)])
        values = {f"c{index}": column for index, column in enumerate(exponents.T)}
        for index in indices:
            values["d1" if index == 1 else f"s{index}"] = steps[index - 1]
            values[f"f{index}"] = widths[index - 1]
        return {name: values[name] for name in axes}

    def in_units(self, **units: float) -> "Law":
        """B takes the unit of compute up, and the first break is counted in it."""
        unit = units.get("compute", 1.0)
        values = self.values
        return type(self)(**{**values, "b": values["b"] * unit ** -values["c0"], "d1": values["d1"] / unit})

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by the parameters, shape (..., parameters, runs)."""
        values = self.values
        log_compute = np.log(inputs["compute"])
        fall = np.exp(self._log_fall(values, inputs["compute"]))
        above = values["b"] * fall
        slopes = {"a": np.ones_like(above), "b": fall, "c0": -above * log_compute}
        later = np.zeros_like(above)
        place = self._places(values)
        for index in reversed(range(1, self.breaks + 1)):
            c, f = values[f"c{index}"], values[f"f{index}"]
            z = (log_compute - place[index - 1]) / f
            soft = np.logaddexp(0, z)
            passed = np.exp(z - soft)
            later = later + above * c * passed  # the loss by the logarithm of this break's place, and of later ones'
            step = "d1" if index == 1 else f"s{index}"
            slopes |= {
                f"c{index}": -above * f * soft,
                step: later / values[step],
                f"f{index}": -above * c * (soft - z * passed),
            }
        return np.stack(np.broadcast_arrays(*(slopes[name] for name in values)), axis=-2)

    @classmethod
    def _places(cls, values: Mapping[str, Value]) -> list[Any]:
        """The logarithms of the breaks."""
        logs = [np.log(values["d1"]), *(np.log(values[f"s{index}"]) for index in range(2, cls.breaks + 1))]
        return [sum(logs[: index + 1]) for index in range(cls.breaks)]

    @classmethod
    def _log_fall(cls, values: Mapping[str, Value], compute: Value) -> Any:
        """The logarithm of what b multiplies."""
        log_compute = np.log(compute)
        total = -np.asarray(values["c0"]) * log_compute
        for index, place in enumerate(cls._places(values), start=1):
            c, f = values[f"c{index}"], values[f"f{index}"]
            total = total - c * f * np.logaddexp(0, (log_compute - place) / f)
        return total


def _search(breaks: int, compute: np.ndarray) -> dict[str, np.ndarray]:
    """Breaks within the runs, from sharp to wide; the exponents follow from the response, see `starts`."""
    ends = np.geomspace(compute.min(), compute.max(), 9)
    axes = {"c0": np.zeros(1)}
    for index in range(1, breaks + 1):
        axes[f"c{index}"] = np.zeros(1)
        axes["d1" if index == 1 else f"s{index}"] = ends if index == 1 else ends / ends[0]
        axes[f"f{index}"] = np.geomspace(0.05, 3.0, 5)
    return axes


def _parameters(breaks: int) -> dict[str, Parameter]:
    found = {
        "a": Parameter("a", "as the loss", "irreducible loss", 0.0),
        "b": Parameter("b", "loss × FLOP^c₀", "loss above a at one unit of compute, before the breaks", 0.0, log=True),
        "c0": Parameter("c_0", "", "exponent of compute before the first break", -STEEPEST, STEEPEST),
    }
    for index in range(1, breaks + 1):
        what = ("first", "second", "third")[index - 1]
        found[f"c{index}"] = Parameter(f"c_{index}", "", f"what the {what} break adds to it", -STEEPEST, STEEPEST)
        if index == 1:
            found["d1"] = Parameter("d_1", "FLOP", "where the first break is", 0.0, log=True)
        else:
            found[f"s{index}"] = Parameter(f"s_{index}", "", f"the {what} break over the one before", 1.0, log=True)
        found[f"f{index}"] = Parameter(f"f_{index}", "", f"width of the {what} break", _SHARPEST, _WIDEST, log=True)
    return found


@dataclass(frozen=True)
class Broken1(_Broken):
    r"""Loss whose exponent changes once.

    $$L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1}$$

    Far below d₁ what is above a falls as C^-c₀, far above it as C^-(c₀+c₁); f₁ is the width of the change, in units of
    e-foldings of C. A negative c₁ makes the fall slower, and an exponent below 0 makes the loss rise.

    Example:
        >>> law = Broken1(a=1.5, b=30.0, c0=0.05, c1=0.1, d1=1e20, f1=0.5)
        >>> [round(float(law(compute=flop)), 4) for flop in (1e18, 1e20, 1e22)]
        [5.2768, 4.3978, 3.0036]
    """

    a: Value
    b: Value
    c0: Value
    c1: Value
    d1: Value
    f1: Value

    name = "broken-1"
    breaks = 1
    formula = r"L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1}"
    parameters = _parameters(1)


@dataclass(frozen=True)
class Broken2(_Broken):
    r"""Loss whose exponent changes twice.

    $$L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1} \left(1 + (C/d_2)^{1/f_2}\right)^{-c_2 f_2}$$

    As `Broken1`, with d₂ = s₂ d₁ and s₂ of at least 1: the order makes each break known from the other.

    Example:
        >>> law = Broken2(a=1.5, b=30.0, c0=0.05, c1=0.1, d1=1e19, f1=0.5, c2=-0.05, s2=100.0, f2=0.5)
        >>> [round(float(law(compute=flop)), 4) for flop in (1e18, 1e20, 1e22)]
        [5.2749, 3.8824, 2.8404]
    """

    a: Value
    b: Value
    c0: Value
    c1: Value
    d1: Value
    f1: Value
    c2: Value
    s2: Value
    f2: Value

    name = "broken-2"
    breaks = 2
    formula = (
        r"L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1} "
        r"\left(1 + (C/d_2)^{1/f_2}\right)^{-c_2 f_2}, \; d_2 = s_2 d_1"
    )
    parameters = _parameters(2)


@dataclass(frozen=True)
class Broken3(_Broken):
    r"""Loss whose exponent changes three times.

    $$L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1} \left(1 + (C/d_2)^{1/f_2}\right)^{-c_2 f_2}
    \left(1 + (C/d_3)^{1/f_3}\right)^{-c_3 f_3}$$

    As `Broken2`, with d₃ = s₃ d₂ and s₃ of at least 1.

    Example:
        >>> breaks = {"c1": 0.1, "d1": 1e19, "f1": 0.5, "c2": -0.1, "s2": 10.0, "f2": 0.2, "c3": 0.2, "s3": 10.0}
        >>> law = Broken3(a=1.5, b=30.0, c0=0.05, **breaks, f3=0.2)
        >>> [round(float(law(compute=flop)), 4) for flop in (1e18, 1e20, 1e22)]
        [5.2749, 3.915, 2.6943]
    """

    a: Value
    b: Value
    c0: Value
    c1: Value
    d1: Value
    f1: Value
    c2: Value
    s2: Value
    f2: Value
    c3: Value
    s3: Value
    f3: Value

    name = "broken-3"
    breaks = 3
    formula = (
        r"L(C) = a + b C^{-c_0} \left(1 + (C/d_1)^{1/f_1}\right)^{-c_1 f_1} "
        r"\left(1 + (C/d_2)^{1/f_2}\right)^{-c_2 f_2} \left(1 + (C/d_3)^{1/f_3}\right)^{-c_3 f_3}, "
        r"\; d_2 = s_2 d_1, \; d_3 = s_3 d_2"
    )
    parameters = _parameters(3)
