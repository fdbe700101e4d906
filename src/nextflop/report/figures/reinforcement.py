"""Reinforcement learning: accuracy against compute with the fitted sigmoids, and how the policy narrows on the way."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.laws.sigmoid import Sigmoid
from nextflop.report.axes import ZERO, dots, log_axis, percent_axis
from nextflop.report.study_data import StudyData, law_of, size_name
from nextflop.report.style import Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def reinforcement(data: StudyData) -> Picture:
    """Draws accuracy against RL compute at the left; entropy of the policy and groups with signal at the right."""
    runs = data.reinforced()
    fits = {fit["trial"]: fit for fit in data.answers["fits"]["curves"]}
    ceilings = [fit["estimate"]["A"]["value"] for fit in fits.values()]

    def paint(figure: "Figure") -> None:
        grid = figure.add_gridspec(2, 2, width_ratios=[1.75, 1])
        left = figure.add_subplot(grid[:, 0])
        upper, lower = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        _accuracy(left, data, fits)
        for axes, key, label in ((upper, "entropy", "Entropy (nats a token)"), (lower, "signal", "Groups with signal")):
            for run in runs.values():
                shade = data.shade(run.config["size"])
                points = [point for point in run.curve if key in point and np.isfinite(point[key])]
                x, y = (np.array([point[name] for point in points]) for name in ("answers", key))
                axes.plot(x, y, color=shade, linewidth=1.2, alpha=0.8)
                dots(axes, x, y, shade, run.seed, 4)
            log_axis(axes, "x", *_answers(data), "answers", wanted=3, most=4)
            axes.set_title(label, fontsize=11.5)
            axes.set_ylim(bottom=0)
            axes.set_xlabel("")
        percent_axis(lower, 0.0, 1.0)
        lower.set_xlabel("Answers tried")

    law = (
        f"each with its own sigmoid; the fitted ceilings lie from {min(ceilings):.0%} to {max(ceilings):.0%}"
        if ceilings
        else "too short or too flat for a sigmoid"
    )
    caption = (
        f"Left: {len(runs)} runs from supervised snapshots of different strength, {law}. Right: the entropy of "
        "the policy, and the share of groups in which some answers are right and some wrong: only these teach "
        "anything. Filled and open marks are seeds."
    )
    alt = f"Accuracy against compute of reinforcement learning for {len(runs)} runs."
    return Picture(
        "rl-figure", draw("rl-figure", alt, paint, 450), "Reinforcement learning from several starts", caption
    )


def _answers(data: StudyData) -> tuple[float, float]:
    tried = [point["answers"] for run in data.reinforced().values() for point in run.curve if point["answers"] > 0]
    return min(tried) * 0.8, max(tried) * 1.2


def _accuracy(axes: "Axes", data: StudyData, fits: dict) -> None:
    runs = data.reinforced()
    spent = [point["rl_flop"] for run in runs.values() for point in run.curve if point["rl_flop"] > 0]
    zero, far = min(spent) / ZERO, max(spent) * 1.25
    for trial, run in runs.items():
        shade = data.shade(run.config["size"])
        x, y = (np.array([point[key] for point in run.curve]) for key in ("rl_flop", "pass@1"))
        dots(axes, np.maximum(x, zero), y, shade, run.seed, 6)
        if trial in fits:
            grid = np.geomspace(zero, x.max(), 120)
            axes.plot(
                grid,
                law_of(Sigmoid, fits[trial])(rl_flop=grid),
                color=shade,
                linewidth=1.6,
                linestyle=(0, (5, 2)) if run.seed else "-",
            )
    for size in data.sizes:
        axes.plot([], [], "o-", color=data.shade(size), label=size_name(size))
    log_axis(axes, "x", zero / 1.25, far, "rl_flop", zero=zero)
    axes.set_ylabel("Accuracy of one sample")
    percent_axis(axes, 0.0, None)
    axes.legend(title="Network", loc="upper left", alignment="left")
