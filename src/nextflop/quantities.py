"""Amounts with one spelling: FLOP, parameters, tokens, money, Elo; parse and print.

`1e21`, `5.76e23 FLOP`, `70B`, `1.4T`, `2^30`, `12,800`, `$5M` are all amounts. Every amount inside the package is
a plain float in base units (one FLOP, one parameter, one token, one dollar); this module is the border.
"""

import math
import re

from nextflop.errors import InputError

_SUFFIX = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_NUMBER = re.compile(
    r"""^\s* (?P<sign>-?) \$? \s*
        (?: (?P<base>\d+)\s*\^\s*(?P<power>-?\d+)
          | (?P<number>(?:\d[\d,_]*)?\.?\d+(?:[eE][+-]?\d+)? | \d+\.) )
        \s* (?P<suffix>[kKMBGT]?)
        \s* (?P<unit>FLOPs?|parameters?|params?|tokens?|queries|query|USD|Elo)? \s*$""",
    re.VERBOSE,
)


def parse(text: str | float, what: str = "amount") -> float:
    """Reads an amount in any of the spellings above.

    Args:
        text: the amount as a person writes it; a number passes through.
        what: the name of the amount, for the error message.

    Returns:
        The amount in base units.

    Raises:
        InputError: if the text is not a finite amount.
    """
    if isinstance(text, int | float):
        value = float(text)
    else:
        match = _NUMBER.match(text)
        if match is None:
            raise InputError(f"The {what} {text!r} is not an amount: write it like 5.76e23, 70B, 1.4T, 2^30 or $5M.")
        part = match.groupdict()
        try:
            value = (
                float(part["base"]) ** int(part["power"]) if part["base"] else float(re.sub("[,_]", "", part["number"]))
            )
        except OverflowError:
            value = math.inf
        value *= _SUFFIX[part["suffix"]] * (-1.0 if part["sign"] else 1.0)
    if not math.isfinite(value):
        raise InputError(f"The {what} {text!r} is not finite: give an ordinary number.")
    return value


def parse_positive(text: str | float, what: str = "amount") -> float:
    """Reads an amount that must be above zero.

    Raises:
        InputError: if it is not an amount, or not positive.
    """
    value = parse(text, what)
    if value <= 0:
        raise InputError(f"The {what} {text!r} is not positive: give an amount above 0.")
    return value


def show(value: float, unit: str = "", digits: int = 3) -> str:
    """Prints an amount to `digits` significant digits, the way `parse` reads it.

    Amounts from a thousand to a thousand trillion take a suffix (k, M, B, T), except FLOP, which the field writes
    in powers of ten; money takes a leading dollar sign.

    Args:
        value: the amount in base units; `nan` prints as "unknown".
        unit: "FLOP", "parameters", "tokens", "$", "Elo" or nothing.
        digits: significant digits.
    """
    if math.isnan(value):
        return "unknown"
    prefix, tail = ("$", "") if unit == "$" else ("", f" {unit}" if unit else "")
    if math.isinf(value):
        return f"{prefix}{'-' if value < 0 else ''}∞{tail}"
    return f"{prefix}{_number(value, unit, digits)}{tail}"


def _number(value: float, unit: str, digits: int) -> str:
    rounded = float(f"{value:.{digits - 1}e}")
    size = abs(rounded)
    if size == 0:
        return "0"
    if (unit == "FLOP" and size >= 1e4) or size >= 1e15 or size < 1e-3:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        return f"{_trim(mantissa)}e{int(power)}"
    for suffix, scale in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if size >= scale:
            return f"{_fixed(rounded / scale, digits)}{suffix}"
    return _fixed(rounded, digits)


def _fixed(value: float, digits: int) -> str:
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return _trim(f"{value:.{decimals}f}")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
