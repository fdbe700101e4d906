"""Where the next FLOP goes: each axis alone, the best split, and the best plan from nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nextflop.planning.choice import Choice, choose
from nextflop.studies.countdown.ledger import Ledger
from nextflop.studies.countdown.world import Point, World

AXES = ("parameters", "demonstrations", "reinforcement learning", "samples")
STEPS = 13  # levels of each axis in the search for a split
BEYOND = 4.0  # how far past the largest size or amount of data that was tried a plan may go


@dataclass(frozen=True)
class Limits:
    """How far plans may go: what was measured, and for sizes and data `BEYOND` times that.

    Attributes:
        params: smallest and largest network.
        tokens: least and most training data.
        answers: most answers in reinforcement learning.
        samples: most samples a query; the laws of coverage are not asked for more than was measured.
    """

    params: tuple[float, float]
    tokens: tuple[float, float]
    answers: float
    samples: float


def along(ledger: Ledger, limits: Limits, start: Point, axis: str, extra: np.ndarray) -> Point:
    """The points reached by spending `extra` FLOP on one axis alone; nan where that goes past the limits.

    A larger network is trained anew on the same data, and every later token, answer and sample costs more in it: the
    comparison is one of plans, made before any of the money is spent.

    Args:
        ledger: prices.
        limits: how far one may go.
        start: the point of departure, four numbers.
        axis: one of `AXES`.
        extra: FLOP, shape (points,).
    """
    extra = np.asarray(extra, dtype=np.float64)
    same = np.ones_like(extra)
    params, tokens, answers, samples = (float(value) * same for value in start)
    if axis == "parameters":
        sizes = np.geomspace(float(start.params), limits.params[1], 400)
        costs = ledger.cost(start._replace(params=sizes)) - ledger.cost(start)
        params = np.interp(extra, costs, sizes, right=np.nan)
    elif axis == "demonstrations":
        tokens = tokens + extra / ledger.at("token", start.params)
        tokens = np.where(tokens > limits.tokens[1], np.nan, tokens)
    elif axis == "reinforcement learning":
        answers = answers + extra / ledger.at("answer", start.params)
        answers = np.where(answers > limits.answers, np.nan, answers)
    else:
        samples = samples + extra / (ledger.queries * ledger.at("sample", start.params))
        samples = np.where(samples > limits.samples, np.nan, samples)
    return Point(params, tokens, answers, samples)


def furthest(ledger: Ledger, limits: Limits, start: Point, axis: str, extra: float) -> Point:
    """The point reached by spending `extra` FLOP on an axis, or as much of it as the limits allow."""
    shares = np.linspace(1.0, 0.0, 201)
    points = along(ledger, limits, start, axis, extra * shares)
    return points.take(int(np.flatnonzero(points.known)[0]))


@dataclass(frozen=True)
class Search:
    """All plans of a grid that a budget pays for, and what each draw of the world says of them.

    Attributes:
        points: the plans, four arrays of shape (plans,).
        values: accuracy, shape (plans, draws); the estimate's is not among the draws.
        choice: the best of them.
    """

    points: Point
    values: np.ndarray
    choice: Choice

    @property
    def favourites(self) -> np.ndarray:
        """The best plan in each draw, shape (draws,)."""
        return self.values.argmax(axis=0)


def search(world: World, ledger: Ledger, limits: Limits, budget: float, start: Point | None = None) -> Search:
    """Looks over all plans that spend a budget; those that start from a point take nothing away from it.

    What parameters, data and reinforcement learning leave of the budget goes to samples, as many as may be had.
    """
    low = Point(limits.params[0], limits.tokens[0], 0.0, 1.0) if start is None else start
    most_params = _most(limits.params[1], lambda x: ledger.cost(low._replace(params=x)), budget)
    plans = []
    for size in np.geomspace(low.params, most_params, STEPS):
        at_size = low._replace(params=size)
        most_tokens = _most(limits.tokens[1], lambda x, at=at_size: ledger.cost(at._replace(tokens=x)), budget)
        for tokens in np.geomspace(low.tokens, max(most_tokens, low.tokens), STEPS):
            at_data = at_size._replace(tokens=tokens)
            left = budget - float(ledger.cost(at_data))
            if left < -1e-9 * budget:
                continue
            most = min(limits.answers, low.answers + max(left, 0.0) / float(ledger.at("answer", size)))
            more = np.concatenate([[0.0], np.geomspace(0.02, 1.0, STEPS - 1)]) * (most - low.answers)
            plans += [(size, tokens, low.answers + extra) for extra in more]
    size, tokens, answers = np.array(plans).T
    bare = Point(size, tokens, answers, np.zeros_like(size))
    samples = (budget - ledger.cost(bare)) / (ledger.queries * ledger.at("sample", size))
    samples = np.clip(samples, low.samples, limits.samples)
    points = Point(size, tokens, answers, samples)
    values = world.accuracy(points)[1:].T
    return Search(points, values, choose(values))


def shares(ledger: Ledger, start: Point, plan: Point) -> np.ndarray:
    """How the difference in cost of two points divides over the axes, in the order of `AXES`; sums to 1.

    Args:
        ledger: prices.
        start: where one stands, four numbers.
        plan: where one goes; arrays of shape (plans,) give shape (4, plans).
    """
    steps = [start]
    for name in Point._fields:
        steps.append(steps[-1]._replace(**{name: getattr(plan, name)}))
    costs = np.stack(np.broadcast_arrays(*(np.asarray(ledger.cost(step), dtype=np.float64) for step in steps)))
    return np.diff(costs, axis=0) / (costs[-1] - costs[0])


def _most(limit: float, cost: Callable[[np.ndarray], np.ndarray], budget: float) -> float:
    """The largest amount up to a limit whose cost stays within the budget."""
    grid = np.geomspace(limit * 1e-6, limit, 2000)
    return float(grid[np.flatnonzero(cost(grid) <= budget)[-1]]) if (cost(grid) <= budget).any() else float(grid[0])
