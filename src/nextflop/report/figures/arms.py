"""Data: fresh demonstrations, a limited pool repeated, and the pool with the model's own verified solutions."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.axes import dots, log_axis, percent_axis
from nextflop.report.style import Picture, colour, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HUES = {"fresh": "teal", "pool": "soft", "pool and own solutions": "orange"}


def arms(answers: Json) -> Picture:
    """Draws held-out loss and accuracy against tokens for the three arms."""
    rows = answers["data"]
    names = list(dict.fromkeys(row["arm"] for row in rows))

    def paint(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2)
        for axes, key in ((left, "loss"), (right, "pass@1")):
            for row in rows:
                hue = colour(_HUES[row["arm"]])
                x, y = (np.array([point[name] for point in row["curve"]]) for name in ("tokens", key))
                axes.plot(x, y, color=hue, linewidth=1.6, alpha=0.9)
                dots(axes, x, y, hue, row["seed"], 6)
            x = [point["tokens"] for row in rows for point in row["curve"]]
            log_axis(axes, "x", min(x) * 0.9, max(x) * 1.1, "tokens")
            axes.set_xlabel("Training tokens, repeats included")
        log_axis(left, "y", *_span(rows), "loss")
        left.set_ylabel("Held-out loss (nats per answer token)")
        right.set_ylabel("Accuracy of one sample")
        percent_axis(right, 0.0, None)
        for name in names:
            left.plot([], [], "o-", color=colour(_HUES[name]), label=name)
        left.legend(loc="best")

    return Picture(
        "arms", draw("arms", _alt(rows), paint, 380), "Fresh data, repeated data, own solutions", _caption(rows)
    )


def _span(rows: Json) -> tuple[float, float]:
    losses = [point["loss"] for row in rows for point in row["curve"]]
    return min(losses) * 0.93, max(losses) * 1.07


def _mean(rows: Json, arm: str, key: str) -> float:
    return float(np.mean([row["curve"][-1][key] for row in rows if row["arm"] == arm]))


def _alt(rows: Json) -> str:
    ends = ", ".join(f"{arm} {_mean(rows, arm, 'loss'):.3f}" for arm in dict.fromkeys(row["arm"] for row in rows))
    return f"Held-out loss and accuracy of the three arms against tokens; final loss, mean over seeds: {ends}."


def _caption(rows: Json) -> str:
    pools = [row for row in rows if row["arm"] == "pool"]
    own = [row["own"] for row in rows if row["own"] is not None]
    words = "Held-out loss and accuracy of one sample at equal training. "
    if pools:
        words += f"The pool holds {show(pools[0]['pool'])} demonstrations. "
    if own:
        added = " and ".join(show(number) for number in own)
        words += f"The model added {added} solutions of its own that the verifier accepts. "
    return words + "Filled and open marks are seeds."
