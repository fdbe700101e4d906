"""A fit as a person reads it on a terminal."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from nextflop.cli.choice_text import show_choice
from nextflop.cli.latex import to_text
from nextflop.cli.laws import headline
from nextflop.cli.options import Answer
from nextflop.cli.output import print_line, print_table
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.fitting.fit import Fit, Interval
    from nextflop.judging.verdict import Verdict
    from nextflop.planning.allocation import Allocation, Valley


def show(found: Answer, report: Path | None, receipt: Path | None = None) -> None:
    """Prints the fit, how far to believe it, and where the budget goes."""
    headline(type(found.fit.law))
    _runs(found)
    if found.choice is not None:
        show_choice(found.choice)
    _estimate(found.fit)
    _certificate(found.fit)
    _checks(found.verdicts)
    if found.allocation is not None:
        _allocation(found.allocation)
    if report is not None:
        print_line(f"Page: {report}")
    if receipt is not None:
        print_line(f"Receipt: {receipt}")


def _runs(found: Answer) -> None:
    dropped = f", the {found.dropped} of highest loss left out" if found.dropped else ""
    print_line(f"{found.fit.runs} runs of {found.runs.source}{dropped}.")
    for name, way in found.runs.conventions.items():
        print_line(f"{name}: {way}.")
    if found.runs.notes:
        print_line(f"Left out in reading: {len(found.runs.notes)} entries; --json has them all.", style="yellow")
    print_line()


def _estimate(fit: "Fit") -> None:
    known = type(fit.law).parameters
    print_table(
        ("parameter", "estimate", f"{fit.level:.0%} interval", "unit", "meaning"),
        [
            (
                to_text(known[name].symbol),
                _digits(value.value),
                _span(value),
                known[name].unit or "-",
                known[name].meaning,
            )
            for name, value in fit.estimate.items()
        ],
        right=("estimate", f"{fit.level:.0%} interval"),
    )


def _certificate(fit: "Fit") -> None:
    meaning = "" if fit.status.value == fit.status.name else f": {fit.status.value}"
    print_line(f"Status: {fit.status.name}{meaning}.", style="" if fit.status.name == "converged" else "yellow")
    print_line(f"Objective: {fit.objective:.6g} ({fit.objective_name}).")
    proof = fit.certificate
    print_line(
        f"Certificate: scaled gradient {proof.gradient:.1e}; {proof.agreeing:.0%} of {proof.starts} starts agree; "
        f"condition {proof.condition:.1e}."
    )
    failed = f", {fit.failed_draws} more failed" if fit.failed_draws else ""
    print_line(f"Intervals: {len(fit.draws)} bootstrap draws{failed}; seed {fit.seed}.")
    for note in fit.notes:
        print_line(note)
    print_line()


def _checks(verdicts: tuple["Verdict", ...]) -> None:
    print_table(
        ("check", "outcome", "why"),
        [(verdict.name, verdict.outcome.value, verdict.sentence) for verdict in verdicts],
    )


def _allocation(plan: "Allocation") -> None:
    print_line(f"Where {amount(plan.budget, 'FLOP')} of training should go", style="bold")
    print_line()
    rows = (("parameters", plan.params), ("tokens", plan.tokens), ("tokens per parameter", plan.tokens_per_param))
    print_table(
        ("", "optimum", f"{plan.level:.0%} interval"),
        [
            *((name, amount(value.value), f"{amount(value.low)} to {amount(value.high)}") for name, value in rows),
            ("predicted loss", _digits(plan.loss.value), _span(plan.loss)),
        ],
        right=("optimum", f"{plan.level:.0%} interval"),
    )
    print_line(f"Within {plan.regret:g} of the least loss, if the estimate is right: {_valley(plan.valley)}.")
    if math.isnan(plan.robust.params_low):
        share = f"{plan.safest[0]:.3g} parameters are within it in {plan.safest[1]:.0%} of the draws"
        print_line(f"No allocation is within it in {plan.level:.0%} of the draws; at best {share}.", style="yellow")
    else:
        print_line(f"Within it in at least {plan.level:.0%} of the draws: {_valley(plan.robust)}.")
    for name, decades in plan.decades_beyond.items():
        if decades > 0:
            print_line(f"The optimum lies {decades:.1f} decades of {name} beyond the runs.", style="yellow")
    if plan.without_optimum:
        print_line(
            f"{plan.without_optimum} of {plan.draws} draws have no optimum and count as failures.", style="yellow"
        )


def _valley(valley: "Valley") -> str:
    params = f"{amount(valley.params_low)} to {amount(valley.params_high, 'parameters')}"
    return f"{params} on {amount(valley.tokens_high)} to {amount(valley.tokens_low, 'tokens')}"


def _span(interval: "Interval") -> str:
    low, high = _digits(interval.low), _digits(interval.high)
    return low if low == high else f"{low} to {high}"


def _digits(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.4g}"
