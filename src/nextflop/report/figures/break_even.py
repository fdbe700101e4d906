"""At how many queries reinforcement learning pays back what sampling would cost again and again."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.axes import dots, log_axis, padded
from nextflop.report.study_data import StudyData, interval, size_name
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AROUND = 30.0  # the horizontal axis reaches this many times to both sides of the break-even


def break_even(data: StudyData) -> Picture | None:
    """Draws cost per correct answer against queries at the left, the break-even of every start at the right.

    None if no run of reinforcement learning has a break-even.
    """
    rows = [row for row in data.answers["exchange"] if np.isfinite(interval(row["queries"]).value)]
    if not rows:
        return None
    middle = [row for row in rows if row["size"] == data.answers["start"]["size"]] or rows
    last = max(row["start"]["origin"]["step"] for row in middle)
    shown = sorted((row for row in middle if row["start"]["origin"]["step"] == last), key=lambda row: row["seed"])

    def paint(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
        _costs(left, shown)
        _starts(right, data, rows)

    first = shown[0]
    queries, match = interval(first["queries"]), interval(first["match"]["samples"])
    caption = (
        f"Left: the {size_name(first['size'])} network at its strongest start. After reinforcement learning one sample "
        f"is right in {first['pass@1_after']:.1%} of the problems; before it, {match.value:.1f} samples a query and an "
        f"exact verifier reach the same. Seed {first['seed']} breaks even at {_number(queries.value)} queries "
        f"({_number(queries.low)} to {_number(queries.high)}). Lines: sampling (flat) and reinforcement learning "
        f"(falling), solid and dashed for the seeds; strips and bars are {data.answers['level']:.0%} intervals. "
        "Right: the break-even of every start."
    )
    alt = (
        "Cost per correct answer against queries served; reinforcement learning breaks even at "
        f"{_number(queries.value)} queries."
    )
    return Picture("break-even-figure", draw("break-even-figure", alt, paint, 400), "When training pays back", caption)


def _number(value: float | int) -> str:
    return show(value, digits=2)


def _costs(axes: "Axes", rows: list[Json]) -> None:
    centre = np.exp(np.mean([np.log(interval(row["queries"]).value) for row in rows]))
    queries = np.geomspace(centre / _AROUND, centre * _AROUND, 160)
    heights, drawn = [], []
    for row in rows:
        dashes = (0, (5, 2)) if row["seed"] else "-"
        right, sample, prompt = row["pass@1_after"], row["sample_flop"], row["prompt_flop"]
        match, even = interval(row["match"]["samples"]), interval(row["queries"])
        trained = (prompt + sample + row["rl_flop"] / queries) / right
        ends = [(prompt + k * sample) / right for k in match]
        axes.plot(queries, trained, color=colour("orange"), linestyle=dashes)
        axes.plot(queries, np.full_like(queries, ends[0]), color=colour("purple"), linestyle=dashes)
        axes.fill_between(queries, ends[1], ends[2], color=colour("purple"), alpha=0.14, linewidth=0)
        span = np.nan_to_num([even.low, even.high], nan=queries[-1])  # an end that the data do not set is not drawn
        axes.axvspan(*np.clip(span, queries[0], queries[-1]), color=colour("ink"), alpha=0.06, linewidth=0)
        dots(axes, even.value, ends[0], colour("ink"), row["seed"], 8)
        drawn.append((ends, trained))
        heights += [trained.min() * 0.75, trained.max(), ends[2] * 1.3]
    ends, trained = drawn[-1]
    axes.annotate(
        "sampling, with a verifier",
        (queries[-1], ends[2]),
        (-4, 6),
        textcoords="offset points",
        ha="right",
        color=colour("purple"),
    )
    axes.annotate(
        "reinforcement learning",
        (queries[12], trained[12]),
        (10, 2),
        textcoords="offset points",
        color=colour("orange"),
    )
    log_axis(axes, "x", queries[0], queries[-1], "queries")
    log_axis(axes, "y", np.nanmin(heights), np.nanmax(heights), "flop")
    axes.set_xlabel("Queries served")
    axes.set_ylabel("FLOP per correct answer")


def _starts(axes: "Axes", data: StudyData, rows: list[Json]) -> None:
    order = sorted(
        rows, key=lambda row: (data.sizes.index(tuple(row["size"])), row["start"]["origin"]["step"], row["seed"])
    )
    for place, row in enumerate(order):
        even, shade = interval(row["queries"]), data.shade(row["size"])
        axes.plot([even.low, even.high], [place] * 2, color=shade, linewidth=3.5, alpha=0.5)
        dots(axes, even.value, place, shade, row["seed"], 7)
    names = [f"{size_name(row['size'])}, {row['pass@1_before']:.0%} → {row['pass@1_after']:.0%}" for row in order]
    axes.set_yticks(range(len(order)), names)
    axes.set_ylim(len(order) - 0.4, -0.6)
    ends = [end for row in order for end in interval(row["queries"]) if np.isfinite(end) and end > 0]
    log_axis(axes, "x", *padded(ends, 0.12), "queries", wanted=3, most=5)
    axes.set_xlabel("Queries at which training pays back")
    axes.grid(axis="y", visible=False)
