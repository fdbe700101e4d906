"""Other recipes of training beside the study's own: how many times their compute the study's own would have needed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.quantities import show
from nextflop.studies.selfplay.intrinsic import Family
from nextflop.studies.selfplay.measure import Measure
from nextflop.studies.selfplay.sizes import ends
from nextflop.studies.selfplay.tables import Board


def recipes(board: Board, family: Family, measure: Measure, level: float) -> list[dict[str, Json]]:
    """What every recipe makes of the middle network, the study's own first; nothing if there is no other.

    A run is worth as many times its compute as the study's own recipe needs, by the law and for the same network, to be
    as strong: the median over its snapshots. What a recipe is worth is the mean over its seeds, over that of the
    study's own; the interval is Student's, with the scatter of the study's own runs between seeds of one size, or
    between sizes where there is one seed.

    Args:
        board: with the agents of all recipes.
        family: of the law of the study's own.
        measure: of strength.
        level: of the intervals.

    Returns:
        For each "simulations" (of the search in self-play), "reuse", training "flop" and "positions" at the end, "ends"
        (the strength there for every depth of search), and "times" its compute; None where the law gives no number.
    """
    if not len(board.varied):
        return []
    middle = board.agents.where(params=float(board.varied["params"][0]))
    scatter, free = _scatter(board.agents, family, measure)
    quantile = float(t.ppf((1 + level) / 2, free))
    base = _worth(middle, family, measure)
    rows = [_row(middle, measure) | {"times": {"value": 1.0, "low": 1.0, "high": 1.0}}]
    for searched, reuse in dict.fromkeys(zip(board.varied["searched"], board.varied["reuse"], strict=True)):
        agents = board.varied.where(searched=searched, reuse=reuse)
        worth = _worth(agents, family, measure)
        apart = worth.mean() - base.mean()
        error = quantile * scatter * np.sqrt(1 / len(worth) + 1 / len(base))
        told = {"value": 10**apart, "low": 10 ** (apart - error), "high": 10 ** (apart + error)}
        rows.append(_row(agents, measure) | {"times": told if np.isfinite(apart) else None})
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


def _worth(agents: Runs, family: Family, measure: Measure) -> np.ndarray:
    """Of every run, the decades of compute that the study's own recipe needs beyond it, for the same network."""
    judged = agents.where(simulations=family.simulations)
    own = family._replace(params=judged["params"][:1])
    # The law itself, without its draws: what they share is the same for all recipes.
    decades = np.log10(own.least(judged[measure.name])[0] / judged["flop"])
    return np.array([np.median(decades[judged["run"] == run]) for run in np.unique(judged["run"])])


def _scatter(agents: Runs, family: Family, measure: Measure) -> tuple[float, int]:
    """Standard deviation of what runs of the study's own recipe are worth, and its degrees of freedom."""
    by_size = [_worth(agents.where(params=float(size)), family, measure) for size in np.unique(agents["params"])]
    groups = by_size if len(by_size[0]) > 1 else [np.concatenate(by_size)]
    groups = [worth[np.isfinite(worth)] for worth in groups]
    free = sum(max(len(worth) - 1, 0) for worth in groups)
    among = sum(((worth - worth.mean()) ** 2).sum() for worth in groups if len(worth))
    return (float(np.sqrt(among / free)), free) if free else (np.nan, 1)


def say_recipe(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """A recipe by what it changes, such as "reuse 1"; the first of the rows by all."""
    told = {
        "simulations": f"{show(row['simulations'])} simulations in training",
        "reuse": f"reuse {show(row['reuse'])}",
    }
    changed = [words for axis, words in told.items() if row is rows[0] or row[axis] != rows[0][axis]]
    return ", ".join(changed)


def say_recipes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What the other recipes are worth, in a sentence; nothing where there are none."""
    if not rows:
        return []
    told = "; ".join(f"{say_recipe(row, rows)} {say_times(row)}" for row in rows[1:])
    return [f"Beside {say_recipe(rows[0], rows)}, training with other recipes is worth, times its compute: {told}."]


def say_times(row: dict[str, Any]) -> str:
    """How many times its compute a recipe is worth, such as "1.8 (1.2 to 2.6)"."""
    if row["times"] is None:
        return "beyond what the law can tell"
    return "{value:.3g} ({low:.2g} to {high:.2g})".format(**row["times"])
