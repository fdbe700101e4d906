"""The decision at a glance: one row an axis."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.study_data import AXES, interval
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PER = 1e12  # FLOP; the unit in which marginal gains are shown


def decision(answers: Json) -> Picture:
    """Draws, for every axis, its share of the best split, its gain alone and at the margin, and how often it wins."""
    axes_ = answers["axes"]
    names = [row["axis"] for row in axes_]
    money, level = show(answers["next"], "FLOP"), answers["level"]
    shares = [interval(answers["split"]["shares"][name]) for name in names]
    gains = [interval(row["gain"]) for row in axes_]
    margins = [interval(row["per_flop"]) for row in axes_]

    def paint(figure: "Figure") -> None:
        row = figure.subplots(1, 4, sharey=True, width_ratios=[1.15, 1, 1, 0.8])
        for place, (name, share, gain, margin) in enumerate(zip(names, shares, gains, margins, strict=True)):
            hue = colour(AXES[name][0])
            row[0].barh(place, 100 * share.value, height=0.5, color=hue, alpha=0.85)
            row[0].plot([100 * share.low, 100 * share.high], [place] * 2, color=colour("ink"), linewidth=1.6)
            row[0].text(100 * max(share.high, share.value) + 3, place, f"{share.value:.0%}", va="center")
            for axes, value, scale, form in ((row[1], gain, 100, "+.1f"), (row[2], margin, 100 * _PER, "+.2g")):
                axes.plot([scale * value.low, scale * value.high], [place] * 2, color=hue, linewidth=3.5, alpha=0.55)
                axes.plot(scale * value.value, place, AXES[name][1], color=hue, markersize=8)
                axes.annotate(
                    f"{scale * value.value:{form}}",
                    (scale * value.value, place),
                    (0, 9),
                    ha="center",
                    textcoords="offset points",
                )
            chance = axes_[place]["probability_best"]
            row[3].barh(place, chance, height=0.5, color=hue, alpha=0.85)
            row[3].text(chance + 0.04, place, f"{chance:.2f}", va="center")
        row[0].set_xlim(0, 128)
        row[0].set_xticks([0, 50, 100], ["0", "50%", "100%"])
        row[3].set_xlim(0, 1.35)
        row[3].set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        _around(row[1], [100 * end for gain in gains for end in gain])
        _margin_axis(row[2], [100 * _PER * end for value in margins for end in value])
        for axes, title in zip(
            row,
            ("Best split", "Gain if all goes there", f"Gain per {_PER:.0e} FLOP".replace("+", ""), "Chance to be best"),
            strict=True,
        ):
            axes.set_title(title)
            axes.grid(axis="y", visible=False)
            axes.spines["left"].set_visible(False)
        row[1].set_xlabel("points of accuracy")
        row[2].set_xlabel("points of accuracy, first tenth")
        row[0].set_yticks(range(len(names)), names)
        row[0].tick_params(axis="y", labelsize=11.5, labelcolor=colour("ink"))
        row[0].set_ylim(len(names) - 0.45, -0.6)

    said = ", ".join(f"{name} {share.value:.0%}" for name, share in zip(names, shares, strict=True))
    caption = (
        f"From left: how {money} divide best; what each axis gains if it takes all of them; what its first tenth "
        f"gains, for a FLOP; in what share of the draws it gains most alone. Lines are {level:.0%} intervals. The "
        "split and the gains alone may name different axes: an axis that pays best at first may soon have little more "
        "to give."
    )
    svg = draw("decision", f"The best split of the next {money}: {said}.", paint, 300)
    return Picture("decision", svg, f"Where the next {money} pay", caption)


def _around(axes: "Axes", ends: list[float]) -> None:
    finite = [end for end in ends if np.isfinite(end)]
    low, high = min(0.0, *finite), max(0.0, *finite)
    axes.set_xlim(low - 0.12 * (high - low), high + 0.15 * (high - low))


def _margin_axis(axes: "Axes", ends: list[float]) -> None:
    """Gains at the margin differ by powers of ten: a logarithmic axis, unless one may be a loss."""
    if min(ends) > 0:
        axes.set_xscale("log")
        axes.set_xlim(min(ends) / 2.5, max(ends) * 2.5)
        ticks = 10.0 ** np.arange(np.ceil(np.log10(min(ends) / 2.5)), np.floor(np.log10(max(ends) * 2.5)) + 1)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
    else:
        _around(axes, ends)
