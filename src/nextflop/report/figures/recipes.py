"""Strength against the compute of training, a curve a recipe."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.report.axes import log_axis
from nextflop.report.figures.play_strength import strength_axis
from nextflop.report.style import Picture, colour, draw, ramp
from nextflop.studies.selfplay.measure import MEASURES
from nextflop.studies.selfplay.recipes import say_gain, say_recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TITLES = {"simulations": "Simulations in training", "reuse": "How often a position is learned from"}


def by_recipe(answers: Json) -> Picture:
    """Draws the middle network as each recipe trains it, means over seeds, a panel for each choice that is varied."""
    rows, measure, depth = answers["recipes"], answers["measure"], answers["slope"]["simulations"]
    board = answers["boards"][-1]
    params = board["varied"][0]["params"]
    agents = [
        agent
        for agent in (*board["agents"], *board["varied"])
        if agent["params"] == params and agent["simulations"] == depth
    ]
    varied = [axis for axis in _TITLES if any(row[axis] != rows[0][axis] for row in rows)]

    def paint(figure: "Figure") -> None:
        panels = np.atleast_1d(figure.subplots(1, len(varied), sharey=True))
        for axes, axis in zip(panels, varied, strict=True):
            shown = [row for row in rows if row is rows[0] or row[axis] != rows[0][axis]]
            shown.sort(key=lambda row: row[axis])
            hues = iter(ramp(len(shown) - 1))
            for row in shown:
                own = row is rows[0]
                mine = [agent for agent in agents if (agent["searched"], agent["reuse"]) == _of(row)]
                axes.plot(
                    *_curve(mine, measure),
                    "o-",
                    color=colour("ink") if own else next(hues),
                    linewidth=2.2 if own else 1.5,
                    markersize=4.5,
                    label=f"{row[axis]:g}" + (", the study's own" if own else ""),
                )
            axes.set_title(_TITLES[axis])
            flop = [agent["flop"] for agent in agents]
            log_axis(axes, "x", min(flop) * 0.8, max(flop) * 1.3, "flop", wanted=3)
            axes.set_xlabel("FLOP of training")
            axes.legend(loc="lower right" if measure == "elo" else "lower left")
        strength_axis(panels[0], measure, agents)

    told = "; ".join(f"{say_recipe(row, rows)}: {say_gain(row, MEASURES[measure])}" for row in rows[1:])
    caption = (
        f"The middle network as each recipe trains it, judged with {depth:g} simulations a move; means over seeds. All "
        "trained for the same time."
    )
    picture = draw("recipes-figure", f"At the same compute: {told}", paint, 380)
    return Picture("recipes-figure", picture, "Strength by recipe", caption)


def _of(row: Json) -> tuple[float, float]:
    return row["simulations"], row["reuse"]


def _curve(agents: Sequence[Json], measure: str) -> tuple[list[float], list[float]]:
    """FLOP and strength at every snapshot, means over seeds; of strength as it is drawn, regret by its logarithm."""
    steps = sorted({agent["step"] for agent in agents})
    groups = [[agent for agent in agents if agent["step"] == step] for step in steps]
    flop = [float(np.mean([agent["flop"] for agent in group])) for group in groups]
    values = [np.array([agent[measure] for agent in group]) for group in groups]
    mean = [float(v.mean() if measure == "elo" else np.exp(np.log(v).mean())) for v in values]
    return flop, mean
