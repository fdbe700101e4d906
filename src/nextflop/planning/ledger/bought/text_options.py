"""The options of text on the ledger of a task: each loss carried over a bridge, scenario by scenario."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.bought.purchase import Bridge
from nextflop.planning.ledger.bought.scenarios import LOSS, SCENARIOS, rows
from nextflop.planning.ledger.options import Solved, beyond
from nextflop.planning.ledger.pooled import Pool, weighted


@dataclass(frozen=True)
class Carried:
    """The options of text with the bridge that they cross.

    Attributes:
        options: solved; the first is the base.
        rows: places of the options, those together that come to the same, the one that stands for them first.
        pool: the laws of the loss.
        bridge: from loss to the response of a task.
        marginal: by how much each row's least loss of the base falls for one per cent more of the budget.
        runs: that the laws were fitted to; None if they are not at hand.
    """

    options: tuple[Solved, ...]
    rows: tuple[tuple[int, ...], ...]
    pool: Pool
    bridge: Bridge
    marginal: np.ndarray
    runs: Runs | None = None

    def across(self, loss: np.ndarray, number: int = SCENARIOS) -> np.ndarray:
        """What a loss of shape (rows,) is worth in every scenario, shape (number,)."""
        drawn = rows(self.pool.shares, LOSS, number)
        over = rows(self.bridge.member._replace(weight=1.0).shares, self.bridge.together or "bridge", number)
        return self.bridge.carry(loss[drawn], over)

    def by_law(self, solved: Solved, level: float) -> dict[str, dict[str, Interval]]:
        """Law → its own outcome over the estimate of the bridge, with the interval over draws of both."""
        found, drawn, best = {}, rows(self.pool.shares, LOSS), self.across(solved.each.loss)
        for member, part in zip(self.pool.members, self.pool.parts, strict=True):
            value = float(self.bridge.carry(solved.each.loss[part][:1])[0])
            mine = (drawn >= part.start) & (drawn < part.stop)
            _, low, high = weighted(best, mine.astype(np.float64), level)
            found[member.name] = {"outcome": Interval(value, low, high)}
        return found

    def beyond(self, solved: Solved) -> dict[str, float]:
        """Input → decades of the decision beyond the runs, and of its loss beyond those of the bridge."""
        found = beyond(solved, self.pool)
        if "loss" in self.bridge.member.ranges:
            low, high = self.bridge.member.ranges["loss"]
            loss = float(self.pool.mean(solved.loss))
            found["loss"] = max(0.0, float(np.log10(low / loss)), float(np.log10(loss / high)))
        return found
