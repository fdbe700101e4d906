"""What a deadline leaves of a budget: how much may go into training, and what is left over and why."""

from nextflop.planning.ledger.plan import Plan
from nextflop.planning.ledger.situation import UNITS
from nextflop.quantities import show

_LITTLE = 0.005  # of the budget, below which nothing is left over
_MET = 1 - 1e-6  # of what may go into training, from which on all of it does


def deadline(found: Plan) -> str:
    """What binds beside the money, in two or three sentences; empty where the budget alone does."""
    given, done = found.situation, found.option(found.best).decision
    if given.training >= given.flop:
        return ""
    why = given.limits.why.get("most_training", "a limit given for this plan")
    said = (
        f"Of {amount(found, given.flop)} at most {amount(found, given.training)} can go into training, by {why}; text "
        "and serving are paid from the rest."
    )
    if done["unspent"] < _LITTLE * given.flop:
        return said
    late = done["training"] >= _MET * given.training
    reason = "there is no time to train with it" if late else "the laws foretell nothing better for more training"
    return (
        f"{said} {amount(found, done['unspent'])} is left over: {reason}, and nothing else on the ledger is worth it."
    )


def amount(found: Plan, flop: float) -> str:
    """So many FLOP of the budget in the unit of the budget."""
    given = found.situation
    return show(flop / given.flop_per_unit, UNITS[given.unit]) + (" hours" if given.unit == "chip-hours" else "")
