"""Amounts with one spelling: FLOP, parameters, tokens, money, Elo; parse and print.

`1e21`, `5.76e23 FLOP`, `70B`, `1.4T`, `2^30`, `12,800`, `$5M` are all amounts. Every amount inside the package is
a plain float in base units (one FLOP, one parameter, one token, one dollar); this module is the border.
"""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from nextflop.errors import InputError

UNIT_OF = {
    "params": "parameters",
    "tokens": "tokens",
    "unique_tokens": "tokens",
    "flop": "FLOP",
    "compute": "FLOP",
    "queries": "queries",
    "tokens_per_query": "tokens",
    "fewest_params": "parameters",
    "most_params": "parameters",
    "dollars": "$",
    "dollars_per_million": "$",
    "dollars_per_hour": "$",
}
"""Name of an amount → the unit that it may be written with."""

_UNITS = {"FLOP": "FLOP", "param": "parameters", "token": "tokens", "quer": "queries", "USD": "$", "Elo": "Elo"}
"""How a unit begins → the unit."""
_COUNTED = {"$": ("dollars", "$5M"), "FLOP": ("FLOP", "1e21 FLOP"), "": ("a plain number", "0.4")}
_EXPONENT = {"": 0, "k": 3, "K": 3, "M": 6, "B": 9, "G": 9, "T": 12}
# A comma groups three digits and nothing else: "0,5" is a decimal comma and must not be read as 5.
_NUMBER = re.compile(
    r"""\s* (?P<sign>[+-]?) (?P<money>\$?) \s*
        (?: (?P<base>\d{1,15})\s*\^\s*(?P<power>-?\d{1,5})
          | (?P<number>(?=\.?\d) (?:\d{1,3}(?:,\d{3})+ | \d+(?:_\d+)*)? (?:\.\d*)? (?:[eE][+-]?\d+)?) )
        \s* (?P<suffix>[kKMBGT]?)
        \s* (?P<unit>FLOPs?|parameters?|params?|tokens?|queries|query|USD|Elo)? \s*""",
    re.VERBOSE | re.ASCII,
)


def parse(text: str | int | float, what: str = "amount", unit: str | None = None) -> float:
    """Reads an amount in any of the spellings above.

    Args:
        text: the amount as a person writes it; a number passes through.
        what: the name of the amount, for the error message.
        unit: that it may be written with, as `show` has them; none but numbers where it is empty, any where it is None.

    Returns:
        The amount in base units.

    Raises:
        InputError: if the text is not a finite amount, or has another unit.
    """
    try:
        value = _read(text) if isinstance(text, str) else float(text)
    except ArithmeticError:  # beyond the range of a float, or 0 to a negative power
        value = math.inf
    if value is None:
        raise InputError(f"The {what} {text!r} is not an amount: write it like 5.76e23, 70B, 1.4T, 2^30 or $5M.")
    if not math.isfinite(value):
        raise InputError(f"The {what} {text!r} is not finite: give an ordinary number.")
    if unit is not None and isinstance(text, str) and (found := _unit(text)) and found != unit:
        (counted, _), (wanted, example) = (_COUNTED.get(one, (one, "25B")) for one in (found, unit))
        raise InputError(f"The {what} {text!r} counts {counted}, and it takes {wanted}: write it like {example}.")
    return value


def parse_positive(text: str | int | float, what: str = "amount", unit: str | None = None) -> float:
    """Reads an amount that must be above zero; see `parse`.

    Raises:
        InputError: if it is not an amount, has another unit, or is not positive.
    """
    value = parse(text, what, unit)
    if value <= 0:
        raise InputError(f"The {what} {text!r} is not positive: give an amount above 0.")
    return value


def show(value: int | float, unit: str = "", digits: int = 3) -> str:
    """Prints an amount to `digits` significant digits, the way `parse` reads it.

    Amounts from a thousand to a thousand trillion take a suffix (k, M, B, T), except FLOP, which the field writes
    in powers of ten; money takes a leading dollar sign. Seventeen digits print any amount exactly.

    Args:
        value: the amount in base units; `nan` prints as "unknown".
        unit: "FLOP", "parameters", "tokens", "$", "Elo" or nothing.
        digits: significant digits.
    """
    if math.isnan(value):
        return "unknown"
    sign = "-" if value < 0 else ""
    prefix, tail = ("$", "") if unit == "$" else ("", f" {unit}" if unit else "")
    return f"{sign}{prefix}{_digits(abs(value), unit, digits)}{tail}"


def _read(text: str) -> float | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    part = match.groupdict()
    sign = -1.0 if part["sign"] == "-" else 1.0
    if part["base"]:
        return sign * float(part["base"]) ** int(part["power"]) * 10.0 ** _EXPONENT[part["suffix"]]
    # Decimal shifts the point without rounding, so 0.1B is exactly 1e8.
    return sign * float(Decimal(re.sub("[,_]", "", part["number"])).scaleb(_EXPONENT[part["suffix"]]))


def _unit(text: str) -> str:
    """The unit of an amount that can be read; empty if it has none."""
    match = _NUMBER.fullmatch(text)
    assert match is not None
    written = "USD" if match["money"] else match["unit"] or ""
    return next((unit for start, unit in _UNITS.items() if written.startswith(start)), "")


def _digits(size: int | float, unit: str, digits: int) -> str:
    if size == 0:
        return "0"
    if math.isinf(size):
        return "∞"
    rounded = Decimal(f"{size:.{digits - 1}e}")
    if (unit == "FLOP" and rounded >= 10_000) or rounded >= 10**15 or rounded < Decimal("0.001"):
        mantissa, power = f"{rounded:e}".split("e")
        return f"{_trim(mantissa)}e{int(power)}"
    for suffix in ("T", "B", "M", "k"):
        if rounded >= 10 ** _EXPONENT[suffix]:
            return f"{_trim(f'{rounded.scaleb(-_EXPONENT[suffix]):f}')}{suffix}"
    return _trim(f"{rounded:f}")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "a", "a and b", "a, b and c"; empty if there are none."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
