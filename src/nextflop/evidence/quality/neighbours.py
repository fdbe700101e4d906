"""The local trend of a loss: what a run's neighbours in log inputs lead one to expect of it."""

import math
from typing import NamedTuple

import numpy as np

NEIGHBOURS = 14
"""How many runs set the trend beside a run, where its inputs are one or two."""

# A normal scale from a median absolute deviation, and the share of the full information that it keeps: 37%.
_MAD, _MAD_EFFICIENCY = 1.4826, 0.37
_HUBER, _BISQUARE = 1.5, 4.0  # tuning constants, in scales
_RIDGE = 1.0  # prior weight on the slopes, in neighbours: the surface beneath has taken the slope out already


class Trend(NamedTuple):
    """What is expected of each run of one recipe.

    Attributes:
        excess: log loss above the expected, shape (runs,).
        score: the excess in scales, the uncertainty of the expectation counted in.
        scale: of the scatter about the trend, in log loss.
        freedom: degrees of freedom behind the scale.
        neighbours: rows that set the expectation, nearest first, shape (runs, neighbours).
    """

    excess: np.ndarray
    score: np.ndarray
    scale: float
    freedom: float
    neighbours: np.ndarray


def trend(logs: np.ndarray, log_loss: np.ndarray) -> Trend | None:
    """Expects of each run what its neighbours show.

    A polynomial surface through all runs, of the highest order up to three for which there are three runs a term, is
    fitted by iterated weights (Huber) and subtracted. What remains is fitted around each run by a line through its
    nearest neighbours, the run itself left out, with weights that fall with distance (tricube) and with misfit
    (bisquare), as in Cleveland 1979, doi:10.1080/01621459.1979.10481038. The scale is the median absolute deviation
    over all runs, or over the neighbours where it is larger there.

    Args:
        logs: logarithms of the inputs, shape (runs, inputs).
        log_loss: shape (runs,), finite.

    Returns:
        None if there are too few runs to tell a trend from scatter.
    """
    from scipy.spatial import KDTree

    spread = logs.std(axis=0)
    points = (logs[:, spread > 0] - logs[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    runs, inputs = points.shape
    if inputs == 0 or runs < inputs + 6:
        return None
    order, terms = next(
        (order, terms) for order in (3, 2, 1) if (terms := math.comb(inputs + order, order)) * 3 <= runs or order == 1
    )
    remainder = log_loss - _surface(_powers(points, order), log_loss)
    count = min(max(NEIGHBOURS, 4 * (inputs + 1)), runs - 1)
    near = _without_self(KDTree(points).query(points, count + 1)[1])
    expected, variance = _local_lines(points, remainder, near)
    excess = remainder - expected
    spread_out = np.abs(excess) / np.sqrt(1 + variance)
    scale = _MAD * np.median(spread_out)
    local = np.maximum(scale, _MAD * np.median(spread_out[near], axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(excess == 0, 0.0, excess / np.sqrt(1 + variance) / local)
    return Trend(excess, score, float(scale), max(2.0, _MAD_EFFICIENCY * (runs - terms)), near)


def _powers(points: np.ndarray, order: int) -> np.ndarray:
    """The monomials up to an order, shape (runs, terms)."""
    terms = [np.ones((len(points), 1))]
    # Each order multiplies the last one's terms by one input, each product once.
    last = [(0, terms[0][:, 0])]
    for _ in range(order):
        last = [(i, column * points[:, i]) for start, column in last for i in range(start, points.shape[1])]
        terms.append(np.stack([column for _, column in last], axis=1))
    return np.concatenate(terms, axis=1)


def _surface(powers: np.ndarray, values: np.ndarray) -> np.ndarray:
    weights = np.ones(len(values))
    fitted = values
    for _ in range(20):  # settles in about ten
        fitted = powers @ np.linalg.lstsq(powers * weights[:, None], values * weights, rcond=None)[0]
        misfit = np.abs(values - fitted)
        weights = np.sqrt(1 / np.maximum(1.0, misfit / (_HUBER * _MAD * np.median(misfit) + 1e-12)))
    return fitted


def _without_self(found: np.ndarray) -> np.ndarray:
    """Drops each row's own index; among runs of equal inputs it may not be the first, or not be there."""
    itself = found == np.arange(len(found))[:, None]
    itself[~itself.any(axis=1), -1] = True
    return found[~itself].reshape(len(found), -1)


def _local_lines(points: np.ndarray, values: np.ndarray, near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The value at each point of a line through its neighbours, and its variance in units of the scatter's."""
    offset = points[near] - points[:, None]
    distance = np.sqrt((offset**2).sum(axis=2))
    reach = np.maximum(1.2 * distance.max(axis=1), 1e-9)[:, None]  # the farthest neighbour keeps some weight
    design = np.concatenate([np.ones((*near.shape, 1)), offset / reach[..., None]], axis=2)
    closeness = (1 - (distance / reach) ** 3) ** 3
    ridge = np.diag([1e-9] + [_RIDGE] * points.shape[1])
    weights, observed = closeness, values[near]
    for _ in range(6):
        weighted = design * weights[..., None]
        inverse = np.linalg.inv(weighted.transpose(0, 2, 1) @ design + ridge)
        line = inverse @ (weighted.transpose(0, 2, 1) @ observed[..., None])
        misfit = np.abs(observed - (design @ line)[..., 0])
        steps = misfit / (_BISQUARE * _MAD * np.median(misfit, axis=1, keepdims=True) + 1e-12)
        weights = closeness * np.maximum((1 - np.minimum(steps, 1.0) ** 2) ** 2, 1e-6)
    influence = (weighted @ inverse[:, 0, :, None])[..., 0]
    return line[:, 0, 0], (influence**2).sum(axis=1)
