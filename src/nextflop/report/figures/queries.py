"""How the best axis hangs on the number of queries that the model will serve."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.study_data import AXES, interval
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def by_queries(answers: Json) -> Picture:
    """Draws the gain of every axis against queries, and below it which axis wins."""
    rows = answers["by_queries"]
    queries = np.array([row["queries"] for row in rows])
    names = [axis["axis"] for axis in rows[0]["axes"]]

    def paint(figure: "Figure") -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2.6, 1])
        edges = np.sqrt(queries[1:] * queries[:-1])
        edges = np.concatenate([queries[:1] ** 2 / edges[:1], edges, queries[-1:] ** 2 / edges[-1:]])
        for index, name in enumerate(names):
            hue, marker = colour(AXES[name][0]), AXES[name][1]
            gain = 100 * np.array([interval(row["axes"][index]["gain"]) for row in rows])
            upper.fill_between(queries, gain[:, 1], gain[:, 2], color=hue, alpha=0.16, linewidth=0)
            upper.plot(queries, gain[:, 0], marker=marker, markersize=5.5, color=hue, label=name)
            for place, key in enumerate(("probability_best", "probability_best_without_verifier")):
                chance = np.array([row["axes"][index][key] for row in rows])
                below = np.array([sum(axis[key] for axis in row["axes"][:index]) for row in rows])
                ends = [place + 0.78 * np.append(part, part[-1]) for part in (below, below + chance)]
                lower.fill_between(edges, *ends, step="post", color=hue, alpha=0.85, linewidth=0)
        for axes in (upper, lower):
            axes.axvline(answers["scope"]["queries"], color=colour("ink"), linewidth=1.2, linestyle=(0, (2, 3)))
        upper.annotate(
            "this plan",
            (answers["scope"]["queries"], 1),
            (5, -4),
            va="top",
            textcoords="offset points",
            xycoords=("data", "axes fraction"),
        )
        upper.set_ylabel("Gain (points of accuracy)")
        upper.legend(loc="upper right")
        lower.set_yticks([0.39, 1.39], ["with verifier", "without"])
        lower.grid(False)
        lower.set_ylim(1.8, -0.02)
        log_axis(lower, "x", edges[0], edges[-1], "queries")
        lower.set_xlabel("Queries served in the model's life")

    money = show(answers["next"], "FLOP")
    caption = (
        f"Above: what the next {money} gain on each axis, against the number of queries that share them. Below: the "
        "share of the draws in which each axis gains most, with an exact verifier at inference and without one, where "
        "a second sample is worth nothing."
    )
    alt = (
        f"Gain of each axis from the next {money} against the number of queries, from {show(queries[0])} to "
        f"{show(queries[-1])}."
    )
    return Picture(
        "queries-figure", draw("queries-figure", alt, paint, 430), "The answer hangs on the queries", caption
    )
