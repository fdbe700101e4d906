"""Where the next FLOP of an agent goes: longer training, a wider network, a deeper search, or some of each."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit
from nextflop.laws.base import Value
from nextflop.laws.game_regret import GameRegret
from nextflop.laws.self_play import SelfPlay
from nextflop.studies.selfplay.ledger import Ledger, Point
from nextflop.studies.selfplay.measure import Measure

Strength = Callable[[Point], np.ndarray]
"""Agents → their strength on the scale on which gains add up: by the law, then by its draws; (1 + draws, points)."""

AXES = ("longer training", "wider network", "deeper search")
FIELDS = dict(zip(AXES, ("positions", "params", "simulations"), strict=True))
BEYOND = 10.0  # times what was measured, as far as a plan goes
_GRID = 60  # sizes, and depths of search, of the whole plan


class Limits(NamedTuple):
    """The largest of each that a plan may name, and the smallest network; `BEYOND` the runs."""

    smallest: float
    params: float
    positions: float
    simulations: float

    @classmethod
    def of(cls, agents: Runs) -> "Limits":
        """The limits of what a board's agents can tell."""
        top = (float(agents[name].max()) * BEYOND for name in ("params", "positions", "simulations"))
        return cls(float(agents["params"].min()), *top)


def own_and_draws(fit: Fit, measure: Measure) -> SelfPlay | GameRegret:
    """A fitted law, then those of its draws: parameters of shape (1 + draws, 1)."""
    own = np.array([float(value) for value in fit.law.values.values()])
    return measure.law.from_draws(np.vstack([own, fit.draws]))


def strength_by(fit: Fit, measure: Measure) -> Strength:
    """What a fitted law says of agents."""
    law = own_and_draws(fit, measure)

    def strength(point: Point) -> np.ndarray:
        return np.asarray(measure.rise(law(**point.columns)))

    return strength


def furthest(ledger: Ledger, limits: Limits, start: Point, axis: str, budget: float) -> Point:
    """The agent if what the budget has above the cost of the start goes into one axis, as far as the limits allow."""
    top = getattr(limits, FIELDS[axis])
    low, high = float(getattr(start, FIELDS[axis])), float(top)
    if high <= low:
        return start
    for _ in range(60):  # the cost rises with each of the three
        middle = float(np.sqrt(low * high))
        dear = float(ledger.cost(start._replace(**{FIELDS[axis]: middle}))) > budget
        low, high = (low, middle) if dear else (middle, high)
    return start._replace(**{FIELDS[axis]: low})


class Plan(NamedTuple):
    """The best agent for a budget.

    Attributes:
        point: by the mean over the draws.
        strength: of it, by the law and by each draw.
    """

    point: Point
    strength: np.ndarray


def plan(strength: Strength, ledger: Ledger, limits: Limits, budget: float) -> Plan | None:
    """Every size and depth of search; what their moves leave of the budget is spent on training. None if nothing is."""
    params = np.geomspace(limits.smallest, limits.params, _GRID)
    depths = np.unique(np.rint(np.geomspace(1.0, limits.simulations, _GRID)))
    size, depth = (axis.ravel() for axis in np.meshgrid(params, depths))
    left = budget - ledger.playing(Point(size, 1.0, depth))
    positions = np.minimum(ledger.positions(size, left), limits.positions)
    some = positions > 0
    if not some.any():
        return None
    points = Point(size[some], positions[some], depth[some])
    found = strength(points)
    best = int(found[1:].mean(0).argmax())
    return Plan(Point(*(float(np.asarray(part)[best]) for part in points)), found[:, best])


def frontier(
    strength: Strength, ledger: Ledger, params: tuple[float, float], flop: Value, simulations: float
) -> np.ndarray:
    """Strength that an amount of training buys at the best size within a range, shape (1 + draws, amounts)."""
    sizes = np.geomspace(*params, _GRID)
    spent, size = np.meshgrid(np.atleast_1d(np.asarray(flop, float)), sizes, indexing="ij")
    positions = np.asarray(ledger.positions(size, spent))
    found = strength(Point(size.ravel(), positions.ravel(), np.full(size.size, simulations)))
    return found.reshape(-1, *size.shape).max(-1)
