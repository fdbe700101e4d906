"""The four axes on one axis of compute, from the common point on."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.axes import log_axis, percent_axis
from nextflop.report.study_data import AXES, interval, known, size_name
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def four_axes(answers: Json) -> Picture:
    """Draws accuracy against total FLOP for spending on each axis alone, and the best split."""
    start, curves = answers["start"], answers["curves"]
    cost, before = start["cost"], interval(start["accuracy"])
    after = interval(answers["split"]["accuracy"])
    far = max(known(flop) for curve in curves for flop in curve["flop"])
    queries = show(answers["scope"]["queries"])

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.axvline(answers["budget"], color=colour("soft"), linewidth=1.2, linestyle=(0, (2, 3)))
        ends = []
        for curve in curves:
            name = curve["axis"]
            hue, marker = colour(AXES[name][0]), AXES[name][1]
            flop, accuracy, low, high = (
                np.array([known(v) for v in curve[key]]) for key in ("flop", "accuracy", "low", "high")
            )
            axes.fill_between(flop, low, high, color=hue, alpha=0.16, linewidth=0)
            axes.plot(flop, accuracy, color=hue)
            axes.plot(flop[-1], accuracy[-1], marker, color=hue, markersize=8, markeredgecolor=colour("paper"))
            ends.append((float(flop[-1]), float(accuracy[-1]), name, hue))
        for x, y, name, hue in _apart(ends):
            early = x < np.sqrt(cost * far)  # a line that ends among the others is named above itself
            axes.annotate(
                name,
                (x, y),
                (-2, 9) if early else (9, 0),
                textcoords="offset points",
                color=hue,
                fontsize=12.5,
                ha="right" if early else "left",
                va="bottom" if early else "center",
            )
        axes.plot(cost, before.value, "o", color=colour("ink"), markersize=9, zorder=5)
        axes.annotate(
            f"start: {size_name(start['size'])}\n{before.value:.1%}",
            (cost, before.value),
            (0, -14),
            textcoords="offset points",
            va="top",
            ha="center",
        )
        axes.errorbar(
            answers["budget"],
            after.value,
            [[after.value - after.low], [after.high - after.value]],
            fmt="*",
            color=colour("ink"),
            markersize=14,
            elinewidth=1.4,
            zorder=6,
        )
        axes.annotate(
            f"best split of {show(answers['next'], 'FLOP')}: {after.value:.1%}",
            (answers["budget"], after.value),
            (-12, 6),
            textcoords="offset points",
            ha="right",
        )
        log_axis(axes, "x", cost * 0.93, far * 1.28, "flop", wanted=4)
        axes.set_xlabel(f"Total FLOP: training, reinforcement learning and {queries} queries")
        axes.set_ylabel("Accuracy on held-out problems")
        percent_axis(axes, 0.0, None)

    caption = (
        f"All four lines leave the {size_name(start['size'])} network at the end of its supervised training, one "
        f"sample a query. Bands are {answers['level']:.0%} intervals; a line ends where the plan would go more than "
        "four times beyond what was measured, or beyond the samples drawn. The star is the best division of the next "
        "FLOP over all four, the dotted line its budget. Samples need a verifier at inference and are paid by each of "
        f"{queries} queries."
    )
    alt = (
        f"Accuracy against total FLOP for four ways of spending, from {before.value:.1%}; the best split of the next "
        f"{show(answers['next'], 'FLOP')} reaches {after.value:.1%}."
    )
    return Picture(
        "axes-figure", draw("axes-figure", alt, paint, 440), "Four ways to spend, on one axis of compute", caption
    )


def _apart(ends: list[tuple[float, float, str, str]]) -> list[tuple[float, float, str, str]]:
    """Labels at the ends of lines, moved up where one would cover the next."""
    placed: list[tuple[float, float, str, str]] = []
    for x, y, name, hue in sorted(ends, key=lambda end: end[1]):
        near = [other for other in placed if abs(np.log(other[0] / x)) < 0.25]
        placed.append((x, max([y, *(other[1] + 0.045 for other in near)]), name, hue))
    return placed
