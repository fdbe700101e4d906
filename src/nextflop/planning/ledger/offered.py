"""Which options a situation and its laws open, and which are refused, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.planning.ledger.bought.purchase import Purchase
from nextflop.planning.ledger.gather import Given, called
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.programme import FEWEST_PARAMS, Programme
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.ledger.text import levers
from nextflop.quantities import show

_ROUNDED = 1 + 1e-9  # by which a limit may be rounded
_MOST_EPOCHS = 10_000.0  # runs of which laws are known have a few thousand

TOGETHER = "together"
"""The option that opens every lever; it is never worse than one of them, so it is not ranked among them."""


@dataclass(frozen=True)
class Refused:
    """An option that cannot be valued, and why."""

    code: str
    why: str


def smallest_run(members: tuple[Member, ...], situation: Situation, runs: Runs | None) -> float:
    """FLOP of the smallest run that the laws were fitted to, 0 where they do not say."""
    if runs is not None and {"params", "tokens"} <= set(runs.columns):
        products = [float(np.min(runs["params"] * runs["tokens"]))]
    else:
        lows = [(member.ranges["params"][0], member.ranges["tokens"][0]) for member in members if member.ranges]
        products = [float(params * tokens) for params, tokens in lows]
    return situation.flop_per_param_token * min(products, default=0.0)


def check_budget(situation: Situation, smallest: float) -> None:
    """Refuses a budget below all runs: what so little buys was cheaper to see than to foretell.

    Args:
        situation: with the budget and its limits.
        smallest: see `smallest_run`.
    """
    largest = situation.limits.largest
    if largest < FEWEST_PARAMS:
        raise InputError(
            f"The limits leave no model of more than {show(largest)} parameters: allow at least {show(FEWEST_PARAMS)}."
        )
    if situation.flop < smallest:
        raise InputError(
            f"The budget, {show(situation.flop, 'FLOP')}, is below the smallest run that the laws were fitted to, "
            f"{show(smallest, 'FLOP')}: give a budget of at least that."
        )
    if situation.training < smallest:
        raise InputError(
            f"The deadline leaves {show(situation.training, 'FLOP')} of training, less than the smallest run that the "
            f"laws were fitted to, {show(smallest, 'FLOP')}: give it more time, or more chips."
        )


def check_epochs(base: Solved, situation: Situation) -> None:
    """Refuses a decision of more epochs than any law has seen, to which a limit on the model drives one."""
    epochs = float(base.decision.spending.epochs[0])
    if situation.sources and epochs > _MOST_EPOCHS:
        raise InputError(
            f"At most {show(situation.limits.largest)} parameters turn {show(situation.flop, 'FLOP')} into "
            f"{epochs:,.0f} epochs of the text, of which no law knows anything. Allow a larger model, or more text, or "
            "limit the epochs."
        )


def usable(laws: Sequence[Given], situation: Situation) -> tuple[list[Given], list[Refused]]:
    """The laws that can speak of the situation: with a stock, those that know repetition, if there are any.

    What is refused takes no part in anything, so that the others are weighed as if it had not been given.
    """
    knowing = [one for one in laws if "unique_tokens" in one.law.inputs]
    if situation.sources and knowing and len(knowing) < len(laws):
        why = "it does not tell unique tokens from all tokens, so it counts every repetition as fresh text"
        return knowing, [Refused(called(one), why) for one in laws if "unique_tokens" not in one.law.inputs]
    return list(laws), []


def within_limits(
    purchases: Sequence[Purchase], situation: Situation
) -> tuple[tuple[Purchase, ...], tuple[Refused, ...]]:
    """The purchases whose model the limits allow to serve, and those that are refused."""
    most = situation.limits.largest
    kept = tuple(one for one in purchases if one.params <= most * _ROUNDED)
    why = f"the limits allow at most {show(most)} parameters, and its answers come from a model of"
    return kept, tuple(Refused(one.code, f"{why} {show(one.params)}") for one in purchases if one not in kept)


def programmes(
    members: tuple[Member, ...], situation: Situation
) -> tuple[dict[str, tuple[str, Programme]], list[Refused]]:
    """Code → name and problem of every option that the laws can value, the base first; and what is refused."""
    if not situation.sources:
        return {"train": ("parameters and tokens", Programme(situation, ()))}, []
    owned, most = situation.owned, situation.limits.most_epochs
    once = Programme(situation, owned, most_epochs=1.0)
    if not members[0].knows_repetition:
        closed = [Refused("repeat", f"{members[0].name} does not know what a repeated token is worth")]
        base, found = once, {"once": ("every token once", once)}
    else:
        closed = []
        base = Programme(situation, owned, most_epochs=most)
        unvaried = _unvaried(members, "epochs")
        if unvaried:
            closed.append(Refused("repeat", f"the runs of {unvaried} do not vary the epochs"))
            base, found = once, {"once": ("every token once", once)}
        else:
            found = {"repeat": ("parameters and tokens, repeated", base), "once": ("every token once", once)}
    for code, kept in filters(owned).items():
        found[code] = (f"only {' and '.join(source.name for source in kept)}", base.but(owned=kept))
    opened = levers(situation)
    unvaried = _unvaried(members, "unique_tokens")
    if opened and unvaried:
        closed += [Refused(lever.name, f"the runs of {unvaried} do not vary the unique tokens") for lever in opened]
        return found, closed
    for lever in opened:
        verb = "text made from" if lever.base else "text bought:"
        what = lever.base.name if lever.base else lever.source.name
        found[lever.name] = (f"{verb} {what}", base.but(levers=(lever,)))
    if len(opened) > 1:
        found[TOGETHER] = ("all text together", base.but(levers=opened))
    return found, closed


def filters(owned: tuple[Corpus, ...]) -> dict[str, tuple[Corpus, ...]]:
    """Code of an option → the owned text under ever milder quality filters: the best source, the best two, and so on.

    How hard to filter depends on the compute (Goyal et al. 2024, arXiv:2404.07177): hard filters win with little of it.
    """
    ends = [end for end in range(1, len(owned)) if owned[end].quality < owned[end - 1].quality]
    return {f"only {'+'.join(source.name for source in owned[:end])}": owned[:end] for end in ends}


def _unvaried(members: tuple[Member, ...], axis: str) -> str:
    """A member whose runs tell nothing of an axis; empty if all do, or the members have no runs."""
    return next((member.name for member in members if axis in member.unvaried), "")
