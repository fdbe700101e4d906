"""The exponents of Neumann and Gros 2023 (arXiv:2210.00849) of a study rated in Elo, in their unit and in ours."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.ratings import Ratings
from nextflop.lab.selfplay.trials.agents import agent_name
from nextflop.studies.selfplay.ledger import Ledger
from nextflop.studies.selfplay.measure import ELO, Interval
from nextflop.studies.selfplay.sizes import ends, exponent, exponents
from nextflop.studies.selfplay.spending import Strength, frontier

PUBLISHED = {"params": 0.88, "compute": 0.55, "optimal": 0.62}
"""α_N, α_C and α_opt of Connect Four as BayesElo has them, at a temperature of 0.25 and 300 simulations a move."""
_AMOUNTS = 40  # of training compute, along which the frontier is told


def alphas(
    agents: Runs,
    bayeselo: Ratings,
    strength: Strength,
    ledger: Ledger,
    simulations: float,
    draws: int,
    interval: Interval,
) -> dict[str, Json]:
    """How the odds of winning grow with parameters and with training compute, and the best size with compute.

    α_N is the slope of Elo over log10 parameters at the end of training, over 400; α_C that of the law's frontier over
    the compute of all snapshots, a straight line through both; α_opt = α_C/α_N. Neumann and Gros trained every size
    until it gained no more. Here all sizes train equally long, so α_N is less than theirs would be, and α_opt more.
    Draws of α_N, of runs drawn whole, and those of the law are taken as independent in α_opt.

    Args:
        agents: of a board, rated in Elo.
        bayeselo: ratings of them as BayesElo has them.
        strength: of agents by the law and its draws.
        ledger: of what they cost.
        simulations: of the search at each move.
        draws: how many of α_N.
        interval: the value and those of the draws → value, low and high.

    Returns:
        "params" (α_N), "compute" (α_C) and "optimal" (α_opt), and under "bayeselo" what BayesElo makes of the same
        matches: "exponents", α_N by depth of search, read directly; "stretch", the slope of its ratings over ours at
        these simulations, all snapshots; and "compute", α_C so stretched.
    """
    sizes = exponent(ends(agents, simulations), ELO, draws)
    compute = _compute(agents, strength, ledger, simulations)
    both = min(len(sizes), len(compute))
    read = agents.with_columns(elo=_as_read(agents, bayeselo))
    stretch = _stretch(*(rated.where(simulations=simulations)["elo"] for rated in (agents, read)))
    return {
        "simulations": simulations,
        "params": interval(sizes),
        "compute": interval(compute),
        "optimal": interval(compute[:both] / sizes[:both]),
        "bayeselo": {
            "stretch": stretch,
            "exponents": exponents(read, ELO, draws, interval),
            "compute": interval(stretch * compute),
        },
        "published": PUBLISHED,
    }


def read_params(found: Mapping[str, Any]) -> Mapping[str, float]:
    """α_N as BayesElo has it, at the simulations of the other exponents."""
    rows = found["bayeselo"]["exponents"]
    return next(row["exponent"] for row in rows if row["simulations"] == found["simulations"])


def say_alphas(found: Mapping[str, Any]) -> str:
    """The three in a sentence, with what BayesElo makes of them and what is published."""
    told = "{value:.2f} ({low:.2f} to {high:.2f})"
    params, compute, optimal = (told.format(**found[name]) for name in ("params", "compute", "optimal"))
    read = [told.format(**one) for one in (read_params(found), found["bayeselo"]["compute"])]
    published = found["published"]
    return (
        f"The odds of winning grow as the parameters to the power α_N = {params} at the end of training and as the "
        f"compute of training to α_C = {compute} at the best size, at {found['simulations']:g} simulations: "
        f"α_opt = α_C/α_N = {optimal}. As BayesElo has the same matches, α_N is {read[0]} and α_C {read[1]}; "
        f"they published {published['params']:.2f} and {published['compute']:.2f} so, of networks trained until they "
        "gained no more."
    )


def _compute(agents: Runs, strength: Strength, ledger: Ledger, simulations: float) -> np.ndarray:
    """α_C by the law and by its draws, shape (1 + draws,)."""
    flop = np.geomspace(agents["flop"].min(), agents["flop"].max(), _AMOUNTS)
    height = frontier(strength, ledger, (float(ledger.params[0]), float(ledger.params[-1])), flop, simulations)
    return np.polyfit(np.log10(flop), height.T, 1)[0] / ELO.decade


def _as_read(agents: Runs, ratings: Ratings) -> np.ndarray:
    keys = zip(agents["run"], agents["step"], agents["simulations"], strict=True)
    return np.array([ratings.of(agent_name(str(run), int(step), int(depth))) for run, step, depth in keys])


def _stretch(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.polyfit(ours, theirs, 1)[0])
