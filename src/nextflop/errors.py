"""What nextflop refuses to do, and why: one family of errors.

Three kinds of trouble have three mechanisms. A soft doubt about a fit is a status on the result; an answer that
does not exist raises `FitError`; a wrong argument raises `InputError`, which is a `ValueError` too.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_PART = 3  # letters, from which on a part of a name tells which is meant


class NextflopError(Exception):
    """Base of every error that nextflop raises on purpose. Its text is a sentence for the user."""


class InputError(NextflopError, ValueError):
    """What was given cannot be used: the text names it, says what was expected and how to mend it."""


class FitError(NextflopError):
    """No usable answer exists for these runs under this law."""


class StoreError(NextflopError):
    """A folder or file cannot be read or written as asked."""


class TrialError(NextflopError):
    """Trials of a study failed: the text names them and says why. What the others made is kept."""


class ProgramError(NextflopError):
    """Another program that was asked for something has ended, is silent, or answers what is no answer."""


def unknown(kind: str, given: str, known: Iterable[str]) -> InputError:
    """The error for a name that is not in a list: the nearest match first, then the list, which may be long.

    Args:
        kind: what the name was meant to name, such as `"law"`.
        given: the name as given.
        known: the names that exist.
    """
    names = sorted(known)
    near = sorted((name for name in names if _within(given, name)), key=len) or get_close_matches(given, names, n=1)
    hint = f"; did you mean {near[0]!r}? Choose" if near else ": choose"
    return InputError(f"There is no {kind} {given!r}{hint} one of {', '.join(names)}.")


def _within(given: str, name: str) -> bool:
    """Whether a name is given by a part of it."""
    return len(given) >= _PART and given.lower() in name.lower()
