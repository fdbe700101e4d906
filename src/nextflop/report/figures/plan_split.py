"""Where the budget goes, option by option."""

from typing import TYPE_CHECKING

from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show
from nextflop.report.rows import legend, name_rows
from nextflop.report.style import Picture, colour, draw_twice, is_narrow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = {
    "training": ("training", "blue"),
    "inference": ("serving", "purple"),
    "text": ("text", "teal"),
    "unspent": ("left over", "line"),
}
"""Amount of a decision → its name and its colour."""

_ALL = 0.999  # of a budget
_WIDE, _NARROW = 0.07, 0.16  # of the bar, from which a part holds its own label


def plan_split(plan: Plan) -> Picture | None:
    """Draws a bar for each option whose decision says where the budget goes; None if none does, or nothing is split."""
    told = [option for option in plan.options if set(PARTS) <= set(option.decision)]
    shares = {one.code: {part: one.decision[part] / plan.situation.flop for part in PARTS} for one in told}
    if all(share["training"] > _ALL for share in shares.values()):
        return None

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for place, option in enumerate(told):
            left = 0.0
            for part, (_, hue) in PARTS.items():
                share = shares[option.code][part]
                axes.barh(place, share, left=left, height=0.56, color=colour(hue), edgecolor=colour("paper"))
                if share >= (_NARROW if is_narrow(figure) else _WIDE):
                    ink = colour("ink" if part == "unspent" else "paper")
                    axes.text(left + share / 2, place, f"{share:.0%}", ha="center", va="center", color=ink)
                left += share
        used = [part for part in PARTS if any(share[part] > 0 for share in shares.values())]
        for part in used:
            axes.barh(-9, 0, color=colour(PARTS[part][1]), label=PARTS[part][0])
        legend(figure, len(PARTS))
        names = [f"{one.name} ◂" if one.code == plan.best else one.name for one in told]
        name_rows(figure, names)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])

    best = shares.get(plan.best, shares[told[0].code])
    said = ", ".join(f"{PARTS[part][0]} {share:.0%}" for part, share in best.items() if share > 0)
    caption = (
        f"Shares of {show(plan.situation.flop, 'FLOP')}; money for text counts as the compute that it would have "
        "bought. The best option is marked."
    )
    alt = f"Where the budget goes under the best option: {said}."
    svg = draw_twice("split", alt, paint, 92 + 44 * len(told), 110 + 50 * len(told))
    return Picture("split", svg, "Where the budget goes", caption)
