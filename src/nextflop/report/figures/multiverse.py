"""The same question asked in other ways: a specification curve, its answers in order and the choices behind each."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nextflop.judging.multiverse import Multiverse
from nextflop.judging.universe import Universe
from nextflop.quantities import show
from nextflop.report.axes import log_axis, padded
from nextflop.report.page import number
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CHOICES = ("law", "objective", "exclusion")
_WIDE = 1.5  # answers that differ by more than this factor need a logarithmic axis
_FAR = 30.0  # times beyond the answers, where the axis ends however far an interval reaches
_ROW = 19  # pixels


def multiverse_figure(found: Multiverse, own: tuple[str, str], unit: str = "") -> Picture:
    """Draws the answers from the lowest to the highest with their intervals, and below them the choices.

    Args:
        found: the multiverse.
        own: law and objective of the fit that the page is about; its answer on all runs is marked.
        unit: of the answer.
    """
    universes = sorted(found.universes, key=lambda universe: universe.value)
    labels = [(name, label) for name in _CHOICES for label in dict.fromkeys(getattr(u, name) for u in found.universes)]
    places = np.arange(len(universes))
    mine = [place for place, u in enumerate(universes) if (u.law, u.objective, u.exclusion) == (*own, "all runs")]

    def paint(figure: "Figure") -> None:
        rows = len(labels) + 1
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[230, rows * _ROW])
        _answers(upper, universes, mine)
        upper.set_ylabel(found.decision.removeprefix("the ")[:1].upper() + found.decision.removeprefix("the ")[1:])
        gaps = np.cumsum([0.0, *(0.55 * (a[0] != b[0]) for a, b in pairwise(labels))])
        heights = np.arange(len(labels)) + gaps
        for height, (name, label) in zip(heights, labels, strict=True):
            chosen = np.array([getattr(u, name) == label for u in universes])
            lower.plot(places[~chosen], np.full((~chosen).sum(), height), "o", markersize=3, color=colour("line"))
            for part, hue in ((places[chosen], "blue"), ([p for p in mine if chosen[p]], "orange")):
                lower.plot(part, np.full(len(part), height), "o", markersize=5.5, color=colour(hue))
        lower.set_yticks(heights, [label for _, label in labels])
        lower.tick_params(axis="y", labelcolor=colour("ink"), labelsize=10.5)
        lower.set_ylim(heights[-1] + 0.7, -0.7)
        lower.set_xticks([])
        lower.set_xlim(-0.7, len(universes) - 0.3)
        lower.grid(False)
        lower.spines[:].set_visible(False)

    low, high = (_shown(end.value, unit) for end in (universes[0], universes[-1]))
    said = ", ".join(f"{name} {found.by_choice[name]:.0%}" for name in _CHOICES)
    caption = (
        f"{found.decision[:1].upper()}{found.decision[1:]} by {len(universes)} defensible ways to ask, in order, with "
        "intervals; below, the law, the objective and the runs of each. "
        + ("The fit of this page is orange. " if mine else "The fit of this page is not among them. ")
        + f"Of all variance {found.share:.0%} lies between the ways and not in the sampling; alone, {said}."
    )
    alt = f"{found.decision} over {len(universes)} ways to ask, from {low} to {high}."
    height = 290 + _ROW * (len(labels) + 1)
    return Picture("multiverse", draw("multiverse", alt, paint, height), "Other ways to ask", caption)


def _shown(value: float, unit: str) -> str:
    return show(value, unit, 3) if unit else number(value, digits=3)


def _answers(axes: "Axes", universes: list[Universe], mine: list[int]) -> None:
    values = np.array([u.value for u in universes])
    ends = np.array([[u.low, u.high] for u in universes]).T
    floor, ceiling = values.min() / _FAR, values.max() * _FAR
    known = np.isfinite(ends).all(axis=0)
    ends = np.clip(ends, floor, ceiling)
    places = np.arange(len(universes))
    own = np.isin(places, mine)
    for part, hue in ((~own, "blue"), (own, "orange")):
        some = part & known
        axes.vlines(places[some], *ends[:, some], color=colour(hue), linewidth=3, alpha=0.4)
        axes.plot(
            places[part], values[part], "o", color=colour(hue), markersize=6, markeredgecolor=colour("paper"), zorder=4
        )
    for place in mine:
        axes.axhline(values[place], color=colour("orange"), linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    every = np.concatenate([values, ends[:, known].ravel()])
    if every.max() / every.min() > _WIDE:
        log_axis(axes, "y", *padded(every), "", wanted=4, most=6)
    else:
        margin = 0.06 * (float(np.ptp(every)) or abs(float(every[0])))
        axes.set_ylim(every.min() - margin, every.max() + margin)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)
