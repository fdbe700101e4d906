"""The compute-efficient frontier as it was measured: which of the snapshots was as strong for the least compute."""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.laws.base import Value
from nextflop.studies.selfplay.measure import Measure


class MeasuredFrontier(NamedTuple):
    """Snapshots with one depth of search, means over seeds, and the best of them as compute rises.

    Attributes:
        params: of each snapshot, shape (snapshots,), the cheapest first.
        positions: of self-play.
        flop: of training.
        strength: on the scale on which gains add up.
    """

    params: np.ndarray
    positions: np.ndarray
    flop: np.ndarray
    strength: np.ndarray

    @classmethod
    def of(cls, agents: Runs, measure: Measure, simulations: float) -> "MeasuredFrontier":
        """That of a board's agents."""
        judged = agents.where(simulations=simulations)
        columns = np.stack([judged["params"], judged["positions"], judged["flop"], measure.of(judged)], axis=-1)
        _, group = np.unique(np.stack([judged["params"], judged["step"]]), axis=1, return_inverse=True)
        rows = np.array([columns[group == number].mean(0) for number in range(group.max() + 1)])
        return cls(*rows[rows[:, 2].argsort()].T)

    def least(self, strength: Value) -> np.ndarray:
        """Training FLOP that first reached a strength: 0 where all are stronger, inf where none is as strong.

        Between snapshots that were each the strongest so far, strength goes as the logarithm of compute.
        """
        best = np.maximum.accumulate(self.strength)
        new = np.append(True, np.diff(best) > 0)
        found = np.interp(strength, best[new], np.log(self.flop[new]), left=-np.inf, right=np.inf)
        return np.asarray(np.exp(found))
