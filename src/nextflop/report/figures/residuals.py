"""What the law leaves unexplained, against every input and as a distribution."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.report.axes import input_axis, padded, positive, ringed
from nextflop.report.figures.fitted import DOUBT
from nextflop.report.page import number
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FAR = 25.0  # times the median residual: where the middle of the figure ends however far a few runs lie
_LETTERS = 28  # of the name of the worst run


def relative(fit: Fit) -> bool:
    """Whether residuals are shown in per cent of the response: where the objective is one of logarithms."""
    return fit.method is not None and fit.method.objective.log


def residuals(fit: Fit, runs: Runs) -> np.ndarray:
    """Run less law, or in per cent of the law, shape (runs,)."""
    law = fit.law(**{name: runs[name] for name in fit.law.inputs})
    gap = runs[fit.law.response] - law
    return 100 * gap / law if relative(fit) else gap


def names(runs: Runs) -> list[str]:
    """What each run is called: its name or its id, with its row where several share it, or its row alone."""
    for column in ("name", "run"):
        if column in runs:
            _, which, counts = np.unique(runs[column], return_inverse=True, return_counts=True)
            return [
                f"{name} (row {row + 1})" if shared else str(name)
                for row, (name, shared) in enumerate(zip(runs[column], counts[which] > 1, strict=True))
            ]
    return [f"row {row + 1}" for row in range(len(runs))]


def residual_figure(fit: Fit, runs: Runs, doubted: Sequence[int] = ()) -> Picture:
    """Draws residuals against every input, and their histogram at the right.

    Args:
        fit: the fit.
        runs: the runs that were fitted.
        doubted: the rows of those to be doubted, which get a ring.
    """
    rows = list(doubted)
    gaps = residuals(fit, runs)
    half = float(np.median(np.abs(gaps)))
    # The middle of the figure belongs to the many runs; those beyond are drawn at its edge as triangles.
    reach = max(min(float(np.quantile(np.abs(gaps), 0.98)) * 1.3, _FAR * half or np.inf), 4 * half) or 1.0
    unit = "%" if relative(fit) else ""

    def paint(figure: "Figure") -> None:
        count = len(fit.law.inputs)
        row = figure.subplots(1, count + 1, sharey=True, width_ratios=[*[1.0] * count, 0.32], squeeze=False)[0]
        for axes, name in zip(row[:-1], fit.law.inputs, strict=True):
            x = positive(runs[name])
            _scatter(axes, x, gaps, reach)
            ringed(axes, x[rows], np.clip(gaps[rows], -reach, reach))
            input_axis(axes, "x", runs[name], name, padded(x))
        x, worst = positive(runs[fit.law.inputs[0]]), int(np.argmax(np.abs(gaps)))
        left = x[worst] > np.sqrt(x.min() * x.max())
        row[0].annotate(
            names(runs)[worst][:_LETTERS],
            (x[worst], np.clip(gaps[worst], -reach, reach)),
            (-8 if left else 8, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=10.5,
            color=colour("soft"),
        )
        row[0].set_ylim(-1.08 * reach, 1.08 * reach)
        row[0].set_ylabel(f"run − law{f' ({unit})' if unit else ''}")
        row[-1].hist(
            np.clip(gaps, -reach, reach),
            bins=31,
            range=(-reach, reach),
            orientation="horizontal",
            color=colour("blue"),
            alpha=0.75,
        )
        row[-1].set_xlabel("Runs")
        row[-1].grid(False)
        for axes in row:
            axes.axhspan(-half, half, color=colour("blue"), alpha=0.10, linewidth=0, zorder=0)
            axes.axhline(0, color=colour("soft"), linewidth=1.2, zorder=1)

    outside = int((np.abs(gaps) > reach).sum())
    caption = f"Half of the runs lie within ±{number(half, digits=2)}{unit} of the law (the band)."
    caption += f" {outside} beyond ±{number(reach, digits=2)}{unit} are drawn at the edge." if outside else ""
    caption += " A trend or a fan in either panel would say that the form of the law is wrong there."
    caption += DOUBT if rows else ""
    alt = f"Residuals of {len(runs)} runs; half lie within {half:.2g}{unit} of the law."
    return Picture("residuals", draw("residuals", alt, paint, 340), "What the law does not explain", caption)


def _scatter(axes: "Axes", x: np.ndarray, gaps: np.ndarray, reach: float) -> None:
    inside = np.abs(gaps) <= reach
    style = {"color": colour("blue"), "markeredgecolor": colour("paper"), "markeredgewidth": 0.6, "alpha": 0.85}
    axes.plot(x[inside], gaps[inside], "o", markersize=5.5, **style)
    for marker, some in (("^", gaps > reach), ("v", gaps < -reach)):
        axes.plot(x[some], np.clip(gaps[some], -reach, reach), marker, markersize=7, **style)
