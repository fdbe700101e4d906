"""A series against time: what was disclosed, the line with its band, what lies ahead, and who said nothing."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.dates import show_date
from nextflop.outlook.trend.answer import Trend
from nextflop.report.axes import log_axis, name_of, padded
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def series_figure(found: Trend) -> Picture:
    """Draws the points that count, the other values, bounds, the line from the start on, and rows without a value."""

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        _line(axes, found)
        _points(axes, found)
        _axes(axes, found)
        axes.legend(loc="upper left", fontsize=10.5, handlelength=1.6, labelspacing=0.3)

    series = found.series
    caption = (
        f"Points are the frontier ({series.rule.words}); the line is their trend from {show_date(found.start)} on, "
    )
    caption += f"the dark band its {found.level:.0%} interval, the light one that of a single point. "
    if (found.used.points.low != found.used.points.high).any():
        caption += "An open triangle is a bound: no more is known than that the value is at least, or at most, that. "
    if found.silent:
        caption += "A tick at the bottom is a row of a group at the frontier without a value. "
    caption += f"Slowing is asked about from the dotted line, {show_date(found.since)}, on."
    alt = f"{series.title} against time, {len(found.rows)} points from {show_date(found.start)} on, with their trend."
    return Picture("series", draw("series", alt, paint, 430), series.title, caption)


def _line(axes: "Axes", found: Trend) -> None:
    back, sign = found.series.scale.back, found.series.sign
    dates = np.array([there.date for there in found.band])
    line, point = (
        np.array([back(sign * np.array(getattr(there, which))) for there in found.band]).T
        for which in ("line", "point")
    )
    blue = colour("blue")
    axes.fill_between(dates, point[1], point[2], color=blue, alpha=0.1, linewidth=0)
    axes.fill_between(dates, line[1], line[2], color=blue, alpha=0.22, linewidth=0)
    axes.plot(dates, line[0], color=blue, label="trend")
    axes.axvline(found.since, color=colour("ink"), linewidth=1.2, linestyle=(0, (2, 3)))
    if dates[-1] > found.until:
        axes.axvspan(found.until, dates[-1], color=colour("wash"), zorder=0)


def _points(axes: "Axes", found: Trend) -> None:
    series, points = found.series, found.used.points
    other = np.setdiff1d(np.flatnonzero(series.known & _inside(found)), found.rows)
    if len(other):
        axes.plot(
            series.dates[other],
            series.values[other],
            "o",
            color=colour("soft"),
            markersize=3,
            alpha=0.4,
            label="others",
        )
    known = points.known
    values = series.scale.back(series.sign * points.low)
    look = {"markersize": 6, "markeredgecolor": colour("paper"), "markeredgewidth": 0.7, "zorder": 4}
    axes.plot(points.dates[known], values[known], "o", color=colour("blue"), label="frontier", **look)
    for ends, marker in ((points.low, "^"), (points.high, "v")):
        bound = ~known & np.isfinite(ends)
        if bound.any():
            upwards = (marker == "^") == (series.sign > 0)
            axes.plot(
                points.dates[bound],
                series.scale.back(series.sign * ends[bound]),
                "^" if upwards else "v",
                markersize=8,
                markerfacecolor=colour("paper"),
                markeredgecolor=colour("orange"),
                markeredgewidth=1.5,
                zorder=5,
                label="at least" if upwards else "at most",
            )
    silent = series.dates[~series.known & _inside(found) & found.rivals]
    if len(silent):
        axes.plot(
            silent,
            np.full(len(silent), 0.012),
            "|",
            color=colour("orange"),
            markersize=9,
            markeredgewidth=1.1,
            transform=axes.get_xaxis_transform(),
            label="no value",
        )


def _inside(found: Trend) -> np.ndarray:
    return (found.series.dates >= found.start) & (found.series.dates <= found.until)


def _axes(axes: "Axes", found: Trend) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    series = found.series
    shown = series.values[series.known & _inside(found)]
    ends = [
        float(series.scale.back(series.sign * end)) for there in (found.band[0], found.band[-1]) for end in there.line
    ]
    name = "flop" if series.unit == "FLOP" else series.unit
    if series.scale.name == "log":
        # Values far below the frontier would press it into a corner.
        floor = min(*ends, *series.values[found.rows]) / 30
        low, high = padded(np.array([*shown[shown >= floor], *ends]))
        log_axis(axes, "y", low, high, name)
    else:
        low, high = min(*shown, *ends), max(*shown, *ends)
        axes.set_ylim(low - 0.05 * (high - low), high + 0.08 * (high - low))
    axes.set_ylabel(name_of(name) if name in {"flop"} else series.unit[:1].upper() + series.unit[1:] or "Value")
    axes.set_xlim(found.band[0].date - 0.03 * _span(found), found.band[-1].date + 0.01 * _span(found))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=_span(found) > 3, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: _year(year, _span(found) > 3)))


def _span(found: Trend) -> float:
    return found.band[-1].date - found.band[0].date


def _year(value: float, whole: bool) -> str:
    return (
        f"{value:.0f}" if whole else show_date(value + 0.003)[:7]
    )  # the first of a year is within a day of its number
