"""What a table of a model file holds, read with one sentence for whatever cannot be."""

from collections.abc import Mapping, Sequence

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json
from nextflop.quantities import parse

Tables = dict[str, Json]
"""What TOML holds."""


def table(raw: Tables, key: str) -> Mapping[str, Tables]:
    """The tables below a key, none if it is absent.

    Raises:
        InputError: if something below it is no table.
    """
    found = raw.get(key, {})
    if not isinstance(found, Mapping) or not all(isinstance(entry, Mapping) for entry in found.values()):
        raise InputError(f"[{key}] holds something that is no table: write [{key}.NAME] and its keys below.")
    return found


def listed(entry: Tables, key: str) -> Sequence[Json]:
    """The list at a key, empty if it is absent.

    Raises:
        InputError: if it is no list.
    """
    found = entry.get(key, ())
    if not isinstance(found, list | tuple):
        raise InputError(f"{key} is {found!r}: give a list.")
    return found


def number(entry: Mapping[str, Json], key: str, default: float | int, what: str) -> float:
    """The number at a key, as a number or as a person writes it.

    Raises:
        InputError: if it is neither.
    """
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"The {what} is {value!r}: give a number.")
    return parse(value, what)


def known(what: str, entry: Json, keys: Sequence[str]) -> None:
    """Refuses what is no table, or has a key that is not known.

    Raises:
        InputError: with the nearest key that is known.
    """
    if not isinstance(entry, Mapping):
        raise InputError(f"The {what} is no table: write its keys and values.")
    for key in entry:
        if key not in keys:
            raise unknown(f"key of the {what}", key, keys)
