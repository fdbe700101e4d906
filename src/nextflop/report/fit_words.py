"""A fit in sentences: what the law says, and how far to believe it."""

import math
from collections.abc import Sequence

from nextflop.fitting.fit import Fit, Status
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report.page import number

_SAYS = {
    "chinchilla": "Loss falls towards {E} nats a token, as N^-{alpha} with parameters and as D^-{beta} with tokens",
    "power": "Loss falls towards {E} nats a token, as C^-{alpha} with compute",
    "sigmoid": "Accuracy rises from {R0} to a ceiling of {A}, half of the way by {C_mid} FLOP",
    "exponential-accuracy": "Accuracy grows as e^(-{gamma} × loss) as the loss falls",
    "coverage": "One sample solves {mu} of the solvable problems on average; {pi} of all are never solved",
}


def headline(fit: Fit, plan: Allocation | None) -> str:
    """The answer in one sentence: the split of the budget if there is one, else what the law says."""
    if plan is not None:
        return (
            f"{show(plan.budget, 'FLOP')} are best spent on about {show(plan.params.value, 'parameters', 2)} "
            f"and {show(plan.tokens.value, 'tokens', 2)}."
        )
    says = _SAYS.get(fit.law.name, f"The law {fit.law.name} describes {fit.law.response} in {fit.runs} runs")
    return f"{says.format(**{name: number(value.value, digits=3) for name, value in fit.estimate.items()})}."


def belief(fit: Fit, verdicts: Sequence[Verdict], plan: Allocation | None) -> list[str]:
    """How far to believe the headline, the most important first."""
    sentences = [trust(fit, verdicts)]
    if plan is not None:
        sentences.insert(1 if _fails(fit, verdicts) else 0, _valley(plan))
        far = {name: value for name, value in plan.decades_beyond.items() if value > 0}
        if far:
            words = {"params": "parameters"}
            reach = " and ".join(f"{value:.1f} decades of {words.get(name, name)}" for name, value in far.items())
            sentences.append(
                f"The best split lies {reach} beyond the runs; that far the form of the law is an assumption."
            )
    return sentences


def _fails(fit: Fit, verdicts: Sequence[Verdict]) -> bool:
    return fit.status is Status.max_steps or any(verdict.outcome is Outcome.fail for verdict in verdicts)


def trust(fit: Fit, verdicts: Sequence[Verdict]) -> str:
    """One sentence on status and checks."""
    named = {outcome: [v.name for v in verdicts if v.outcome is outcome] for outcome in Outcome}
    if fit.status is Status.max_steps:
        return "Do not rely on it: the search for the optimum did not end."
    if named[Outcome.fail]:
        return f"Do not rely on it yet: {_counted(named[Outcome.fail], len(verdicts), 'fails', 'fail')}."
    if named[Outcome.warn]:
        return f"Read it with care: {_counted(named[Outcome.warn], len(verdicts), 'warns', 'warn')}."
    if fit.status is not Status.converged:
        return f"Read it with care: {fit.status.value}."
    if named[Outcome.unknown]:
        silent = _counted(named[Outcome.unknown], len(verdicts), "has no answer", "have no answer")
        return f"Nothing speaks against it, but {silent}."
    return f"The search converged and {_all(len(verdicts))}." if verdicts else "The search converged."


def status(fit: Fit) -> str:
    """How the search ended and why that may be believed."""
    proof = fit.certificate
    meaning = "" if fit.status is Status.converged else f": {fit.status.value}"
    return (
        f"The search ended as {fit.status.name.replace('_', ' ')}{meaning}. "
        f"{proof.agreeing:.0%} of {proof.starts} starting points reached the best objective to within 1%; "
        f"the scaled gradient there is {proof.gradient:.1e} and the condition number {proof.condition:.1e}."
    )


def plan_words(plan: Allocation) -> list[str]:
    """What the budget buys and how sharply the split is known."""
    words = [
        f"The predicted loss is {number(plan.loss.value)} ({number(plan.loss.low)} to {number(plan.loss.high)}), with "
        f"{show(plan.tokens_per_param.value)} tokens a parameter."
    ]
    if math.isnan(plan.robust.params_low):
        words.append(
            f"No split is within {plan.regret:g} of the least loss in {plan.level:.0%} of the draws; "
            f"{show(plan.safest[0], 'parameters')} are in {plan.safest[1]:.0%} of them. More runs near this budget "
            "would help most."
        )
    if plan.without_optimum:
        words.append(
            f"In {plan.without_optimum} of {plan.draws} draws one of the two uses is worthless, so no optimum exists: "
            "they count as failures."
        )
    return words


def _valley(plan: Allocation) -> str:
    if math.isnan(plan.robust.params_low):
        valley, sure = plan.valley, "if the estimate is right"
    else:
        valley, sure = plan.robust, f"with a probability of at least {plan.level:.0%}"
    return (
        f"The valley is flat: {show(valley.params_low, digits=2)} to {show(valley.params_high, 'parameters', 2)} cost "
        f"at most {plan.regret:g} more loss than the best split, {sure}."
    )


def _all(number: int) -> str:
    return "its one check passes" if number == 1 else f"all {number} checks pass"


def _counted(names: Sequence[str], of: int, one: str, many: str) -> str:
    verb = one if len(names) == 1 else many
    return f"{len(names)} of {of} checks {verb} ({', '.join(names)})"
