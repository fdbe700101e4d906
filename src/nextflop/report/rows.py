"""Figures of rows: a name at the left of each, and panels beside each other, or below each other where it is narrow."""

from collections.abc import Sequence
from textwrap import shorten, wrap
from typing import TYPE_CHECKING

from nextflop.report.style import colour, is_narrow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LONG = 50  # letters of a name in all
_WIDE, _NARROW = (26, 2), (17, 3)  # letters on a line, and lines


def panels(figure: "Figure", ratio: float) -> "tuple[Axes, Axes]":
    """Two axes with the same rows; where the figure is wide the first is `ratio` times as wide as the second."""
    if is_narrow(figure):
        first, second = figure.subplots(2, 1, sharey=True)
    else:
        first, second = figure.subplots(1, 2, sharey=True, width_ratios=[ratio, 1])
    return first, second


def name_rows(figure: "Figure", names: Sequence[str]) -> None:
    """Names the rows 0, 1, … of all axes from above, and leaves out the lines between them."""
    width, lines = _NARROW if is_narrow(figure) else _WIDE
    for axes in figure.axes:
        axes.set_yticks(range(len(names)), [_folded(name, width, lines) for name in names])
        axes.tick_params(axis="y", labelcolor=colour("ink"))
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)


def legend(figure: "Figure", columns: int) -> None:
    """The legend of the first axes above them; where it is narrow above the whole figure, in two columns."""
    axes = figure.axes[0]
    if is_narrow(figure):
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2, columnspacing=1.2)
    else:
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns, columnspacing=1.2)


def _folded(name: str, width: int, lines: int) -> str:
    whole = shorten(name, _LONG, placeholder=" …")
    return "\n".join(wrap(whole, width, max_lines=lines, placeholder=" …"))
