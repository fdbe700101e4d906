"""From how many queries on what is paid once beats what is paid for every query."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.ledger.bought.break_even import BreakEven
from nextflop.planning.ledger.bought.part import Part, Row
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.figures.plan_bought import HUES
from nextflop.report.style import Picture, colour, draw_twice, is_narrow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AROUND = 10.0  # the axis reaches this many times beyond what is shown on it
_WIDE, _NARROW = 44, 22  # letters of a name above its end of the bar


def plan_break_even(part: Part, name: str, queries: float, asked: float) -> Picture | None:
    """Draws a bar for each pair, split at its break-even; None where no pair has a break-even.

    Args:
        part: of the ledger.
        name: of the picture, unique in the page.
        queries: that the plan serves.
        asked: level of the intervals.
    """
    pairs = [(one, *_of(one, part)) for one in part.break_evens if one.unit == "queries"]
    told = [end for one, _, _ in pairs for end in one.value if 0 < end < np.inf]
    if not told:
        return None
    low, high = min([*told, queries]) / _AROUND, max([*told, queries]) * _AROUND

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for place, (one, once, each) in enumerate(pairs):
            _bar(axes, place, one, once, each, (low, high), _NARROW if is_narrow(figure) else _WIDE)
        axes.axvline(queries, color=colour("ink"), linewidth=1.4, linestyle=(0, (2, 3)))
        axes.annotate(
            f"this plan, {show(queries)}",
            (queries, -0.72),
            (5, 0),
            textcoords="offset points",
            va="center",
        )
        log_axis(axes, "x", low, high, "queries", wanted=3, most=5 if is_narrow(figure) else 9)
        axes.set_xlabel("Queries served in the model's life")
        axes.set_yticks([])
        axes.set_ylim(len(pairs) - 0.55, -0.95)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)

    caption = (
        "The name at each end is the option that is better there, at this budget; the dot is the break-even, the line "
        f"its {asked:.0%} interval over draws and laws. The more queries, the less a budget buys for each."
    )
    alt = " ".join(one.sentence for one, _, _ in pairs)
    height = 110 + 74 * len(pairs)
    return Picture(name, draw_twice(name, alt, paint, height, height), "Where paying once wins", caption)


def _of(one: BreakEven, part: Part) -> tuple[Row, Row]:
    """The options of a break-even: paid once, and for every query."""
    found = [(a, b) for a in part.rows for b in part.rows if one.code == f"{one.unit}:{a.code}/{b.code}"]
    return found[0]


def _bar(
    axes: "Axes", place: int, one: BreakEven, once: Row, each: Row, ends: tuple[float, float], letters: int
) -> None:
    value, *span = (float(np.clip(end, *ends)) for end in one.value)
    for row, start, stop in ((each, ends[0], value), (once, value, ends[1])):
        axes.barh(place, stop - start, left=start, height=0.3, color=colour(HUES[row.kind][0]), alpha=0.8)
    axes.plot(span, [place] * 2, color=colour("ink"), linewidth=3.5)
    if ends[0] < value < ends[1]:
        axes.plot(value, place, "o", color=colour("ink"), markersize=9, markeredgecolor=colour("paper"))
        axes.annotate(
            show(one.value.value), (value, place + 0.15), (0, -5), textcoords="offset points", ha="center", va="top"
        )
    for row, at, side in ((each, ends[0], "left"), (once, ends[1], "right")):
        if (value > ends[0]) if row is each else (value < ends[1]):
            shown = row.name if len(row.name) <= letters else f"{row.name[: letters - 2]} …"
            axes.text(at, place - 0.2, shown, ha=side, va="bottom", color=colour(HUES[row.kind][0]))
