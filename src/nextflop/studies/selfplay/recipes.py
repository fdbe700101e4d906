"""Other recipes of training beside the study's own: how much stronger the same compute makes the network."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import t

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.quantities import show
from nextflop.studies.selfplay.intrinsic import Family
from nextflop.studies.selfplay.ledger import Point
from nextflop.studies.selfplay.measure import Measure
from nextflop.studies.selfplay.sizes import ends
from nextflop.studies.selfplay.tables import Board


def recipes(board: Board, family: Family, measure: Measure, level: float) -> list[dict[str, Json]]:
    """What every recipe makes of the middle network, the study's own first; nothing if there is no other.

    Two numbers say what a recipe is worth beside the study's own, both by the law of that and for the same network: how
    much stronger its agents are at the same compute, and how many times their compute the study's own recipe needs to
    be as strong, a large number for a small gain where strength hardly rises with compute. Of a run it is the median
    over its snapshots, of a recipe the mean over its seeds, less that of the study's own. The interval is
    Student's, with the scatter of the study's own runs between seeds of one size, or between sizes where there is one
    seed.

    Args:
        board: with the agents of all recipes.
        family: of the law of the study's own.
        measure: of strength.
        level: of the intervals.

    Returns:
        For each "simulations" (of the search in self-play), "reuse", training "flop" and "positions" at the end, "ends"
        (the strength there for every depth of search), "gain" at the same compute, and "times" its compute; None of
        what the law gives no number for, and of the study's own.
    """
    if not len(board.varied):
        return []
    middle = board.agents.where(params=float(board.varied["params"][0]))
    rows: list[dict[str, Json]] = [_row(middle, measure) | {"gain": None, "times": None}]
    own, base = (agents.where(simulations=family.simulations) for agents in (board.agents, middle))
    for searched, reuse in dict.fromkeys(zip(board.varied["searched"], board.varied["reuse"], strict=True)):
        agents = board.varied.where(searched=searched, reuse=reuse)
        judged = agents.where(simulations=family.simulations)
        gain, decades = (_apart(judged, base, own, partial(of, family, measure), level) for of in (_gain, _decades))
        row = _row(agents, measure) | {
            "gain": gain and {end: float(measure.gain(value)) for end, value in gain.items()},
            "times": decades and {end: 10**value for end, value in decades.items()},
        }
        rows.append(row)
    return rows


def _row(agents: Runs, measure: Measure) -> dict[str, Json]:
    """One recipe at the end of training, means over its seeds."""
    depths = [float(depth) for depth in np.unique(agents["simulations"])]
    last = ends(agents, depths[0])
    return {
        "simulations": float(agents["searched"][0]),
        "reuse": float(agents["reuse"][0]),
        "flop": float(last["flop"].mean()),
        "positions": float(last["positions"].mean()),
        "ends": [
            {"simulations": depth, "strength": float(measure.level(measure.of(ends(agents, depth)).mean()))}
            for depth in depths
        ],
    }


def _decades(family: Family, measure: Measure, judged: Runs) -> np.ndarray:
    """Of every agent, the decades of compute that the study's own recipe needs beyond its own, for the same network."""
    own = family._replace(params=judged["params"][:1])
    # The law itself, without its draws: what they share is the same for all recipes.
    return np.log10(own.least(judged[measure.name])[0] / judged["flop"])


def _gain(family: Family, measure: Measure, judged: Runs) -> np.ndarray:
    """Of every agent, how much stronger it is than the study's own recipe makes the same network with its compute."""
    positions = family.ledger.positions(judged["params"], judged["flop"])
    own = family.law(**Point(judged["params"], positions, judged["simulations"]).columns)[0]
    return measure.of(judged) - np.asarray(measure.rise(own))


def _apart(
    agents: Runs, middle: Runs, own: Runs, of: Callable[[Runs], np.ndarray], level: float
) -> dict[str, float] | None:
    """How far some agents lie from those of the study's own recipe, with an interval."""
    found, base = _by_run(agents, of), _by_run(middle, of)
    apart = float(found.mean() - base.mean())
    scatter, free = _scatter(own, of)
    error = float(t.ppf((1 + level) / 2, free)) * scatter * float(np.sqrt(1 / len(found) + 1 / len(base)))
    if not np.isfinite([apart, error]).all():
        return None
    return {"value": apart, "low": apart - error, "high": apart + error}


def _by_run(agents: Runs, of: Callable[[Runs], np.ndarray]) -> np.ndarray:
    """The median over the snapshots of every run."""
    values = of(agents)
    return np.array([np.median(values[agents["run"] == run]) for run in np.unique(agents["run"])])


def _scatter(agents: Runs, of: Callable[[Runs], np.ndarray]) -> tuple[float, int]:
    """Standard deviation between runs of the study's own recipe, and its degrees of freedom."""
    by_size = [_by_run(agents.where(params=float(size)), of) for size in np.unique(agents["params"])]
    groups = by_size if len(by_size[0]) > 1 else [np.concatenate(by_size)]
    groups = [values[np.isfinite(values)] for values in groups]
    free = sum(max(len(values) - 1, 0) for values in groups)
    among = sum(((values - values.mean()) ** 2).sum() for values in groups if len(values))
    return (float(np.sqrt(among / free)), free) if free else (np.nan, 1)


def say_recipe(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """A recipe by what it changes, such as "reuse 1"; the first of the rows by all."""
    told = {
        "simulations": f"{show(row['simulations'])} simulations in training",
        "reuse": f"reuse {show(row['reuse'])}",
    }
    changed = [words for axis, words in told.items() if row is rows[0] or row[axis] != rows[0][axis]]
    return ", ".join(changed)


def say_recipes(rows: Sequence[dict[str, Any]], measure: Measure) -> list[str]:
    """What the other recipes are worth, in a sentence; nothing where there are none."""
    if not rows:
        return []
    told = "; ".join(f"{say_recipe(row, rows)} {say_gain(row, measure)}" for row in rows[1:])
    return [f"Beside {say_recipe(rows[0], rows)}, other recipes bring, at the same compute: {told}."]


def say_gain(row: dict[str, Any], measure: Measure) -> str:
    """How much stronger a recipe makes the network at the same compute, such as "+40 Elo (-10 to +90)"."""
    return "what the law cannot tell" if row["gain"] is None else measure.say_gain(row["gain"])


def say_times(row: dict[str, Any]) -> str:
    """How many times its compute a recipe is worth, such as "1.8 (1.2 to 2.6)"."""
    if row["times"] is None:
        return "beyond what the law can tell"
    return "{value:.2g} ({low:.2g} to {high:.2g})".format(**row["times"])
