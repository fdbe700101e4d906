"""The frontiers of several boards below perfect play, with the law of all and the published one."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.laws.clamped_line import ClampedLine
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.style import Picture, draw, ramp

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def boards_together(told: Json) -> Picture:
    """Draws the best agent of every board against training compute."""
    rises = told["rises"]
    law = ClampedLine(**{name: found["value"] for name, found in told["parameters"].items()})
    published = ClampedLine(**told["published"])
    flop = [value for rise in rises for value in rise["flop"]]
    low, high = min(flop) * 0.8, max(flop) * 1.3
    along = np.geomspace(low, high, 200)

    def paint(figure: "Figure") -> None:
        axes = figure.subplots()
        for rise, hue in zip(rises, ramp(len(rises)), strict=True):
            name = f"{rise['size']:.0f} × {rise['size']:.0f}"
            axes.plot(rise["flop"], rise["elo"], "o", color=hue, markersize=4, alpha=0.8, label=name)
            size = np.full(along.size, rise["size"])
            axes.plot(along, law(board_size=size, flop=along), color=hue)
            axes.plot(along, published(board_size=size, flop=along), color=hue, linestyle=(0, (2, 3)))
        log_axis(axes, "x", low, high, "flop")
        axes.set_xlabel("FLOP of training")
        axes.set_ylabel("Elo below perfect play")
        axes.set_ylim(min(min(rise["elo"]) for rise in rises) - 80, 40)
        axes.legend(title="board", loc="upper left")

    caption = (
        f"Running best of the snapshots of each board, means over seeds, with {show(told['simulations'])} simulations "
        "a move. Solid: the law of all boards; dotted: the published one, whose compute leaves the learner out and "
        "whose agents searched 64 simulations."
    )
    ends = ((rise["size"], rise["elo"][0], rise["elo"][-1]) for rise in rises)
    alt = "; ".join("board {:.0f}: from {:.0f} to {:.0f} Elo".format(*rise) for rise in ends)
    return Picture("across-figure", draw("across-figure", alt, paint, 380), "Boards together", caption)
