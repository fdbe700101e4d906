"""Where the runs lie in the plane of two inputs, and where the budget would go."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report.axes import input_axis, padded, positive
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINES = 9  # contours
_GRID = 90
_WORDS = {"params": "parameters"}


def plane(fit: Fit, runs: Runs, plan: Allocation | None) -> Picture:
    """Draws the runs over the contours of the fitted law; with a budget, its line and its optimum."""
    first, second = fit.law.inputs
    x, y = positive(runs[first]), positive(runs[second])
    ends = [], []
    if plan is not None:
        ends = (
            [plan.params.value, plan.params.low, plan.params.high],
            [plan.tokens.value, plan.tokens.low, plan.tokens.high],
        )
    wide, tall = (padded([*runs_, *filter(np.isfinite, more)]) for runs_, more in ((x, ends[0]), (y, ends[1])))

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        across, up = np.geomspace(*wide, _GRID), np.geomspace(*tall, _GRID)
        values = fit.law(**{first: across[None, :], second: up[:, None]})
        levels = np.unique([float(f"{level:.3g}") for level in np.quantile(values, np.linspace(0.02, 0.92, _LINES))])
        input_axis(axes, "x", runs[first], first, wide)
        input_axis(axes, "y", runs[second], second, tall)
        lines = axes.contour(across, up, values, levels=levels, colors=colour("soft"), linewidths=0.9, alpha=0.7)
        figure.draw_without_rendering()  # labels are placed on the axes as they are, so they must have their size
        axes.clabel(lines, fmt=lambda value: f"{value:.3g}", fontsize=10)
        axes.plot(x, y, "o", markersize=5.5, color=colour("blue"), markeredgecolor=colour("paper"), markeredgewidth=0.7)
        if plan is not None:
            product = plan.budget / plan.flop_per_param_token
            axes.plot(across, product / across, color=colour("orange"), linewidth=1.6)
            stretch = np.geomspace(plan.valley.params_low, plan.valley.params_high, 20)
            axes.plot(stretch, product / stretch, color=colour("teal"), linewidth=7, alpha=0.45)
            axes.plot(
                plan.params.value,
                plan.tokens.value,
                "D",
                color=colour("orange"),
                markersize=8,
                markeredgecolor=colour("paper"),
            )
            axes.annotate(
                f"{show(plan.budget, 'FLOP')}",
                (plan.params.value, plan.tokens.value),
                (10, 8),
                textcoords="offset points",
                color=colour("orange"),
            )
        axes.grid(False)

    caption = f"Points are the runs; the grey lines join inputs of equal predicted {fit.law.response}."
    if plan is not None:
        far = ", ".join(
            f"{value:.1f} decades of {_WORDS.get(name, name)}"
            for name, value in plan.decades_beyond.items()
            if value > 0
        )
        caption += f" The orange line spends {show(plan.budget, 'FLOP')}: diamond the best split, green the valley."
        caption += f" The best split lies {far} beyond the runs." if far else " The best split lies among the runs."
    alt = f"The {len(runs)} runs in the plane of {first} and {second} over contours of the fitted law."
    return Picture("plane", draw("plane", alt, paint, 430), "Where the runs are", caption)
