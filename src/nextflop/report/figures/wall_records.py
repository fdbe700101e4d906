"""What public tables say: records that were foretold against those that came, and how the known web grows."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.outlook.wall.backtest import WallBacktest
from nextflop.report.axes import log_ticks
from nextflop.report.style import Picture, colour, draw
from nextflop.report.wall_words import tokens

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def records_figure(found: WallBacktest) -> Picture:
    """Draws the record of a year after each cut with what was foretold, and the growth of what crawls have found."""

    def paint(figure: "Figure") -> None:
        cells = figure.subplots(
            1, 2 if found.supply else 1, squeeze=False, width_ratios=(3, 2)[: 1 + bool(found.supply)]
        )
        _records(cells[0, 0], found)
        if found.supply:
            _supply(cells[0, 1], found)

    inside = sum(one.low <= one.came <= one.high for one in found.foretold)
    caption = (
        "Left: the largest training set of a model of text a year after each cut, as foretold from what was known at "
        "the cut (bar: 80%, line: median) and as it came (diamond; orange if outside)."
    )
    if found.supply:
        caption += (
            " Right: by how much the number of distinct addresses that Common Crawl had found grew a year, between the "
            "crawls on record; 1.0 is no growth."
        )
    alt = f"{inside} of {len(found.foretold)} records came within the interval that was foretold."
    return Picture("wall-records", draw("wall-records", alt, paint, 330), "Records and the known web", caption)


def _records(axes: "Axes", found: WallBacktest) -> None:
    every = [end for one in found.foretold for end in (one.low, one.high, one.came)]
    low, high = min(every) / 1.4, max(every) * 1.4
    for one in found.foretold:
        at = one.cut + 1
        axes.plot([at, at], [one.low, one.high], color=colour("blue"), linewidth=9, alpha=0.35, solid_capstyle="butt")
        axes.plot([at - 0.16, at + 0.16], [one.median] * 2, color=colour("blue"), linewidth=2)
        inside = one.low <= one.came <= one.high
        axes.plot(
            at,
            one.came,
            "D",
            color=colour("ink" if inside else "orange"),
            markersize=7,
            markeredgecolor=colour("paper"),
            zorder=5,
        )
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    ticks = log_ticks(low, high, 3, 6)
    axes.yaxis.set_ticks(ticks, [tokens(float(tick)) for tick in ticks])
    axes.yaxis.set_ticks([], minor=True)
    axes.set_ylabel("Tokens")
    axes.set_xticks([one.cut + 1 for one in found.foretold], [f"{one.cut + 1}" for one in found.foretold])
    axes.set_xlabel("Start of the year")
    axes.set_title("Records")


def _supply(axes: "Axes", found: WallBacktest) -> None:
    from matplotlib.ticker import MaxNLocator

    years = np.array([one.year for one in found.supply])
    growth = np.array([one.growth for one in found.supply[1:]])
    axes.stairs(growth, years, baseline=1.0, color=colour("teal"), fill=True, alpha=0.3)
    axes.stairs(growth, years, baseline=1.0, color=colour("teal"), linewidth=1.6)
    axes.set_ylim(1.0, 1.08 * growth.max())
    axes.set_ylabel("Times a year")
    axes.set_xlabel("Year")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_title("Addresses known to Common Crawl")
