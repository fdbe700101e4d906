"""A plan in sentences, for its page: what is not already in `planning.ledger.words`."""

import math

from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger import words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.deadline import deadline
from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show

WEIGHED = (
    "half by what each law would have foretold of runs held out, half by what it says of all runs (Akaike's weights); "
    "by held-out runs alone where rows are snapshots of runs, or no law is a fit"
)


def headline(plan: Plan) -> str:
    """What to do, in one line: what a bridge puts above all text, or how to train."""
    part = bought.bridged(plan.bought)
    if part is not None and part.row(part.best).kind != "text":
        return f"With {words.spend(plan)}, the best for {part.title} is {bought.best(part)}."
    head, outcome, _ = words.headline(plan).partition(f": {plan.response} ")
    return f"{head}." if outcome else head


def answer(plan: Plan) -> list[str]:
    """What it is worth, what is bought for it, and how sharply the best size is known."""
    best, base = plan.option(plan.best), plan.option(plan.base)
    low, high = best.outcome.low, best.outcome.high
    across = _across(plan)
    told = f"Of text alone: {words.headline(plan).partition(f': {plan.response} ')[0]}. " if across else ""
    said = f"{told}That is expected to end at {plan.response} {best.outcome.value:.3f}"
    said += f" ({plan.level:.0%} interval {low:.3f} to {high:.3f} over laws and draws)." if low < high else "."
    gain = best.gain
    if best.code != base.code and abs(gain.value) >= words.NOTHING:
        said += f" It is {gain.value:.3f} better ({gain.low:.3f} to {gain.high:.3f}) than {base.name}."
    beside = filter(None, (added(plan), deadline(plan), words.near(plan)))
    return [*across, said, *beside, words.sizes(plan), *_before(plan)]


def _before(plan: Plan) -> list[str]:
    """The first thing to measure before deciding; nothing where no outcome would change what one does."""
    if not plan.experiments:
        return []
    first = plan.experiments[0]
    return [f"Before deciding, {words.run(first)}: {words.worth(first, plan.response)}"]


def _across(plan: Plan) -> list[str]:
    """What the best comes to where text and purchases are one currency, and from how many queries on that turns."""
    part = bought.bridged(plan.bought)
    if part is None:
        return []
    turns = [one for one in part.break_evens if one.unit == "queries"]
    use = plan.situation.use
    heads = part.row(part.best).kind != "text"  # and so the headline has named it
    return [
        f"That is expected to come to {bought.comes_to(part)}" if heads else bought.across(plan.bought),
        *(" ".join(filter(None, (one.sentence, bought.served(one, use)))) for one in turns),
    ]


def of_bridge(plan: Plan) -> list[Verdict]:
    """What is doubtful of the best purchase, where one heads the page."""
    part = bought.bridged(plan.bought)
    if part is None or part.row(part.best).kind == "text":
        return []
    return [verdict for verdict in part.verdicts if verdict.outcome is not Outcome.passed]


def added(plan: Plan) -> str:
    """Which text to buy or make, how much of it, and what that costs; empty if none."""
    given, found = plan.situation, []
    sources = {source.name: source for source in given.sources}
    for name, tokens in plan.option(plan.best).added.items():
        if tokens < 1:
            continue
        source = sources[name]
        verb = "make" if source.made_from else "buy"
        cost = f"{show(tokens * source.price, '$')}" if source.price else show(tokens * source.flop_per_token, "FLOP")
        found.append(f"{verb} {show(tokens)} tokens of {name} for {cost}")
    return f"For that, {' and '.join(found)}." if found else ""


def next_unit(plan: Plan) -> str:
    """What more of a resource buys, the one that is likelier to buy more first."""
    units = sorted(plan.units, key=lambda unit: -unit.probability)
    if len(units) == 1:
        gain = units[0].gain
        return f"{show(plan.factor)} times the {units[0].resource} lowers the {plan.response} by {gain.value:.4f}."
    first, second = units[:2]
    return (
        f"{show(plan.factor)} times the {first.resource} buys {first.gain.value:.4f} of {plan.response} and "
        f"{show(plan.factor)} times the {second.resource} {second.gain.value:.4f}, as medians over laws and draws; "
        f"{first.resource} buys more with probability {first.probability:.2f}."
    )


def token(plan: Plan) -> list[str]:
    """What a token is worth at most, beside what is asked for it."""
    said = []
    for price in plan.prices:
        worth = f"{show(price.flop.value, 'FLOP')}"
        if math.isinf(price.flop.value):
            worth = "any price, as more money brings nothing,"
        elif plan.situation.flop_price is not None:
            worth = f"{show(1e6 * price.dollars.value, '$')} a million"
        if not math.isnan(price.asked):
            asked = price.asked * (plan.situation.flop_price or 1.0)
            said.append(
                f"A token of {price.name} is worth {worth} at most and costs {show(1e6 * asked, '$')}: worth its price "
                f"with probability {price.probability:.2f}."
            )
        else:
            said.append(f"One more token like those that are owned is worth {worth} at most.")
    return said
