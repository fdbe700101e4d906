"""How far the law has been shown to extrapolate: its errors beyond each cut, and what it said of every run there."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.judging.backtest import LAST, LINE, Backtest, Fold
from nextflop.report.axes import log_axis, name_of, padded, shown
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHOWN = 80  # runs with bars beyond one cut; more would only cover each other
_LOOKS = {LAST: ("soft", "s"), LINE: ("purple", "^")}


def foretold_figure(found: Backtest, response: str) -> Picture:
    """Draws errors against decades beyond the cut, and for the lowest cut that had an answer the runs beyond it.

    Args:
        found: the back-test.
        response: name of the column that was foretold.
    """
    fold = next((fold for fold in found.folds if fold.foretold is not None), None)
    names = [found.law, LAST, LINE]

    def paint(figure: "Figure") -> None:
        row = figure.subplots(1, 1 if fold is None else 3, squeeze=False)[0]
        _errors(row[0], found, names)
        if fold is not None:
            _measured(row[1], fold, response)
            _missed(row[2], fold, found.log)

    said = ", ".join(f"{name} {error(found.error(name), found.log)}" for name in names)
    far = max(fold.reach for fold in found.folds)
    caption = (
        f"Left: fitted to the runs below each of {len(found.folds)} cuts of {name_of(found.axis)}, by how much the law "
        "and two simple forecasts missed the runs beyond, against the distance to the farthest of them."
    )
    if fold is not None:
        caption += (
            f" Middle and right: the {fold.tested} runs beyond the lowest cut, {shown(fold.cut, found.axis)}, as "
            f"foretold from the {fold.trained} below it, with {found.level:.0%} intervals for single runs"
        )
        caption += f"; {_SHOWN} of them are drawn." if fold.tested > _SHOWN else "."
    alt = f"Errors of forecasts up to {far:.1f} decades beyond the runs that were fitted, in the mean: {said}."
    svg = draw("foretold", alt, paint, 370)
    return Picture("foretold", svg, "What it would have foretold", caption)


def error(value: float, log: bool) -> str:
    """An error of a forecast as text: in per cent where it is one of logarithms."""
    if not np.isfinite(value):
        return "no answer"
    return f"{value:.2%}" if log else f"{value:.3g}"


def _errors(axes: "Axes", found: Backtest, names: list[str]) -> None:
    scale = 100 if found.log else 1
    reach = np.array([fold.reach for fold in found.folds])
    every = []
    for name in names:
        hue, marker = _LOOKS.get(name, ("blue", "o"))
        errors = np.array([scale * fold.errors[name] for fold in found.folds])
        known = np.isfinite(errors) & np.isfinite(reach) & (errors > 0)
        order = np.argsort(reach[known])
        axes.plot(
            reach[known][order],
            errors[known][order],
            marker=marker,
            markersize=6.5,
            color=colour(hue),
            markeredgecolor=colour("paper"),
            label={LINE: "power law, no offset"}.get(name, name),
        )
        every += errors[known].tolist()
    if every:
        low, high = padded(every, 0.08)
        log_axis(axes, "y", low, high * (high / low) ** 0.3, "", wanted=3, most=6)  # with room for the legend
    axes.set_ylabel("Error (%)" if found.log else "Error")
    axes.set_xlabel("Decades beyond the cut")
    finite = reach[np.isfinite(reach)]
    axes.set_xlim(0, 1.08 * max(finite, default=1.0))
    axes.set_title("Errors")
    axes.legend(loc="upper left", fontsize=10, handlelength=1.4, labelspacing=0.25, borderaxespad=0.1)


def _chosen(fold: Fold) -> np.ndarray:
    assert fold.foretold is not None
    order = np.argsort(fold.foretold.place, kind="stable")
    return order[np.linspace(0, len(order) - 1, min(len(order), _SHOWN)).round().astype(int)]


def _measured(axes: "Axes", fold: Fold, response: str) -> None:
    told, rows = fold.foretold, _chosen(fold)
    assert told is not None
    x, y = told.value[rows], told.measured[rows]
    low, high = (
        np.where(np.isfinite(told.low), told.low, told.value),
        np.where(np.isfinite(told.high), told.high, told.value),
    )
    axes.hlines(y, low[rows], high[rows], color=colour("blue"), linewidth=2.2, alpha=0.35)
    axes.plot(x, y, "o", color=colour("blue"), markersize=5, markeredgecolor=colour("paper"), markeredgewidth=0.6)
    ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
    ends += np.array([-0.06, 0.06]) * (float(np.ptp(ends)) or 1.0)
    axes.plot(ends, ends, color=colour("soft"), linewidth=1.2, zorder=1)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_xlabel("Foretold")
    axes.set_ylabel("Measured")
    axes.set_title(name_of(response).split(" (")[0])


def _missed(axes: "Axes", fold: Fold, log: bool) -> None:
    """Measured less foretold against the distance from the cut."""
    told, rows = fold.foretold, _chosen(fold)
    assert told is not None
    with np.errstate(divide="ignore"):
        far = np.log10(told.place[rows] / fold.cut) if fold.cut > 0 else told.place[rows]
    value = told.value[rows]
    miss, low, high = (
        100 * (part[rows] / value - 1) if log else part[rows] - value for part in (told.measured, told.low, told.high)
    )
    if np.isfinite(low).all():
        axes.vlines(far, low, high, color=colour("blue"), linewidth=2.2, alpha=0.35)
    inside = ~np.isfinite(low) | ((miss >= low) & (miss <= high))
    for part, hue, marker in ((inside, "blue", "o"), (~inside, "orange", "D")):
        axes.plot(
            far[part],
            miss[part],
            marker,
            color=colour(hue),
            markersize=5 if marker == "o" else 6,
            markeredgecolor=colour("paper"),
            markeredgewidth=0.6,
        )
    axes.axhline(0, color=colour("soft"), linewidth=1.2, zorder=1)
    # The axis is that of the runs and most of the bars; a bar far longer than its fellows is cut off.
    bars = np.abs(np.concatenate([low, high]))
    reach = max(np.abs(miss).max(), float(np.nanquantile(bars, 0.9)) if np.isfinite(bars).any() else 0.0) or 1.0
    axes.set_ylim(-1.15 * reach, 1.15 * reach)
    axes.set_xlabel("Decades beyond the cut")
    axes.set_ylabel(f"Measured − foretold{' (%)' if log else ''}")
    axes.set_title(f"{int((~inside).sum())} of {len(rows)} outside" if np.isfinite(low).any() else "No intervals")
