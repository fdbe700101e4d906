"""Demand against stock: whole paths, their bands, and below them when they cross."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.outlook.wall.forecast import SHARES, Wall
from nextflop.outlook.wall.model import Record
from nextflop.report.axes import log_ticks
from nextflop.report.style import Picture, colour, draw
from nextflop.report.wall_words import span, tokens, when

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BANDS = ((0.05, 0.95, 0.10), (0.1, 0.9, 0.14), (0.25, 0.75, 0.18))
_PATHS = 14  # single paths that are drawn of each side
_ROOM = 0.16  # of the width, at the right for the names
_ABOVE = 4.0  # times the highest stock, beyond which demand is not followed
_BEFORE = 2.0  # years before the start from which records are shown


def fan_figure(found: Wall) -> Picture:
    """Draws the bands of demand and stock, some paths of each, records, and the density of the crossing below."""

    def paint(figure: "Figure") -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        _sides(above, found)
        _records(above, found)
        _crossings(below, found)

    model, passage = found.model, found.passage
    caption = (
        f"Each draw is a whole path of demand (blue) and a whole path of the effective stock (teal); {_PATHS} of each "
        "are drawn as thin lines, bands hold 50%, 80% and 90% of all, and thick lines are the medians. Below, when a "
        f"path of demand first meets its own path of the stock: median {when(passage.median, passage)}, "
        f"{found.level:.0%} {span(passage, found.level)}. Beyond the crossing, demand is what would be wanted, not "
        "what could be had."
    )
    alt = (
        f"Demand of the largest run and effective stock of {model.domain} against time; they cross in "
        f"{when(passage.median, passage)} in the median, {found.level:.0%} {span(passage, found.level)}."
    )
    return Picture("wall-fan", draw("wall-fan", alt, paint, 500), f"Demand against stock, {model.name}", caption)


def _sides(axes: "Axes", found: Wall) -> None:
    fan = found.fan
    place = {share: index for index, share in enumerate(SHARES)}
    for hue, quantiles, single in (
        ("teal", fan.stock, fan.single_stock),
        ("blue", fan.demand, fan.single_demand),
    ):
        for low, high, alpha in _BANDS:
            axes.fill_between(
                fan.years,
                quantiles[place[low]],
                quantiles[place[high]],
                color=colour(hue),
                alpha=alpha,
                linewidth=0,
            )
        axes.plot(fan.years, single[:_PATHS].T, color=colour(hue), linewidth=0.7, alpha=0.35)
        axes.plot(fan.years, quantiles[place[0.5]], color=colour(hue), linewidth=2.6)
    axes.set_yscale("log")
    low = min(fan.demand[place[0.05]].min(), fan.stock[place[0.05]].min(), *(one.tokens for one in _near(found)))
    high = min(max(fan.stock[place[0.95]].max(), fan.demand[place[0.9], -1]), _ABOVE * fan.stock[place[0.95]].max())
    low, high = low / 1.6, high * 1.3
    axes.set_ylim(low, high)
    ticks = log_ticks(low, high, 3, 7)
    axes.yaxis.set_ticks(ticks, [tokens(float(tick)) for tick in ticks])
    axes.yaxis.set_ticks([], minor=True)
    axes.set_ylabel("Tokens")
    begin = min([fan.years[0], *(one.date for one in _near(found))])
    width = float(fan.years[-1] - begin)
    axes.set_xlim(begin - 0.02 * width, fan.years[-1] + _ROOM * width)
    end = fan.years[-1] + 0.015 * width
    apart = 0.055 * np.log10(high / low)
    stock, demand = np.log10([fan.stock[place[0.5], -1], fan.demand[place[0.5], -1]])
    demand = min(demand, np.log10(high) - apart)
    if abs(demand - stock) < 2 * apart:
        demand = stock + 2 * apart * (1 if demand >= stock else -1)
    for name, hue, at in (("demand of the\nlargest run", "blue", demand), ("effective\nstock", "teal", stock)):
        axes.text(end, 10**at, name, color=colour(hue), fontweight="bold", va="center", fontsize=11)


def _near(found: Wall) -> list[Record]:
    """The records of the years that are shown."""
    first, last = found.fan.years[0] - _BEFORE, found.fan.years[-1]
    return [record for record in found.model.records if first <= record.date <= last]


def _records(axes: "Axes", found: Wall) -> None:
    for place, record in enumerate(_near(found)):
        at = record.date, record.tokens
        above = place % 2
        axes.plot(*at, "D", color=colour("ink"), markersize=6, markeredgecolor=colour("paper"), zorder=6)
        axes.annotate(
            record.name,
            at,
            xytext=(-4, 5) if above else (6, -4),
            ha="right" if above else "left",
            textcoords="offset points",
            fontsize=10.5,
            color=colour("ink"),
            va="bottom" if above else "top",
            zorder=6,
        )


def _crossings(axes: "Axes", found: Wall) -> None:
    years = found.fan.years
    edges = np.linspace(years[0], years[-1], len(years))
    density = found.passage.density(edges)
    axes.stairs(density, edges, fill=True, color=colour("orange"), alpha=0.35)
    axes.stairs(density, edges, color=colour("orange"), linewidth=1.4)
    low, high = (float(np.clip(end, years[0], years[-1])) for end in found.passage.interval(found.level))
    top = float(density.max()) or 1.0
    axes.plot([low, high], [-0.12 * top] * 2, color=colour("orange"), linewidth=4, solid_capstyle="butt")
    if np.isfinite(found.median):
        axes.plot(found.median, -0.12 * top, "o", color=colour("orange"), markeredgecolor=colour("paper"), markersize=9)
    axes.set_ylim(-0.25 * top, 1.1 * top)
    axes.set_yticks([])
    axes.grid(axis="y", visible=False)
    axes.set_ylabel("Crossing")
    axes.spines["left"].set_visible(False)
    whole = np.arange(np.ceil(axes.get_xlim()[0]), np.floor(years[-1]) + 1)
    whole = whole[:: max(1, len(whole) // 12)]
    axes.set_xticks(whole, [f"{year:.0f}" for year in whole])
