"""What whoever reads a plan must know of its laws and figures, and no verdict tells."""

from collections.abc import Sequence

from nextflop.fitting.fit import Fit, Status
from nextflop.planning.ledger.gather import Given, called
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.situation import Situation

_MUCH = 0.5  # weight of laws without draws, from which on an interval is mostly a point


def notes(laws: Sequence[Given], members: Sequence[Member], situation: Situation) -> tuple[str, ...]:
    """Sentences on fits that are not sharp, on laws that have no draws, and on what no interval holds.

    Args:
        laws: as they were given.
        members: with weights that add up to 1.
        situation: with the prices.
    """
    found = [
        f"{called(one)}: {' '.join(one.notes) or f'{one.status.value}.'}"
        for one in laws
        if isinstance(one, Fit) and one.status is not Status.converged
    ]
    fixed = [member for member in members if member.rows == 1]
    weight = sum(member.weight for member in fixed)
    if weight >= _MUCH and len(members) > 1:
        names = " and ".join(member.name for member in fixed)
        found.append(
            f"No interval tells how far {names} may be off, with {weight:.0%} of the weight: there are no draws of "
            f"{'it' if len(fixed) == 1 else 'them'}."
        )
    if situation.flop_price is not None:
        said = "Intervals are of the laws alone: prices, utilisation and amounts of text are taken as they are given"
        found.append(f"{said}, and answers are priced at the FLOP of training." if situation.use.tokens else f"{said}.")
    return tuple(found)
