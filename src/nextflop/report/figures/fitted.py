"""The response against every input: runs, fitted law, and the interval of the law."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.report.axes import amount, input_axis, log_axis, name_of, padded, percent_axis, positive, ringed
from nextflop.report.style import Picture, colour, draw, ramp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GROUPS = 5  # of the other input; more curves than that cannot be told apart
_POINTS = 160
DOUBT = " Rings mark the runs to doubt."
_BEYOND = 0.5  # decades that a law of one input is drawn beyond its runs


def fitted(fit: Fit, runs: Runs, doubted: Sequence[int] = ()) -> Picture:
    """Draws one panel an input; the other input, where there is one, groups the runs and curves by colour.

    Args:
        fit: the fit.
        runs: the runs that were fitted.
        doubted: the rows of those to be doubted, which get a ring.
    """
    law = fit.law
    inputs = law.inputs
    rows = list(doubted)

    def paint(figure: "Figure") -> None:
        row = figure.subplots(1, len(inputs), sharey=True, squeeze=False)[0]
        for axes, name in zip(row, inputs, strict=True):
            panel(axes, fit, runs, name)
            ringed(axes, positive(runs[name])[rows], runs[law.response][rows])
        response_axis(row[0], fit, runs)
        for axes in row[1:]:
            axes.set_ylabel("")
            axes.tick_params(labelleft=False)

    of = " and ".join(name_of(name) for name in inputs)
    alt = f"{name_of(law.response)} of {len(runs)} runs against {of}, with the fitted law {law.name}."
    caption = f"Points are the {len(runs)} runs, lines the fitted law, bands its {fit.level:.0%} interval. "
    if len(inputs) > 1:
        caption += "Colours group the runs by the other quantity; each line holds it at the middle of its group."
    else:
        caption += "The shaded part lies beyond the runs: there the line rests on the form of the law alone."
    caption += DOUBT if rows else ""
    svg = draw("fitted", alt, paint, 430)
    return Picture("fitted", svg, f"{name_of(law.response)} against {of}", caption)


def response_axis(axes: "Axes", fit: Fit, runs: Runs) -> None:
    """Gives the vertical axis the scale of the response: per cent for a share, else logarithmic."""
    law = fit.law
    if law.highest < np.inf:
        percent_axis(axes, 0.0, None)
        axes.set_ylabel(name_of(law.response))
    else:
        log_axis(axes, "y", *padded(runs[law.response]), law.response, wanted=5)


def panel(axes: "Axes", fit: Fit, runs: Runs, name: str) -> None:
    """Draws the response against one input."""
    law, others = fit.law, [other for other in fit.law.inputs if other != name]
    x, y = positive(runs[name]), runs[law.response]
    low, high = padded(x)
    if not others:
        high = x.max() * 10**_BEYOND
        axes.axvspan(x.max(), high, color=colour("wash"), zorder=0)
        axes.text(
            x.max() * 1.05,
            0.985,
            "beyond the runs",
            color=colour("soft"),
            fontsize=10.5,
            va="top",
            transform=axes.get_xaxis_transform(),
        )
    grid = np.geomspace(low, high, _POINTS)
    fixed = {other: float(np.exp(np.log(positive(runs[other])).mean())) for other in others}
    groups = _groups(positive(runs[others[0]])) if others else [np.ones(len(runs), dtype=bool)]
    shades = ramp(len(groups)) if others else [colour("blue")]
    for members, shade in zip(groups, shades, strict=True):
        label = None
        if others:
            middle = float(np.exp(np.log(positive(runs[others[0]])[members]).mean()))
            fixed[others[0]] = middle
            label = amount(float(f"{middle:.2g}"), others[0])
        at = {name: grid, **{other: np.full(_POINTS, value) for other, value in fixed.items()}}
        band = fit.quantiles(fit.laws(**at)) if len(fit.draws) else None
        if band is not None:
            axes.fill_between(grid, *band, color=shade, alpha=0.18, linewidth=0)
        axes.plot(grid, law(**at), color=shade, zorder=3)
        axes.plot(
            x[members],
            y[members],
            "o",
            color=shade,
            markersize=5.5,
            markeredgecolor=colour("paper"),
            markeredgewidth=0.7,
            alpha=0.9,
            zorder=4,
            label=label,
        )
    input_axis(axes, "x", runs[name], name, (low, high))
    if others:
        axes.legend(title=name_of(others[0]), loc="upper right", alignment="left", handletextpad=0.2, labelspacing=0.3)


def _groups(column: np.ndarray) -> list[np.ndarray]:
    """The runs of each distinct value if there are few, else of equal parts in order."""
    distinct = np.unique(column)
    if len(distinct) <= _GROUPS + 1:
        return [column == value for value in distinct]
    edges = np.quantile(np.log(column), np.linspace(0, 1, _GROUPS + 1)[1:-1])
    place = np.searchsorted(edges, np.log(column))
    return [place == group for group in range(_GROUPS) if (place == group).any()]
