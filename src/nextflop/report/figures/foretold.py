"""How far the law has been shown to extrapolate: its errors beyond each cut, and what it said of every run there."""

from typing import TYPE_CHECKING, NamedTuple

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
            runs = _beyond(fold, found.log)
            _measured(row[1], runs, response)
            _missed(row[2], runs, found.log)

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
        caption += f"; {_SHOWN} of them are drawn" if fold.tested > _SHOWN else ""
        caption += ". Orange lies outside, triangles beyond the edge."
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


class _Beyond(NamedTuple):
    """The runs beyond a cut that are drawn, each shape (runs,); `reach` is how far misses are shown."""

    far: np.ndarray
    value: np.ndarray
    measured: np.ndarray
    low: np.ndarray
    high: np.ndarray
    miss: np.ndarray
    miss_low: np.ndarray
    miss_high: np.ndarray
    reach: float

    @property
    def inside(self) -> np.ndarray:
        """Whether a run lies in its interval, or has none."""
        return ~np.isfinite(self.low) | ((self.measured >= self.low) & (self.measured <= self.high))


def _beyond(fold: Fold, log: bool) -> _Beyond:
    told = fold.foretold
    assert told is not None
    order = np.argsort(told.place, kind="stable")
    rows = order[np.linspace(0, len(order) - 1, min(len(order), _SHOWN)).round().astype(int)]
    place, measured, value, low, high = (column[rows] for column in told)
    with np.errstate(divide="ignore"):
        far = np.log10(place / fold.cut) if fold.cut > 0 else place
    miss, miss_low, miss_high = (100 * (part / value - 1) if log else part - value for part in (measured, low, high))
    # The axis is that of most runs and most bars; what lies far beyond is drawn at its edge.
    bars = np.abs(np.concatenate([miss_low, miss_high]))
    reach = max(
        1.3 * float(np.quantile(np.abs(miss), 0.9)),
        float(np.nanquantile(bars, 0.9)) if np.isfinite(bars).any() else 0.0,
    )
    return _Beyond(far, value, measured, low, high, miss, miss_low, miss_high, reach or 1.0)


def _measured(axes: "Axes", runs: _Beyond, response: str) -> None:
    near = np.abs(runs.miss) <= runs.reach
    near = near if near.any() else ~near
    x, y = runs.value[near], runs.measured[near]
    ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
    ends += np.array([-0.06, 0.06]) * (float(np.ptp(ends)) or 1.0)
    if np.isfinite(runs.low).all():
        axes.hlines(y, runs.low[near], runs.high[near], color=colour("blue"), linewidth=2.2, alpha=0.35)
    axes.plot(x, y, "o", color=colour("blue"), markersize=5, markeredgecolor=colour("paper"), markeredgewidth=0.6)
    edges = ends + np.array([0.025, -0.025]) * float(np.ptp(ends))
    for marker, some in (("^", runs.measured > ends[1]), ("v", runs.measured < ends[0])):
        at = np.clip(runs.value[some], *edges), np.clip(runs.measured[some], *edges)
        axes.plot(*at, marker, color=colour("orange"), markersize=6.5)
    axes.plot(ends, ends, color=colour("soft"), linewidth=1.2, zorder=1)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_xlabel("Foretold")
    axes.set_ylabel("Measured")
    axes.set_title(name_of(response).split(" (")[0])


def _missed(axes: "Axes", runs: _Beyond, log: bool) -> None:
    """Measured less foretold against the distance from the cut."""
    if np.isfinite(runs.low).all():
        axes.vlines(runs.far, runs.miss_low, runs.miss_high, color=colour("blue"), linewidth=2.2, alpha=0.35)
    edge = 1.08 * runs.reach
    inside = runs.inside
    for part, hue, marker in (
        (inside, "blue", "o"),
        (~inside & (np.abs(runs.miss) <= edge), "orange", "D"),
        (runs.miss > edge, "orange", "^"),
        (runs.miss < -edge, "orange", "v"),
    ):
        axes.plot(
            runs.far[part],
            np.clip(runs.miss[part], -edge, edge),
            marker,
            color=colour(hue),
            markersize=5 if marker == "o" else 6.5,
            markeredgecolor=colour("paper"),
            markeredgewidth=0.6,
        )
    axes.axhline(0, color=colour("soft"), linewidth=1.2, zorder=1)
    axes.set_ylim(-1.15 * runs.reach, 1.15 * runs.reach)
    axes.set_xlabel("Decades beyond the cut")
    axes.set_ylabel(f"Measured − foretold{' (%)' if log else ''}")
    known = np.isfinite(runs.low).any()
    axes.set_title(f"{int((~inside).sum())} of {len(runs.far)} outside" if known else "No intervals")
