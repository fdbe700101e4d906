"""The options of a plan against each other: what the best would give each draw, and which is taken without knowing."""

from collections.abc import Sequence

import numpy as np

from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.pooled import Pool, first_best


def lowest(solved: Sequence[Solved]) -> np.ndarray:
    """What the best of all options would give each row, were it the truth, shape (rows,): where regret is 0."""
    return np.min([one.each.loss for one in solved], axis=0)


def chances(single: Sequence[Solved], pool: Pool) -> list[float]:
    """Belief in the rows under which each option is the best, of equals the simpler."""
    order = _simplest(single)
    best = np.array(order)[first_best([single[place].each.loss for place in order])]
    return [float(pool.shares[best == place].sum()) for place in range(len(single))]


def taken(solved: Sequence[Solved], pool: Pool) -> int:
    """The place of the option of least mean regret, of equals the simpler."""
    least = lowest(solved)
    typical = pool.interval(least).value  # equal to within rounding is told by a share of the loss
    order = _simplest(solved)
    means = [typical + pool.mean(pool.regret(solved[place].loss, least)) for place in order]
    return order[int(first_best([np.array([mean]) for mean in means])[0])]


def _simplest(solved: Sequence[Solved]) -> list[int]:
    """Places of the options, those that count first where they are equal in front: once is simpler than often."""
    return sorted(range(len(solved)), key=lambda place: solved[place].code != "once")
