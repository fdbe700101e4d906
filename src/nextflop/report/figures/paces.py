"""Paces side by side: windows by three estimates, and before and after under each reading of what is missing."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.dates import show_date
from nextflop.fitting.fit import Interval
from nextflop.outlook.trend import words
from nextflop.outlook.trend.answer import Trend
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 30  # CSS pixels
_LOOKS = {
    "pace": ("blue", "o", "allowing for dependence"),
    "plain": ("soft", "s", "if points were independent"),
    "robust": ("teal", "D", "robust (Theil and Sen)"),
    "before": ("soft", "o", "before"),
    "after": ("orange", "D", "after"),
}


def paces_figure(found: Trend) -> Picture:
    """Draws intervals of the pace, a row a window and a row a reading."""
    series = found.series
    named = [
        (f"{show_date(one.start)} to {show_date(one.end)}", {k: getattr(one, k) for k in ("pace", "plain", "robust")})
        for one in found.windows
    ]
    named += [
        (
            words.reading_words(series, name) if len(found.readings) > 1 else f"turn at {show_date(found.since)}",
            {"before": one.before, "after": one.after},
        )
        for name, one in found.readings.items()
        if one is not None
    ]

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        seen: set[str] = set()
        for row, (_, paces) in enumerate(named):
            for place, (kind, pace) in enumerate(paces.items()):
                hue, marker, label = _LOOKS[kind]
                value, low, high = _shown(found, pace)
                at = row + 0.24 * (place - (len(paces) - 1) / 2)
                axes.plot([low, high], [at, at], color=colour(hue), linewidth=2.2, alpha=0.55)
                shown = "" if kind in seen else label
                axes.plot(value, at, marker, color=colour(hue), markersize=6, label=shown or None, linestyle="none")
                seen.add(kind)
        axes.set_yticks(range(len(named)), [name for name, _ in named])
        axes.set_ylim(len(named) - 0.4, -0.6)
        axes.axvline(0, color=colour("soft"), linewidth=1.2, zorder=1)
        _limits(axes, [_shown(found, pace) for _, paces in named for pace in paces.values()])
        axes.set_xlabel(_label(found))
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside upper left", ncols=3, fontsize=10.5)

    caption = f"Points with {found.level:.0%} intervals; to the right is "
    caption += "growth. "
    caption += "Above, the pace within a window; below, the pace on either side of the date asked about"
    caption += ", with rows without a value read in each way." if len(found.readings) > 1 else "."
    alt = "Paces with intervals: " + "; ".join(
        f"{name} {words.pace_words(series, next(iter(paces.values())).value)}" for name, paces in named
    )
    height = 120 + int(_ROW * 1.45 * len(named))
    return Picture("paces", draw("paces", alt, paint, height), "How fast, when, and under which reading", caption)


def _shown(found: Trend, pace: Interval) -> tuple[float, float, float]:
    """A pace as what the values do, in doublings where they grow by factors; the lower end second."""
    unit = found.series.sign / (np.log(2) if found.series.scale.name == "log" else 1.0)
    low, high = sorted((unit * pace.low, unit * pace.high))
    return unit * pace.value, low, high


def _limits(axes: "Axes", paces: list[tuple[float, float, float]]) -> None:
    """An axis for the values and most of the intervals; a few ends that are far out are cut."""
    values = np.array(paces)
    middle = np.array([values[:, 0].min(), values[:, 0].max(), 0.0])
    reach = 2.5 * max(float(np.ptp(middle)), 1e-9)
    low = max(float(min(values[:, 1].min(), 0.0)), float(middle.min()) - reach)
    high = min(float(values[:, 2].max()), float(middle.max()) + reach)
    axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))


def _label(found: Trend) -> str:
    if found.series.scale.name == "log":
        return "Pace (doublings a year)"
    return f"Pace ({words.pace_unit(found.series)})"
