"""Laws and situations for the tests of the ledger."""

import numpy as np

from nextflop.laws import Chinchilla, DataConstrained, OverfitPenalty
from nextflop.planning.constants import constants
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.situation import Corpus, Situation

MUENNIGHOFF = constants("muennighoff").law
BESIROGLU = constants("besiroglu").law
# The estimate of a free fit to the 182 runs of arXiv:2305.16264, rounded.
PENALTY = OverfitPenalty(
    E=2.0413, A=506.31, B=21682.0, P=0.055913, alpha=0.33813, beta=0.4686, delta=0.34896, kappa=0.70654
)
LAWS = {"data-constrained": MUENNIGHOFF, "overfit-penalty": PENALTY}


def member(law: DataConstrained | OverfitPenalty | Chinchilla) -> Member:
    return of_constants(law, law.name, "a test")


def stocked(budget: float, tokens: float, **more: object) -> Situation:
    return Situation(budget, sources=(Corpus("text", tokens),), **more)


def spread(law: DataConstrained | OverfitPenalty, name: str, seed: int, weight: float = 1.0, draws: int = 40) -> Member:
    """A law whose parameters are known to 3%."""
    rng = np.random.default_rng(seed)
    rows = np.array(list(law.values.values())) * np.exp(0.03 * rng.normal(size=(draws + 1, len(law.values))))
    rows[0] = list(law.values.values())
    return Member(name, type(law).from_draws(rows), weight, {}, "drawn", 0.005)
