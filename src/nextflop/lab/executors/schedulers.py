"""What the executors that work through a scheduler share: its client, and exceptions as values."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from nextflop.errors import InputError


def outcome(fn: Callable[..., Any], *args: Any) -> tuple[Any, Exception | None]:
    """What a call returns and what it raises, as a value: schedulers wrap an exception in their own."""
    try:
        return fn(*args), None
    except Exception as error:
        return None, error


def settled(outcome: tuple[Any, Exception | None]) -> Any:
    """What a call has returned; what it has raised is raised."""
    returned, error = outcome
    if error is not None:
        raise error
    return returned


def client(module: str, extra: str) -> Any:
    """The Python package of a scheduler.

    Raises:
        InputError: if it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(
            f"--executor {extra} works through {module}: pip install 'nextflop[{extra}]', or leave the option out "
            "to use this machine."
        ) from error
