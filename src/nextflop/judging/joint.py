"""One law for two recipes: each has its own parameters, except those that are shared."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import make_dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.laws.base import Law, Value

WHICH = "candidate"
"""The input that is 0 for a run of the baseline and 1 for one of the candidate."""

_SIDES = ("baseline", "candidate")


class Joint(Law):
    """A family for the runs of two recipes together; `joint` makes one.

    Fitted to both tables at once it is two fits in one when nothing is shared, and draws of it are draws of both.

    Class attributes:
        parent: the family of either recipe.
        own: for baseline and candidate, parameter of the parent → the parameter here that it takes its value from.
    """

    parent: ClassVar[type[Law]]
    own: ClassVar[tuple[Mapping[str, str], Mapping[str, str]]]

    def __call__(self, **inputs: Value) -> Any:
        """The response of the recipe that each run belongs to."""
        self.check_inputs(inputs)
        which, rest = _split(inputs)
        return np.where(which > 0, self.recipe(1)(**rest), self.recipe(0)(**rest))

    def recipe(self, side: int) -> Law:
        """The law of the baseline (0) or the candidate (1)."""
        values = self.values
        return self.parent(**{name: values[here] for name, here in self.own[side].items()})

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Those that the parent has for each recipe's runs, side by side."""
        which, rest = _split(inputs)
        found = [
            cls.parent.starts(response[which == side], **{k: v[which == side] for k, v in rest.items()})
            for side in (1, 0)  # the baseline comes last, and so decides where a shared parameter starts
        ]
        if not found[0]:
            return {}
        count = min(len(next(iter(part.values()))) for part in found)
        rows = {
            cls.own[side][name]: values[:count]
            for side, part in zip((1, 0), found, strict=True)
            for name, values in part.items()
        }
        return {name: rows[name] for name in cls.parameters if name in rows}

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The parent's columns, each for the runs of its recipe."""
        which, rest = _split(inputs)
        total: Any = 0.0
        for side in (0, 1):
            given = {name: exponents[here] for name, here in cls.own[side].items() if here not in cls.linear}
            columns = cls.parent.basis(given, **rest) * (which == side)
            total = total + _fold(cls.linear, [cls.own[side][name] for name in cls.parent.linear]) @ columns
        return total

    @classmethod
    def demands(cls, free: Collection[str], **inputs: np.ndarray) -> list[tuple[np.ndarray, int]]:
        """Each recipe's runs must settle what is not shared, and all of them everything."""
        own = [
            (
                np.asarray(inputs[WHICH]) == side,
                len({*cls.own[side].values()} & {*free} - {*cls.own[1 - side].values()}),
            )
            for side in (0, 1)
        ]
        return [*super().demands(free, **inputs), *own]

    def in_units(self, **units: float) -> "Law":
        """As the parent; `joint` has seen to it that what is shared stays so."""
        values: dict[str, Value] = {}
        for side in (0, 1):
            moved = self.recipe(side).in_units(**{k: v for k, v in units.items() if k != WHICH}).values
            values |= {self.own[side][name]: value for name, value in moved.items()}
        return type(self)(**{name: values[name] for name in self.parameters})

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """The parent's, each for the runs of its recipe."""
        which, rest = _split(inputs)
        total: Any = 0.0
        for side in (0, 1):
            fold = _fold(self.parameters, self.own[side].values())
            total = total + fold @ (self.recipe(side).jacobian(**rest) * (which == side))
        return total

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """The parent's, each for the runs of its recipe."""
        which, rest = _split(inputs)
        total: Any = 0.0
        for side in (0, 1):
            fold = _fold(self.parameters, self.own[side].values())
            total = total + fold @ self.recipe(side).curvature(weights * (which == side), **rest) @ fold.T
        return total


def joint(law: type[Law], shared: Sequence[str] = ()) -> type[Joint]:
    """The family for two recipes; the same arguments give the same class.

    Args:
        law: the family of either recipe, one that can be fitted to a table of runs.
        shared: parameters that both recipes have in common.

    Raises:
        InputError: if there is no such parameter, or two recipes cannot share it: its unit depends on one that they do
            not share.
    """
    for name in shared:
        if name not in law.parameters:
            raise unknown(f"parameter of {law.name}", name, law.parameters)
    return _joint(law, tuple(name for name in law.parameters if name in shared))


@cache
def _joint(law: type[Law], shared: tuple[str, ...]) -> type[Joint]:
    own = tuple({name: name if name in shared else f"{name}_{side}" for name in law.parameters} for side in _SIDES)
    _check(law, shared)
    parameters = {}
    for side, names in zip(_SIDES, own, strict=True):
        for name, here in names.items():
            entry = law.parameters[name]
            whose = "both recipes" if name in shared else f"the {side}"
            symbol = entry.symbol if name in shared else rf"{{{entry.symbol}}}_\mathrm{{{side[:4]}}}"
            parameters[here] = entry._replace(symbol=symbol, meaning=f"{entry.meaning}, of {whose}")
    namespace = {
        "__doc__": f"The law {law.name!r} for two recipes.",
        "__module__": __name__,
        "parent": law,
        "own": own,
        "name": f"{law.name} of two recipes" + (f" sharing {', '.join(shared)}" if shared else ""),
        "formula": law.formula,
        "reference": law.reference,
        "inputs": (*law.inputs, WHICH),
        "response": law.response,
        "parameters": parameters,
        "linear": tuple(here for here in parameters if here in {names[k] for names in own for k in law.linear}),
        "zeros": (*law.zeros, WHICH),
        "pure": (*law.pure, WHICH),
        "apart": WHICH,
        **{key: getattr(law, key) for key in ("log_linear", "lowest", "highest", "alike")},
        # The mark of a family that is fitted to tables; starts are made from the parent's.
        "search": classmethod(lambda cls, **inputs: {}),
    }
    return make_dataclass(
        f"Joint{law.__name__}", [(name, Value) for name in parameters], bases=(Joint,), namespace=namespace, frozen=True
    )


def _check(law: type[Law], shared: tuple[str, ...]) -> None:
    values = {name: 0.3 + 0.1 * index for index, name in enumerate(law.parameters)}
    other = {name: value if name in shared else value + 0.07 for name, value in values.items()}
    groups = [*law.alike, *((name,) for name in law.inputs if not any(name in group for group in law.alike))]
    units = {name: 2.0 + index for index, group in enumerate(groups) for name in group if name not in law.pure}
    one, two = law(**values).in_units(**units).values, law(**other).in_units(**units).values
    for name in shared:
        if not np.isclose(one[name], two[name], rtol=1e-12, atol=0.0):
            raise InputError(
                f"{name} of {law.name!r} cannot be shared alone, for the unit that it is counted in depends on other "
                "parameters: share those too, or share an exponent or an asymptote."
            )


def _split(inputs: Mapping[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    return np.asarray(inputs[WHICH]), {name: value for name, value in inputs.items() if name != WHICH}


def _fold(rows: Any, names: Any) -> np.ndarray:
    """A one where a column's parameter takes the value of a row's."""
    return np.array([[float(name == row) for name in names] for row in rows])
