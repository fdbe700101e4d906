"""Families with parameters held equal: a parameter fewer for each tie, as when both exponents of Chinchilla are one."""

from collections.abc import Mapping
from dataclasses import make_dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.laws.base import Law, Value

_UNCHANGED = ("inputs", "response", "zeros", "log_linear", "lowest", "highest", "pure", "alike")


class Tied(Law):
    """A family in which some parameters of another are equal; `tie` makes one.

    Class attributes:
        parent: the family without ties.
        ties: parameter that is given up → the one whose value it takes.
    """

    parent: ClassVar[type[Law]]
    ties: ClassVar[Mapping[str, str]]

    def __call__(self, **inputs: Value) -> Any:
        """The response of the parent with equal parameters."""
        self.check_inputs(inputs)
        return self.untied(**inputs)

    @property
    def untied(self) -> Law:
        """The law of the parent family."""
        values = self.values
        return self.parent(**{name: values[self.ties.get(name, name)] for name in self.parent.parameters})

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The parent's columns, those of equal amplitudes added."""
        rest = [name for name in cls.parent.parameters if name not in cls.parent.linear]
        columns = cls.parent.basis({name: exponents[cls.ties.get(name, name)] for name in rest}, **inputs)
        return cls._fold(cls.linear, cls.parent.linear) @ columns

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Those of the parent, without what is given up."""
        return cls._kept(cls.parent.nodes(**inputs))

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Those of the parent, without what is given up."""
        return cls._kept(cls.parent.starts(response, **inputs))

    def in_units(self, **units: float) -> "Law":
        """As the parent; `tie` has seen to it that equal parameters stay equal."""
        return type(self)(**self._kept(self.untied.in_units(**units).values))

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """The parent's, the rows of equal parameters added."""
        return self._fold(self.parameters, self.parent.parameters) @ self.untied.jacobian(**inputs)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """The parent's, the rows and columns of equal parameters added."""
        fold = self._fold(self.parameters, self.parent.parameters)
        return fold @ self.untied.curvature(weights, **inputs) @ fold.T

    @classmethod
    def _kept(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in cls.ties}

    @classmethod
    def _fold(cls, kept: Any, names: Any) -> np.ndarray:
        """A one where a parameter of the parent, a column, takes the value of one that is kept, a row."""
        return np.array([[float(cls.ties.get(name, name) == row) for name in names] for row in kept])


def tie(law: type[Law], /, **ties: str) -> type[Law]:
    """The family in which parameters are held equal; the same ties give the same class.

    Args:
        law: a family that can be fitted to a table of runs.
        ties: the parameter to give up → the one to keep: `tie(Chinchilla, beta="alpha")`.

    Raises:
        InputError: if there is no such parameter, or the two cannot be equal: they differ in bounds, in the unit that
            they are counted in, or in whether the response is linear in them.
    """
    for name in (*ties, *ties.values()):
        if name not in law.parameters:
            raise unknown(f"parameter of {law.name}", name, law.parameters)
    if not ties:
        raise InputError(f"Nothing of {law.name!r} is tied: name a parameter to give up and the one to keep.")
    return _tied(law, tuple((name, ties[name]) for name in law.parameters if name in ties))


@cache
def _tied(law: type[Law], pairs: tuple[tuple[str, str], ...]) -> type[Law]:
    ties = dict(pairs)
    if not law.for_tables():
        raise InputError(f"The law {law.name!r} is not fitted to a table of runs, so its parameters cannot be tied.")
    for given_up, kept in pairs:
        _check(law, ties, given_up, kept)
    parameters = {name: entry for name, entry in law.parameters.items() if name not in ties}
    for given_up, kept in pairs:
        both = f"{parameters[kept].meaning}, and {law.parameters[given_up].meaning}"
        parameters[kept] = parameters[kept]._replace(meaning=both)
    symbols = [rf"{law.parameters[one].symbol} = {law.parameters[other].symbol}" for one, other in pairs]
    equal = ", ".join(f"{one} = {other}" for one, other in pairs)
    namespace = {
        "__doc__": f"{(law.__doc__ or law.name).splitlines()[0]}\n\nThe law {law.name!r} with {equal}.",
        "__module__": law.__module__,
        "parent": law,
        "ties": ties,
        "name": f"{law.name}[{','.join(f'{one}={other}' for one, other in pairs)}]",
        "formula": ", \\; ".join([law.formula, *symbols]),
        "reference": f"{law.reference}; with {equal}",
        "parameters": parameters,
        "linear": tuple(name for name in law.linear if name not in ties),
        **{key: getattr(law, key) for key in _UNCHANGED},
        "search": classmethod(lambda cls, **inputs: cls._kept(law.search(**inputs))),
    }
    return make_dataclass(
        f"Tied{law.__name__}", [(name, Value) for name in parameters], bases=(Tied,), namespace=namespace, frozen=True
    )


def _check(law: type[Law], ties: Mapping[str, str], given_up: str, kept: str) -> None:
    """Raises `InputError` unless the one parameter can take the value of the other."""
    pair = f"{given_up} and {kept} of {law.name!r} cannot be held equal"
    one, other = law.parameters[given_up], law.parameters[kept]
    if kept in ties:
        raise InputError(f"{pair}, for {kept} is given up itself: tie both to one parameter that is kept.")
    if (one.lower, one.upper, one.log) != (other.lower, other.upper, other.log):
        raise InputError(f"{pair}, for they have different bounds: tie parameters of one kind, such as two exponents.")
    if (given_up in law.linear) != (kept in law.linear) or not _same_unit(law, given_up, kept):
        raise InputError(f"{pair}, for they are counted in different units: tie pure numbers, such as two exponents.")


def _same_unit(law: type[Law], one: str, other: str) -> bool:
    """Whether two equal parameters are still equal once inputs are counted in other units."""
    values = {name: 0.3 + 0.1 * index for index, name in enumerate(law.parameters)}
    groups = [*law.alike, *((name,) for name in law.inputs if not any(name in group for group in law.alike))]
    units = {name: 2.0 + index for index, group in enumerate(groups) for name in group if name not in law.pure}
    moved = law(**{**values, one: values[other]}).in_units(**units).values
    return bool(np.isclose(moved[one], moved[other], rtol=1e-12, atol=0.0))
