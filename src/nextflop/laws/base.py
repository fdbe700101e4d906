"""What a law is: a parametric family with named parameters, written once as a formula.

A law is a frozen value. Its fields are its parameters; calling it with named inputs gives the response. Formulas are
plain NumPy in float64 and broadcast, so one instance may carry one set of parameters or a thousand draws of them
(fields of shape (draws, 1) against inputs of shape (runs,) give (draws, runs)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, NamedTuple, Self

import numpy as np

from nextflop.errors import InputError

Value = float | np.ndarray


class Parameter(NamedTuple):
    """What is known of a parameter before any data.

    Attributes:
        symbol: LaTeX, without dollar signs.
        unit: the unit in words; "" for a pure number.
        meaning: one phrase.
        lower, upper: the bounds of the family, inclusive.
    """

    symbol: str
    unit: str
    meaning: str
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True)
class Law:
    """Base of the families. A family is one frozen dataclass in a file of its own.

    Class attributes:
        name: what a person types.
        formula: LaTeX, without dollar signs.
        reference: the paper, with its arXiv number and equation.
        inputs: names of the columns that the law takes, in base units.
        response: name of the column that it predicts.
        parameters: field → `Parameter`, in the order of the fields.
        linear: the parameters in which the response is linear once the others are fixed; see `basis`.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    reference: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]
    response: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]]
    linear: ClassVar[tuple[str, ...]] = ()

    def __call__(self, **inputs: np.ndarray) -> np.ndarray:
        """The response at the given inputs; every name in `inputs` must be given.

        Raises:
            InputError: if an input is missing or not one of the law's.
        """
        raise NotImplementedError

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """For a law that is linear in `linear`: the columns it is linear in, shape (..., runs, len(linear)).

        Args:
            exponents: the parameters that are not in `linear`, each a number or of shape (..., 1).
            inputs: columns of shape (runs,).
        """
        raise NotImplementedError

    @property
    def values(self) -> dict[str, Value]:
        """Parameter → value, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_draws(cls, draws: np.ndarray) -> Self:
        """The law with parameters of shape (draws, 1), from rows in the order of the fields."""
        return cls(*(np.asarray(draws, dtype=np.float64)[:, index, None] for index in range(len(cls.parameters))))

    @classmethod
    def check_inputs(cls, inputs: Mapping[str, np.ndarray]) -> None:
        """Raises `InputError` unless exactly the law's inputs are given."""
        if set(inputs) != set(cls.inputs):
            raise InputError(
                f"The law {cls.name!r} takes {', '.join(cls.inputs)}; given: {', '.join(inputs) or 'nothing'}."
            )
