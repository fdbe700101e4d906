"""Whatever can be read at many scales: a fit with its draws, a law as published, measured counts of answers."""

import numpy as np

from nextflop.evidence.counts import Counts, pass_at_k, pass_at_k_draws
from nextflop.fitting.fit import Fit
from nextflop.judging.compute import lower_is_better, path
from nextflop.laws.base import Law

Curve = Fit | Law | Counts


def measured_range(curve: Curve) -> tuple[float, float] | None:
    """The smallest and the largest scale at which a curve was measured; None for a law that has no data.

    Raises:
        InputError: if a fit has no one axis of scale.
    """
    if isinstance(curve, Law):
        return None
    if isinstance(curve, Counts):
        return 1.0, float(np.min(curve.samples))
    ranges = curve.ranges
    if len(ranges) == 1:
        return next(iter(ranges.values()))
    path(curve.law, 1e18, 1e20)  # refuses what has no axis of compute
    low, high = (6 * ranges["params"][end] * ranges["tokens"][end] for end in (0, 1))
    return low, high


def read(curve: Curve, place: np.ndarray, draws: int = 1000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The curve at some scales, and in each of its draws: shapes (places,) and (draws, places).

    Args:
        curve: what is read.
        place: scales, shape (places,).
        draws, seed: of counts; a fit brings its own draws, and a law has none.
    """
    if isinstance(curve, Counts):
        k = np.unique(np.rint(place))
        value, drawn = pass_at_k(curve, k), pass_at_k_draws(curve, k, draws, seed)
        at = np.log(place)
        return np.interp(at, np.log(k), value), np.array([np.interp(at, np.log(k), row) for row in drawn])
    law = curve.law if isinstance(curve, Fit) else curve
    inputs = path(law, float(place.min()), float(place.max()))(place)
    value = np.asarray(law(**inputs))
    return value, np.asarray(curve.laws(**inputs)) if isinstance(curve, Fit) else np.empty((0, len(place)))


def falls(curve: Curve) -> bool:
    """Whether the curve falls as it gets better."""
    if isinstance(curve, Counts):
        return False
    return lower_is_better(type(curve.law if isinstance(curve, Fit) else curve))
