"""The date under each model: densities in rows, with median, interval, and the claim that is asked about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.outlook.wall.forecast import Wall
from nextflop.report.style import Picture, colour, draw
from nextflop.report.wall_words import chance, claimed, when

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 66  # pixels
_HIGH = 0.7  # of a row, the tallest density
_BINS = 120
_SEEN = 0.95  # of the latest model lies within the axis


def dates_figure(found: Sequence[Wall], year: float | None) -> Picture:
    """Draws one row a model.

    Args:
        found: the forecasts.
        year: a date to be marked; None for none.
    """
    first = min(one.model.start for one in found)
    late = max(one.passage.quantile(_SEEN) for one in found)
    last = first + 20.0 if np.isinf(late) else min(late + 0.5, first + 25.0)
    edges = np.linspace(first, last, _BINS + 1)

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for row, one in enumerate(found):
            _row(axes, one, -float(row), edges, year)
        if year is not None and first <= year <= last:
            axes.axvline(year, color=colour("red"), linewidth=1.4, linestyle=(0, (4, 3)), zorder=1)
            axes.text(year, 1.02, f"{year:g}", color=colour("red"), ha="center", va="bottom", fontsize=11)
        axes.set_yticks([-float(row) for row in range(len(found))], [one.model.name for one in found])
        axes.tick_params(axis="y", labelcolor=colour("ink"), labelsize=11)
        axes.set_ylim(-len(found) + 0.55, 1.0)
        room = 0.12 if any(one.passage.passed >= 0.005 for one in found) else 0.02
        axes.set_xlim(first - room * (last - first), last)
        whole = np.arange(np.ceil(first), np.floor(last) + 1)
        whole = whole[:: max(1, len(whole) // 12)]
        axes.set_xticks(whole, [f"{tick:.0f}" for tick in whole])
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)

    told = ", ".join(f"{one.model.name} {when(one.median, one.passage)}" for one in found)
    caption = (
        "When demand first meets the stock, by model: the density of the date, the interval of "
        f"{found[0].level:.0%} and the median. Models share their draws where they share an input, so that rows "
        "differ by what the models differ in."
    )
    caption += "" if year is None else f" {claimed(found, year)}"
    svg = draw("wall-dates", f"Densities of the date by model; medians: {told}.", paint, 70 + _ROW * len(found))
    return Picture("wall-dates", svg, "The date under each model", caption)


def _row(axes: "Axes", one: Wall, base: float, edges: np.ndarray, year: float | None) -> None:
    density = one.passage.density(edges)
    height = base + _HIGH * density / (density.max() or 1.0)
    middle = (edges[1:] + edges[:-1]) / 2
    begun = middle >= one.model.start
    middle, height = middle[begun], height[begun]
    axes.fill_between(middle, base, height, color=colour("blue"), alpha=0.18, linewidth=0)
    if year is not None:
        axes.fill_between(
            middle, base, height, where=(middle < year).tolist(), color=colour("blue"), alpha=0.28, linewidth=0
        )
    axes.plot(middle, height, color=colour("blue"), linewidth=1.4)
    low, high = one.passage.interval(one.level)
    axes.plot(
        [max(low, edges[0]), min(high, edges[-1])],
        [base - 0.09] * 2,
        color=colour("blue"),
        linewidth=4,
        solid_capstyle="butt",
    )
    if edges[0] <= one.median <= edges[-1]:
        axes.plot(
            one.median, base - 0.09, "o", color=colour("blue"), markeredgecolor=colour("paper"), markersize=9, zorder=5
        )
        axes.annotate(
            when(one.median, one.passage),
            (min(high, edges[-1]), base - 0.09),
            xytext=(6, 0) if high < edges[-1] else (0, -10),
            textcoords="offset points",
            ha="left" if high < edges[-1] else "right",
            va="center",
            fontsize=10.5,
            color=colour("ink"),
            bbox={"facecolor": colour("paper"), "edgecolor": "none", "pad": 1.0},
            zorder=6,
        )
    later = 1 - float(np.searchsorted(one.passage.dates, edges[-1])) / len(one.passage.dates)
    if later >= 0.005:
        axes.text(edges[-1], base + 0.12, f"{chance(later)} later ▸", ha="right", color=colour("soft"), fontsize=10)
    if one.passage.passed >= 0.005:
        axes.text(
            one.model.start - 0.01 * (edges[-1] - edges[0]),
            base + 0.06,
            f"{chance(one.passage.passed)} by {one.model.start:.1f}",
            ha="right",
            va="bottom",
            color=colour("soft"),
            fontsize=10,
        )
