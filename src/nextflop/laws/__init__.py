"""The families of laws, one small file each."""

from nextflop.errors import unknown
from nextflop.laws.base import Law
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.power import Power
from nextflop.laws.reinforced import Reinforced
from nextflop.laws.sigmoid import Sigmoid

#: Name → family, in the order in which they are listed.
LAWS: dict[str, type[Law]] = {
    law.name: law for law in (Chinchilla, Power, Sigmoid, ZeroInflatedBetaBinomial, ExponentialAccuracy, Reinforced)
}


def find(name: str) -> type[Law]:
    """The family of that name.

    Raises:
        InputError: if there is none; the message has the nearest name.
    """
    if name not in LAWS:
        raise unknown("law", name, LAWS)
    return LAWS[name]


__all__ = [
    "LAWS",
    "Chinchilla",
    "ExponentialAccuracy",
    "Law",
    "Power",
    "Reinforced",
    "Sigmoid",
    "ZeroInflatedBetaBinomial",
    "find",
]
