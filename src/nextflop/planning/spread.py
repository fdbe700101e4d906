"""Settings far from one another, where nothing is known yet."""

import numpy as np


def farthest(places: np.ndarray, count: int) -> np.ndarray:
    """Rows of some places, each far from those before it: first the most central, then always the farthest.

    Args:
        places: shape (places, axes); each axis counts by its range.
        count: how many at most; equal places are taken once.
    """
    scaled = _by_range(places)
    chosen = [int(((scaled - np.median(scaled, axis=0)) ** 2).sum(axis=1).argmin())]
    gaps = ((scaled - scaled[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count and gaps.max() > 0:
        chosen.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, ((scaled - scaled[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen, dtype=np.int64)


def spread_out(places: np.ndarray, cost: np.ndarray, budget: float, count: int, made: np.ndarray) -> np.ndarray:
    """Where to begin when next to nothing has been run: settings far from one another that can be paid.

    Args:
        places: logarithms of the settings that could be run, shape (places, axes).
        cost: of each, shape (places,).
        budget: what may be spent; no run takes more than twice its share of it.
        count: how many runs at most.
        made: places that have been run, shape (made, axes).

    Returns:
        Rows of places, the cheapest first if nothing has been run.
    """
    scaled = _by_range(np.concatenate([places, made]))
    scaled, made = scaled[: len(places)], scaled[len(places) :]
    gaps = np.full(len(places), np.inf)
    for place in made:
        gaps = np.minimum(gaps, ((scaled - place) ** 2).sum(axis=1))
    chosen: list[int] = []
    left = budget
    while len(chosen) < count:
        can = (cost <= left) & (gaps > 0)
        fair = can & (cost <= 2 * budget / count)
        can = fair if fair.any() else can
        if not can.any():
            break
        first = not chosen and not len(made)
        pick = int(np.where(can, -cost if first else gaps, -np.inf).argmax())
        chosen.append(pick)
        left -= cost[pick]
        gaps = np.minimum(gaps, ((scaled - scaled[pick]) ** 2).sum(axis=1))
    return np.array(chosen, dtype=np.int64)


def _by_range(places: np.ndarray) -> np.ndarray:
    # Rounded, so that equal gaps of a grid are equal in any unit and the first of them is taken.
    return np.round((places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-300), 9)
