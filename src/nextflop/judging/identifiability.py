"""What the runs cannot tell: parameters whose profile stays low however far they are moved."""

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.fitting.profile import Profile, profile
from nextflop.judging.verdict import Outcome, Verdict

_MISSED = 1e-3  # of an objective: less is beside the point, and valleys with corners have many floors


def profiles(fit: Fit, runs: Runs) -> tuple[Profile, ...]:
    """The profile of every free parameter, in the order of the law.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
    """
    pinned = fit.method.pinned if fit.method else {}
    return tuple(profile(fit, runs, name) for name in fit.law.parameters if name not in pinned)


def identifiability(found: tuple[Profile, ...]) -> Verdict:
    """Whether every parameter has two ends.

    Args:
        found: what `profiles` gave.
    """
    code, name = "identifiability", "the data end every parameter"
    worst = max(found, key=lambda one: one.missed)
    if worst.missed > _MISSED:
        says = f"The fit is not the optimum: the profile of {worst.parameter} goes {worst.missed:.1%} below it."
        return Verdict(code, name, Outcome.fail, worst.missed, _MISSED, says)
    loose = [one for one in found if one.open_above or one.open_below]
    if not loose:
        return Verdict(code, name, Outcome.passed, 0.0, 0.0, "The profile of every parameter closes on both sides.")
    nowhere = [one for one in loose if one.open_above and one.open_below]
    says = " ".join(one.sentence for one in loose)
    outcome = Outcome.fail if nowhere else Outcome.warn
    return Verdict(code, name, outcome, float(len(loose)), 0.0, says)
