"""A plan as a person reads it on a terminal."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table
from nextflop.planning.ledger import money, words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.deadline import deadline
from nextflop.planning.ledger.misses import said
from nextflop.planning.ledger.mixture import words as mixture
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.judging.verdict import Verdict
    from nextflop.planning.ledger.bought.part import Part
    from nextflop.planning.ledger.decisive import Experiment
    from nextflop.planning.ledger.mixture.mix import Mixed
    from nextflop.planning.ledger.plan import Plan


def show(found: "Plan", trainer: str = "", page: Path | None = None) -> None:
    """Prints the answer, how sure it is, the ledger, what more is worth, and what to measure first."""
    part = bought.leading(found.bought)
    if part is not None:
        print_line(f"{bought.headline(found)} That is expected to come to {bought.comes_to(part)}", style="bold")
    print_line(f"{bought.of_text(found)}{words.headline(found)}", style="bold")
    if late := deadline(found):
        print_line(late)
    if paying := " ".join(filter(None, (words.added(found), words.value(found)))):
        print_line(paying, style="bold")
    for sentence in mixture.for_sale(found):
        print_line(sentence, style="bold")
    if part is None and (across := bought.across(found.bought)):
        print_line(across, style="bold")
    for sentence in found.notes:
        print_line(sentence, style="yellow")
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
        _mixture(found.mixture, found)
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
    label = bought.of_text(found).lower()
    rows = [(verdict.outcome.value, f"{label}{verdict.name}", verdict.sentence) for verdict in found.verdicts]
    print_table(("", "check", "what was found"), rows)


def _ledger(found: "Plan") -> None:
    header = ("option", "params", "tokens", "epochs", found.response, f"gain ({found.level:.0%})", "best")
    rows = [
        (
            words.code(option),
            amount(option.decision["params"]),
            amount(option.decision["tokens"]),
            f"{option.decision['epochs']:.1f}" if found.situation.sources else "-",
            f"{option.outcome.value:.3f}",
            "-" if found.base in option.codes else words.span(option.gain, "+.3f"),
            f"{option.probability:.0%}",
        )
        for option in found.ledger
    ]
    print_table(header, rows, right=header[1:])
    print_line(words.legend(found), style="dim")
    for option in found.ledger:
        gain, why = option.gain.value, words.unlikely(found, option)
        spends = f"; {why}" if why else ""
        spends += f"; {money.as_much(gain, found.compute)}" if gain >= words.NOTHING else ""
        if option.decision["text"] or option.decision["inference"] or option.decision["unspent"]:
            spends += f"; {words.shares(option, found.situation.flop)}"
        print_line(f"{words.code(option)}: {words.name(found, option)}{spends}", style="dim")
    print_line()


def _units(found: "Plan") -> None:
    what = f"{words.then(found, '{}, ')}what {found.factor:g} times as much buys"
    header = (what, *(unit.resource for unit in found.units))
    rows = [("all laws", *(words.span(unit.gain, ".3f") for unit in found.units))]
    rows += [
        (member.name, *(f"{unit.by_law[member.name].value:z.4f}" for unit in found.units)) for member in found.members
    ]
    if len(found.units) > 1:
        after, gains = found.compute_after, [unit.gain.value for unit in found.units]
        rows.append(("in compute", *(money.amount(gain, after) if gain >= words.NOTHING else "-" for gain in gains)))
        rows.append(("buys more, belief", *(f"{unit.probability:.0%}" for unit in found.units)))
    print_table(header, rows, right=header[1:])


def _prices(found: "Plan") -> None:
    if not found.prices:
        return
    price_of_flop = found.situation.flop_price

    def write(flop: float) -> str:
        if math.isinf(flop):
            return "any price"
        return f"{flop:.3g}" if price_of_flop is None else money.dollars(1e6 * price_of_flop * flop)

    header = ("text", "a token is worth at most", "asked", "pays")
    rows = []
    for price in found.prices:
        rows.append(
            (
                price.name,
                money.span(price.flop, write),
                "-" if math.isnan(price.asked) else write(price.asked),
                "-" if math.isnan(price.probability) else f"{price.probability:.0%}",
            )
        )
    unit = "FLOP a token" if price_of_flop is None else "dollars a million tokens"
    pays = ". Pays: belief that one more token is worth what is asked" if any(row[-1] != "-" for row in rows) else ""
    print_table(header, rows, right=header[1:])
    print_line(f"In {unit}{words.then(found, ', {}')}{pays}.", style="dim")
    print_line()


def _first(found: "Plan", trainer: str) -> None:
    """What to measure before deciding."""
    if not found.experiments:
        print_line(f"{bought.of_text(found)}{words.unmoved(found)}")
    label = bought.of_text(found)
    for experiment in found.experiments[:1]:
        print_line(f"{label}{'before' if label else 'Before'} deciding: {words.run(experiment, trainer)}", style="bold")
        _told(experiment, found)
        print_line(words.THEN_SEEN, style="dim")
    print_line()


def _told(experiment: "Experiment", found: "Plan") -> None:
    """What a run costs and is worth, and what to do for what it shows."""
    print_line(f"It costs {words.worth(experiment, found)}")
    for answer in words.outcomes(experiment, found):
        print_line(f"  {answer}")


def _others(found: "Plan", trainer: str) -> None:
    """Dearer runs that tell more."""
    for experiment in found.experiments[1:]:
        print_line(f"Or, before deciding: {words.run(experiment, trainer)}", style="bold")
        _told(experiment, found)
        print_line()


def _part(part: "Part", found: "Plan") -> None:
    print_line(bought.standing(part), style="bold")
    header = ("option", "how much", part.response, f"gain ({found.level:.0%})", "best", "spends")
    rows = [
        (
            row.code,
            bought.amount(row.amount, row.unit),
            bought.level(row.outcome.value),
            money.span(row.gain, bought.signed),
            f"{row.probability:.0%}",
            f"{row.share:.0%}" if math.isnan(row.dollars) else money.dollars(row.dollars),
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
        print_line(bought.worth(one, part, found.situation))
    if rests := bought.unmoved(part):
        print_line(rests)
    print_line()


def _mixture(mixed: "Mixed", found: "Plan") -> None:
    print_line(mixture.title(mixed), style="bold")
    header = ("domain", "share", "best under each draw", "tokens", "epochs", "a token more")
    rows = [
        (
            one.name,
            f"{one.share:.1%}",
            words.span(one.shares, ".2f"),
            amount(one.tokens),
            f"{one.epochs:.1f}",
            mixture.token(one, found.compute_after),
        )
        for one in mixed.domains
    ]
    print_table(header, rows, right=header[1:])
    print_line(
        f"A token more: what it is worth to the targets in {mixture.unit(found.compute_after)}, a loss of theirs "
        "counted as one of the plan's.",
        style="dim",
    )
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
    freest = words.freest(found)
    rows = []
    for member in found.members:
        own = freest.by_law[member.name]
        epochs = words.span(own["epochs"], ".1f") if found.situation.sources else "-"
        loss = f"{own['loss'].value:.3f}"
        rows.append((member.name, f"{member.weight:.0%}", amount(own["params"].value), epochs, loss))
    print_line(words.alone(found), style="bold")
    print_table(header, rows, right=header[1:])
    for member in found.members:
        missed = f"; {said(member.misses)}" if member.misses else ""
        print_line(f"{member.name}: {member.source}{missed}", style="dim")
