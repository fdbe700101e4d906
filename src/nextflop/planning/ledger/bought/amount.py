"""Amounts of what is bought, in words."""

import math

from nextflop.quantities import show


def unit(name: str) -> str:
    """The unit of an input of a law: "FLOP" of "rl_flop", "kl" of "kl", "train samples" of "train_samples"."""
    return "FLOP" if name == "flop" or name.endswith("_flop") else name.replace("_", " ")


def amount(value: float, name: str) -> str:
    """How much of a purchase: "1 sample", "64 samples", "1e21 FLOP"; a dash where there is no amount, as for text.

    Args:
        value: in base units; nan where there is none.
        name: of the input of the law.
    """
    if math.isnan(value):
        return "–"
    said, named = show(value, "FLOP" if unit(name) == "FLOP" else ""), unit(name)
    return said if named == "FLOP" else f"{said} {named.removesuffix('s') if said == '1' else named}"
