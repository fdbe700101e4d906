"""Coverage before and after reinforcement learning: where the curves cross."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.report.axes import dots, log_axis, percent_axis
from nextflop.report.study_data import StudyData, interval, known, size_name
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HUES = {"before": "blue", "after": "orange"}


def coverage(data: StudyData) -> Picture:
    """Draws one panel a size, at the strongest start of each."""
    rows = data.answers["coverage"]

    def paint(figure: "Figure") -> None:
        panels = figure.subplots(1, len(data.sizes), sharey=True, squeeze=False)[0]
        for axes, size in zip(panels, data.sizes, strict=True):
            _panel(axes, _strongest(rows, size), _crossings(data.answers, size))
            axes.set_title(size_name(size))
        percent_axis(panels[0], 0.0, 1.0)
        panels[0].set_ylabel("Coverage: problems solved by any of k")
        for hue, label in (("blue", "before RL"), ("orange", "after RL")):
            panels[0].plot([], [], "o-", color=colour(hue), label=label)
        panels[0].plot([], [], "D", color=colour("soft"), markerfacecolor="none", label="beam search")
        panels[0].legend(loc="upper left", handletextpad=0.5)

    crossings = [interval(row["crossing"]["samples"]) for row in data.answers["exchange"]]
    seen = [crossing.value for crossing in crossings if np.isfinite(crossing.value)]
    said = (
        f"The curves cross between k = {min(seen):.1f} and {max(seen):.1f} in {len(seen)} of {len(crossings)} pairs"
        if seen
        else "The curves do not cross within the samples measured"
    )
    caption = (
        f"The strongest start of each size. Points are unbiased estimates with {data.answers['level']:.0%} intervals, "
        "lines the fitted coverage laws; filled and open marks are seeds, triangles on the axis the crossings. Dashed "
        "lines are snapshots on the way. Diamonds are step-verified beam search, placed at the number of samples that "
        "generates as many tokens."
    )
    alt = f"Coverage against samples before and after reinforcement learning for {len(data.sizes)} sizes. {said}."
    return Picture(
        "coverage-figure",
        draw("coverage-figure", alt, paint, 420),
        "Coverage before and after reinforcement learning",
        caption,
    )


def _strongest(rows: Sequence[Json], size: Sequence[int]) -> list[Json]:
    """The snapshots of a size that began at its last supervised step, before, during and after RL."""
    own = [row for row in rows if row["size"] == list(size)]
    last = max(row["origin"]["step"] for row in own)
    return [row for row in own if row["origin"]["step"] == last]


def _crossings(answers: Mapping[str, Json], size: Sequence[int]) -> list[Json]:
    own = [row for row in answers["exchange"] if row["size"] == list(size)]
    last = max((row["start"]["origin"]["step"] for row in own), default=0)
    return [row for row in own if row["start"]["origin"]["step"] == last]


def _panel(axes: "Axes", rows: Sequence[Json], crossings: Sequence[Json]) -> None:
    for row in rows:
        hue = colour(_HUES["after" if row["rl_share"] else "before"])
        points = row["pass_at_k"]
        if 0 < row["rl_share"] < 1:
            axes.plot(
                [point["k"] for point in points],
                [point["value"] for point in points],
                color=hue,
                linewidth=1.2,
                alpha=0.7,
                linestyle=(0, (5, 2)),
            )
            continue
        k, value, low, high = (
            np.array([known(point[key]) for point in points]) for key in ("k", "value", "low", "high")
        )
        axes.fill_between(k, low, high, color=hue, alpha=0.14, linewidth=0)
        curve = row["curve"]
        axes.plot([point["k"] for point in curve], [point["value"] for point in curve], color=hue, linewidth=1.5)
        dots(axes, k, value, hue, row["seed"], 5.5)
        beams = row["beams"]
        axes.plot(
            [beam["samples"] for beam in beams],
            [beam["solved"] for beam in beams],
            "D",
            markersize=5.5,
            color=hue,
            markerfacecolor="none",
            alpha=0.8,
        )
    for row in crossings:
        crossing = interval(row["crossing"]["samples"])
        if np.isfinite(crossing.value):
            axes.plot(
                crossing.value,
                0.025,
                "^",
                markersize=7,
                color=colour("ink"),
                zorder=5,
                markerfacecolor=colour("paper") if row["seed"] else colour("ink"),
            )
    widest = max((point["k"] for row in rows for point in row["pass_at_k"]), default=256)
    log_axis(axes, "x", 0.85, widest * 1.2, "samples", wanted=4, most=5)
