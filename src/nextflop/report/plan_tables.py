"""The tables of a plan's page, as rows of text."""

import math
from collections.abc import Mapping

from nextflop.fitting.fit import Interval
from nextflop.planning.ledger import money, words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.deadline import amount, deadline
from nextflop.planning.ledger.misses import said
from nextflop.planning.ledger.options import Option
from nextflop.planning.ledger.plan import Plan
from nextflop.planning.ledger.situation import Corpus
from nextflop.quantities import show
from nextflop.report.mathml import formula
from nextflop.report.page import percent

Row = Mapping[str, object]
FEW = 5e-5
"""Of a gain or a regret, below which it is written as 0."""


def tiles(plan: Plan) -> list[Row]:
    """The answer in four or five numbers."""
    best, label = plan.option(plan.best), bought.of_text(plan)
    found = []
    for name, meaning in (("params", "parameters"), ("tokens", "training tokens"), ("epochs", "epochs")):
        if name not in best.decision or (name == "epochs" and not plan.situation.sources):
            continue
        write = _epochs if name == "epochs" else show
        span = best.amounts.get(name, Interval(math.nan, math.nan, math.nan))
        ends = between(span, write)
        found.append(
            tile(f"{label}{meaning}", write(best.decision[name]), f"the laws' own best: {ends}" if ends else "")
        )
    outcome = f"{best.outcome.value:.3f}"
    found.append(tile(f"{label}expected {plan.response}", outcome, between(best.outcome, lambda value: f"{value:.3f}")))
    if len(plan.ledger) > 1:
        found.append(
            tile(f"{label}probability that this option is best", f"{best.probability:.2f}", words.name(plan, best))
        )
    return found


def options(plan: Plan) -> list[Row]:
    """The ledger."""
    return [
        {
            "name": words.name(plan, one),
            "why": words.unlikely(plan, one),
            "code": words.code(one),
            "best": one.code == plan.best,
            "params": _amount(one, "params"),
            "tokens": _amount(one, "tokens"),
            "epochs": _epochs(one.decision["epochs"]) if "epochs" in one.decision else "–",
            "added": [f"{show(tokens)} {name}" for name, tokens in one.added.items() if tokens >= 1] or ["–"],
            "outcome": f"{one.outcome.value:.3f}",
            "outcome_range": between(one.outcome, lambda value: f"{value:.3f}"),
            "gain": "–" if plan.base in one.codes else signed(one.gain.value),
            "gain_range": "" if plan.base in one.codes else between(one.gain, signed),
            "worth": money.amount(one.gain.value, plan.compute) if one.gain.value >= FEW else "–",
            "probability": percent(one.probability, 0),
            "regret": f"{one.regret:.4f}" if one.regret >= FEW else "0",
        }
        for one in plan.ledger
    ]


def units(plan: Plan) -> list[Row]:
    """What the next unit of each resource buys."""
    return [
        {
            "name": f"{show(unit.factor)} × {unit.resource}",
            "gain": signed(unit.gain.value),
            "range": between(unit.gain, signed),
            "probability": percent(unit.probability, 0),
            "marginal": f"{unit.marginal.value:.2g}",
            "worth": money.amount(unit.gain.value, plan.compute_after) if unit.gain.value >= FEW else "–",
            "by_law": [
                (signed(one.value), between(one, signed)) for one in (unit.by_law[m.name] for m in plan.members)
            ],
        }
        for unit in plan.units
    ]


def prices(plan: Plan) -> list[Row]:
    """What a token is worth at most: in dollars a million tokens, or in FLOP where compute has no price."""
    dollar = plan.situation.flop_price

    def write(flop: float) -> str:
        if math.isinf(flop):
            return "any price"
        return show(flop, "FLOP") if dollar is None else money.dollars(1e6 * dollar * flop)

    return [
        {
            "name": price.name,
            "worth": write(price.flop.value),
            "range": between(price.flop, write),
            "asked": "not for sale" if math.isnan(price.asked) else write(price.asked),
            "probability": "" if math.isnan(price.probability) else percent(price.probability, 0),
            "by_law": [write(price.by_law[member.name].value) for member in plan.members],
        }
        for price in plan.prices
    ]


def laws(plan: Plan) -> list[Row]:
    """What each law would do alone, its weight, and what it rests on."""
    best = words.freest(plan)
    return [
        {
            "name": member.name,
            "family": member.law.name,
            "weight": percent(member.weight, 0),
            "own": [
                (write(own[name].value), between(own[name], write)) for name, write in _own(plan).items() if name in own
            ],
            "formula": formula(member.law.formula),
            "reference": member.law.reference,
            "source": member.source,
            "misses": said(member.misses) if member.misses else "",
            "draws": member.rows - 1,
            "scatter": "not known" if math.isnan(member.scatter) else percent(member.scatter, 2),
            "ranges": "; ".join(
                f"{name.replace('_', ' ')} {show(low)} to {show(high)}" for name, (low, high) in member.ranges.items()
            ),
        }
        for member in plan.members
        for own in (best.by_law.get(member.name, {}),)
    ]


