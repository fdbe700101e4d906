"""The audits that come with nextflop: one declarative file each, in the folder `claims`."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from nextflop.audits.declaration import Audit
from nextflop.audits.parse import parse
from nextflop.evidence import bundled


def names() -> tuple[str, ...]:
    """The names of all audits, sorted."""
    return bundled.names(_folder())


@cache
def find(name: str) -> Audit:
    """An audit by its name.

    Raises:
        InputError: if there is none of that name.
    """
    return parse(name, bundled.load(_folder(), name, "audit"))


def _folder() -> Traversable:
    return files("nextflop.audits") / "claims"
