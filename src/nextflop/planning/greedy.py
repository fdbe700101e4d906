"""Runs taken one after the other, each the one that removes most of what is not known for what it costs."""

from typing import NamedTuple

import numpy as np

COST_POWER = 0.4
"""What a gain is divided by is this power of its cost: between counting runs (0), which buys one large run where ten
small ones would do, and gain per cost (1), which buys the cheapest dust first; that of arXiv:2604.22753."""

_WILD = 5.0  # robust standard deviations, where a deviation is cut: a few wild members would be all that counts


class Picked(NamedTuple):
    """What was taken.

    Attributes:
        rows: candidates in the order in which they were taken.
        removed: share of the aims' variance before any that each removes, given those before it.
        settled: share of each further column's variance that each removes likewise, shape (taken, columns).
        before, after: the aims' variance, summed over the aims.
    """

    rows: np.ndarray
    removed: np.ndarray
    settled: np.ndarray
    before: float
    after: float


def greedy(
    fields: np.ndarray,
    size: int,
    aims: int,
    noise: float,
    cost: np.ndarray,
    budget: float,
    *,
    pause: float = np.inf,
    most: int | None = None,
    least: float = 0.0,
    again: bool = False,
    spread: bool = False,
) -> Picked:
    """Takes candidates until nothing that can be paid removes much.

    To first order the variance that a run removes is that of a Gaussian with the covariance of the fields.

    Args:
        fields: rows whose products of columns are covariances: first the candidates, then the aims, then whatever else
            is to be followed; shape (rows, candidates + aims + others).
        size, aims: how many columns are candidates and how many are aims.
        noise: standard deviation of a run.
        cost: of each candidate, shape (candidates,).
        budget: what may be spent.
        pause: stop as soon as so much has been spent, to look at the results.
        most: stop after so many.
        least: stop where a run would remove less than this share of the variance that is left.
        again: whether a candidate may be taken more than once.
        spread: what is to be removed is the information that all runs have in common (D-optimal) rather than the
            variance of the aims.
    """
    fields = np.array(fields, dtype=np.float64)
    price = cost**COST_POWER
    before = whole = float((fields[:, size : size + aims] ** 2).sum())
    start = (fields[:, size + aims :] ** 2).sum(axis=0)
    rows: list[int] = []
    removed: list[float] = []
    settled: list[np.ndarray] = []
    left, free = budget, np.ones(size, dtype=bool)
    while budget - left < pause and (most is None or len(rows) < most):
        can = free & (cost <= left)
        if not can.any() or whole <= 0:
            break
        near = fields[:, :size]
        own = (near**2).sum(axis=0)
        gains = ((near.T @ fields[:, size : size + aims]) ** 2).sum(axis=1) / (own + noise**2)
        worth = np.log1p(own / noise**2) if spread else gains
        pick = int(np.where(can, worth / price, -np.inf).argmax())
        if gains[pick] <= least * whole:
            can &= gains > least * whole
            if not can.any():
                break
            pick = int(np.where(can, worth / price, -np.inf).argmax())
        direction = near[:, pick].copy()
        length = float(direction @ direction)
        along = direction @ fields
        rows.append(pick)
        removed.append(float(gains[pick] / before))
        settled.append(along[size + aims :] ** 2 / (length + noise**2) / np.maximum(start, 1e-300))
        free[pick] = again
        left -= float(cost[pick])
        # Conditioning on the run: every column moves along with what it would have learnt.
        fields -= (1 - np.sqrt(noise**2 / (length + noise**2))) / max(length, 1e-300) * np.outer(direction, along)
        whole = float((fields[:, size : size + aims] ** 2).sum())
    table = np.array(settled).reshape(len(rows), fields.shape[1] - size - aims)
    return Picked(np.array(rows, dtype=np.int64), np.array(removed), table, before, whole)


def deviations(values: np.ndarray) -> np.ndarray:
    """Of members from their median, as fields: their products of columns are robust covariances.

    Args:
        values: shape (members, columns), finite.
    """
    away = values - np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(away), axis=0)
    spread = np.where(spread > 0, spread, away.std(axis=0))
    return np.clip(away, -_WILD * spread, _WILD * spread) / np.sqrt(max(len(values) - 1, 1))
