"""What a study of self-play asks of itself before it is believed."""

from collections.abc import Mapping

import numpy as np

from nextflop.evidence.run import Run
from nextflop.judging import Verdict
from nextflop.judging.verdict import Outcome
from nextflop.lab.selfplay.arena.perfect import PERFECT
from nextflop.studies.kept import kept_numbers
from nextflop.studies.selfplay.measure import Measure
from nextflop.studies.selfplay.sizes import no_weaker
from nextflop.studies.selfplay.tables import Arena, Board

EVEN = 1.5  # of the dispersion of results, up to which ratings are one scale
OUTGROWN = 0.25  # of the agents, that may stand above the strongest anchor


def judge(board: Board, runs: Mapping[str, Run], measure: Measure, simulations: float) -> tuple[Verdict, ...]:
    """All verdicts on a study's own board.

    Args:
        board: it.
        runs: of the whole study.
        measure: of strength.
        simulations: at which sizes are held against one another.
    """
    scale = () if board.arena is None else (one_scale(board.arena), within_ladder(board.arena))
    return (*scale, *outsiders(runs), no_weaker(board.agents, measure, simulations), kept_numbers(runs, "generation"))


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


def within_ladder(arena: Arena) -> Verdict:
    """Whether the anchors reach as high as the agents, but for the error of ratings; nobody outgrows perfect play."""
    ratings = arena.ratings
    anchor = np.array(["/" not in name for name in ratings.players])
    top = int(np.flatnonzero(anchor)[ratings.elo[anchor].argmax()])
    strongest = ratings.players[top]
    above = (ratings.elo - ratings.errors)[~anchor] > ratings.elo[top]
    share = 0.0 if strongest == PERFECT else float(above.mean())
    outcome = Outcome.passed if share <= OUTGROWN else Outcome.warn
    sentence = f"{share:.0%} of the agents stand above the strongest anchor, {strongest}, by more than their error."
    if outcome is Outcome.warn:
        sentence += (
            " How far above rests on lopsided matches and on those of agents among themselves: trust orders more than "
            "distances there."
        )
    return Verdict("within_ladder", "anchors reach as high as agents", outcome, share, OUTGROWN, sentence)


def outsiders(runs: Mapping[str, Run]) -> tuple[Verdict, ...]:
    """Whether the programs of others that were to judge played all of their matches; nothing where none were asked."""
    asked = [run for run in runs.values() if run.kind == "outside"]
    failed = [str(run.config["program"]) for run in asked if "failed" in run.quantities]
    if not asked:
        return ()
    outcome, sentence = Outcome.passed, "All programs of others played to the end of their matches."
    if failed:
        outcome = Outcome.warn
        sentence = (
            f"{' and '.join(failed)} failed before the end; what was played before counts. What happened is in "
            "failed.json in the run's folder."
        )
    return (Verdict("outsiders", "programs of others played", outcome, float(len(failed)), 0.0, sentence),)
