"""How much there is to compute: FLOP, or chip-hours, told in one of three ways."""

import math
from typing import NamedTuple

from nextflop.accounting import six_nd, tokens_from_flop
from nextflop.errors import InputError
from nextflop.quantities import parse_positive

Given = int | float | str | None


class Work(NamedTuple):
    """A training run as an amount of work.

    Attributes:
        flop: model FLOP; nan where only the chip-hours are known.
        chip_hours: paid chip-hours; nan where they follow from the FLOP.
        params: parameters, nan if not told.
        tokens: tokens trained on; those of 6ND where FLOP and parameters are told, nan if nothing tells them.
        told: how it was told.
    """

    flop: int | float
    chip_hours: int | float
    params: int | float
    tokens: int | float
    told: str


def work(flop: Given = None, params: Given = None, tokens: Given = None, chip_hours: Given = None) -> Work | None:
    """The work of a run; None if nothing tells it.

    Args:
        flop: model FLOP.
        params: parameters that a token passes through;
        tokens: with the tokens trained on, C = 6ND.
        chip_hours: paid hours of one chip; what was measured goes before what would follow from the FLOP.

    Raises:
        InputError: if an amount is not positive, tokens come without parameters, or FLOP and 6ND are both given.
    """
    size = math.nan if params is None else parse_positive(params, "number of parameters", "parameters")
    read = math.nan if tokens is None else parse_positive(tokens, "number of tokens", "tokens")
    made = math.nan if flop is None else parse_positive(flop, "training FLOP", "FLOP")
    hours = math.nan if chip_hours is None else parse_positive(chip_hours, "number of chip-hours", "")
    if tokens is not None and params is None:
        raise InputError("Tokens alone say no work: give the parameters too, or FLOP, or chip-hours.")
    if flop is not None and tokens is not None:
        raise InputError("The work is given twice, as FLOP and as parameters with tokens: give one of them.")
    if tokens is not None:
        made = float(six_nd(size, read))
    elif params is not None:
        read = float(tokens_from_flop(made, size))
    if math.isnan(made) and math.isnan(hours):
        return None
    how = "FLOP as given" if flop is not None else "6ND" if tokens is not None else "chip-hours as given"
    if not math.isnan(hours) and not math.isnan(made):
        how += ", chip-hours as given"
    return Work(made, hours, size, read, how)
