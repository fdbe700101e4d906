"""Who discloses: rows of groups at the frontier by quarter, with a value and without."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.outlook.trend.answer import Trend
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDE = 0.21  # of a bar, in years


def disclosed_figure(found: Trend) -> Picture:
    """Draws a bar a quarter, split into rows with a value and rows without, and the share that has one."""
    start = np.array([one.start for one in found.quarters]) + 0.125
    rows = np.array([one.rows for one in found.quarters])
    known = np.array([one.known for one in found.quarters])

    def paint(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, 1])
        upper.bar(start, known, _WIDE, color=colour("blue"), label="with a value")
        upper.bar(start, rows - known, _WIDE, bottom=known, color=colour("orange"), alpha=0.75, label="without")
        upper.set_ylabel("Rows a quarter")
        upper.legend(loc="upper left")
        some = rows > 0
        lower.plot(
            start[some], 100 * known[some] / rows[some], "o-", color=colour("blue"), markersize=4.5, linewidth=1.4
        )
        lower.set_ylim(0, 105)
        lower.set_ylabel("With a value (%)")
        for axes in (upper, lower):
            axes.axvline(found.since, color=colour("ink"), linewidth=1.2, linestyle=(0, (2, 3)))
        upper.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        lower.xaxis.set_major_locator(MaxNLocator(8, integer=True))

    total, told = int(rows.sum()), int(known.sum())
    caption = (
        f"{told} of {total} rows have a value. Counted are rows of groups that had been at the frontier in the three "
        "years before; not all of them would have been there again. The dotted line is where slowing is asked about."
    )
    alt = f"Rows by quarter, {told} of {total} with a value."
    return Picture("disclosed", draw("disclosed", alt, paint, 330), "Rows with a value, by quarter", caption)
