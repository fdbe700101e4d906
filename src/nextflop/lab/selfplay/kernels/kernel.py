"""How the kernels are compiled, and where the programs are kept."""

import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable)


def _folder() -> str:
    """A folder for this very source: a kept program knows when its own file has changed, but not those it calls."""
    lab = Path(__file__).parents[1]
    sources = sorted(source for part in ("games", "kernels", "search") for source in (lab / part).rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nextflop"
    return str(Path(numba.config.CACHE_DIR or caches) / f"kernels-{digest}")  # pyrefly: ignore[missing-attribute]


_FOLDER = _folder()


def kernel(function: F) -> F:
    """Compiles a function at its first call, keeps the program on disk, and lets other threads run beside it.

    What checks types around the function in tests is left out: the compiler wants the function itself. It compiles anew
    for every type of an argument, so whole numbers that are handed on are of 64 bits throughout.
    """
    return _compiled(function, _nrt=True)  # or it would have that of the first that calls it


def lean(function: F) -> F:
    """A kernel that makes no arrays: it becomes part of those that call it, and counts no references.

    Both matter where little is done: every look at an array of a tuple, or at one of its rows, is counted otherwise.
    """
    return _compiled(function, forceinline=True, _nrt=False)


def _compiled(function: F, **options: Any) -> F:
    usual = numba.config.CACHE_DIR  # pyrefly: ignore[missing-attribute]
    numba.config.CACHE_DIR = _FOLDER  # pyrefly: ignore[missing-attribute]
    try:
        compiler = numba.njit(cache=True, nogil=True, error_model="numpy", **options)
        return cast(F, compiler(inspect.unwrap(function)))
    finally:
        numba.config.CACHE_DIR = usual  # pyrefly: ignore[missing-attribute]
