"""What more of each resource buys, over all laws and by law."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.ledger import words
from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show
from nextflop.report.rows import legend, name_rows
from nextflop.report.style import Picture, colour, draw_twice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOOKS = (("blue", "o"), ("teal", "D"), ("orange", "s"), ("purple", "^"))


def plan_units(plan: Plan) -> Picture:
    """Draws the gain of each resource, one row for all laws together and one for each law."""
    names = ["all laws", *(member.name for member in plan.members)] if len(plan.members) > 1 else ["all laws"]
    step = 0.7 / max(len(plan.units), 1)

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for which, (unit, (hue, mark)) in enumerate(zip(plan.units, _LOOKS, strict=False)):
            gains = [unit.gain, *(unit.by_law[member.name] for member in plan.members)][: len(names)]
            places = np.arange(len(names)) + (which - (len(plan.units) - 1) / 2) * step
            for place, gain in zip(places, gains, strict=True):
                axes.plot([gain.low, gain.high], [place] * 2, color=colour(hue), linewidth=3.5, alpha=0.45)
            axes.plot(
                [gain.value for gain in gains],
                places,
                mark,
                color=colour(hue),
                markersize=8,
                markeredgecolor=colour("paper"),
                label=f"{show(unit.factor)} × {unit.resource}",
            )
        axes.axhline(0.5, color=colour("line"), linewidth=1)
        name_rows(figure, names)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
        axes.set_xlabel(f"Gain in {plan.response}")
        legend(figure, len(plan.units))

    when = words.then(plan, ", {},")
    said = "; ".join(f"{show(unit.factor)} times {unit.resource} {unit.gain.value:.4f}" for unit in plan.units)
    caption = (
        f"By how much the {plan.response} gets better if{when} there is more of one resource and everything else is "
        f"chosen anew. Lines are {plan.level:.0%} intervals: over all laws and draws in the first row, over a law's "
        "own draws below. Published constants have none."
    )
    alt, rows = f"Gain of the next unit over all laws: {said}.", len(names)
    svg = draw_twice("units", alt, paint, 120 + 50 * rows, 120 + 50 * rows)
    return Picture("units", svg, "What the next unit buys", caption)
