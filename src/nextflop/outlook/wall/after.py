"""After the wall: what larger models on the same text are still worth.

At the wall a run is taken to be compute-optimal, with N parameters and D tokens. Beyond it D stays, and k times the
compute goes into k times the parameters. Under L = E + A/N^α + B/D^β the loss above E is then

    B/D^β · (1 + (β/α) k^−α),     of the optimum itself   B/D^β · (1 + β/α),

and the compute with which an optimal run with enough text would reach the same loss is, in units of that at the wall,

    [(1 + β/α) / (1 + (β/α) k^−α)]^((α + β) / αβ)

which ends, for any k, at (1 + β/α)^((α + β) / αβ). Only the exponents enter. Villalobos et al. (2024,
arXiv:2211.04325v2, appendix G) put the end at up to two orders of magnitude.
"""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json

TIMES = (10.0, 100.0, 1000.0)
"""Multiples of the compute at the wall for which the worth is said."""


class Exponents(NamedTuple):
    """The exponents of a fitted law, and where they stand."""

    name: str
    alpha: float
    beta: float
    source: str


class After(NamedTuple):
    """What is left after the wall under one set of exponents.

    Attributes:
        exponents: the set.
        worth: of each multiple in `TIMES`, the equivalent multiple of compute.
        end: the equivalent multiple that no size of model exceeds.
    """

    exponents: Exponents
    worth: tuple[float, ...]
    end: float

    def to_json(self) -> dict[str, Json]:
        """All of it as JSON, with orders of magnitude for the end."""
        worth = {f"{times:g}": value for times, value in zip(TIMES, self.worth, strict=True)}
        end = {"end": self.end, "end_in_orders": float(np.log10(self.end))}
        return {"exponents": self.exponents._asdict(), "worth": worth, **end}


SETS = (
    Exponents("Besiroglu et al. 2024", 0.34781, 0.36585, "arXiv:2404.10102, table 1"),
    Exponents("Hoffmann et al. 2022, approach 3", 0.34, 0.28, "arXiv:2203.15556, equation 10, two digits"),
)
"""Fits of the same runs that differ in what they say of data."""


def equivalent(times: np.ndarray | float | int, alpha: float, beta: float) -> np.ndarray:
    """The compute that an optimal run with enough text would need for the same loss, in units of that at the wall.

    Args:
        times: multiples of the compute at the wall, 1 or more, all of it put into parameters; infinity for the end.
        alpha, beta: exponents of parameters and tokens.
    """
    ratio = beta / alpha
    left = (1 + ratio) / (1 + ratio * np.asarray(times, dtype=np.float64) ** -alpha)
    return np.asarray(left ** ((alpha + beta) / (alpha * beta)))


def after() -> tuple[After, ...]:
    """What is left after the wall, by each set of exponents."""
    return tuple(
        After(
            one,
            tuple(float(equivalent(times, one.alpha, one.beta)) for times in TIMES),
            float(equivalent(np.inf, one.alpha, one.beta)),
        )
        for one in SETS
    )
