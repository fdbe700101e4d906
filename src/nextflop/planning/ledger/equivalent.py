"""What a gain is worth in compute: how much more of it alone brings as much."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.ledger.units import RESOURCES, SMALL, Margins

_DRAWS = 300  # of a law, that tell the median of what much more compute brings
FACTORS = (SMALL, 1.3, 2.0, 5.0, 20.0, 100.0, 1000.0)
"""On the budget, at which it is asked what compute alone brings; between them it is straight in the logarithm."""


@dataclass(frozen=True)
class Compute:
    """What more compute, and under a deadline more chips for it, brings, all else chosen anew.

    Attributes:
        budget: in FLOP.
        falls: factor on the budget → the fall of the loss, the median over draws and laws; ascending.
        price: dollars a FLOP; nan without a price of compute.
    """

    budget: float
    falls: dict[float, float]
    price: float

    def flop(self, gain: float) -> float:
        """FLOP beyond the budget that bring as much as a gain in loss: 0 for no gain, infinite where none does."""
        if not gain > 0:
            return 0.0
        factors, falls = (np.array(part) for part in zip((1.0, 0.0), *self.falls.items(), strict=True))
        falls = np.maximum.accumulate(falls)
        if gain > falls[-1]:
            return float("inf")
        place = int((falls >= gain).argmax())
        share = (gain - falls[place - 1]) / (falls[place] - falls[place - 1])
        return float(self.budget * (factors[place - 1] * (factors[place] / factors[place - 1]) ** share - 1))

    def dollars(self, gain: float) -> float:
        """The same in dollars; nan without a price."""
        return self.flop(gain) * self.price

    @property
    def per_loss(self) -> float:
        """FLOP for a unit of the loss at the margin of the budget; infinite where more compute brings nothing."""
        fall = self.falls[SMALL]
        return (SMALL - 1) * self.budget / fall if fall > 0 else float("inf")

    def told(self, gain: float) -> dict[str, Json]:
        """Both, as JSON."""
        return {"flop": self.flop(gain), "dollars": self.dollars(gain)}


def compute(margins: Margins, gains: Iterable[float] = (math.inf,)) -> Compute:
    """What more compute brings: over all draws where that is known already, else over some of each law.

    Args:
        margins: of the problem that more of it is brought to.
        gains: that will be told in it; factors beyond what brings the largest of them are not asked.
    """
    given, enough = margins.programme.situation, max(gains, default=0.0)
    few = Margins.of(margins.programme, margins.pool.some(_DRAWS))
    falls: dict[float, float] = {}
    for factor in FACTORS:
        more = dict.fromkeys(RESOURCES["compute"], factor)
        falls[factor] = (margins if margins.knows(**more) else few).median(**more)
        if falls[factor] > enough:
            break
    return Compute(given.flop, falls, np.nan if given.flop_price is None else given.flop_price)
