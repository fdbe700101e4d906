"""What a model costs over its life, beside the cheapest model of the same quality."""

from dataclasses import dataclass

import numpy as np

from nextflop.accounting import six_nd
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit
from nextflop.planning.constants import Constants
from nextflop.planning.lifetime import Lifetime, break_even, law_of, lifetime


@dataclass(frozen=True)
class Life:
    """A model over its life, in FLOP of training.

    Attributes:
        own: 6ND to train it, and 2N a token served at its price.
        best: the cheapest model of the same loss, and the Chinchilla optimum.
        excess: what the own model costs above the cheapest, as a share of the cheapest.
        break_even: tokens served from which the own size costs less than the Chinchilla optimum of the same loss;
            infinite for a model that is no smaller.
    """

    own: int | float
    best: Lifetime
    excess: int | float
    break_even: int | float

    def to_json(self) -> dict[str, Json]:
        """The life as JSON."""
        return {**vars(self), "best": self.best.to_json()}


def life(
    constants: Fit | Constants | str,
    params: int | float,
    tokens: int | float,
    served: int | float,
    price: int | float,
    level: int | float,
) -> Life:
    """The life of a model of N parameters and D tokens.

    Args:
        constants: of the loss law.
        params: N.
        tokens: D.
        served: tokens that it reads and writes in its life.
        price: what a FLOP of serving costs in FLOP of training.
        level: of the intervals.

    Raises:
        InputError: if the constants are not known, or the fit is of another law.
    """
    law = law_of(constants)
    loss = float(np.asarray(law(params=params, tokens=tokens)))
    best = lifetime(constants, served, loss=loss, serving_price=price, level=level)
    own = float(six_nd(params, tokens)) + 2 * params * served * price
    cheapest = 6 * best.params.value * best.tokens.value + 2 * best.params.value * served * price
    even = float(break_even(law, loss, params)) / price
    return Life(own, best, own / cheapest - 1, even)
