"""First guesses for families that a grid cannot cover: scattered points, plain least squares, a few steps downhill."""

from collections.abc import Mapping

import numpy as np

from nextflop.laws.base import Law

_RIDGE = 1e-10  # of the unit diagonal, so that columns which these runs cannot tell apart share their weight


def scatter(axes: Mapping[str, np.ndarray], count: int) -> dict[str, np.ndarray]:
    """Points spread evenly over a box with many sides, always the same ones.

    The additive sequence of the generalised golden ratio (Roberts 2018, "The unreasonable effectiveness of
    quasirandom sequences"): any number of first points leaves no large gap in any direction.

    Args:
        axes: name → increasing values that mark out a side of the box; between them it is linear.
        count: how many points.

    Returns:
        Name → shape (count,).
    """
    ratio = 2.0
    for _ in range(60):
        ratio = (1 + ratio) ** (1 / (len(axes) + 1))
    steps = ratio ** -np.arange(1.0, len(axes) + 1)
    shares = (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1
    return {
        name: np.interp(share * (len(values) - 1), np.arange(len(values)), values)
        for share, (name, values) in zip(shares.T, axes.items(), strict=True)
    }


def least_squares(columns: np.ndarray, aim: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coefficients, of either sign, with which the columns come closest to what is aimed at.

    Args:
        columns: shape (points, columns, runs).
        aim: shape (runs,) or (points, runs).
        weights: what an error is multiplied by before it is squared, likewise.

    Returns:
        Shape (points, columns).
    """
    weighted = columns * np.expand_dims(weights, -2)
    scale = np.sqrt((weighted**2).sum(axis=-1)) + 1e-300
    weighted = weighted / scale[..., None]
    normal = weighted @ weighted.swapaxes(-1, -2) + _RIDGE * np.eye(columns.shape[-2])
    right = (weighted * np.expand_dims(aim * weights, -2)).sum(axis=-1)
    return np.linalg.solve(normal, right[..., None])[..., 0] / scale


def polish(
    law: type[Law],
    points: np.ndarray,
    response: np.ndarray,
    inputs: Mapping[str, np.ndarray],
    rounds: int,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Points some steps of Levenberg and Marquardt further down the squares of log residuals, each on its own.

    Args:
        law: the family.
        points: parameters in the order of the fields, shape (points, parameters).
        response: shape (runs,).
        inputs: columns of shape (runs,).
        rounds: how many steps are tried.
        weights: of the squares, shape (runs,); all alike if not given.
    """
    root = np.ones(len(response)) if weights is None else np.sqrt(weights)
    bounds = np.array([(entry.lower, entry.upper) for entry in law.parameters.values()]).T
    with np.errstate(all="ignore"):  # a step may leave the law's domain, and is then not taken
        damping = np.full(len(points), 1e-2)
        misses, slopes = _misses(law, points, response, inputs, root)
        for _ in range(rounds):
            normal = slopes @ slopes.swapaxes(1, 2)
            scale = 1 / np.sqrt(np.maximum(np.einsum("rpp->rp", normal), 1e-200))
            scaled = normal * scale[:, :, None] * scale[:, None, :] + damping[:, None, None] * np.eye(points.shape[1])
            step = np.linalg.solve(scaled, scale[:, :, None] * (slopes @ misses[:, :, None]))
            trial = points - scale * step[:, :, 0]
            trial = np.clip(trial, *bounds)
            tried = _misses(law, trial, response, inputs, root)
            better = (tried[0] ** 2).sum(axis=1) < (misses**2).sum(axis=1)
            better &= np.isfinite(tried[1]).all(axis=(1, 2))
            points = np.where(better[:, None], trial, points)
            misses = np.where(better[:, None], tried[0], misses)
            slopes = np.where(better[:, None, None], tried[1], slopes)
            damping = np.clip(np.where(better, damping / 5, damping * 5), 1e-12, 1e12)
    return points


def _misses(
    law: type[Law], points: np.ndarray, response: np.ndarray, inputs: Mapping[str, np.ndarray], root: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log residuals and their derivatives by the parameters, both times the roots of the weights."""
    rows = law.from_draws(points)
    predicted = rows(**inputs)
    return root * np.log(predicted / response), root * rows.jacobian(**inputs) / predicted[:, None]
