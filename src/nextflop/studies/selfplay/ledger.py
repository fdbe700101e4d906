"""What an agent costs: its training, and the moves that it will play."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.laws.base import Value


class Point(NamedTuple):
    """An agent.

    Attributes:
        params: of its network.
        positions: of self-play.
        simulations: of its search at each move.
    """

    params: Value
    positions: Value
    simulations: Value

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """What a law of strength takes: an array an input, also of one agent."""
        return {name: np.atleast_1d(np.asarray(value, float)) for name, value in self._asdict().items()}


@dataclass(frozen=True)
class Ledger:
    """FLOP of agents.

    Attributes:
        params: of the networks of the study, ascending, shape (sizes,).
        flop_each: of one evaluation of each; between and beyond them it goes as a power of the parameters.
        per_position: evaluations that a position of self-play costs in training, the learner's among them.
        moves: that the agent will play in its life.
    """

    params: np.ndarray
    flop_each: np.ndarray
    per_position: float
    moves: float

    @classmethod
    def of(cls, agents: Runs, moves: float) -> "Ledger":
        """The ledger of a board's agents."""
        params, first = np.unique(agents["params"], return_index=True)
        each = agents["flop_each"][first]
        per_position = np.median(agents["flop"] / (agents["positions"] * agents["flop_each"]))
        return cls(params, each, float(per_position), moves)

    def evaluation(self, params: Value) -> Value:
        """FLOP of one evaluation."""
        slope, offset = np.polyfit(np.log(self.params), np.log(self.flop_each), 1)
        inside = np.interp(np.log(params), np.log(self.params), np.log(self.flop_each))
        outside = (params < self.params[0]) | (params > self.params[-1])
        return np.exp(np.where(outside, offset + slope * np.log(params), inside))

    def training(self, point: Point) -> Value:
        """FLOP of self-play and learning."""
        return point.positions * self.per_position * self.evaluation(point.params)

    def positions(self, params: Value, flop: Value) -> Value:
        """Positions of self-play that so much training pays for."""
        return flop / (self.per_position * self.evaluation(params))

    def playing(self, point: Point) -> Value:
        """FLOP of all moves: an evaluation a simulation and one of the root; a search of one is the root's alone."""
        asked = np.where(np.asarray(point.simulations) > 1, np.asarray(point.simulations) + 1.0, 1.0)
        return self.moves * asked * self.evaluation(point.params)

    def cost(self, point: Point) -> Value:
        """Both."""
        return self.training(point) + self.playing(point)


def spent(runs: Mapping[str, Run]) -> dict[str, float]:
    """FLOP of the study: self-play, learner, networks in matches; what anchors do is not counted in FLOP."""
    total = {"self-play": 0.0, "learner": 0.0, "evaluation": 0.0}
    for run in runs.values():
        total["self-play"] += run.quantities.get("play_flop", 0.0)
        total["learner"] += run.quantities.get("learn_flop", 0.0)
        total["evaluation"] += run.quantities.get("evaluation_flop", 0.0)
    return total
