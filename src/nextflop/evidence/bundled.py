"""Records that come with the package: one TOML each, in a folder beside the code that reads them."""

import tomllib
from importlib.resources.abc import Traversable

from nextflop.errors import unknown
from nextflop.evidence.files import Json

_ENDING = ".toml"


def names(folder: Traversable) -> tuple[str, ...]:
    """The names of all records of a folder, sorted."""
    return tuple(sorted(path.name.removesuffix(_ENDING) for path in folder.iterdir() if path.name.endswith(_ENDING)))


def load(folder: Traversable, name: str, kind: str) -> dict[str, Json]:
    """A record by its name.

    Raises:
        InputError: if there is none of that name; `kind` says in the message what it would have been.
    """
    if name not in names(folder):
        raise unknown(kind, name, names(folder))
    return tomllib.loads((folder / f"{name}{_ENDING}").read_text(encoding="utf-8"))
