"""M2 and M4 as their paper fits them (Alabdulmohsin et al. 2022, arXiv:2209.06640), and what it prints of M4.

The objective is the squared error of log(L - E) against a line in log C, for M4 with log(L₀ - L) as another column.
It runs off to minus infinity as E comes to the smallest loss, so that a search finds the local optimum near its start,
or the global one at E = 0 if it starts there; forecasts from the two differ by factors. The start below the smallest
loss gives the printed figures.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize, nnls

Predictor = Callable[[np.ndarray], np.ndarray]

M4_ERRORS = {
    "NMT/log_perplexity/6 Enc, 6 Dec": 1.0e-2,
    "NMT/log_perplexity/28 Enc, 6 Dec": 1.3e-2,
    "NMT/log_perplexity/6 Enc, 28 Dec": 3.0e-2,
    "NMT/log_perplexity/Dec-only": 1.0e-2,
    "NMT/log_perplexity/TEnc-LSTM": 1.2e-2,
    "LM/val_loss/1.68e+07": 3.1e-4,
    "LM/val_loss/1.34e+08": 1.9e-3,
    "LM/val_loss/2.62e+08": 1.8e-3,
    "LM/val_loss/4.53e+08": 7.5e-4,
    "LM/val_loss/1.07e+09": 1.3e-3,
    "BB/('date', '1-shot')/262M": 1.5e-2,
    "BB/('date', '2-shot')/262M": 1.8e-2,
    "BB/('ling', '1-shot')/262M": 1.7e-2,
    "BB/('ling', '2-shot')/262M": 9.2e-3,
    "BB/('qa', '1-shot')/262M": 4.4e-3,
    "BB/('qa', '2-shot')/262M": 4.9e-3,
    "BB/('mult', '1-shot')/262M": 1.3e-2,
    "BB/('mult', '2-shot')/262M": 6.2e-3,
    "BB/('unit', '1-shot')/262M": 2.3e-3,
    "BB/('unit', '2-shot')/262M": 2.9e-3,
}
"""Series → the error that the paper's tables 2 and 3 print for M4."""


def m2(compute: np.ndarray, loss: np.ndarray, *, local: bool) -> Predictor:
    """L = E + β C^-c, from E a thousandth below the smallest loss, or the best of E over its whole range."""
    columns = np.stack([np.ones_like(compute), np.log(compute)], axis=1)

    def line(offset: float) -> tuple[float, np.ndarray]:
        aim = np.log(loss - offset)
        found = np.linalg.lstsq(columns, aim, rcond=None)[0]
        return float(((columns @ found - aim) ** 2).sum()), found

    offset = _lowest(lambda e: line(e)[0], loss.min(), local)
    level, slope = line(offset)[1]
    return lambda there: offset + np.exp(level + slope * np.log(there))


def m4(compute: np.ndarray, loss: np.ndarray, *, local: bool) -> Predictor:
    """(L - E) / (L₀ - L)^α = β C^-c, with E as in `m2` and L₀ from 1, or just above the largest loss."""
    log_compute = np.log(compute / np.exp(np.log(compute).mean()))
    scale = compute.max() / np.exp(log_compute.max())

    def line(at: np.ndarray) -> tuple[float, np.ndarray]:
        """Best log β (of either sign), c and α, the last two at least 0."""
        aim = np.log(loss - at[0])
        ones = np.ones_like(aim)
        columns = np.stack([ones, -ones, -log_compute, np.log(at[1] - loss)], axis=1)
        found, left = nnls(columns, aim)
        return left**2, np.array([found[0] - found[1], found[2], found[3]])

    def value(at: np.ndarray) -> float:
        inside = 0 <= at[0] < loss.min() and at[1] > loss.max()
        return line(at)[0] if inside else np.inf

    top = max(1.0, 1.001 * loss.max())
    ends = []
    for start in [loss.min() - 1e-3] if local else [0.0, *np.linspace(0, 0.98, 8) * loss.min()]:
        simplex = [[start, top], [0.97 * start + 1e-3 * loss.min(), top], [start, top + 0.01]]
        ends.append(minimize(value, simplex[0], method="Nelder-Mead", options={"initial_simplex": simplex}))
    at = min(ends, key=lambda end: end.fun).x
    level, slope, power = line(at)[1]

    def predict(there: np.ndarray) -> np.ndarray:
        aim = level - slope * np.log(there / scale)
        low, high = np.full(len(there), at[0]), np.full(len(there), at[1])
        for _ in range(80):
            middle = (low + high) / 2
            with np.errstate(divide="ignore"):
                above = np.log(middle - at[0]) - power * np.log(at[1] - middle) > aim
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return (low + high) / 2

    return predict


def _lowest(value: Callable[[float], float], smallest: float, local: bool) -> float:
    """Walks downhill from a thousandth below the smallest loss, or looks everywhere but in the last thousandth."""
    grid = np.linspace(0.0, smallest - 1e-3, 2001)
    values = np.array([value(offset) for offset in grid])
    if not local:
        return float(grid[values.argmin()])
    at = len(grid) - 1
    while at and values[at - 1] < values[at]:
        at -= 1
    return float(grid[at])
