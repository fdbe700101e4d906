"""A closed vocabulary: functions called by name, with arguments whose kinds are checked before the call.

Declarations come from files that others may have written, so nothing in them is evaluated: a word is looked up here,
and what it is given is a text, a number or a table of these.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json

LONGEST = 10_000
"""Entries of a list, characters of a text, repetitions of anything: more is a slip or malice."""


class Kind(NamedTuple):
    """What an argument may be.

    Attributes:
        name: with its article, for a message.
        read: gives the checked value, or None if it is of another kind.
    """

    name: str
    read: Callable[[Json], Any]


class Word(NamedTuple):
    """A function of the vocabulary.

    Attributes:
        function: called with what the caller has, then with the arguments by name.
        arguments: name → kind; those in `optional` may be left out.
        optional: arguments that have a default in the function.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _positive(value: Json) -> float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST else None


def _texts(value: Json) -> tuple[str, ...] | None:
    return _several(value, _text)


def _numbers(value: Json) -> tuple[float, ...] | None:
    return _several(value, _number)


def _several(value: Json, read: Callable[[Json], Any]) -> tuple[Any, ...] | None:
    if not isinstance(value, list | tuple) or len(value) > LONGEST:
        return None
    read_values = tuple(read(item) for item in value)
    return None if None in read_values else read_values


def _named(read: Callable[[Json], Any]) -> Callable[[Json], Any]:
    def of(value: Json) -> dict[str, Any] | None:
        if not isinstance(value, Mapping) or len(value) > LONGEST:
            return None
        found = {key: read(item) for key, item in value.items()}
        return None if None in found.values() or not all(map(_text, found)) else found

    return of


TEXT = Kind("a text", _text)
FIT = Kind("the name of a fit", _text)
TABLE = Kind("the name of a table", _text)
ANSWER = Kind("the code of an earlier question", _text)
NUMBER = Kind("a finite number", _number)
POSITIVE = Kind("a finite number above 0", _positive)
COUNT = Kind(f"a whole number from 0 to {LONGEST}", _count)
TEXTS = Kind("a list of texts", _texts)
NUMBERS_BY_NAME = Kind("a table of numbers", _named(_number))
TEXTS_BY_NAME = Kind("a table of texts", _named(_text))
COLUMNS = Kind("a table of lists of numbers", _named(_numbers))
RECORD = Kind("a table", lambda value: value if isinstance(value, Mapping) else None)
RECORDS = Kind(
    "a list of tables",
    lambda value: (
        tuple(value)
        if isinstance(value, list | tuple)
        and len(value) <= LONGEST
        and all(isinstance(item, Mapping) for item in value)
        else None
    ),
)


def take(record: Mapping[str, Json], where: str, kinds: Mapping[str, Kind], optional: frozenset[str]) -> dict[str, Any]:
    """The checked entries of a record.

    Args:
        record: as read from TOML or JSON.
        where: names the record in a message.
        kinds: key → what its value may be.
        optional: keys that may be missing; they are then missing in the answer.

    Raises:
        InputError: if a key is missing or unknown, or a value is of another kind.
    """
    for key in record:
        if key not in kinds:
            raise InputError(f"{where}: {unknown('entry', str(key), kinds)}")
    found = {}
    for key, kind in kinds.items():
        if key not in record:
            if key in optional:
                continue
            raise InputError(f"{where} has no {key!r}: give {kind.name}.")
        value = kind.read(record[key])
        if value is None:
            raise InputError(f"{where}: {key} = {_shown(record[key])} is not {kind.name}.")
        found[key] = value
    return found


def find(
    vocabulary: Mapping[str, Word], kind: str, name: str, arguments: Mapping[str, Json], where: str
) -> dict[str, Any]:
    """The checked arguments of a word.

    Raises:
        InputError: if there is no such word, or its arguments are not what it takes.
    """
    if name not in vocabulary:
        raise InputError(f"{where}: {unknown(kind, name, vocabulary)}")
    word = vocabulary[name]
    return take(arguments, f"{where}, {name}", word.arguments, word.optional)


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
