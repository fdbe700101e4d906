"""What a law is: a parametric family with named parameters, written once as a formula.

A law is a frozen value. Its fields are its parameters; calling it with named inputs gives the response. Formulas are
plain NumPy in float64 and broadcast, so one instance may carry one set of parameters or a thousand draws of them
(fields of shape (draws, 1) against inputs of shape (runs,) give (draws, runs)).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from nextflop.errors import InputError

Value = float | np.ndarray

_TINY = 1e-30  # a complex step subtracts nothing, so it may be as small as the exponent range allows


class Parameter(NamedTuple):
    """What is known of a parameter before any data.

    Attributes:
        symbol: LaTeX, without dollar signs.
        unit: the unit in words; "" for a pure number.
        meaning: one phrase.
        lower, upper: the bounds of the family, inclusive.
        log: whether a search moves its logarithm, as befits what may be 1 or 1e9.
    """

    symbol: str
    unit: str
    meaning: str
    lower: float = -np.inf
    upper: float = np.inf
    log: bool = False


class Expansion(NamedTuple):
    """A law about some inputs: its value, and its derivatives on demand from what was computed for the value.

    Attributes:
        response: shape (..., runs).
        slopes: gives the derivatives by the parameters, as `Law.jacobian`.
        bends: gives the second derivatives summed over the runs with given weights, as `Law.curvature`.
    """

    response: Any
    slopes: Callable[[], np.ndarray]
    bends: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Law:
    """Base of the families. A family is one frozen dataclass in a file of its own.

    To be fitted to a table of runs, a family gives `search` and `in_units` beside its formula, and `linear` with
    `basis` where its response, or the logarithm of it, is linear in some parameters, which then need no search. With
    many other parameters it scatters `nodes`; with amplitudes that are not linear it guesses them in `starts`.
    Derivatives come by themselves if the formula accepts complex parameters, faster where they are written out.

    Class attributes:
        name: what a person types.
        formula: LaTeX, without dollar signs.
        reference: the paper, with its arXiv number and equation.
        inputs: names of the columns that the law takes, in base units.
        response: name of the column that it predicts.
        parameters: field → `Parameter`, in the order of the fields.
        linear: the parameters in which the response is linear once the others are fixed; see `basis`.
        log_linear: whether it is the logarithm of the response that is linear: in `linear` parameters, and in the
            logarithms of those whose `Parameter.log` is set.
        zeros: the inputs that may be 0; the others are positive.
        lowest, highest: the ends of the responses that can be observed.
        pure: the inputs that keep their unit: pure numbers such as shares, or those that `in_units` has no answer for.
        alike: groups of inputs that can only be counted in one common unit, such as tokens and unique tokens.
        apart: an input whose values tell kinds of runs, of which every bootstrap draw has as many as the data; or "".
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    reference: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]
    response: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]]
    linear: ClassVar[tuple[str, ...]] = ()
    zeros: ClassVar[tuple[str, ...]] = ()
    log_linear: ClassVar[bool] = False
    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = np.inf
    pure: ClassVar[tuple[str, ...]] = ()
    alike: ClassVar[tuple[tuple[str, ...], ...]] = ()
    apart: ClassVar[str] = ""

    def __call__(self, **inputs: Value) -> Any:
        """The response at the given inputs; every name in `inputs` must be given.

        Raises:
            InputError: if an input is missing or not one of the law's.
        """
        raise NotImplementedError

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """For a law that is linear in `linear`: the columns that they multiply, shape (..., len(linear), runs).

        Args:
            exponents: the parameters that are not in `linear`, each a number or of shape (..., 1).
            inputs: columns of shape (runs,).
        """
        raise NotImplementedError

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Parameter that is not in `linear` → the values from which a search for the optimum sets out."""
        raise NotImplementedError

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Parameter that is not in `linear` → its value at each point from which a search sets out, shape (points,).

        Every combination of the values of `search`, unless a family with many such parameters scatters points.
        """
        axes = cls.search(**inputs)
        return {name: part.ravel() for name, part in zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True)}

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The `nodes` once the response is known, for a family with amplitudes that it is not linear in.

        Args:
            response: shape (runs,).
            inputs: columns of shape (runs,).

        Returns:
            Parameter that is not in `linear` → its value at each point, shape (points,).
        """
        return cls.nodes(**inputs)

    @classmethod
    def demands(cls, free: Collection[str], **inputs: np.ndarray) -> list[tuple[np.ndarray, int]]:
        """Groups of runs, each a mask of shape (runs,) with the number of different settings that it must have.

        Args:
            free: the parameters that are to be estimated.
            inputs: columns of shape (runs,).
        """
        return [(np.ones(len(next(iter(inputs.values()))), dtype=bool), len(free))]

    def in_units(self, **units: float) -> "Law":
        """The same law for inputs counted in other units: `law.in_units(params=1e9)(params=7.0)` is `law(params=7e9)`.

        Args:
            units: input → size of the new unit in the old one; an input that is not named keeps its unit.
        """
        raise NotImplementedError

    @classmethod
    def for_tables(cls) -> bool:
        """Whether the family is fitted to a table of runs; the others have a fit of their own."""
        return cls.search.__func__ is not Law.search.__func__ or cls.nodes.__func__ is not Law.nodes.__func__  # type: ignore[attr-defined]

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives of the response by the parameters, shape (..., parameters, runs), exact to rounding.

        By complex steps (Squire and Trapp 1998, doi:10.1137/S003614459631241X) unless a family writes them out.
        """
        values = self.values
        slopes = []
        for name, value in values.items():
            stepped = type(self)(**{**values, name: np.asarray(value + 1j * _TINY)})
            slopes.append(stepped(**inputs).imag / _TINY)
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives by the parameters, summed over the runs with weights: (..., parameters, parameters).

        By central differences of `jacobian`, good to eight digits or so, unless a family writes them out.

        Args:
            weights: shape (..., runs).
            inputs: columns of shape (runs,).
        """
        values = self.values
        rows = []
        for name, value in values.items():
            # What is moved by its logarithm may be of any size, and is not 0; the rest is of the order of 1.
            step = 1e-5 * np.maximum(np.abs(value), 1e-300 if self.parameters[name].log else 1e-3)
            ends = [type(self)(**{**values, name: value + side * step}).jacobian(**inputs) for side in (1, -1)]
            rows.append(np.einsum("...pr,...r->...p", (ends[0] - ends[1]) / (2 * np.expand_dims(step, -1)), weights))
        bends = np.stack(rows, axis=-2)
        return (bends + np.swapaxes(bends, -1, -2)) / 2

    def expand(self, **inputs: Value) -> Expansion:
        """Value and derivatives together, for a search that wants all three; overridden where they share powers."""
        return Expansion(
            self(**inputs), lambda: self.jacobian(**inputs), lambda weights: self.curvature(weights, **inputs)
        )

    @property
    def values(self) -> dict[str, Value]:
        """Parameter → value, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_draws(cls, draws: np.ndarray) -> Self:
        """The law with parameters of shape (draws, 1), from rows in the order of the fields."""
        return cls(*(np.asarray(draws, dtype=np.float64)[:, index, None] for index in range(len(cls.parameters))))

    @classmethod
    def check_inputs(cls, inputs: Mapping[str, Value]) -> None:
        """Raises `InputError` unless exactly the law's inputs are given."""
        if set(inputs) != set(cls.inputs):
            raise InputError(
                f"The law {cls.name!r} takes {', '.join(cls.inputs)}; given: {', '.join(inputs) or 'nothing'}."
            )
