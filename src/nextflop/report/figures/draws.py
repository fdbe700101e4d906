"""What the bootstrap says of the parameters: each alone, and the two that matter most together."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.fitting.fit import Fit
from nextflop.laws.base import Parameter
from nextflop.report.axes import padded, parameter_axis
from nextflop.report.mathml import to_text
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_WIDE = 20.0  # a positive parameter whose draws differ by more than this is shown by its logarithm
_SHOWN = 500  # draws in the cloud; more only cover each other


def draws_figure(fit: Fit) -> Picture:
    """Draws the cloud of two parameters at the left, the histogram of every one at the right."""
    law = fit.law
    names = list(law.parameters)
    first, second = _pair(fit)
    symbols = {name: to_text(law.parameters[name].symbol) for name in names}

    def paint(figure: "Figure") -> None:
        columns = 2 if len(names) > 3 else 1
        halves = figure.add_gridspec(1, 2, width_ratios=[1.0, 1.35])
        _cloud(figure.add_subplot(halves[0]), fit, first, second)
        cells = halves[1].subgridspec(int(np.ceil(len(names) / columns)), columns)
        for place, name in enumerate(names):
            _histogram(figure.add_subplot(cells[divmod(place, columns)]), fit, name, symbols[name])

    correlation = float(np.corrcoef(fit.draws[:, names.index(first)], fit.draws[:, names.index(second)])[0, 1])
    caption = (
        f"Left: {symbols[first]} and {symbols[second]} in {min(len(fit.draws), _SHOWN)} of {len(fit.draws)} bootstrap "
        f"draws; their correlation is {correlation:+.2f}. Right: every parameter, with its estimate (line) and "
        f"{fit.level:.0%} interval (dark part)."
    )
    alt = (
        f"Bootstrap draws of {', '.join(symbols.values())}; {symbols[first]} and {symbols[second]} correlate by "
        f"{correlation:+.2f}."
    )
    return Picture("draws", draw("draws", alt, paint, 400), "How well the parameters are known", caption)


def _pair(fit: Fit) -> tuple[str, str]:
    """Two parameters that move, exponents before the parameters in which the law is linear."""
    law = fit.law
    order = [*(name for name in law.parameters if name not in law.linear), *law.linear]
    spread = dict(zip(law.parameters, np.ptp(fit.draws, axis=0), strict=True))
    moving = [name for name in order if spread[name] > 0] + [name for name in order if spread[name] == 0]
    first, second = sorted(moving[:2], key=list(law.parameters).index)
    return first, second


def _cloud(axes: "Axes", fit: Fit, first: str, second: str) -> None:
    names = list(fit.law.parameters)
    x, y = (fit.draws[:_SHOWN, names.index(name)] for name in (first, second))
    axes.plot(x, y, "o", markersize=4, color=colour("blue"), alpha=0.3, markeredgewidth=0)
    estimate = fit.estimate
    for name, lines in ((first, axes.axvline), (second, axes.axhline)):
        lines(estimate[name].value, color=colour("orange"), linewidth=1.2)
    axes.plot(
        estimate[first].value,
        estimate[second].value,
        "D",
        markersize=7,
        color=colour("orange"),
        markeredgecolor=colour("paper"),
    )
    for name, axis, values, limit in ((first, axes.xaxis, x, axes.set_xlim), (second, axes.yaxis, y, axes.set_ylim)):
        low, high = np.quantile(values, [0.002, 0.998])
        wide = _scale(axes, axis, fit.law.parameters[name], values)
        limit(
            *(padded([low, high]) if wide else np.array([low, high]) + np.array([-0.06, 0.06]) * float(np.ptp(values)))
        )
        axis.set_label_text(f"{to_text(fit.law.parameters[name].symbol)}: {fit.law.parameters[name].meaning}")


def _histogram(axes: "Axes", fit: Fit, name: str, symbol: str) -> None:
    values = fit.draws[:, list(fit.law.parameters).index(name)]
    known, interval = fit.law.parameters[name], fit.estimate[name]
    low, high = np.quantile(values, [0.005, 0.995])
    if low == high:
        low, high = low - 0.5 * abs(low) - 1e-9, high + 0.5 * abs(high) + 1e-9
    wide = _scale(axes, axes.xaxis, known, values)
    edges = np.geomspace(low, high, 42) if wide else np.linspace(low, high, 42)
    counts, _ = np.histogram(np.clip(values, low, high), edges)
    middles = (edges[1:] + edges[:-1]) / 2
    inside = (middles >= interval.low) & (middles <= interval.high)
    for part, alpha in ((inside, 0.85), (~inside, 0.3)):
        axes.bar(
            edges[:-1][part],
            counts[part],
            np.diff(edges)[part],
            align="edge",
            color=colour("blue"),
            alpha=alpha,
            linewidth=0,
        )
    axes.axvline(interval.value, color=colour("orange"), linewidth=1.8)
    axes.set_title(symbol, pad=4)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def _scale(axes: "Axes", axis: "Axis", known: Parameter, values: np.ndarray) -> bool:
    """Sets scale and ticks of one axis for the draws of a parameter; says whether it became logarithmic."""
    low, high = float(values.min()), float(values.max())
    wide = known.log and low > 0 and high / low > _WIDE
    parameter_axis(axes, axis, low, high, wide)
    return wide
