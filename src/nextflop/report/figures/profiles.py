"""What the runs cannot tell: how little the objective rises when one parameter is moved and the others follow."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nextflop.fitting.fit import Fit
from nextflop.fitting.profile import Profile
from nextflop.report.axes import parameter_axis
from nextflop.report.mathml import to_text
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_HIGH = 3.2  # the vertical axis ends at so many times the limit
_OPEN = 3.0  # where a side has no end, the axis reaches so many times as far as the other side does
_DECADES = 3.0  # and this many decades where neither has one
_SIDE = 200  # pixels, the height of a panel


class _Range(NamedTuple):
    low: float
    high: float
    log: bool


def profile_figure(fit: Fit, found: tuple[Profile, ...]) -> Picture:
    """Draws one panel a parameter; the part within the limit is filled, and an end that is missing has an arrow."""
    symbols = {one.parameter: to_text(fit.law.parameters[one.parameter].symbol) for one in found}

    def paint(figure: "Figure") -> None:
        columns = min(_COLUMNS, len(found))
        cells = figure.subplots(-(-len(found) // columns), columns, sharey=True, squeeze=False).ravel()
        for axes, one in zip(cells, found, strict=False):
            _panel(axes, one, fit.law.parameters[one.parameter].log)
            axes.set_title(symbols[one.parameter], pad=4)
        for axes in cells[len(found) :]:
            axes.set_axis_off()
        for axes in cells[::columns]:
            axes.set_ylabel("Rise / limit")
        cells[0].set_ylim(0, _HIGH)
        cells[0].set_yticks([0, 1, 2, 3])

    loose = [symbols[one.parameter] for one in found if one.open_above or one.open_below]
    ends = (
        f"{' and '.join(loose)} {'has' if len(loose) == 1 else 'have'} no end on the side of the arrow"
        if loose
        else "every parameter has two ends"
    )
    caption = (
        "One parameter is moved and all others are fitted again: how far the objective rises, as a share of the rise "
        f"up to which a value belongs to the {fit.level:.0%} interval (dashed). The filled part lies within it; the "
        f"diamond is the estimate. In these data {ends}."
    )
    alt = f"Profiles of {', '.join(symbols.values())}: {ends}."
    height = 40 + _SIDE * -(-len(found) // _COLUMNS)
    return Picture("profiles", draw("profiles", alt, paint, height), "What the runs say of each parameter", caption)


def _panel(axes: "Axes", one: Profile, positive: bool) -> None:
    share = one.rise / max(one.limit, 1e-300)
    reach = _range(one, share, positive)
    inside = (one.values >= reach.low) & (one.values <= reach.high)
    # One value beyond each end, so that the line leaves the panel.
    inside[1:-1] |= inside[2:] | inside[:-2]
    x, y = one.values[inside], share[inside]
    parameter_axis(axes, axes.xaxis, reach.low, reach.high, reach.log)
    axes.set_xlim(reach.low, reach.high)
    fine = np.geomspace(reach.low, reach.high, 300) if reach.log else np.linspace(reach.low, reach.high, 300)
    # The root of the rise is nearly straight between its points.
    level = np.interp(np.log(fine), np.log(x), np.sqrt(y)) if reach.log else np.interp(fine, x, np.sqrt(y))
    axes.plot(fine, level**2, color=colour("blue"))
    axes.fill_between(fine, level**2, 1, where=level <= 1, color=colour("blue"), alpha=0.16, linewidth=0)
    axes.axhline(1, color=colour("soft"), linewidth=1.2, linestyle=(0, (4, 3)))
    value = one.interval.value
    if reach.low <= value <= reach.high:
        axes.plot(
            value,
            0,
            "D",
            color=colour("orange"),
            markersize=7,
            markeredgecolor=colour("paper"),
            clip_on=False,
            zorder=5,
        )
    for is_open, edge, sign in ((one.open_below, 0.0, "◂"), (one.open_above, 1.0, "▸")):
        if is_open:
            axes.text(
                0.02 + 0.96 * edge,
                0.42,
                f"{sign} no end" if edge == 0 else f"no end {sign}",
                transform=axes.transAxes,
                ha="left" if edge == 0 else "right",
                color=colour("orange"),
                fontsize=10.5,
            )


def _range(one: Profile, share: np.ndarray, positive: bool) -> _Range:
    """Where the rise is low enough to be seen; beyond an open side as far again as the side that is closed reaches."""
    value = one.interval.value
    log = bool(positive and value > 0 and (one.values > 0).all())
    place = np.log(one.values) if log else one.values
    here = float(np.log(value)) if log else value
    seen = np.flatnonzero(share <= _HIGH)
    left = here - float(place[seen[0]]) if seen.size else 0.0
    right = float(place[seen[-1]]) - here if seen.size else 0.0
    unit = np.log(10) if log else max(abs(value), 1e-12)
    if one.open_below and one.open_above:
        left, right = min(left, _DECADES * unit), min(right, _DECADES * unit)
    elif one.open_below:
        left = min(left, max(_OPEN * right, 0.5 * unit))
    elif one.open_above:
        right = min(right, max(_OPEN * left, 0.5 * unit))
    margin = 0.06 * (left + right) or 0.5 * unit
    # An open side ends where the profile does.
    low = max(here - left - margin, float(place[0]))
    high = min(here + right + margin, float(place[-1]))
    if log and high - low > np.log(20):
        return _Range(float(np.exp(low)), float(np.exp(high)), True)
    return _Range(*((float(np.exp(low)), float(np.exp(high))) if log else (low, high)), False)
