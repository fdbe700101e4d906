"""A comparison as a person reads it on a terminal."""

import math
from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table

if TYPE_CHECKING:
    from nextflop.cli.compare import Found
    from nextflop.fitting.fit import Interval
    from nextflop.judging.comparison import Comparison
    from nextflop.judging.frontier import Speedup
    from nextflop.judging.transfer import Transfer
    from nextflop.judging.verdict import Verdict


def show(found: "Found") -> None:
    """Prints the recipes beside each other, the verdicts, and the answer."""
    if found.comparison is not None:
        _comparison(found.comparison)
    else:
        print_line(found.why_not, style="yellow")
        print_line()
    if found.speedup is not None:
        _speedup(found.speedup)
    if found.transfer is not None:
        _transfer(found.transfer)
    _verdicts(found)
    first = found.comparison.verdicts[0] if found.comparison is not None else None
    decisive = first or (found.speedup.verdict if found.speedup is not None else None)
    if decisive is not None:
        style = "green" if found.better else "bold red"
        print_line(f"{'Yes' if found.better else 'No'}: {decisive.sentence}", style=style)


def _comparison(found: "Comparison") -> None:
    baseline, candidate = found.names
    print_line(f"{candidate} against {baseline}, by the law {found.fit.law.name!r}", style="bold")
    print_line()
    level = f"({found.fit.level:.0%})"
    header = (found.axis, baseline, candidate, f"difference {level}", "ahead")
    rows = [
        (
            f"{row.compute:.3g}",
            _digits(row.baseline.value),
            _digits(row.candidate.value),
            _span(row.difference, "+.3g"),
            "-" if math.isnan(row.ahead) else f"{row.ahead:.0%}",
        )
        for row in found.rows
    ]
    print_table(header, rows, right=header)
    header = (found.axis, f"multiplier {level}", "decades beyond")
    rows = [
        (f"{row.compute:.3g}", _span(row.multiplier, ".3g"), f"{row.beyond:.1f}" if row.beyond else "-")
        for row in found.rows
    ]
    print_table(header, rows, right=header)
    print_line(
        f"Multiplier: times its compute that {baseline} needs for the response of {candidate}. Ahead: share of the "
        f"draws in which {candidate} is better. Beyond: from the nearest scale at which both were measured.",
        style="dim",
    )
    print_line(f"{found.pairing.sentence} {len(found.fit.draws)} draws, seed {found.fit.seed}.", style="dim")
    for note in found.fit.notes:
        print_line(note, style="yellow")
    print_line()


def _speedup(found: "Speedup") -> None:
    line = found.frontier
    print_line(f"Runs of {found.names[1]} against the frontier of {found.names[0]}", style="bold")
    print_line()
    held = f"{line.pin.parameter} = {line.pin.value:g} of {line.pin.metric}"
    print_line(
        f"L = {line.pin.value:g} + {line.A.value:.5g} C^-{line.alpha.value:.4g} through {line.runs} runs, {held}; "
        f"{line.level:.0%} intervals by Student's t of {line.runs - 2} degrees of freedom."
    )
    print_line()
    header = ("compute", "loss", "expected", "worth", "beyond")
    many = len(found.runs) > 1
    rows = [
        (
            f"{one.compute:.3g}" + (" (all)" if one is found.together else ""),
            _digits(one.loss),
            _span(one.expected, ".4g"),
            _span(one.multiplier, ".3g"),
            f"{one.beyond:.1f}" if one.beyond else "-",
        )
        for one in (*found.runs, *((found.together,) if many else ()))
    ]
    print_table(header, rows, right=header)


def _transfer(found: "Transfer") -> None:
    from nextflop.judging.verdict import Outcome

    if found.verdict.outcome is Outcome.passed:
        return
    print_line("Which recipe leads where", style="bold")
    print_line()
    header = ("scale", "order, best first", "sure", "tau", "regret")
    rows = [
        (
            f"{one.compute:.3g}",
            " > ".join(one.order),
            "-" if math.isnan(one.sure) else f"{one.sure:.0%}",
            _span(one.tau, ".2f"),
            _span(one.regret, ".2%"),
        )
        for one in found.regimes
    ]
    print_table(header, rows, right=("scale", "sure", "tau", "regret"))
    print_line(
        "Tau: rank correlation with the order at the largest scale. Regret: how much worse the leader of a scale is at "
        "the largest.",
        style="dim",
    )
    print_line()


def _verdicts(found: "Found") -> None:
    verdicts: list[Verdict] = []
    if found.comparison is not None:
        verdicts += found.comparison.verdicts
    if found.speedup is not None:
        verdicts.append(found.speedup.verdict)
    if found.transfer is not None:
        verdicts.append(found.transfer.verdict)
    print_table(("check", "outcome", "why"), [(v.name, v.outcome.value, v.sentence) for v in verdicts])


def _span(interval: "Interval", digits: str) -> str:
    if math.isnan(interval.low):
        return f"{interval.value:{digits}}"
    return f"{interval.value:{digits}} ({interval.low:{digits}} to {interval.high:{digits}})"


def _digits(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.4g}"
