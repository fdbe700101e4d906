"""What a reader of a part of the ledger must know before trusting it, as verdicts."""

from collections.abc import Mapping, Sequence

import numpy as np

from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger.bought.amount import amount, unit
from nextflop.planning.ledger.bought.search import Bought
from nextflop.planning.ledger.doubts import FAR, SURE, chance
from nextflop.planning.ledger.titles import titled
from nextflop.planning.selection import ceiling
from nextflop.quantities import show

APART = 0.1  # of what standing still foretells, from which on two purchases set out from different places
NEAR = 0.95  # of what ever more samples would bring, from which on a verifier is what holds


def doubts(
    bought: Sequence[Bought], best: str, probability: float, beyond: Mapping[str, float], options: int
) -> tuple[Verdict, ...]:
    """How sure the choice is, how far it lies beyond the runs, where the purchases stand, what a verifier holds back.

    Args:
        bought: the purchases.
        best: the option that is taken, in words.
        probability: that it is the best.
        beyond: decades of it beyond the runs.
        options: how many there are.
    """
    start = [_standing(bought)] if len(bought) > 1 else []
    one = all(verdict.outcome is Outcome.passed for verdict in start)
    sure = [] if options == 1 else [_sure(best, probability, one)]
    return titled(*sure, _beyond(best, beyond), *start, *(_verifier(one) for one in bought if one.purchase.verifier))


def _sure(best: str, probability: float, one: bool) -> Verdict:
    """Whether the choice is clear; where the options are not of one model, no probability tells."""
    sure = Outcome.passed if probability >= SURE else Outcome.warn
    sentence = f"The best option is {best}, with probability {chance(probability)}"
    sentence += "." if one else ", were all of one model, which they are not."
    outcome = sure if one else Outcome.unknown
    return Verdict("bought_choice", "one option is clearly best", outcome, probability, SURE, sentence)


def _beyond(best: str, beyond: Mapping[str, float]) -> Verdict:
    code, name = "bought_beyond", "the choice lies within reach of the runs"
    if not beyond:
        sentence = f"How far {best} lies beyond the runs is not known: its laws are published constants."
        return Verdict(code, name, Outcome.unknown, np.nan, FAR, sentence)
    worst = max(beyond, key=lambda axis: beyond[axis])
    away = beyond[worst]
    sentence = (
        f"The choice, {best}, stays within the range of the runs."
        if away == 0
        else f"The choice, {best}, goes {away:.1f} decades beyond the runs in {unit(worst)}."
    )
    outcome = Outcome.passed if away == 0 else Outcome.warn if away <= FAR else Outcome.fail
    return Verdict(code, name, outcome, away, FAR, sentence)


def _standing(bought: Sequence[Bought]) -> Verdict:
    """Whether all purchases set out from one model: what they foretell for buying nothing."""
    means = [float(one.pool.mean(one.standing)) for one in bought]
    apart, scale = max(means) - min(means), max(map(abs, means)) or 1.0
    told = ", ".join(f"{one.purchase.title} {show(mean)}" for one, mean in zip(bought, means, strict=True))
    sentence = f"Before anything is bought: {told}."
    if apart > APART * scale:
        sentence += (
            " They set out from different models, or were graded differently: what is gained does not compare. Measure "
            "them from one model, graded alike."
        )
    outcome = Outcome.passed if apart <= APART * scale else Outcome.warn
    return Verdict("bought_start", "the options set out from one place", outcome, apart / scale, APART, sentence)


def _verifier(bought: Bought) -> Verdict:
    """How much of what ever more samples would bring by this verifier is already there."""
    purchase, pool = bought.purchase, bought.pool
    assert purchase.verifier is not None  # the caller asks for those that have one
    ends = np.concatenate([np.ravel(ceiling(one.law, purchase.verifier)) for one in pool.members])
    end, there, start = (float(pool.mean(part)) for part in (ends, bought.outcome, bought.standing))
    share = (there - start) / (end - start) if end > start else 1.0
    outcome = Outcome.passed if share < NEAR else Outcome.warn
    sentence = (
        f"At {amount(bought.decision, purchase.amount)}, {purchase.title} has {share:.0%} of what any number of them "
        f"would bring, {end:.3f} in all, by a verifier that accepts {purchase.verifier.true_positive:.0%} of right and "
        f"{purchase.verifier.false_positive:.0%} of wrong ones."
    )
    return Verdict("bought_verifier", "the verifier leaves room for samples", outcome, share, NEAR, sentence)
