"""A plan in sentences, for its page: what is not already in `planning.ledger.words`."""

import math
from dataclasses import replace

from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger import money, words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.deadline import deadline
from nextflop.planning.ledger.mixture import words as mixture
from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show

WEIGHED = (
    "half by what each law would have foretold of runs held out, half by what it says of all runs (Akaike's weights); "
    "by held-out runs alone where rows are snapshots of runs, or no law is a fit"
)


def headline(plan: Plan) -> str:
    """What to do, in one line: what a bridge puts above all text, or how to train."""
    if lead := bought.headline(plan):
        return lead
    head, outcome, _ = words.headline(plan).partition(f": {plan.response} ")
    return f"{head}." if outcome else head


def answer(plan: Plan) -> list[str]:
    """What it is worth, what is bought for it, and how sharply the best size is known."""
    best, base = plan.option(plan.best), plan.option(plan.base)
    low, high = best.outcome.low, best.outcome.high
    across = _across(plan)
    label = bought.of_text(plan)
    told = f"{label}{words.headline(plan).partition(f': {plan.response} ')[0]}. " if label else ""
    said = f"{told}That is expected to end at {plan.response} {best.outcome.value:.3f}"
    said += f" ({plan.level:.0%} interval {low:.3f} to {high:.3f} over laws and draws)." if low < high else "."
    gain = best.gain
    if best.code != base.code and abs(gain.value) >= words.NOTHING:
        said += f" It is {gain.value:.3f} better ({gain.low:.3f} to {gain.high:.3f}) than {base.name}."
    return [
        *across,
        said,
        *filter(None, (words.added(plan), words.value(plan), deadline(plan), words.near(plan))),
        *mixture.for_sale(plan),
        words.sizes(plan),
        *_before(plan),
        *plan.notes,
    ]


def _before(plan: Plan) -> list[str]:
    """The first thing to measure before deciding; nothing where no outcome would change what one does."""
    part = bought.leading(plan.bought)
    if part is not None:  # what would be trained on is decided by what heads the page
        given = plan.situation
        return [
            f"Before deciding, {bought.measure(one, part)}: {bought.worth(one, part, given)}"
            for one in part.experiments[:1]
        ]
    return [
        " ".join((f"Before deciding, {words.run(first)}: {words.worth(first, plan)}", *words.outcomes(first, plan)))
        for first in plan.experiments[:1]
    ]


def _across(plan: Plan) -> list[str]:
    """What the best comes to where text and purchases are one currency, and from how many queries on that turns."""
    part = bought.bridged(plan.bought)
    if part is None:
        return []
    turns = [one for one in part.break_evens if one.unit == "queries"]
    use = plan.situation.use
    heads = bought.leading(plan.bought) is not None  # and so the headline has named it
    return [
        f"That is expected to come to {bought.comes_to(part)}" if heads else bought.across(plan.bought),
        *(" ".join(filter(None, (one.sentence, bought.served(one, use)))) for one in turns),
    ]


def doubts(plan: Plan) -> list[Verdict]:
    """What is doubtful of the answer: of a purchase that heads the page first, then of text alone, labelled as such."""
    part = bought.leading(plan.bought)
    if part is None:
        return list(plan.verdicts)
    label = bought.of_text(plan)
    first = [verdict for verdict in part.verdicts if verdict.outcome is not Outcome.passed]
    return first + [replace(verdict, name=f"{label}{verdict.name}") for verdict in plan.verdicts]


def next_unit(plan: Plan) -> str:
    """What more of a resource buys, the one that is likelier to buy more first."""
    units = sorted(plan.units, key=lambda unit: -unit.probability)
    when = words.then(plan, "{}, ").capitalize()
    if len(units) == 1:
        gain = units[0].gain
        return (
            f"{when}{show(plan.factor)} times the {units[0].resource} lowers the {plan.response} by {gain.value:.4f}."
        )
    first, second = units[:2]
    data = next((unit.gain.value for unit in units if unit.resource == "data"), 0.0)
    worth = f" More data is worth {money.as_much(data, plan.compute_after)}." if data >= words.NOTHING else ""
    return (
        f"{when}{show(plan.factor)} times the {first.resource} buys {first.gain.value:.4f} of {plan.response} and "
        f"{show(plan.factor)} times the {second.resource} {second.gain.value:.4f}, as medians over laws and draws; "
        f"{first.resource} buys more with probability {first.probability:.2f}.{worth}"
    )


def _beyond(plan: Plan, name: str) -> str:
    tokens = plan.adds.get(name)
    return f", beyond the {show(tokens)} that the plan buys," if tokens else ""


def token(plan: Plan) -> list[str]:
    """What a token is worth at most, beside what is asked for it."""
    said = []
    for price in plan.prices:
        worth = f"{show(price.flop.value, 'FLOP')}"
        if math.isinf(price.flop.value):
            worth = "any price, as more money brings nothing,"
        elif plan.situation.flop_price is not None:
            worth = f"{money.dollars(1e6 * price.dollars.value)} a million"
        if not math.isnan(price.asked):
            asked = price.asked * (plan.situation.flop_price or 1.0)
            said.append(
                f"A token of {price.name}{_beyond(plan, price.name)} is worth {worth} at most, in the median, and "
                f"costs {money.dollars(1e6 * asked)}: worth its price with probability {price.probability:.2f}."
            )
        else:
            when = words.then(plan, ", {},")
            said.append(f"One more token like those that are owned{when} is worth {worth} at most, in the median.")
    return said
