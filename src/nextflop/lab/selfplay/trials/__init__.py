"""The trials of a study of self-play: training; judging by matches (anchors, rating, league, outside) or by perfect
play.
"""

from collections.abc import Callable, Mapping

from nextflop.evidence.run import Run
from nextflop.lab.selfplay.trials.arena import anchors, league, rating
from nextflop.lab.selfplay.trials.outside import outside
from nextflop.lab.selfplay.trials.perfect import judging, labels
from nextflop.lab.selfplay.trials.training import training
from nextflop.lab.trial import Bench

TRIALS: Mapping[str, Callable[[Bench], Run]] = {
    "labels": labels,
    "anchors": anchors,
    "training": training,
    "outside": outside,
    "judging": judging,
    "rating": rating,
    "league": league,
}
"""Kind of trial → how it is made; a study begins them in this order."""


def run(bench: Bench) -> Run:
    """Makes the run that a trial declares."""
    return TRIALS[bench.trial.kind](bench)
