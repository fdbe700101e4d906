"""Published constants of laws of the loss, under names that go into every answer: rounding them moves the money."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType

from nextflop.errors import unknown
from nextflop.laws.base import Law
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.data_constrained import DataConstrained


@dataclass(frozen=True)
class Constants:
    """A published set of constants of a law, to the digits that were published.

    Attributes:
        name: what the set is called here.
        law: the law with these constants.
        source: who published them, and where.
        note: what there is to know before using them.
    """

    name: str
    law: Law
    source: str
    note: str = ""


_SETS = (
    Constants(
        "hoffmann",
        Chinchilla(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283),
        "Hoffmann et al. 2022, arXiv:2203.15556, approach 3, exponents to three digits as Sardana & Frankle "
        "(arXiv:2401.00448) use them",
    ),
    Constants(
        "hoffmann-rounded",
        Chinchilla(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
        "Hoffmann et al. 2022, arXiv:2203.15556, equation 10 as printed",
        "Exponents rounded to two digits: savings over a lifetime come out about a third too small.",
    ),
    Constants(
        "besiroglu",
        Chinchilla(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
        "Besiroglu et al. 2024, arXiv:2404.10102, 240 runs read off Hoffmann's figure",
        "Corrects the fit of Hoffmann et al., whose printed constants do not fit their own runs.",
    ),
    Constants(
        "muennighoff",
        DataConstrained(
            E=exp(0.6254804),
            A=exp(6.255414),
            B=exp(7.3049974),
            alpha=0.3526596,
            beta=0.3526596,
            R_D=15.387756,
            R_N=5.309743,
        ),
        "Muennighoff et al. 2023, arXiv:2305.16264, constants of the code (huggingface/datablations)",
        "The decay of repeated data is not determined by the runs of the paper: any value above 10 fits them as well.",
    ),
)

SETS: Mapping[str, Constants] = MappingProxyType({one.name: one for one in _SETS})
"""The sets by name."""


def constants(name: str) -> Constants:
    """A set of constants by its name.

    Raises:
        InputError: if there is none of that name.
    """
    if name not in SETS:
        raise unknown("set of constants", name, SETS)
    return SETS[name]
