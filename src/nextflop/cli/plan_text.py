"""A plan as a person reads it on a terminal."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table
from nextflop.planning.ledger import words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.deadline import deadline
from nextflop.planning.ledger.mixture import words as mixture
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.fitting.fit import Interval
    from nextflop.judging.verdict import Verdict
    from nextflop.planning.ledger.bought.part import Part
    from nextflop.planning.ledger.mixture.mix import Mixed
    from nextflop.planning.ledger.plan import Plan


def show(found: "Plan", trainer: str = "", page: Path | None = None) -> None:
    """Prints the answer, how sure it is, the ledger, what more is worth, and what to measure first."""
    print_line(words.headline(found), style="bold")
    if late := deadline(found):
        print_line(late)
    if across := bought.across(found.bought):
        print_line(across, style="bold")
    print_line()
    _first(found, trainer)
    _verdicts(found)
    _ledger(found)
    _units(found)
    _prices(found)
    print_line(words.sizes(found))
    print_line()
    _others(found, trainer)
    for part in found.bought.parts:
        _part(part, found)
    for sentence in (*found.bought.apart, *((found.bought.carried,) if found.bought.carried else ())):
        print_line(sentence, style="dim")
    if found.mixture is not None:
        _mixture(found.mixture)
    _laws(found)
    for refused in found.refused:
        print_line(f"Refused: {refused.code}, for {refused.why}.", style="yellow")
    for assumption in found.situation.assumptions:
        dated = f", {assumption.date}" if assumption.date else ""
        print_line(f"Assumed: {assumption.name} {assumption.value} ({assumption.source}{dated})", style="dim")
    for limit, why in found.situation.limits.why.items():
        print_line(f"Limited: {limit.replace('_', ' ')}, by {why}", style="dim")
    if page is not None:
        print_line(f"Written: {page}")


def _verdicts(found: "Plan") -> None:
    rows = [(verdict.outcome.value, verdict.name, verdict.sentence) for verdict in found.verdicts]
    print_table(("", "check", "what was found"), rows)


def _ledger(found: "Plan") -> None:
    header = ("option", "params", "tokens", "epochs", found.response, f"gain ({found.level:.0%})", "best")
    rows = [
        (
            option.code,
            amount(option.decision["params"]),
            amount(option.decision["tokens"]),
            f"{option.decision['epochs']:.1f}" if found.situation.sources else "-",
            f"{option.outcome.value:.3f}",
            "-" if option.code == found.base else words.span(option.gain, "+.3f"),
            f"{option.probability:.0%}",
        )
        for option in found.options
    ]
    print_table(header, rows, right=header[1:])
    print_line(
        f"Gain: in {found.response}, over draws and laws, against {found.base}. Best: belief in the draws and laws "
        "under which the option would be the best one.",
        style="dim",
    )
    for option in found.options:
        spends = ""
        if option.decision["text"] or option.decision["inference"] or option.decision["unspent"]:
            spends = f"; {words.shares(option, found.situation.flop)}"
        print_line(f"{option.code}: {option.name}{spends}", style="dim")
    print_line()


def _units(found: "Plan") -> None:
    header = (f"what {found.factor:g} times as much buys", *(unit.resource for unit in found.units))
    rows = [("all laws", *(words.span(unit.gain, ".3f") for unit in found.units))]
    rows += [
        (member.name, *(f"{unit.by_law[member.name].value:.4f}" for unit in found.units)) for member in found.members
    ]
    if len(found.units) > 1:
        rows.append(("buys more, belief", *(f"{unit.probability:.0%}" for unit in found.units)))
    print_table(header, rows, right=header[1:])


def _prices(found: "Plan") -> None:
    if not found.prices:
        return
    money = found.situation.flop_price is not None
    header = ("text", "a token is worth at most", "asked", "pays")
    rows = []
    for price in found.prices:
        worth = price.dollars if money else price.flop
        scale = 1e6 if money else 1.0
        asked = price.asked * (found.situation.flop_price or 1.0) * scale
        rows.append(
            (
                price.name,
                _worth(type(worth)(*(scale * value for value in worth))),
                "-" if math.isnan(asked) else f"{asked:.3g}",
                "-" if math.isnan(price.probability) else f"{price.probability:.0%}",
            )
        )
    unit = "dollars a million tokens" if money else "FLOP a token"
    pays = ". Pays: belief that a first token is worth what is asked" if any(row[-1] != "-" for row in rows) else ""
    print_table(header, rows, right=header[1:])
    print_line(f"In {unit}{pays}.", style="dim")
    print_line()


def _worth(dollars: "Interval") -> str:
    """What a token is worth: any price where more money brings nothing."""
    return "any price" if math.isinf(dollars.value) else words.span(dollars, ".3g")


def _first(found: "Plan", trainer: str) -> None:
    """What to measure before deciding."""
    if not found.experiments:
        print_line("No small run would change the decision by anything that matters.")
    for experiment in found.experiments[:1]:
        print_line(f"Before deciding: {words.run(experiment, trainer)}", style="bold")
        print_line(words.worth(experiment, found.response))
    print_line()


def _others(found: "Plan", trainer: str) -> None:
    """Dearer runs that tell more."""
    for experiment in found.experiments[1:]:
        print_line(f"Or, before deciding: {words.run(experiment, trainer)}", style="bold")
        print_line(words.worth(experiment, found.response))
        print_line()


def _part(part: "Part", found: "Plan") -> None:
    print_line(bought.standing(part), style="bold")
    header = ("option", "how much", part.response, f"gain ({found.level:.0%})", "best", "spends")
    rows = [
        (
            row.code,
            bought.amount(row.amount, row.unit),
            bought.level(row.outcome.value),
            words.span(row.gain, "+.3g"),
            f"{row.probability:.0%}",
            f"{row.share:.0%}",
        )
        for row in part.rows
    ]
    print_table(header, rows, right=header[1:])
    for row in part.rows:
        if row.kind != "text" and row.name != row.code:  # the ledger has the names of the others
            print_line(f"{row.code}: {row.name}", style="dim")
    for one in part.break_evens:
        if one.unit == "queries":  # those in tokens are as many times more as a query has tokens
            print_line(" ".join(filter(None, (one.sentence, bought.served(one, found.situation.use)))))
    _doubts(part.verdicts)
    for one in part.experiments:
        print_line(f"Before deciding: {bought.measure(one, part)}")
        print_line(bought.worth(one, part))
    print_line()


def _mixture(mixed: "Mixed") -> None:
    print_line(mixture.title(mixed), style="bold")
    header = ("domain", "share", "best under each draw", "tokens", "epochs", "a token more")
    rows = [
        (
            one.name,
            f"{one.share:.1%}",
            words.span(one.shares, ".2f"),
            amount(one.tokens),
            f"{one.epochs:.1f}",
            f"{one.worth.value:.2g}" if one.worth.high > 0 else "-",
        )
        for one in mixed.domains
    ]
    print_table(header, rows, right=header[1:])
    print_line(mixture.stock(mixed))
    print_line(f"{mixture.losses(mixed)} {mixture.regret(mixed)}")
    for base in mixed.baselines:
        print_line(mixture.baseline(base))
    _doubts(mixed.verdicts)
    print_line()


def _doubts(verdicts: Iterable["Verdict"]) -> None:
    for verdict in verdicts:
        if verdict.outcome.value != "pass":
            print_line(f"{verdict.outcome.value}: {verdict.sentence}", style="yellow")


def _laws(found: "Plan") -> None:
    header = ("law", "weight", "best params", "epochs", found.response)
    best = found.option(found.best)
    rows = []
    for member in found.members:
        own = best.by_law[member.name]
        epochs = words.span(own["epochs"], ".1f") if found.situation.sources else "-"
        loss = f"{own['loss'].value:.3f}"
        rows.append((member.name, f"{member.weight:.0%}", amount(own["params"].value), epochs, loss))
    print_line(words.alone(found), style="bold")
    print_table(header, rows, right=header[1:])
    for member in found.members:
        print_line(f"{member.name}: {member.source}", style="dim")
