"""The best split of one budget between parameters and tokens, in closed form or by search, for many laws at once."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.laws.base import Law
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.tied import Tied

FARTHEST = 200.0
"""In log N, 87 decades: where a valley counts as endless and powers still fit a float."""

SIZED = ("params", "tokens")

# A search walks downhill in steps of a quarter in log N, 26 decades of N in all, from where the runs are.
_STEP, _STEPS = 0.25, 120
_SECTIONS = 60  # of the golden ratio, from two steps down to the rounding of a logarithm
_SHALLOW = 1e-10  # of a loss: by less than this no side of a minimum rises
_BISECTIONS = 60
_LOOK = 65  # points of a closer look between two steps
_WIDE, _SHORT = 0.05, 1e-3  # of the stencil, and of the step that it may lead to, in log N
_FIRST, _GROWTH = 0.05, 1.2  # of the steps out of a valley


class Line(NamedTuple):
    """All splits of a budget, under one law or many.

    Attributes:
        law: with parameters that are numbers or of shape (rows, 1).
        product: parameters times tokens that the budget pays for.
        given: other inputs of the law → their values.
    """

    law: Law
    product: float
    given: Mapping[str, float] = {}

    def loss(self, params: np.ndarray) -> np.ndarray:
        """The loss with the rest of the budget spent on tokens, shape (rows, points); not finite where none exists."""
        with np.errstate(all="ignore"):
            inputs = {"params": params, "tokens": self.product / params}
            inputs |= {name: np.full_like(params, value) for name, value in self.given.items()}
            return np.asarray(self.law(**inputs))


def optimum(
    law: Law, budget: float, flop_per_param_token: float = 6.0, *, around: float = 20.0, **given: float
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters N and tokens D of least loss with flop_per_param_token · N D = budget.

    In closed form for `Chinchilla`, tied or not. For other laws the minimum that a walk downhill leads to, so that a
    form which breaks down far from its runs is not followed there.

    Args:
        law: takes params and tokens, with parameters that are numbers or of shape (rows, 1).
        budget: C in FLOP.
        flop_per_param_token: the 6 of C = 6 N D.
        around: tokens per parameter at which a search sets out.
        given: the law's other inputs, such as unique_tokens.

    Returns:
        Two arrays of the shape of the law's parameters; nan where no optimum exists, since one of the two uses is
        worthless.
    """
    law = law.untied if isinstance(law, Tied) else law
    product = budget / flop_per_param_token
    params = _closed(law, product) if isinstance(law, Chinchilla) else _searched(Line(law, product, given), around)
    return params, np.asarray(product / params)


