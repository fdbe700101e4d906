"""Axes that read as people write: 70B, 10¹², 2.5%, and ticks where they are wanted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.quantities import show
from nextflop.report.page import number
from nextflop.report.style import colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ZERO = 3.0  # a zero is drawn this many times left of the smallest value that is not
_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))

NAMES = {
    "params": "Parameters N",
    "tokens": "Training tokens D",
    "flop": "FLOP",
    "compute": "Compute C (FLOP)",
    "rl_flop": "Compute of reinforcement learning (FLOP)",
    "samples": "Samples k",
    "loss": "Loss (nats per token)",
    "accuracy": "Accuracy",
    "coverage": "Coverage: share of problems solved",
}
_IN_FLOP = {"flop", "compute", "rl_flop"}


def name_of(quantity: str) -> str:
    """A quantity as an axis is labelled with it."""
    return NAMES.get(quantity, quantity)


def amount(value: float | int, quantity: str = "") -> str:
    """A number as a tick or a legend shows it: FLOP in powers of ten, all else as `quantities.show`."""
    if quantity not in _IN_FLOP or value == 0:
        return show(value)
    mantissa, power = f"{value:.1e}".split("e")
    times = "" if mantissa == "1.0" else f"{mantissa.removesuffix('.0')}×"
    return f"{times}10{str(int(power)).translate(_SUPERSCRIPTS)}"


def shown(value: float | int, quantity: str, digits: int = 3) -> str:
    """An input of a law as text: FLOP in powers of ten with the unit, all else as `quantities.show`."""
    return show(value, "FLOP" if quantity in _IN_FLOP else "", digits)


def log_ticks(low: float, high: float, wanted: int = 4, most: int = 8) -> np.ndarray:
    """Round numbers from `low` to `high` for a logarithmic axis; even steps where powers of ten are too coarse."""
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    for steps in _STEPS:
        ticks = np.outer(10.0**decades, steps).ravel()
        ticks = ticks[(ticks >= low * 0.9999) & (ticks <= high * 1.0001)]
        if len(ticks) >= wanted:
            return ticks[:: int(np.ceil(len(ticks) / most))]
    from matplotlib.ticker import MaxNLocator

    for bins in range(wanted, 4 * wanted):
        even = np.array(MaxNLocator(bins, steps=[1, 2, 5, 10]).tick_values(low, high))
        even = even[(even >= low) & (even <= high)]
        if len(even) >= wanted:
            return even
    return np.array([low, high])


def positive(column: np.ndarray) -> np.ndarray:
    """The column with zeros moved to where a logarithmic axis can show them, left of all that is not zero."""
    return np.where(column > 0, column, column[column > 0].min() / ZERO)


def log_axis(
    axes: "Axes",
    which: str,
    low: float,
    high: float,
    quantity: str,
    wanted: int = 4,
    most: int = 7,
    zero: float | None = None,
) -> None:
    """Makes one axis logarithmic from `low` to `high`.

    Args:
        axes: where.
        which: "x" or "y".
        low, high: its ends, above 0.
        quantity: names the axis and says how its ticks are written.
        wanted, most: how many ticks.
        zero: where zeros were moved to, if there are any; the tick there says 0.
    """
    scale, limit, axis = {
        "x": (axes.set_xscale, axes.set_xlim, axes.xaxis),
        "y": (axes.set_yscale, axes.set_ylim, axes.yaxis),
    }[which]
    scale("log")
    limit(low, high)
    ticks = log_ticks(min(low, high), max(low, high), wanted, most)
    names = [amount(tick, quantity) for tick in ticks]
    if zero is not None:
        inside = ticks > zero * np.sqrt(ZERO)
        ticks = np.array([zero, *ticks[inside]])
        names = ["0", *(name for name, shown in zip(names, inside, strict=True) if shown)]
    axis.set_ticks(ticks, names)
    axis.set_ticks([], minor=True)
    axis.set_label_text(name_of(quantity))


def input_axis(axes: "Axes", which: str, column: np.ndarray, quantity: str, ends: tuple[float, float]) -> None:
    """Makes one axis logarithmic for an input of a law that may be 0."""
    log_axis(axes, which, *ends, quantity, zero=positive(column).min() if (column == 0).any() else None)


def parameter_axis(axes: "Axes", axis: "Axis", low: float, high: float, log: bool) -> None:
    """Gives one axis the scale and the ticks of a parameter whose values lie between two ends."""
    from matplotlib.ticker import MaxNLocator

    if log:
        (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
        ticks = log_ticks(low, high, 2, 4)
        axis.set_ticks(ticks, [number(tick, digits=2) for tick in ticks])
        axis.set_ticks([], minor=True)
    else:
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(lambda value, _: number(value, digits=3))


def percent_axis(axes: "Axes", low: float = 0.0, high: float | None = None, digits: int = 0) -> None:
    """Makes the vertical axis one of shares in per cent."""
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=digits))
    axes.set_ylim(low, high)


def padded(values: Sequence[float] | np.ndarray, share: float = 0.05) -> tuple[float, float]:
    """The smallest and largest value with a margin on a logarithmic axis, a share of what lies between them."""
    logs = np.log10(np.asarray(values, dtype=np.float64))
    margin = share * (float(np.ptp(logs)) or 1.0)
    return float(10 ** (logs.min() - margin)), float(10 ** (logs.max() + margin))


def ringed(axes: "Axes", x: np.ndarray, y: np.ndarray) -> None:
    """Draws rings around the runs that are to be doubted."""
    axes.plot(x, y, "o", markersize=11, markerfacecolor="none", markeredgecolor=colour("orange"), zorder=6)


def dots(
    axes: "Axes",
    x: np.ndarray | float | int,
    y: np.ndarray | float | int,
    shade: str,
    seed: int | None,
    size: float | int = 6,
    alpha: float | int = 1,
) -> None:
    """Draws measurements so that seeds can be told apart: those of the first are filled, the others open."""
    axes.plot(
        x,
        y,
        "o",
        markersize=size,
        alpha=alpha,
        zorder=4,
        markerfacecolor=colour("paper") if seed else shade,
        markeredgecolor=shade,
        markeredgewidth=1.3,
    )
