"""Budgets of compute, each spent on several sizes: whether the losses of a budget show where its best size is."""

import numpy as np

from nextflop.evidence.quality.flag import Flag

SIZES = 6.0
"""A parabola has three coefficients; Czech et al. 2026 (arXiv:2603.22339) likewise set aside budgets of five sizes."""

FACTOR = 8.0
"""How far from the best size of its budget a run may be: the parabola's bias grows with the width of the grid, to 5% of
the optimal tokens at a factor of 16 (arXiv:2603.22339)."""

BEND = 2.0
"""The curvature in its standard errors, below which a budget's losses might as well lie on a line."""

SAME = 0.01  # sizes within 1% are one


def isoflop(rows: np.ndarray, size: np.ndarray, loss: np.ndarray, budget: float) -> list[Flag]:
    """Flags of the runs of one budget of one recipe.

    Few sizes, a minimum at the edge (Porian et al., arXiv:2406.19146, leave such budgets out) and losses that do not
    bend are doubts about the budget, so every run of it is flagged; only the first that holds is told. Off-centre is
    a doubt about a run.

    Args:
        rows: their places in the table.
        size: their sizes.
        loss: their losses, above 0.
        budget: its value, for the sentences.
    """
    order = np.argsort(size, kind="stable")
    rows, logs, curve = rows[order], np.log(size[order]), np.log(loss[order])
    place = np.concatenate([[0], np.cumsum(np.diff(logs) > SAME)])
    sizes = int(place[-1]) + 1
    means = np.bincount(place, curve) / np.bincount(place)
    best = int(means.argmin())
    beyond = min(best, sizes - 1 - best)
    what = f"The budget {budget:.4g}"

    def all_of_it(code: str, sentence: str, statistic: float, threshold: float) -> list[Flag]:
        return [Flag(int(row), code, sentence, statistic, threshold) for row in rows]

    if sizes < SIZES:
        return all_of_it(
            "few-sizes", f"{what} was spent on {sizes} sizes; {SIZES:.0f} show a minimum.", float(sizes), SIZES
        )
    if beyond == 0:
        end = "smallest" if best == 0 else "largest"
        says = f"{what} has its lowest loss at the {end} of {sizes} sizes: its minimum may lie beyond."
        return all_of_it("edge", says, 0.0, 1.0)
    bend = _bend(logs, curve)
    if bend < BEND:
        says = f"{what} shows no minimum: the curvature of its losses is {bend:.2g} times its standard error."
        return all_of_it("flat", says, bend, BEND)
    centre = logs[place == best].mean()
    far = np.exp(np.abs(logs - centre))
    side = np.where(logs > centre, "larger", "smaller")
    return [
        Flag(
            int(rows[i]),
            "off-centre",
            f"Is {far[i]:.3g} times {side[i]} than the best size of its budget, {budget:.4g}.",
            float(far[i]),
            FACTOR,
        )
        for i in np.flatnonzero(far > FACTOR)
    ]


def _bend(x: np.ndarray, y: np.ndarray) -> float:
    """The curvature of a parabola through the points, in its standard errors."""
    powers = np.vander(x - x.mean(), 3)
    coefficients, *_ = np.linalg.lstsq(powers, y, rcond=None)
    residual = y - powers @ coefficients
    variance = float(residual @ residual) / (len(x) - 3) * np.linalg.inv(powers.T @ powers)[0, 0]
    return float(coefficients[0] / np.sqrt(variance)) if variance > 0 else float(np.sign(coefficients[0]) * np.inf)
