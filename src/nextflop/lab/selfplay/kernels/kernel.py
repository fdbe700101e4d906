"""How the kernels are compiled."""

import inspect
from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable)


def kernel(function: F) -> F:
    """Compiles a function at its first call, keeps the program on disk, and lets other threads run beside it.

    What checks types around the function in tests is left out: the compiler wants the function itself.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(inspect.unwrap(function)))
