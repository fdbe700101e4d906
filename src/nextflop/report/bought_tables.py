"""What else the budget buys, and the mixture, as rows of text for the page of a plan."""

import math

from nextflop.planning.ledger import money
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.bought.part import Row as Option
from nextflop.planning.ledger.equivalent import Compute
from nextflop.planning.ledger.mixture import words as mixture
from nextflop.planning.ledger.mixture.mix import Mixed
from nextflop.planning.ledger.plan import Plan
from nextflop.quantities import show
from nextflop.report.figures.plan_bought import PAID, plan_bought
from nextflop.report.figures.plan_break_even import plan_break_even
from nextflop.report.figures.plan_mixture import plan_mixture
from nextflop.report.page import percent
from nextflop.report.plan_tables import FEW, Row, between, tile


def parts(plan: Plan, trainer: str) -> list[Row]:
    """Every part of what is bought, with its figures."""
    use = plan.situation.use
    return [
        {
            "standing": bought.standing(part),
            "response": part.response,
            "counted": any(not math.isnan(row.enough) for row in part.rows),
            "rows": [_option(row, row.code == part.best) for row in part.rows],
            "beside": [told for row in part.rows if (told := bought.beside(row))],
            "break_evens": list(dict.fromkeys((one.sentence, bought.served(one, use)) for one in part.break_evens)),
            "experiments": [
                {
                    "what": bought.measure(one, part),
                    "worth": bought.worth(one, part, plan.situation),
                    "separation": f"{one.separation:.1f}",
                    "command": "" if bought.measure(one, part) == (run := bought.measure(one, part, trainer)) else run,
                }
                for one in part.experiments
            ],
            "unmoved": bought.unmoved(part),
            "verdicts": part.verdicts,
            "outcomes": plan_bought(part, f"bought-{place}", plan.level),
            "break_even": plan_break_even(part, f"break-even-{place}", use.queries, plan.level),
        }
        for place, part in enumerate(plan.bought.parts)
    ]


def tiles(plan: Plan) -> list[Row]:
    """What is best where text and purchases are one currency, and from where on that turns; empty without a bridge."""
    part = bought.bridged(plan.bought)
    if part is None:
        return []
    best = part.row(part.best)
    found = [
        tile(
            f"{part.title} by {bought.best(part)}",
            bought.level(best.outcome.value),
            between(best.outcome, bought.level),
        )
    ]
    for one in part.break_evens:
        if one.unit == "queries" and 0 < one.value.value < math.inf:
            found.append(tile(one.name, show(one.value.value), between(one.value, show)))
    return found


def mixed(plan: Plan) -> Row | None:
    """The mixture; None where none was asked for."""
    found = plan.mixture
    if found is None:
        return None
    return {
        "title": mixture.title(found),
        "stock": mixture.stock(found),
        "regret": mixture.regret(found),
        "baselines": [mixture.baseline(one) for one in found.baselines],
        "verdicts": found.verdicts,
        "domains": _domains(found, plan.compute_after),
        "unit": mixture.unit(plan.compute_after),
        "for_sale": mixture.for_sale(plan),
        "targets": [
            {"name": name, "loss": f"{loss.value:.3f}", "range": between(loss, _three)}
            for name, loss in (*found.targets.items(), *_together(found))
        ],
        "picture": plan_mixture(found, plan.level),
    }


def _option(row: Option, best: bool) -> Row:
    return {
        "name": row.name,
        "best": best,
        "paid": PAID[row.kind],
        "amount": bought.amount(row.amount, row.unit),
        "amounts": between(row.amounts, lambda value: bought.amount(value, row.unit)),
        "held": ""
        if math.isnan(row.amount)
        else "more would not help"
        if row.held == "nothing"
        else f"held by {row.held}",
        "outcome": bought.level(row.outcome.value),
        "range": between(row.outcome, bought.level),
        "gain": _signed(row.gain.value),
        "gain_range": between(row.gain, _signed),
        "probability": percent(row.probability, 0),
        "regret": "0" if row.regret < FEW else bought.level(row.regret),
        "spends": percent(row.share, 0) if row.share >= 0.005 else "<1%",
        "flop": show(row.flop, "FLOP") if math.isnan(row.dollars) else money.dollars(row.dollars),
        "enough": bought.amount(row.enough, row.unit),
        "enough_cost": "" if math.isnan(row.enough_dollars) else money.dollars(row.enough_dollars),
        "marginal": "–" if math.isnan(row.marginal.value) else _signed(row.marginal.value),
    }


def _domains(found: Mixed, compute: Compute) -> list[Row]:
    return [
        {
            "name": one.name,
            "share": percent(one.share),
            "range": between(one.shares, percent),
            "tokens": show(one.tokens),
            "stock": mixture.held(one),
            "epochs": f"{one.epochs:.1f}",
            "limit": percent(one.limit) if one.limit < 1 else "none",
            "held": percent(one.held, 0),
            "worth": mixture.token(one, compute),
        }
        for one in found.domains
    ]


def _together(found: Mixed):
    return [("all, by their importance", found.outcome)] if len(found.targets) > 1 else []


def _three(value: float) -> str:
    return f"{value:.3f}"


def _signed(value: float) -> str:
    if abs(value) < FEW:
        return "0"
    return f"{'+' if value > 0 else '−'}{bought.level(abs(value))}"