def valley(line: Line, best: np.ndarray, regret: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends in N of the splits around the best that lose at most `regret`, each shape (rows,).

    A walk outwards in growing steps brackets each end, which is then halved.

    Args:
        line: the splits.
        best: N of least loss, shape (rows, 1).
        regret: in the unit of the response.
    """
    floor = line.loss(best)

    def cheap(way: np.ndarray) -> np.ndarray:
        return line.loss(best * np.exp(way)) - floor <= regret  # false where the loss is not a number

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = np.zeros_like(best), np.full_like(best, side * _FIRST)
        while (walking := cheap(outside) & (np.abs(outside) < FARTHEST)).any():
            inside = np.where(walking, outside, inside)
            outside = np.where(walking, outside + side * _FIRST + (_GROWTH - 1) * outside, outside)
        outside = np.clip(outside, -FARTHEST, FARTHEST)
        for _ in range(_BISECTIONS):
            middle = (inside + outside) / 2
            found = cheap(middle)
            inside, outside = np.where(found, middle, inside), np.where(found, outside, middle)
        ends.append((best * np.exp(inside))[:, 0])
    return ends[0], ends[1]


def _closed(law: Chinchilla, product: float) -> np.ndarray:
    """N = G (C/6)^(β/(α+β)) with G = (αA / (βB))^(1/(α+β)): Hoffmann et al. 2022, arXiv:2203.15556, equation 4."""
    A, B, alpha, beta = (np.asarray(value, dtype=np.float64) for value in (law.A, law.B, law.alpha, law.beta))
    exists = (A > 0) & (B > 0) & (alpha > 0) & (beta > 0)
    A, B, alpha, beta = (np.where(exists, value, 1.0) for value in (A, B, alpha, beta))
    log_params = (np.log(alpha * A) - np.log(beta * B) + beta * np.log(product)) / (alpha + beta)
    exists = exists & (np.abs(log_params) < FARTHEST)
    return np.asarray(np.exp(np.where(exists, log_params, np.nan)))


def _searched(line: Line, around: float) -> np.ndarray:
    """N at the minimum that lies downhill from a split, shape (rows, 1), or () for a law with numbers."""
    middle = np.log(line.product / around) / 2
    size = middle + _STEP * np.arange(-_STEPS, _STEPS + 1)
    loss = np.atleast_2d(line.loss(np.exp(size)))
    loss = np.where(np.isfinite(loss), loss, np.inf)
    with np.errstate(invalid="ignore"):
        falls = np.diff(loss, axis=1) < 0  # to more parameters
        rises = np.diff(loss, axis=1) > 0
    # To the right as long as it falls, else to the left as long as it rises to the right.
    right = _STEPS + np.argmin(np.append(falls[:, _STEPS:], np.zeros((len(loss), 1), bool), axis=1), axis=1)
    left = _STEPS - np.argmin(np.append(rises[:, :_STEPS][:, ::-1], np.zeros((len(loss), 1), bool), axis=1), axis=1)
    lowest = np.where(right > _STEPS, right, left)
    rows = np.arange(len(loss))
    least = loss[rows, lowest]
    deep = np.abs(least) * _SHALLOW
    places = np.arange(loss.shape[1])
    ends = [
        np.where((places < lowest[:, None]) & np.isfinite(loss), loss, -np.inf).max(axis=1),
        np.where((places > lowest[:, None]) & np.isfinite(loss), loss, -np.inf).max(axis=1),
    ]
    exists = np.isfinite(least) & (ends[0] > least + deep) & (ends[1] > least + deep)
    low = (size[np.maximum(lowest - 1, 0)])[:, None]
    high = (size[np.minimum(lowest + 1, len(size) - 1)])[:, None]
    found = np.exp(np.where(exists, _between(line, low, high)[:, 0], np.nan))
    shape = np.broadcast_shapes(*(np.shape(value) for value in line.law.values.values()))
    return np.asarray(found.reshape(shape))


def _between(line: Line, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The lower of the two deepest hollows between two logarithms of N, each shape (rows, 1).

    A law that knows overfitting has a corner at one epoch, and may have a hollow close beside it.
    """
    size = low + (high - low) * np.linspace(0.0, 1.0, _LOOK)
    loss = line.loss(np.exp(size))
    loss = np.where(np.isfinite(loss), loss, np.inf)
    inner = loss[:, 1:-1]
    hollow = np.where((inner <= loss[:, :-2]) & (inner <= loss[:, 2:]), inner, np.inf)
    order = np.argsort(hollow, axis=1, kind="stable")[:, :2]
    rows = np.arange(len(loss))
    order[:, 1] = np.where(np.isfinite(hollow[rows, order[:, 1]]), order[:, 1], order[:, 0])
    ends = [(size[rows, place][:, None], size[rows, place + 2][:, None]) for place in order.T]
    one, other = (_golden(line, *pair) for pair in ends)
    with np.errstate(invalid="ignore"):
        return np.where(line.loss(np.exp(other)) < line.loss(np.exp(one)), other, one)


def _golden(line: Line, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where the loss is least between two logarithms of N, each shape (rows, 1)."""
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(_SECTIONS):
        one, other = high - ratio * (high - low), low + ratio * (high - low)
        fewer = line.loss(np.exp(one)) < line.loss(np.exp(other))
        low, high = np.where(fewer, low, one), np.where(fewer, other, high)
    return _polished(line, (low + high) / 2)


def _polished(line: Line, size: np.ndarray) -> np.ndarray:
    """A minimum told to more digits than losses that round alike can: one step by the slopes of a wider stencil.

    Where losses differ by a millionth, their rounding leaves log N open by 1e-5. Taken only if it is short and leads no
    higher, for the stencil may straddle a corner of the law.
    """
    away = _WIDE * np.arange(-2, 3)
    seen = line.loss(np.exp(size + away))
    with np.errstate(all="ignore"):
        slope = seen @ np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / (12 * _WIDE)
        bend = seen @ np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / (12 * _WIDE**2)
        step = (-slope / bend)[:, None]
        there = line.loss(np.exp(size + step))
        taken = (np.abs(step) < _SHORT) & (there <= seen[:, 2:3] * (1 + 4 * np.finfo(float).eps))
    return np.where(taken, size + step, size)
