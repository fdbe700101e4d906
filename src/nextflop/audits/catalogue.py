"""The audits that come with nextflop: one declarative file each, in the folder `claims`."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from nextflop.audits.declaration import Audit
from nextflop.audits.parse import parse
from nextflop.errors import unknown


def names() -> tuple[str, ...]:
    """The names of all audits, sorted."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.name.endswith(".toml")))


@cache
def find(name: str) -> Audit:
    """An audit by its name.

    Raises:
        InputError: if there is none of that name.
    """
    if name not in names():
        raise unknown("audit", name, names())
    return parse(name, tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8")))


def _folder() -> Traversable:
    return files("nextflop.audits") / "claims"
