"""What a verdict is called: what holds where it passes, and what is wrong where it warns or fails."""

from dataclasses import replace

from nextflop.judging.verdict import Outcome, Verdict

WRONG = {
    "plan_choice": "no option is clearly best",
    "plan_laws": "a law misses your largest runs",
    "plan_seen": "no law had foretold the runs that were made to decide",
    "plan_epochs": "the laws disagree on the epochs",
    "plan_next_unit": "the laws disagree on what to buy next",
    "plan_beyond": "the plan lies beyond the runs",
    "bought_choice": "no option is clearly best",
    "bought_beyond": "the choice lies beyond the runs",
    "bought_start": "the options set out from different places",
    "bought_verifier": "the verifier leaves little room for samples",
    "mixture_repetition": "the mixture repeats a domain more than the runs did",
    "mixture_baseline": "the mixture does not clearly beat the stratified one",
    "mixture_beyond": "the runs had no shares like these",
}
"""Code → what is wrong."""


def titled(*verdicts: Verdict) -> tuple[Verdict, ...]:
    """The verdicts, each called by what it found."""
    wrong = {Outcome.warn, Outcome.fail}
    return tuple(replace(one, name=WRONG[one.code]) if one.outcome in wrong else one for one in verdicts)
