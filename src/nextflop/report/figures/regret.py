"""What a budget's split costs above the best one: the valley, and how wide it is."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEPTH = 4.0  # the vertical axis ends at so many times the regret that is accepted


def regret(plan: Allocation) -> Picture:
    """Draws loss above the optimum against parameters, tokens on the upper axis."""
    curve, product = plan.curve, plan.budget / plan.flop_per_param_token
    tall = _DEPTH * plan.regret
    shown = curve.params[(curve.low <= tall) | (curve.regret <= tall)]
    low, high = float(shown.min()), float(shown.max())

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.fill_between(curve.params, curve.low, curve.high, color=colour("blue"), alpha=0.15, linewidth=0)
        axes.plot(curve.params, curve.regret, color=colour("blue"))
        axes.axvspan(plan.valley.params_low, plan.valley.params_high, color=colour("teal"), alpha=0.10, linewidth=0)
        axes.plot([low, high], [plan.regret] * 2, color=colour("teal"), linewidth=1.2, linestyle=(0, (5, 3)))
        axes.annotate(
            f"{plan.regret:g} above the least loss",
            (plan.params.value, plan.regret),
            (0, 8),
            ha="center",
            textcoords="offset points",
            color=colour("teal"),
        )
        if np.isfinite(plan.robust.params_low):
            axes.plot(
                [plan.robust.params_low, plan.robust.params_high],
                [plan.regret] * 2,
                color=colour("teal"),
                linewidth=6,
                solid_capstyle="butt",
                alpha=0.8,
            )
        axes.plot([plan.params.low, plan.params.high], [0.022 * tall] * 2, color=colour("orange"), linewidth=3)
        axes.plot(
            plan.params.value,
            0.022 * tall,
            "D",
            color=colour("orange"),
            markersize=8,
            markeredgecolor=colour("paper"),
            zorder=5,
        )
        axes.annotate(
            "optimum and its interval",
            (plan.params.value, 0.022 * tall),
            (0, 10),
            ha="center",
            textcoords="offset points",
            color=colour("orange"),
        )
        axes.set_ylim(0, tall)
        axes.set_ylabel("Loss above the least (nats per token)")
        log_axis(axes, "x", low, high, "params", wanted=5, most=9)
        upper = axes.twiny()
        log_axis(upper, "x", product / low, product / high, "tokens", wanted=5, most=9)
        upper.set_xlabel(f"Training tokens D at {show(plan.budget, 'FLOP')}")
        upper.grid(False)

    robust = (
        f"the thick line those that are safe in at least {plan.level:.0%} of the draws"
        if np.isfinite(plan.robust.params_low)
        else f"no split is safe in {plan.level:.0%} of the draws"
    )
    caption = (
        f"The green strip holds the splits that cost at most {plan.regret:g} more than the best if the estimate is "
        f"right; {robust}. The band is the {plan.level:.0%} interval of the curve. The optimum is a point in a flat "
        "valley: choose within the strip by what else matters, such as the price of inference."
    )
    alt = (
        f"Loss above the least against parameters at {show(plan.budget, 'FLOP')}: the valley reaches from "
        f"{show(plan.valley.params_low)} to {show(plan.valley.params_high)} parameters."
    )
    return Picture("regret", draw("regret", alt, paint, 400), "The valley: what another split would cost", caption)
