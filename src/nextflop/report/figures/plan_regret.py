"""What a different size would cost, the budget spent all the same: in the mean, and by law."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.ledger import words
from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.rows import legend
from nextflop.report.style import Picture, colour, draw_twice, is_narrow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HUES = ("teal", "orange", "purple", "red", "soft")
_DASHES = ((0, (5, 2)), (0, (1.5, 2)), (0, (6, 2, 1.5, 2)), (0, (3, 3)), (0, (1, 3)))
_DEPTH = 4.0  # the vertical axis ends at so many times the regret that is accepted
_FAR = 2.5  # of that, where the horizontal axis ends


def plan_regret(plan: Plan) -> Picture | None:
    """Draws loss above the best against parameters; None where there is no way to choose."""
    curve = plan.regret
    tall = _DEPTH * curve.allowed
    shown = curve.mean <= _FAR * tall
    if shown.sum() < 3:
        return None
    chosen = plan.option(plan.best).decision.get("params", np.nan)

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for ends in curve.within:
            axes.axvspan(*ends, color=colour("teal"), alpha=0.12, linewidth=0)
        axes.fill_between(curve.params, curve.low, curve.high, color=colour("blue"), alpha=0.14, linewidth=0)
        if len(curve.by_law) > 1:
            for place, (name, values) in enumerate(curve.by_law.items()):
                hue, dash = HUES[place % len(HUES)], _DASHES[place % len(_DASHES)]
                axes.plot(curve.params, values, color=colour(hue), linewidth=1.5, linestyle=dash, label=name)
        axes.plot(curve.params, curve.mean, color=colour("blue"), linewidth=2.4, label="mean over laws and draws")
        axes.axhline(curve.allowed, color=colour("teal"), linewidth=1, linestyle=(0, (5, 3)))
        axes.plot(
            chosen, 0.02 * tall, "D", color=colour("orange"), markersize=8, markeredgecolor=colour("paper"), zorder=5
        )
        axes.set_ylim(0, tall)
        axes.set_yticks([place * curve.allowed for place in range(int(_DEPTH) + 1)])
        axes.set_ylabel(f"{plan.response.capitalize()} above the least")
        log_axis(
            axes,
            "x",
            float(curve.params[shown].min()),
            float(curve.params[shown].max()),
            "params",
            wanted=3 if is_narrow(figure) else 5,
            most=5 if is_narrow(figure) else 9,
        )
        legend(figure, 4)

    good, strips = words.ranges(curve.within), "strip" if len(curve.within) == 1 else "strips"
    caption = (
        f"The mean over all laws and draws with its {plan.level:.0%} band, and each law at its estimate above its own "
        f"least. The diamond is the plan; in the green {strips}, {good}, the expected "
        f"{plan.response} is at most {curve.allowed:g} above the best size's."
    )
    if plan.situation.sources:
        caption += f" Epochs there run from {_epochs(curve.epochs, shown)}."
    alt = f"Regret against parameters: sizes {good} are within {curve.allowed:g} of the best."
    return Picture("regret", draw_twice("regret", alt, paint, 420, 360), "What another size would cost", caption)


def _epochs(epochs: np.ndarray, shown: np.ndarray) -> str:
    most, fewest = (show(end, digits=2) for end in (epochs[shown].max(), epochs[shown].min()))
    return f"{most} at the smallest model shown to {fewest} at the largest"
