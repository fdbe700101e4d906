"""Runs taken one after the other, each the one that removes most of what is not known for what it costs."""

from typing import NamedTuple

import numpy as np

COST_POWERS = (0.0, 0.4, 0.7, 1.0)
"""A gain is divided by a power of its cost. 0 takes the run that tells most, whatever it costs, 1 the dust that tells
most per cost, and either alone can be arbitrarily bad; the better of the two is not (Leskovec et al. 2007,
doi:10.1145/1281192.1281239). So every power plans to spend the whole budget, and the plan that leaves least is taken.
arXiv:2604.22753 has 0.4."""

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
    """Takes candidates until nothing that can be paid removes much, by the power of the cost that is best in all.

    To first order the variance that a run removes is that of a Gaussian with the covariance of the fields.

    Args:
        fields: rows whose products of columns are covariances: first the candidates, then the aims, then whatever else
            is to be followed; shape (rows, candidates + aims + others).
        size, aims: how many columns are candidates and how many are aims.
        noise: standard deviation of a run.
        cost: of each candidate, shape (candidates,).
        budget: what may be spent.
        pause: return what comes first, as soon as so much is spent, to look at the results before the rest.
        most: stop after so many.
        least: stop where a run would remove less than this share of the variance that is left.
        again: whether a candidate may be taken more than once.
        spread: what is to be removed is the information that all runs have in common (D-optimal) rather than the
            variance of the aims.
    """
    best, worth = None, -np.inf
    for power in COST_POWERS:
        picked, gained = _by_power(fields, size, aims, noise, cost, budget, power, most, least, again, spread)
        if gained > worth * (1 + 1e-9) + 1e-300 or best is None:
            best, worth = picked, gained
    assert best is not None
    early = np.cumsum(cost[best.rows]) - cost[best.rows] < pause
    removed = best.removed[early]
    after = best.after if early.all() else best.before * float(1 - removed.sum())
    return Picked(best.rows[early], removed, best.settled[early], best.before, after)


def _by_power(
    fields: np.ndarray,
    size: int,
    aims: int,
    noise: float,
    cost: np.ndarray,
    budget: float,
    power: float,
    most: int | None,
    least: float,
    again: bool,
    spread: bool,
) -> tuple[Picked, float]:
    """The candidates that gain most by their cost to some power, and what they gain together."""
    fields = np.array(fields, dtype=np.float64)
    price = (cost / cost.min()) ** power
    before = whole = float((fields[:, size : size + aims] ** 2).sum())
    start = (fields[:, size + aims :] ** 2).sum(axis=0)
    rows: list[int] = []
    removed: list[float] = []
    settled: list[np.ndarray] = []
    left, free, gained = budget, np.ones(size, dtype=bool), 0.0
    while most is None or len(rows) < most:
        can = free & (cost <= left)
        near = fields[:, :size]
        own = (near**2).sum(axis=0)
        gains = ((near.T @ fields[:, size : size + aims]) ** 2).sum(axis=1) / (own + noise**2)
        can &= gains > least * whole
        if not can.any():
            break
        worth = np.log1p(own / noise**2) if spread else gains
        pick = int(np.where(can, worth / price, -np.inf).argmax())
        direction = near[:, pick].copy()
        length = float(direction @ direction)
        along = direction @ fields
        rows.append(pick)
        removed.append(float(gains[pick] / before))
        gained += float(worth[pick])
        settled.append(along[size + aims :] ** 2 / (length + noise**2) / np.maximum(start, 1e-300))
        free[pick] = again
        left -= float(cost[pick])
        # Conditioning on the run: every column moves along with what it would have learnt.
        fields -= (1 - np.sqrt(noise**2 / (length + noise**2))) / max(length, 1e-300) * np.outer(direction, along)
        whole = float((fields[:, size : size + aims] ** 2).sum())
    table = np.array(settled).reshape(len(rows), fields.shape[1] - size - aims)
    return Picked(np.array(rows, dtype=np.int64), np.array(removed), table, before, whole), gained


def deviations(values: np.ndarray) -> np.ndarray:
    """Of members from their median, as fields: their products of columns are robust covariances.

    Args:
        values: shape (members, columns), finite.
    """
    away = values - np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(away), axis=0)
    spread = np.where(spread > 0, spread, away.std(axis=0))
    return np.clip(away, -_WILD * spread, _WILD * spread) / np.sqrt(max(len(values) - 1, 1))
