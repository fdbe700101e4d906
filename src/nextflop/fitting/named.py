"""Objectives by name, as a person types and reads them."""

from nextflop.errors import InputError, unknown
from nextflop.fitting.objective import Binomial, Huber, Objective, Quantile, Squares

NAMED: dict[str, Objective] = {
    "huber": Huber(),
    "huber-raw": Huber(log=False),
    "squares": Squares(),
    "squares-log": Squares(log=True),
    "absolute": Quantile(0.5, log=False),
    "absolute-log": Quantile(0.5),
    "envelope": Quantile(1 / 11),
    "binomial": Binomial(),
}
"""Name → objective; "huber:0.01" and "quantile:0.1" give the delta or the share."""

_WITH_NUMBER = {
    "huber": lambda number: Huber(number),
    "huber-raw": lambda number: Huber(number, log=False),
    "quantile": lambda number: Quantile(number),
    "quantile-raw": lambda number: Quantile(number, log=False),
}


def named(text: str) -> Objective:
    """The objective of a name.

    Raises:
        InputError: if there is none, or its number cannot be used.
    """
    name, colon, number = text.partition(":")
    if not colon:
        if name in NAMED:
            return NAMED[name]
        raise unknown("objective", name, [*NAMED, "huber:DELTA", "quantile:SHARE"])
    if name not in _WITH_NUMBER:
        raise unknown("objective with a number", name, _WITH_NUMBER)
    try:
        value = float(number)
    except ValueError:
        raise InputError(f"The objective {text!r} has no number after its colon: write {name}:0.01, say.") from None
    return _WITH_NUMBER[name](value)


def name_of(objective: Objective) -> str:
    """The name of an objective; `named` gives it back."""
    for name, known in NAMED.items():
        if known == objective:
            return name
    if isinstance(objective, Huber):
        return f"{'huber' if objective.log else 'huber-raw'}:{objective.delta:g}"
    if isinstance(objective, Quantile):
        return f"{'quantile' if objective.log else 'quantile-raw'}:{objective.share:g}"
    return objective.name
