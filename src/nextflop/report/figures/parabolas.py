"""The isoFLOP method beside the surface: the parabola of every budget, and the sizes that the two recommend."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.isoflop import IsoFlop, budgets_of, surface_optimum
from nextflop.report.axes import amount, log_axis, padded
from nextflop.report.style import Picture, colour, draw, ramp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 100
_NAMED = 7  # budgets in the legend; of more, some are left out of it


def parabola_figure(found: IsoFlop, fit: Fit, runs: Runs) -> Picture:
    """Draws loss against parameters for every budget at the left, best size against budget at the right."""

    def paint(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
        _valleys(left, found, fit, runs)
        _sizes(right, found, fit)

    left_out = f"; {len(found.left_out)} more have no minimum that counts" if found.left_out else ""
    exponent = found.exponent
    slope = f"{exponent.value:.3f} ({exponent.low:.3f} to {exponent.high:.3f})"
    if not np.isfinite([exponent.low, exponent.high]).all():
        slope = f"{exponent.value:.3f}"
    caption = (
        f"Left: the runs of {len(found.budgets)} budgets, each with its parabola (line), the lowest point of it "
        f"(diamond) and the fitted surface at that budget (dashed){left_out}. Right: the lowest points, the line "
        f"through them, N ∝ C^{slope}, and the optimum of the surface (dashed); the bar at the largest budget is the "
        f"{found.level:.0%} interval of the line."
    )
    alt = f"Parabolas over {len(found.budgets)} budgets beside the fitted surface; N grows as C to the power {slope}."
    return Picture("parabolas", draw("parabolas", alt, paint, 400), "IsoFLOP parabolas and the surface", caption)


def _valleys(axes: "Axes", found: IsoFlop, fit: Fit, runs: Runs) -> None:
    groups = budgets_of(runs)
    shades = ramp(len(found.budgets))
    kept = np.concatenate([groups[budget] for budget in found.budgets])
    named = set(np.linspace(0, len(found.budgets) - 1, min(len(found.budgets), _NAMED)).round().astype(int).tolist())
    for place, (budget, shade) in enumerate(zip(found.budgets, shades, strict=True)):
        rows = groups[float(budget)]
        params, loss = runs["params"][rows], runs["loss"][rows]
        axes.plot(
            params,
            loss,
            "o",
            color=shade,
            markersize=5,
            markeredgecolor=colour("paper"),
            markeredgewidth=0.6,
            label=f"{amount(float(f'{budget:.2g}'), 'flop')}" if place in named else None,
        )
        across = np.geomspace(params.min(), params.max(), _POINTS)
        axes.plot(
            across,
            found.loss[place] + found.bends[place] * np.log(across / found.params[place]) ** 2,
            color=shade,
            linewidth=1.6,
        )
        # The parameters and tokens of a budget may be counted otherwise than as 6ND; their product says how.
        product = float(np.exp(np.log(params * runs["tokens"][rows]).mean()))
        axes.plot(
            across,
            fit.law(params=across, tokens=product / across),
            color=shade,
            linewidth=1.3,
            linestyle=(0, (4, 3)),
        )
        _diamond(axes, found.params[place], found.loss[place], shade)
    log_axis(axes, "x", *padded(runs["params"][kept]), "params", wanted=3, most=5)
    log_axis(axes, "y", *padded(runs["loss"][kept]), "loss", wanted=4, most=7)
    axes.legend(title="FLOP", loc="upper right", alignment="left", handletextpad=0.2, labelspacing=0.25, fontsize=10)


def _sizes(axes: "Axes", found: IsoFlop, fit: Fit) -> None:
    budgets = found.budgets
    across = np.geomspace(*padded(budgets, 0.06), 40)
    line = found.at_largest.value * (across / budgets[-1]) ** found.exponent.value
    surface = np.array([float(surface_optimum(fit.law, float(budget))) for budget in across])
    axes.plot(across, line, color=colour("blue"), label="line through the minima")
    axes.plot(across, surface, color=colour("teal"), linestyle=(0, (4, 3)), label="optimum of the surface")
    for budget, params, shade in zip(budgets, found.params, ramp(len(budgets)), strict=True):
        _diamond(axes, budget, params, shade)
    ends = [found.at_largest.low, found.at_largest.high]
    if np.isfinite(ends).all():
        axes.vlines(budgets[-1], ends[0], ends[1], color=colour("blue"), linewidth=4, alpha=0.35)
    heights = [*line, *surface, *found.params, *np.array(ends)[np.isfinite(ends)]]
    log_axis(axes, "x", float(across[0]), float(across[-1]), "flop", wanted=3, most=5)
    log_axis(axes, "y", *padded(heights), "params", wanted=3, most=6)
    axes.legend(loc="upper left")


def _diamond(axes: "Axes", x: float, y: float, shade: str) -> None:
    axes.plot(x, y, "D", color=shade, markersize=7, markeredgecolor=colour("paper"), zorder=5)
