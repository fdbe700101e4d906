"""Supervised learning: loss against tokens with the forecast, and what a loss is worth in accuracy."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.report.axes import dots, log_axis, percent_axis
from nextflop.report.study_data import StudyData, band, interval, law_of, size_name
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def learning(data: StudyData) -> Picture:
    """Draws loss against tokens at the left and accuracy against loss at the right."""
    answers = data.answers
    entropy, fitted = answers["teacher"]["entropy"], interval(answers["fits"]["loss"]["estimate"]["E"])
    floor = interval(answers["fits"]["link"]["floor"])

    def paint(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, width_ratios=[1.75, 1])
        _losses(left, data, entropy)
        _accuracies(right, data, entropy)

    caption = (
        "Left: held-out loss of every network; filled and open marks are seeds, faint marks are early measurements "
        "that the law does not claim. Lines are the fitted law, dashed beyond the data, with its "
        f"{answers['level']:.0%} interval. At its right edge, the irreducible loss as fitted: E of the loss law "
        f"(diamond), {fitted.value:.3f} ({fitted.low:.3f} to {fitted.high:.3f}), and where the line at the right "
        f"reaches 100% (square), {floor.value:.3f} ({floor.low:.3f} to {floor.high:.3f}); dotted, the entropy that is "
        "known. Right: accuracy of one sample against loss."
    )
    alt = (
        f"Held-out loss against training tokens for {len(data.sizes)} sizes, approaching the known entropy of "
        f"{entropy:.3f} nats."
    )
    return Picture(
        "learning-figure", draw("learning-figure", alt, paint, 430), "Supervised learning and its forecast", caption
    )


def _losses(axes: "Axes", data: StudyData, entropy: float) -> None:
    fit, level = data.answers["fits"]["loss"], data.answers["level"]
    law = law_of(Chinchilla, fit)
    runs = [run for size in data.sizes for run in data.supervised(size)]
    early = (sum(len(run.curve) for run in runs) - fit["runs"]["number"]) // len(runs)
    reach = data.answers["limits"]["tokens"][1]
    highest = max(point["loss"] for run in runs for point in run.curve)
    for size in data.sizes:
        shade, own = data.shade(size), data.supervised(size)
        first, last = own[0].curve[early]["tokens"], own[0].curve[-1]["tokens"]
        params = own[0].quantities["params"]
        for low, high, dashes in ((first, last, "-"), (last, reach, (0, (4, 2.5)))):
            tokens = np.geomspace(low, high, 80)
            at = {"params": np.full(80, params), "tokens": tokens}
            axes.fill_between(tokens, *band(Chinchilla, fit, level, **at), color=shade, alpha=0.15, linewidth=0)
            axes.plot(tokens, law(**at), color=shade, linestyle=dashes)
        for run in own:
            x, y = (np.array([point[key] for point in run.curve]) for key in ("tokens", "loss"))
            for part, alpha in ((slice(0, early), 0.4), (slice(early, None), 1.0)):
                dots(axes, x[part], y[part], shade, run.seed, 6, alpha)
        axes.plot([], [], "o-", color=shade, label=f"{size_name(size)}, {params / 1e3:.0f}k")
    axes.axhline(entropy, color=colour("ink"), linewidth=1.4, linestyle=(0, (1, 2)))
    for place, value in enumerate((fit["estimate"]["E"], data.answers["fits"]["link"]["floor"])):
        end, x = interval(value), reach * (1.35 if place == 0 else 1.85)
        axes.plot([x, x], [end.low, end.high], color=colour("orange"), linewidth=3.5, alpha=0.55)
        axes.plot(x, end.value, "Ds"[place], color=colour("orange"), markersize=7, clip_on=False, zorder=5)
    axes.annotate(
        "fitted", (1.58 * reach, entropy), (0, 12), textcoords="offset points", ha="center", color=colour("orange")
    )
    left = min(point["tokens"] for run in runs for point in run.curve) * 0.85
    axes.annotate("known entropy of the teacher", (left, entropy), (6, 5), textcoords="offset points")
    log_axis(axes, "x", left, 2.4 * reach, "tokens")
    axes.set_ylim(0, 1.06 * highest)
    axes.set_ylabel("Held-out loss (nats per answer token)")
    axes.legend(title="Network, parameters", loc="upper right", alignment="left")


def _accuracies(axes: "Axes", data: StudyData, entropy: float) -> None:
    fit, level = data.answers["fits"]["link"], data.answers["level"]
    for size in data.sizes:
        for run in data.supervised(size):
            x, y = (np.array([point[key] for point in run.curve]) for key in ("loss", "pass@1"))
            dots(axes, x, y, data.shade(size), run.seed, 6)
    loss = np.linspace(entropy, fit["ranges"]["loss"]["high"], 160)
    axes.fill_between(
        loss,
        *np.minimum(band(ExponentialAccuracy, fit, level, loss=loss), 1),
        color=colour("soft"),
        alpha=0.2,
        linewidth=0,
    )
    value = np.minimum(law_of(ExponentialAccuracy, fit)(loss=loss), 1)
    measured = loss >= fit["ranges"]["loss"]["low"]
    axes.plot(loss[measured], value[measured], color=colour("soft"))
    axes.plot(loss[~measured], value[~measured], color=colour("soft"), linestyle=(0, (4, 2.5)))
    axes.axvline(entropy, color=colour("ink"), linewidth=1.4, linestyle=(0, (1, 2)))
    axes.set_xlabel("Held-out loss (nats per answer token)")
    axes.set_ylabel("Accuracy of one sample")
    percent_axis(axes, 0.0, 1.0)
