"""The audits carried out once, on the public data sets."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from nextflop.audits import Conducted, conduct, find


@pytest.fixture(scope="session")
def mirror(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The public data sets as a mirror, with an empty cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXTFLOP_MIRROR", str(public_data))
        patch.setenv("NEXTFLOP_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield public_data


@pytest.fixture(scope="session")
def conducted(mirror: Path) -> Callable[[str], Conducted]:
    """An audit by its name, carried out."""

    @cache
    def of(name: str) -> Conducted:
        return conduct(find(name))

    return of
