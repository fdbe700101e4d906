"""Strength against the compute of training, at three depths of search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.axes import log_axis
from nextflop.report.study_data import law_of
from nextflop.report.style import Picture, colour, draw, ramp
from nextflop.studies.selfplay.measure import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEPTHS = (1.0, 16.0, 256.0)
"""Simulations at which pages tell strength in tables."""
_STRENGTH = {"elo": "Elo above random play", "regret": "Outcome given away a move"}
_BY = {"elo": "rated against anchors that need no network", "regret": "judged by perfect play"}
_GAIN = {"elo": "Elo", "regret": "Regret divided by"}


def strength(answers: Json, agents: Sequence[Json], depths: Sequence[float]) -> Picture:
    """Draws every rated snapshot, and the law for every size.

    Args:
        answers: of the study.
        agents: of the study's own board.
        depths: simulations a move, one a panel.
    """
    measure = answers["measure"]
    law = law_of(MEASURES[measure].law, answers["fit"])
    sizes = sorted({agent["params"] for agent in agents})
    hues = dict(zip(sizes, ramp(len(sizes)), strict=True))
    flop = [agent["flop"] for agent in agents]

    def paint(figure: "Figure") -> None:
        panels = figure.subplots(1, len(depths), sharey=True)
        for axes, depth in zip(np.atleast_1d(panels), depths, strict=True):
            for size in sizes:
                rows = [agent for agent in agents if agent["params"] == size and agent["simulations"] == depth]
                x, y, error = (
                    np.array([row[name] for row in rows]) for name in ("flop", measure, MEASURES[measure].errors)
                )
                axes.errorbar(x, y, error, fmt="o", color=hues[size], markersize=5, elinewidth=1, alpha=0.85)
                each = answers["per_position"] * rows[0]["flop_each"]
                along = np.geomspace(x.min(), x.max(), 60)
                axes.plot(
                    along,
                    law(params=np.full(60, size), positions=along / each, simulations=np.full(60, depth)),
                    color=hues[size],
                    label=show(size),
                )
            axes.set_title("the policy alone" if depth == 1 else f"{depth:g} simulations a move")
            log_axis(axes, "x", min(flop) * 0.8, max(flop) * 1.3, "flop", wanted=3)
            axes.set_xlabel("FLOP of training")
        first = np.atleast_1d(panels)[0]
        strength_axis(first, measure, agents)
        first.legend(title="parameters", loc=_free(measure))

    caption = (
        f"Every snapshot of every run, {_BY[measure]}; bars are one standard error. Lines are the law at each size. "
        f"Scatter about the law: {MEASURES[measure].say_apart(answers['fit']['scatter'])}."
    )
    best = (max if measure == "elo" else min)(agent[measure] for agent in agents)
    alt = f"{_STRENGTH[measure]} against training compute for {len(sizes)} sizes; the strongest agent has {best:.3g}."
    return Picture("strength-figure", draw("strength-figure", alt, paint, 420), "Strength against training", caption)


def search(answers: Json, agents: Sequence[Json]) -> Picture:
    """Draws strength against the depth of search, a panel for the middle and one for the largest network."""
    measure = answers["measure"]
    law = law_of(MEASURES[measure].law, answers["fit"])
    sizes = sorted({agent["params"] for agent in agents})
    chosen = (sizes[len(sizes) // 2], sizes[-1])
    deep = np.geomspace(1, max(agent["simulations"] for agent in agents), 60)

    def paint(figure: "Figure") -> None:
        panels = figure.subplots(1, len(chosen), sharey=True)
        for axes, size in zip(np.atleast_1d(panels), chosen, strict=True):
            mine = [agent for agent in agents if agent["params"] == size and agent["seed"] == 0]
            steps = sorted({agent["step"] for agent in mine})
            for step, hue in zip(steps, ramp(len(steps)), strict=True):
                rows = sorted((row for row in mine if row["step"] == step), key=lambda row: row["simulations"])
                axes.errorbar(
                    [row["simulations"] for row in rows],
                    [row[measure] for row in rows],
                    [row[MEASURES[measure].errors] for row in rows],
                    fmt="o",
                    color=hue,
                    markersize=5,
                    elinewidth=1,
                )
                positions = np.full(60, rows[0]["positions"])
                axes.plot(
                    deep,
                    law(params=np.full(60, size), positions=positions, simulations=deep),
                    color=hue,
                    label=show(rows[0]["positions"], digits=2),
                )
            axes.set_title(f"{show(size)} parameters")
            log_axis(axes, "x", 0.85, float(deep[-1]) * 1.2, "simulations")
            axes.set_xlabel("Simulations a move (1: the policy alone)")
        first = np.atleast_1d(panels)[0]
        strength_axis(first, measure, agents)
        first.legend(title="positions played", loc=_free(measure), ncols=2)

    exchange = answers["exchange"]
    caption = (
        "The same networks with deeper and deeper search, seed 0; lines are the law. Ten times the training compute is "
        f"worth a search {exchange['value']:.3g} times as deep by the law, {exchange['low']:.3g} or more by its draws."
    )
    sizes_told = " and ".join(map(show, chosen))
    alt = f"{_STRENGTH[measure]} against simulations a move for snapshots of {sizes_told} parameters."
    return Picture("search-figure", draw("search-figure", alt, paint, 420), "Strength against search", caption)


def decision(answers: Json, hues: Sequence[str]) -> Picture:
    """Draws what each axis gains, and which is best for other numbers of moves."""
    axes_told, rows, measure = answers["axes"], answers["by_moves"], answers["measure"]
    names = [axis["axis"] for axis in axes_told]
    moves = np.array([row["moves"] for row in rows])

    def paint(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.3])
        for place, axis in enumerate(axes_told):
            gain = axis["gain"]
            spread = [[max(gain["value"] - gain["low"], 0)], [max(gain["high"] - gain["value"], 0)]]
            left.errorbar(gain["value"], -place, xerr=spread, fmt="o", color=colour(hues[place]), markersize=9)
        left.set_yticks([-place for place in range(len(names))], names)
        left.set_ylim(0.5 - len(names), 0.5)
        left.axvline(0 if measure == "elo" else 1, color=colour("soft"), linewidth=1)
        left.set_xlabel(f"{_GAIN[measure]} for {show(answers['next'], 'FLOP')} more")
        edges = np.sqrt(moves[1:] * moves[:-1])
        edges = np.concatenate([moves[:1] ** 2 / edges[:1], edges, moves[-1:] ** 2 / edges[-1:]])
        below = np.zeros(len(rows))
        for name, hue in zip(names, hues, strict=True):
            chance = np.array([row["axes"][name] for row in rows])
            ends = [np.append(part, part[-1]) for part in (below, below + chance)]
            right.fill_between(edges, *ends, step="post", color=colour(hue), alpha=0.85, linewidth=0, label=name)
            below = below + chance
        right.axvline(answers["scope"]["moves"], color=colour("ink"), linewidth=1.2, linestyle=(0, (2, 3)))
        log_axis(right, "x", edges[0], edges[-1], "moves")
        right.set_ylim(0, 1)
        right.set_ylabel("Share of the draws")
        right.set_xlabel("Moves that the agent will play")
        right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)

    caption = (
        "Left: what half more of the FLOP of the middle network and its moves gains, all on one axis. Right: how often "
        "each axis gains most, for other numbers of moves; the dotted line is this plan."
    )
    alt = "; ".join(f"{axis['axis']}: {MEASURES[measure].say_gain(axis['gain'])}" for axis in axes_told)
    return Picture("decision-figure", draw("decision-figure", alt, paint, 330), "Where the next FLOP goes", caption)


def strength_axis(axes: "Axes", measure: str, agents: Sequence[Json]) -> None:
    """The upright axis of strength: even in Elo, logarithmic in regret."""
    if measure == "regret":
        values = [agent["regret"] for agent in agents]
        log_axis(axes, "y", min(values) / 1.5, max(values) * 1.5, "outcome", wanted=5)
    axes.set_ylabel(_STRENGTH[measure])


def _free(measure: str) -> str:
    """The corner that no point comes near: strength rises to the right, regret falls."""
    return "upper left" if measure == "elo" else "lower left"
