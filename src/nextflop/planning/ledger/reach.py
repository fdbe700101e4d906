"""The best plan within reach of the runs, beside one that lies far beyond them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.doubts import FAR
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.offered import programmes
from nextflop.planning.ledger.options import Solved, amounts, beyond, solve_option
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.ranking import taken
from nextflop.planning.ledger.situation import Situation

AXES = ("params", "tokens")
"""Of which a decision is made."""


@dataclass(frozen=True)
class Reach:
    """The best plan whose parameters and tokens lie within a decade of the runs of every law.

    Attributes:
        code, name: its option.
        decision: amount → what to do.
        outcome: predicted, over draws and laws.
        more: by how much it loses to the plan without that limit, paired.
    """

    code: str
    name: str
    decision: dict[str, float]
    outcome: Interval
    more: Interval

    def to_json(self) -> dict[str, Json]:
        """The plan within reach as JSON."""
        return {**vars(self), "outcome": self.outcome._asdict(), "more": self.more._asdict()}


def far(away: dict[str, float]) -> dict[str, float]:
    """Of the decades beyond the runs, input by input, those of parameters and tokens that make a plan a guess."""
    return {name: decades for name, decades in away.items() if name in AXES and decades > FAR}


def reach(best: Solved, pool: Pool, situation: Situation) -> Reach | None:
    """The best plan within reach; None where the plan itself is, or where the limits leave nothing else.

    Args:
        best: the option that is taken.
        pool: the laws.
        situation: in which it is.
    """
    near = _limited(situation, pool.members) if far(beyond(best, pool)) else None
    if near is None:
        return None
    solved = [solve_option(code, name, one, pool) for code, (name, one) in programmes(pool.members, near)[0].items()]
    if not all(np.isfinite(one.loss[pool.shares > 0]).all() for one in solved):
        return None
    found = solved[taken(solved, pool)]
    more = pool.interval(found.loss - best.loss)
    return Reach(found.code, found.name, amounts(found.decision.spending), pool.interval(found.loss), more)


def _limited(situation: Situation, members: Sequence[Member]) -> Situation | None:
    """The situation with parameters and tokens within a decade of all runs; None where its own limits forbid that."""
    limits, factor = situation.limits, 10**FAR
    ranges = {axis: [member.ranges[axis] for member in members if axis in member.ranges] for axis in AXES}
    lows = {axis: max((low for low, _ in seen), default=0.0) / factor for axis, seen in ranges.items()}
    highs = {axis: min((high for _, high in seen), default=np.inf) * factor for axis, seen in ranges.items()}
    fewest, most = max(limits.fewest_params, lows["params"]), min(limits.most_params, highs["params"])
    if fewest > min(most, limits.largest):
        return None
    near = replace(
        limits,
        fewest_params=fewest,
        most_params=most,
        fewest_tokens=max(limits.fewest_tokens, lows["tokens"]),
        most_tokens=min(limits.most_tokens, highs["tokens"]),
    )
    return situation.but(limits=near)
