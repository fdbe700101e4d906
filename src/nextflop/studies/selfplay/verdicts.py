"""What a study of self-play asks of itself before it is believed."""

from collections.abc import Mapping

import numpy as np

from nextflop.evidence.run import Run
from nextflop.judging import Verdict
from nextflop.judging.verdict import Outcome
from nextflop.studies.selfplay.measure import Measure
from nextflop.studies.selfplay.sizes import no_weaker
from nextflop.studies.selfplay.tables import Arena, Board

EVEN = 1.5  # of the dispersion of results, up to which ratings are one scale


def judge(board: Board, runs: Mapping[str, Run], measure: Measure, simulations: float) -> tuple[Verdict, ...]:
    """All verdicts on a study's own board.

    Args:
        board: it.
        runs: of the whole study.
        measure: of strength.
        simulations: at which sizes are held against one another.
    """
    scale = () if board.arena is None else (one_scale(board.arena),)
    return (*scale, no_weaker(board.agents, measure, simulations), kept_numbers(runs))


def one_scale(arena: Arena) -> Verdict:
    """Whether one number a player says who wins."""
    outcome = Outcome.passed if arena.dispersion < EVEN else Outcome.warn
    sentence = (
        f"Results of matches lie {np.sqrt(arena.dispersion):.1f} times as far from what the ratings expect as chance "
        "would have them."
    )
    if outcome is Outcome.warn:
        sentence += " Strength is more than one number here: trust orders and gains more than distances to an anchor."
    return Verdict("one_scale", "one number a player", outcome, arena.dispersion, EVEN, sentence)


def kept_numbers(runs: Mapping[str, Run]) -> Verdict:
    """Whether every run of training came to its end, or some networks lost their numbers before."""
    lost = [run for run in runs.values() if "lost" in run.quantities]
    outcome, sentence = Outcome.passed, "No network lost its numbers."
    if lost:
        named = "; ".join(f"{run.name} after generation {run.quantities['lost']:g}" for run in lost)
        outcome = Outcome.warn
        sentence = (
            f"Training lost its numbers and ended early: {named}. What was measured before counts like any other."
        )
    return Verdict("kept_numbers", "every run came to its end", outcome, float(len(lost)), 0.0, sentence)
