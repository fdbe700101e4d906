"""The options of a plan against each other: what the best would give each draw, and which is taken without knowing."""

from collections.abc import Sequence

import numpy as np

from nextflop.planning.ledger.options import Solved, amounts
from nextflop.planning.ledger.pooled import Pool, first_best

_TOLD = (
    "params",
    "tokens",
    "raw",
    "text",
    "unspent",
)  # what tells one decision from another, the last two by the budget
_SIZES, _PARTS = ("params", "tokens", "raw"), ("text", "unspent")
_LIKE = 1e-3  # by which two decisions may differ and be one: a search ends within half of that of an optimum


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


def alike(solved: Sequence[Solved]) -> list[tuple[int, ...]]:
    """Places of the options whose decisions are one and the same, group by group in their order."""
    groups: list[tuple[int, ...]] = []
    for place, one in enumerate(solved):
        group = next((group for group in groups if _same(one, solved[group[0]])), ())
        groups = [(*other, place) if other is group else other for other in groups]
        groups += [] if group else [(place,)]
    return groups


def _same(one: Solved, other: Solved) -> bool:
    """Whether two decisions are one: in parameters, tokens and text, and in what is paid for text and left over."""
    budget, told = one.programme.situation.flop, (amounts(one.decision.spending), amounts(other.decision.spending))
    near = all(abs(a - b) <= _LIKE * max(a, b) for a, b in ([some[name] for some in told] for name in _SIZES))
    return near and all(abs(a - b) <= _LIKE * budget for a, b in ([some[name] for some in told] for name in _PARTS))


def _simplest(solved: Sequence[Solved]) -> list[int]:
    """Places of the options, those that count first where they are equal in front: once is simpler than often."""
    return sorted(range(len(solved)), key=lambda place: solved[place].code != "once")
