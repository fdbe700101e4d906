"""What each option of one part of the ledger foretells, and how likely it is the best."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.ledger.bought.part import Part
from nextflop.planning.ledger.bought.words import level
from nextflop.report.rows import legend, name_rows, panels
from nextflop.report.style import Picture, colour, draw_twice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HUES = {"text": ("blue", "o"), "once": ("orange", "D"), "per query": ("purple", "s")}
"""How an option is paid → its colour and its mark."""

PAID = {"text": "text", "once": "paid once", "per query": "paid for every query"}


def plan_bought(part: Part, name: str, asked: float) -> Picture:
    """Draws the options of a part, what they foretell on the left and the probability of being best on the right.

    Args:
        part: of the ledger.
        name: of the picture, unique in the page.
        asked: level of the intervals.
    """
    rows = part.rows

    def paint(figure: "Figure") -> None:
        left, right = panels(figure, 1.7)
        for place, row in enumerate(rows):
            hue, mark = HUES[row.kind]
            left.plot([row.outcome.low, row.outcome.high], [place] * 2, color=colour(hue), linewidth=3.5, alpha=0.5)
            left.plot(row.outcome.value, place, mark, color=colour(hue), markersize=8, markeredgecolor=colour("paper"))
            right.barh(place, row.probability, height=0.5, color=colour(hue), alpha=0.85)
            right.text(row.probability + 0.03, place, f"{row.probability:.2f}", va="center")
        for kind in dict.fromkeys(row.kind for row in rows):
            hue, mark = HUES[kind]
            left.plot([], [], mark, color=colour(hue), markersize=8, label=PAID[kind])
        now = part.standing.value
        left.axvline(now, color=colour("soft"), linewidth=1.4, linestyle=(0, (2, 2)), label=f"now, {level(now)}")
        ends = np.array([[*row.outcome, now] for row in rows])
        low, high = float(ends.min()), float(ends.max())
        margin = 0.06 * (high - low or abs(high) or 1.0)
        left.set_xlim(low - margin, high + margin)
        left.locator_params(axis="x", nbins=5)
        left.xaxis.set_major_formatter(lambda value, _: level(value))
        left.set_xlabel(_capital(part.title) + (", lower is better" if part.lower else ""))
        legend(figure, 4)
        right.set_xlabel("Probability of being best")
        right.set_xlim(0, 1.18)
        right.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        name_rows(figure, [f"{row.name} ◂" if row.code == part.best else row.name for row in rows])

    said = ", ".join(f"{row.name} {level(row.outcome.value)}" for row in rows)
    caption = (
        f"Each option at its one decision; lines are {asked:.0%} intervals over draws and laws. The probability is the "
        "belief in the draws under which the option would be the best one, each at its own optimum."
    )
    alt = f"{_capital(part.title)} under each option: {said}."
    svg = draw_twice(name, alt, paint, 100 + 46 * len(rows), 190 + 100 * len(rows))
    return Picture(name, svg, f"What each option foretells: {part.title}", caption)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
