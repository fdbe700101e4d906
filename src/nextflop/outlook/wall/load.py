"""Models by name or from a file, with some of their inputs replaced."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from nextflop.errors import InputError, StoreError, unknown
from nextflop.evidence import bundled
from nextflop.evidence.dates import parse_date
from nextflop.evidence.files import Json
from nextflop.outlook.wall.model import Model
from nextflop.outlook.wall.parse import parsed
from nextflop.outlook.wall.tables import Tables
from nextflop.quantities import parse

Setting = str | float | int | tuple[float | int, float | int]
"""A number, two ends of an interval, or either as a person writes it: `0.2`, `0.1..0.4`, `24T..45T@90%`."""

_BELIEF = ("value", "range", "level", "shape", "whole", "least")
_DEPTH = 8  # models that extend models


def names() -> tuple[str, ...]:
    """The models that come with the package."""
    return bundled.names(_folder())


def titles() -> Mapping[str, str]:
    """The models that come with the package, and what each is."""
    return {name: str(_raw(name)[1]["title"]) for name in names()}


def inputs(model: str | Path) -> frozenset[str]:
    """The names of the inputs of a model.

    Raises:
        InputError: if there is no such model.
        StoreError: if a file cannot be read.
    """
    return frozenset(_raw(model)[1].get("inputs", {}))


def load(
    model: str | Path,
    settings: Mapping[str, Setting] | None = None,
    start: str | None = None,
    correlations: Mapping[tuple[str, str], float | int] | None = None,
) -> Model:
    """Reads a model.

    Args:
        model: the name of one that comes with the package, or the path of a TOML file.
        settings: input → what is believed of it instead.
        start: the size of the largest run and when it was released, such as `36T@2025.33` or `24T..45T@2025-05`.
        correlations: pairs of inputs → correlation of their scores, beside those of the model.

    Raises:
        InputError: if there is no such model, or it or what replaces its inputs cannot be used.
        StoreError: if a file cannot be read.
    """
    name, raw = _raw(model)
    entries = raw.setdefault("inputs", {})
    for key, setting in (settings or {}).items():
        if key not in entries:
            raise unknown(f"input of {name}", key, entries)
        entries[key] = _replaced(key, entries[key], setting)
    if start is not None:
        _restart(name, raw, start)
    pairs = [{"between": list(pair), "value": value} for pair, value in (correlations or {}).items()]
    raw["correlations"] = [*raw.get("correlations", ()), *pairs]
    return parsed(name, raw)


def _folder() -> Traversable:
    return files("nextflop.outlook.wall") / "models"


def _raw(model: str | Path, depth: int = 0) -> tuple[str, Tables]:
    """The name and the tables, with those that they extend below them."""
    if depth > _DEPTH:
        raise InputError(f"The model {model} extends more than {_DEPTH} others, or itself: cut the chain.")
    path = Path(model)
    if str(model) not in names() and (path.suffix == ".toml" or path.is_file()):
        name, raw = path.stem, _read(path)
    else:
        name, raw = str(model), bundled.load(_folder(), str(model), "model of the data wall")
    base = raw.pop("extends", None)
    if base is None:
        return name, raw
    beside = path.parent / str(base)
    return name, _merged(_raw(beside if beside.suffix == ".toml" else str(base), depth + 1)[1], raw)


def _read(path: Path) -> Tables:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid TOML ({error}): correct it.") from error


def _merged(base: Tables, over: Tables) -> Tables:
    """The tables of `over` on those of `base`; a new value or range of an input takes the place of the old belief."""
    found = dict(base)
    for key, value in over.items():
        old = found.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            found[key] = _merged(_without_belief(old, value), dict(value))
        else:
            found[key] = value
    return found


def _without_belief(old: Mapping[str, Json], new: Mapping[str, Json]) -> Tables:
    """An entry without what a new value or range replaces: a range keeps the shape and the level of the old one."""
    if "value" in new:
        return {key: value for key, value in old.items() if key not in _BELIEF}
    if "range" in new:
        remainder = old.get("shape") == "remainder"
        gone = ("value", "range", *(("shape", "whole", "least") if remainder else ()))
        return {key: value for key, value in old.items() if key not in gone}
    return dict(old)


def _replaced(name: str, entry: Tables, setting: Setting) -> Tables:
    """An input with another belief; level and shape stay where they can."""
    text = setting if not isinstance(setting, tuple) else "{!r}..{!r}".format(*setting)
    if isinstance(text, str) and ".." in text:
        ends, _, level = text.partition("@")
        low, high = (parse(end, name) for end in ends.split("..", 1))
        new: Tables = {"range": [low, high]} | ({"level": _level(name, level)} if level else {})
        if "range" not in entry and low <= 0:
            new["shape"] = "normal"
    else:
        new = {"value": parse(text, name)}
    kept = {key: value for key, value in _without_belief(entry, new).items() if key not in ("why", "licence", "date")}
    return kept | new | {"source": "given by the user", "grade": "given"}


def _level(name: str, text: str) -> float:
    if not text.endswith("%"):
        raise InputError(f"{name} has @{text}: write the level of its interval there, such as @90%.")
    return parse(text.removesuffix("%"), f"level of {name}") / 100


def _restart(name: str, raw: Tables, start: str) -> None:
    """Puts another size and date at the beginning of every account of demand that starts from the largest run."""
    largest = raw.get("largest")
    if not largest:
        raise InputError(f"The model {name} names no input as that of the largest run: set its inputs one by one.")
    amount, at, day = start.rpartition("@")
    if not at or day.endswith("%"):
        raise InputError(f"The start {start!r} has no date: write amount and date, such as 36T@2025.33.")
    year = parse_date(day, "start")
    entry = _replaced(largest, raw["inputs"][largest], amount)
    raw["inputs"][largest] = {**entry, "date": year}
    raw["start"] = year
    for side in raw["demand"].values():
        if largest in side.get("factors", {}):
            side["at"] = year


def spelled(texts: Sequence[str]) -> Mapping[str, Json]:
    """The settings of `name=value` texts.

    Raises:
        InputError: if one is no pair, or a name is given twice.
    """
    found: dict[str, Json] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{text!r} is not a setting: write name=value or name=low..high.")
        if name in found:
            raise InputError(f"{name} is set twice ({found[name]!r} and {value!r}): set it once.")
        found[name] = value
    return found
