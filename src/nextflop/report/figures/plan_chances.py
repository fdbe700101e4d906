"""How likely each option is the best, and what it gains on the base."""

from typing import TYPE_CHECKING

from nextflop.planning.ledger.plan import Plan
from nextflop.report.rows import name_rows, panels
from nextflop.report.style import Picture, colour, draw_twice

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plan_chances(plan: Plan) -> Picture | None:
    """Draws the options, gain on the left and probability on the right; None if there is nothing to choose from."""
    if len(plan.options) < 2:
        return None
    hues = ["teal" if one.code == plan.best else "blue" for one in plan.options]

    def paint(figure: "Figure") -> None:
        left, right = panels(figure, 1.5)
        for place, (one, hue) in enumerate(zip(plan.options, hues, strict=True)):
            gain = one.gain
            left.plot([gain.low, gain.high], [place] * 2, color=colour(hue), linewidth=3.5, alpha=0.5)
            left.plot(gain.value, place, "o", color=colour(hue), markersize=8, markeredgecolor=colour("paper"))
            right.barh(place, one.probability, height=0.5, color=colour(hue), alpha=0.85)
            right.text(one.probability + 0.03, place, f"{one.probability:.2f}", va="center")
        left.axvline(0, color=colour("soft"), linewidth=1)
        ends = [end for one in plan.options for end in (one.gain.low, one.gain.high, 0.0)]
        if max(ends) - min(ends) < 1e-6:
            left.set_xlim(-1e-3, 1e-3)
        left.locator_params(axis="x", nbins=5)
        left.set_title(f"Gain in {plan.response}")
        right.set_title("Probability of being best")
        right.set_xlim(0, 1.18)
        right.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        name_rows(figure, [one.name for one in plan.options])

    base = plan.option(plan.base)
    said = ", ".join(f"{one.name} {one.probability:.2f}" for one in plan.options)
    caption = (
        f"Gains against {base.name}, each option valued at the one decision that is best in the mean; lines are "
        f"{plan.level:.0%} intervals. The probability is the belief in the laws and draws under which the option would "
        "be the best one, were the truth known; what opens several options at once is not ranked among them, and its "
        "number is the belief that any of them pays."
    )
    alt, rows = f"Probability of being the best option: {said}.", len(plan.options)
    svg = draw_twice("chances", alt, paint, 90 + 46 * rows, 140 + 100 * rows)
    return Picture("chances", svg, "Gain, and probability of being best", caption)