def own_heads(plan: Plan) -> list[str]:
    """Heads of the columns of `laws`."""
    names = {"params": "Parameters", "tokens": "Tokens", "epochs": "Epochs", "loss": f"Its {plan.response}"}
    best = words.freest(plan)
    known = next(iter(best.by_law.values()), {})
    return [names[name] for name in _own(plan) if name in known]


def experiments(plan: Plan, trainer: str) -> list[Row]:
    """The runs to make before deciding."""
    return [
        {
            "what": words.run(one),
            "command": words.run(one, trainer) if trainer else "",
            "worth": words.worth(one, plan),
            "answers": words.outcomes(one, plan),
            "deviation": f"{one.deviation:.3f}",
            "separation": f"{one.separation:.1f}",
        }
        for one in plan.experiments
    ]


def sources(plan: Plan) -> list[Row]:
    """The text that there is."""
    return [
        {
            "name": one.name,
            "kind": _kind(one),
            "domain": one.domain,
            "tokens": show(one.usable) if one.usable else "–",
            "quality": f"{one.quality:g}",
            "price": _price(one.price, one.flop_per_token),
            "licence": one.licence or "not said",
            "origin": ", ".join(filter(None, (one.origin, one.date))) or "given for this plan",
        }
        for one in plan.situation.sources
    ]


def assumptions(plan: Plan) -> list[Row]:
    """What is taken for given, with where it stands."""
    given = plan.situation
    found = [
        {"name": "budget", "value": words.spend(plan), "source": "given for this plan", "date": ""},
        {
            "name": "FLOP a parameter and training token",
            "value": f"{given.flop_per_param_token:g}",
            "source": "C = 6 N D" if given.flop_per_param_token == 6 else "declared",
            "date": "",
        },
    ]
    if given.use.queries:
        use = given.use
        served = f"{show(use.queries)} queries of {show(use.tokens_per_query)} tokens"
        served += f", {use.flop_per_param_token:g} FLOP a parameter and token"
        found.append({"name": "use over the lifetime", "value": served, "source": "given for this plan", "date": ""})
    if given.flop_price is not None:
        price = f"{money.dollars(1e18 * given.flop_price)} for 1e18 FLOP"
        found.append(
            {
                "name": "price of compute",
                "value": price,
                "source": "see below" if given.assumptions else "given for this plan",
                "date": "",
            }
        )
    if late := deadline(plan):
        most = f"{amount(plan, given.training)} ({show(given.training, 'FLOP')})"
        found.append({"name": "most that can go into training", "value": most, "source": late, "date": ""})
    limits = given.limits
    ends = {"fewest_params": 1.0, "most_params": math.inf, "most_epochs": math.inf}
    for name, open_end in ends.items():
        value = limits.largest if name == "most_params" else getattr(limits, name)
        if value != open_end:
            why = limits.why.get(name, "given for this plan")
            found.append({"name": name.replace("_", " "), "value": show(value), "source": why, "date": ""})
    return [*found, *(one._asdict() for one in given.assumptions)]


def between(interval: Interval, write) -> str:
    """The ends of an interval; empty where there are none or they read alike."""
    low, high = write(interval.low), write(interval.high)
    return "" if low == high else f"{low} to {high}"


def signed(value: float) -> str:
    """A gain to four places, with its sign."""
    if math.isnan(value):
        return "unknown"
    return "0" if abs(value) < FEW else f"{value:+.4f}".replace("-", "−")


def _own(plan: Plan):
    write = {"params": show, "tokens": show, "epochs": _epochs, "loss": lambda value: f"{value:.3f}"}
    return write if plan.situation.sources else {name: one for name, one in write.items() if name != "epochs"}


def tile(meaning: str, value: str, span: str) -> Row:
    """One number of the answer."""
    return {"meaning": meaning, "value": value, "unit": "", "range": span}


def _amount(one: Option, name: str) -> str:
    return show(one.decision[name]) if name in one.decision else "–"


def _epochs(value: float) -> str:
    return f"{value:.1f}"


def _kind(source: Corpus) -> str:
    if not source.made_from:
        return source.kind
    said = f"{source.kind} from {source.made_from}, a token worth {source.exchange:g} of its at first"
    said += f", saturating at {source.saturation:g} generations" if math.isfinite(source.saturation) else ""
    said += f", at most {source.share:.0%} of all" if source.share < 1 else ""
    return said + (", in its place" if source.replaces else "")


def _price(dollars: float, flop: float) -> str:
    parts = [f"{money.dollars(1e6 * dollars)} a million"] if dollars else []
    parts += [show(flop, "FLOP")] if flop else []
    return " and ".join(parts) or "nothing more"
