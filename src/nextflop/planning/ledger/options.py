"""The options of a plan: each opens one way to spend, and is valued at the one decision of least mean regret."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.piece import Best, Mean
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme, Spending
from nextflop.planning.ledger.solver import least, solve
from nextflop.planning.ledger.text import added

AMOUNTS = ("params", "tokens", "epochs", "raw", "training", "inference", "text", "unspent")
"""What is shown of a spending."""
_FEW = 40  # draws of a law, that show whether a lesser budget is better: what no estimate calls for, draws may


class Solved(NamedTuple):
    """An option under every law.

    Attributes:
        code: what a machine calls it, such as "repeat" or "buy books".
        name: what it is, in words.
        programme: the problem.
        each: where every row of every law would spend, were it the truth: arrays of shape (rows,).
        decision: where to spend without knowing, arrays of shape (1,): least mean regret over draws and laws.
        loss: what every row predicts for that decision, shape (rows,).
    """

    code: str
    name: str
    programme: Programme
    each: Best
    decision: Best
    loss: np.ndarray


def solve_option(code: str, name: str, programme: Programme, pool: Pool) -> Solved:
    """Solves an option for every row, and for all of them together."""
    found = [solve(programme, member) for member in pool.members]
    spending = Spending(*(np.concatenate(parts) for parts in zip(*(best.spending for best in found), strict=True)))
    each = Best(
        np.concatenate([best.loss for best in found]),
        spending,
        np.concatenate([best.levers for best in found]),
        np.concatenate([best.converged for best in found]),
    )
    typical = pool.interval(each.loss).value  # of which what nearly the least regret is can be told by a share

    def over(some: Pool, lowest: np.ndarray) -> Mean:
        return lambda spent: typical + some.mean(some.regret(some.loss(programme, spent), lowest))[None]

    like, few = (over(pool.some(most), each.loss[pool.spaced(most)]) for most in (0, _FEW))
    decision = least(programme, over(pool, each.loss), like, few)
    return Solved(code, name, programme, each, decision, pool.loss(programme, at(decision.spending))[:, 0])


def at(spending: Spending) -> Spending:
    """One way to spend, of shape (1, 1), which broadcasts against rows."""
    return Spending(*(part.reshape(1, 1) for part in spending))


@dataclass(frozen=True)
class Option:
    """A row of the ledger.

    Attributes:
        code, name: as `Solved`.
        outcome: predicted at the decision, over draws and laws.
        gain: by how much that is better than the base option, paired; 0 for the base itself.
        probability: belief in the draws and laws under which it would be the best option, each option at the optimum of
            the draw; of equals the simpler. Options whose decision is the same count together. Of all levers together:
            that any of them pays.
        decision: amount → what to do.
        amounts: amount → what would be best under each draw and law: median and interval.
        by_law: law → its own outcome, optimum and amounts, at the estimate with the interval of its draws.
        regret: mean loss of the decision above what the best of all options would give each draw, none counted beyond
            the bound; of the best option, what not knowing costs.
        beyond: input → decades of the decision beyond the runs, for the law that it is farthest for; 0 inside.
        added: source → tokens of it that the decision buys or makes; empty for an option that adds no text.
        same: codes of the other options whose decision is the same.
    """

    code: str
    name: str
    outcome: Interval
    gain: Interval
    probability: float
    decision: dict[str, float]
    amounts: dict[str, Interval]
    by_law: dict[str, dict[str, Interval]]
    regret: float
    beyond: dict[str, float]
    added: dict[str, float] = field(default_factory=dict)
    same: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Its code, and those of the options that come to the same."""
        return (self.code, *self.same)

    def to_json(self) -> dict[str, Json]:
        """The row as JSON."""
        return {
            **vars(self),
            "same": list(self.same),
            "outcome": self.outcome._asdict(),
            "gain": self.gain._asdict(),
            "amounts": {name: interval._asdict() for name, interval in self.amounts.items()},
            "by_law": {
                law: {name: interval._asdict() for name, interval in row.items()} for law, row in self.by_law.items()
            },
        }


def option(
    solved: Solved, base: Solved, probability: float, pool: Pool, lowest: np.ndarray, same: tuple[str, ...] = ()
) -> Option:
    """The row of an option, against the base, and against the best of all options in each row."""
    spent = {name: getattr(solved.each.spending, name) for name in AMOUNTS}
    by_law = {}
    for index, member in enumerate(pool.members):
        by_law[member.name] = {"loss": pool.of(index, solved.each.loss)} | {
            name: pool.of(index, values) for name, values in spent.items()
        }
    return Option(
        solved.code,
        solved.name,
        pool.interval(solved.loss),
        pool.interval(base.loss - solved.loss),
        probability,
        amounts(solved.decision.spending),
        {name: pool.interval(values) for name, values in spent.items()},
        by_law,
        float(pool.mean(pool.regret(solved.loss, lowest))),
        beyond(solved, pool),
        added(solved.programme.levers, solved.decision.levers[0]),
        same,
    )


def amounts(spent: Spending) -> dict[str, float]:
    """Amount → how much of it, of one way to spend: arrays of shape (1,)."""
    return {name: float(getattr(spent, name)[0]) for name in AMOUNTS}


def beyond(solved: Solved, pool: Pool) -> dict[str, float]:
    """Input → decades of the decision beyond the runs, for the law that it is farthest for; 0 inside."""
    spent = solved.decision.spending
    quality = float(spent.worth[0] / spent.raw[0])
    place = {"params": spent.params[0], "tokens": spent.tokens[0] * quality, "unique_tokens": spent.worth[0]}
    found: dict[str, float] = {}
    for member in pool.members:
        for name, (low, high) in member.ranges.items():
            if name in place:
                away = max(0.0, float(np.log10(place[name] / high)), float(np.log10(low / place[name])))
                found[name] = max(found.get(name, 0.0), away)
    return found
