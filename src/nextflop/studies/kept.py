"""Whether the networks of a study kept their numbers."""

from collections.abc import Mapping

from nextflop.evidence.run import Run
from nextflop.judging import Verdict
from nextflop.judging.verdict import Outcome


def kept_numbers(runs: Mapping[str, Run], unit: str) -> Verdict:
    """Whether every run of training came to its end, or some networks lost their numbers before.

    Args:
        runs: of the whole study; one that ended early has the quantity "lost".
        unit: what that is counted in, such as "step".
    """
    lost = [run for run in runs.values() if "lost" in run.quantities]
    outcome, sentence = Outcome.passed, "No network lost its numbers."
    if lost:
        named = "; ".join(f"{run.name} after {unit} {run.quantities['lost']:g}" for run in lost)
        outcome = Outcome.warn
        sentence = (
            f"Training lost its numbers and ended early: {named}. What was measured before counts like any other."
        )
    return Verdict("kept_numbers", "every run came to its end", outcome, float(len(lost)), 0.0, sentence)
