"""What a reader of a plan must know before trusting it, as verdicts."""

from collections.abc import Sequence

import numpy as np

from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger.curve import Regret
from nextflop.planning.ledger.members import Member, refuted
from nextflop.planning.ledger.misses import bound, said
from nextflop.planning.ledger.offered import TOGETHER
from nextflop.planning.ledger.options import Option
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.ledger.titles import titled
from nextflop.planning.ledger.units import Unit
from nextflop.quantities import listed, show

FAR = 1.0  # decades beyond the runs, from which on a plan is a guess
SURE = 0.9  # probability from which on an option counts as settled
_COUNTS = 0.01  # weight of a law, below which it disagrees with no one
_APART = 1.5  # factor between the laws' own numbers from which on they disagree


def doubts(
    options: Sequence[Option],
    best: Option,
    units: Sequence[Unit],
    members: Sequence[Member],
    situation: Situation,
    curve: Regret,
) -> tuple[Verdict, ...]:
    """Whether the laws agree, how sure the choice is, and how far beyond the runs it lies."""
    found = [_sure(best, options, curve), *_fit(members)]
    believed = [member for member in members if member.weight >= _COUNTS]
    if len(believed) > 1:
        repeated = options[0] if best.code == "once" else best  # once leaves no epochs to choose
        found += [_epochs(repeated, believed)] if situation.sources and options[0].code == "repeat" else []
        found += [_next_unit(units, believed)] if len(units) > 1 else []
    return titled(*found, _beyond(best, members))


def _sure(best: Option, options: Sequence[Option], curve: Regret) -> Verdict:
    sure, rivals = best.probability, [code for code in best.codes if code != TOGETHER]
    if len(options) == 1:
        sentence = "There is one option: parameters and tokens."
    elif len(rivals) > 1:  # under a draw they may differ, and then what they come to without knowing it loses
        sure = min(best.probability, curve.safe)
        names = listed([next(one.name for one in options if one.code == code) for code in rivals])
        sentence = (
            f"{names[0].upper()}{names[1:]} come to the same here. With probability {chance(best.probability)} one of "
            f"them is the best option; as decided they lose at most {curve.allowed:g} with probability "
            f"{chance(curve.safe)}."
        )
    else:
        sentence = (
            f"{best.name[0].upper()}{best.name[1:]} is the best option with probability {chance(best.probability)}."
        )
    outcome = Outcome.passed if sure >= SURE else Outcome.warn
    return Verdict("plan_choice", "one option is clearly best", outcome, sure, SURE, sentence)


def chance(probability: float) -> str:
    """A probability that is held against `SURE`: to two places, and never more than it is."""
    return f"{np.floor(100 * probability + 1e-6) / 100:.2f}"


def _fit(members: Sequence[Member]) -> list[Verdict]:
    """Whether laws miss the largest runs by more than these scatter."""
    known = [(member, member.misses) for member in members if member.misses is not None]
    if not known:
        return []
    most = bound([member.scatter for member in members])
    off = [(member, missed) for member, missed in known if missed.typical > most]
    outcome = Outcome.fail if refuted(members) else Outcome.warn if off else Outcome.passed
    sentence = f"{'; '.join(f'{member.name} {said(missed)}' for member, missed in off or known)}."
    worst = max(missed.typical for _, missed in known)
    return [Verdict("plan_laws", "the laws fit your largest runs", outcome, worst, most, sentence)]


def _epochs(option: Option, members: Sequence[Member]) -> Verdict:
    """Whether the laws, each taken for the truth, would repeat the text of an option alike."""
    own = {member.name: option.by_law[member.name]["epochs"].value for member in members}
    repeated = [max(1.0, value) for value in own.values()]  # where nothing is repeated there is nothing to agree on
    ratio = max(repeated) / min(repeated)
    outcome = Outcome.passed if ratio <= _APART else Outcome.fail
    told = ", ".join(f"{name} {value:.1f}" for name, value in own.items())
    sentence = f"Best epochs for {option.name}, by each law alone: {told}."
    return Verdict("plan_epochs", "the laws agree on the epochs", outcome, ratio, _APART, sentence)


def _next_unit(units: Sequence[Unit], members: Sequence[Member]) -> Verdict:
    """Whether all laws name the same resource for the next unit."""
    named = {member.name: max(units, key=lambda unit: unit.by_law[member.name].value).resource for member in members}
    agreed = len(set(named.values())) == 1
    told = "; ".join(
        f"{name}: {resource} (" + ", ".join(f"{unit.resource} {unit.by_law[name].value:z.4f}" for unit in units) + ")"
        for name, resource in named.items()
    )
    factor = show(units[0].factor)
    return Verdict(
        "plan_next_unit",
        "the laws agree on what to buy next",
        Outcome.passed if agreed else Outcome.fail,
        float(len(set(named.values()))),
        1.0,
        f"Worth more, {factor} times the compute or {factor} times the data: {told}.",
    )


def _beyond(best: Option, members: Sequence[Member]) -> Verdict:
    code, name = "plan_beyond", "the plan lies within reach of the runs"
    if not best.beyond:
        sentence = "The laws are published constants: how far the plan lies beyond their runs is not known."
        return Verdict(code, name, Outcome.unknown, np.nan, FAR, sentence)
    worst = max(best.beyond, key=lambda axis: best.beyond[axis])
    away = best.beyond[worst]
    if away == 0:
        sentence = "The plan lies within the range of the runs."
    else:
        sentence = f"The plan lies {away:.1f} decades beyond the runs in {worst.replace('_', ' ')}."
    outcome = Outcome.passed if away == 0 else Outcome.warn if away <= FAR else Outcome.fail
    return Verdict(code, name, outcome, away, FAR, sentence)
