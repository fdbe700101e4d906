"""`nextflop next`: which runs to make next, for a target or for a decision, and why."""

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.options import pairs, split_names
from nextflop.cli.output import print_json, print_line, print_table, progress, warn
from nextflop.cli.repeated import UNIQUE, fresh, repeats
from nextflop.errors import InputError
from nextflop.quantities import parse_positive
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.laws.base import Law
    from nextflop.planning.next_runs import NextRuns

_RIVALS = {
    frozenset({"params", "tokens"}): ("chinchilla", "skaling", "farseer"),
    frozenset({"params", "tokens", "unique_tokens"}): ("data-constrained", "overfit-penalty"),
    frozenset({"compute"}): ("power", "shifted-power", "bounded-power"),
    frozenset({"params", "experts"}): ("routing",),
    frozenset({"params", "vocabulary", "characters"}): ("vocabulary",),
}
"""Inputs → the laws of the loss that are tried where none is named."""


def next_(
    runs: Path | None = None,
    /,
    *,
    candidates: str,
    spend: str,
    target: str | None = None,
    budget: str | None = None,
    law: str | None = None,
    cost: str | None = None,
    map: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    at_most: int | None = None,
    replicates: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 0,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Choose the runs that would tell most about a target, or about how to split a budget, for what they cost.

    Exit status 1 if no runs that can be paid would change the answer: all together must remove 5% of what is not known.

    Args:
        runs: the table of what has been run: CSV, TSV or JSON Lines, one run a row; without it, where to begin.
        candidates: what could be run: a table, or a grid such as params=1e7:1e10:8,tokens=1e9:1e11:8.
        spend: what may be spent on runs, in the unit of their cost.
        target: settings whose loss is wanted: a table, or such as params=7e9,tokens=1.4e11.
        budget: instead of a target, training FLOP to be split between params and tokens, such as 5.76e23.
        law: laws that may hold, with commas between them; by default the rivals for these inputs.
        cost: what a run costs: a column of the candidates, or a product such as params*experts; by default
            6*params*tokens.
        map: quantity=column pairs such as params=N,tokens=D,loss=L, for every table.
        at_most: choose so many runs at most, to see their results before choosing the others.
        replicates: allow runs that have been made, and the same run twice.
        seed: seed of the ensemble.
        out: also write the runs there, as CSV with the columns of the table.
        json: print JSON.
    """
    from nextflop.planning.next_runs import next_runs, six_nd
    from nextflop.planning.settings import cost as priced

    columns = pairs(map, "map")
    laws = _laws(law, candidates)
    may = parse_positive(spend, "spend", "FLOP" if cost is None else None)
    if at_most is not None and at_most < 1:
        raise InputError(f"--at-most {at_most} cannot be used: give 1 or more.")
    if seed < 0:
        raise InputError(f"--seed {seed} cannot be used: give 0 or more.")
    inputs = tuple(dict.fromkeys(name for one in laws for name in one.inputs))
    could = _settings(candidates, "candidates", inputs, columns, cost)
    warn(list(could.notes))
    prices = six_nd(could) if cost is None else priced(cost, could)
    wanted = None if target is None else _settings(target, "target", inputs, columns, None)
    made = None if runs is None else _made(runs, laws, inputs, columns)
    if runs is not None and UNIQUE not in inputs and repeats(runs, columns):
        mend = f"give {UNIQUE} in --candidates and --target"
        warn([fresh(runs, [one.name for one in laws], mend)])
    with progress().status(f"Asking {', '.join(one.name for one in laws)} about {len(could)} candidates …"):
        plan = next_runs(
            laws,
            made,
            could,
            may,
            cost=prices,
            targets=wanted,
            budget=None if budget is None else parse_positive(budget, "budget", "FLOP"),
            most=at_most,
            replicates=replicates,
            seed=seed,
        )
    if out is not None and plan.worthwhile:
        _write(out, plan, could, inputs, columns)
    if json:
        chosen = [
            {**{name: float(could[name][row]) for name in inputs}, "cost": price, "removes": share, "why": why}
            for row, price, share, why in zip(plan.rows, plan.cost, plan.removed, plan.why, strict=True)
        ]
        told = {**plan.to_json(), "runs": chosen, "total": float(plan.cost.sum()), "spend": may}
        print_json(told | ({} if out is None or not plan.worthwhile else {"out": str(out)}))
    else:
        _show(plan, could, inputs, may, out)
    return 0 if plan.worthwhile else 1


def _laws(text: str | None, candidates: str) -> list[type["Law"]]:
    from nextflop.laws import find

    if text is not None:
        return [find(name) for name in split_names(text)]
    named = frozenset(part.partition("=")[0].strip() for part in candidates.split(",")) if "=" in candidates else None
    if named is None:
        named = frozenset({"params", "tokens"})
    if named not in _RIVALS:
        raise InputError(f"No laws of {', '.join(sorted(named))} are tried by themselves: name some with --law.")
    return [find(name) for name in _RIVALS[named]]


def _settings(text: str, what: str, inputs: tuple[str, ...], columns: dict[str, str], cost: str | None) -> "Runs":
    from nextflop.evidence.table import read_table
    from nextflop.planning.settings import factors, grid, is_number

    if "=" in text and not Path(text).is_file():
        return grid(text, inputs)
    priced = [] if cost is None else [part for part in factors(cost) if not is_number(part)]
    path = Path(text)
    if not path.is_file():
        raise InputError(f"--{what} {text!r} is neither a file nor a grid such as {inputs[0]}=1e7:1e10:8: give one.")
    return read_table(path, {name: columns.get(name, name) for name in dict.fromkeys((*inputs, *priced))})


def _made(path: Path, laws: list[type["Law"]], inputs: tuple[str, ...], columns: dict[str, str]) -> "Runs":
    from nextflop.errors import unknown
    from nextflop.evidence.table import read_table

    needed = dict.fromkeys((*inputs, *(one.response for one in laws)))
    for name in columns:
        if name not in {*needed, "weight", "flop", "params"}:
            raise unknown("quantity", name, {*needed, "weight", "flop"})
    derived = {"tokens"} if "flop" in columns and "tokens" not in columns else set()
    return read_table(path, {**columns, **{name: name for name in needed if name not in {*columns, *derived}}})


def _show(plan: "NextRuns", could: "Runs", inputs: tuple[str, ...], may: float, out: Path | None) -> None:
    if not plan.worthwhile:
        if plan.open == 0:
            print_line("Every candidate that can be paid has been run: give other candidates, or --replicates.")
        elif len(plan.rows):
            print_line(
                f"Not worth it: for {plan.cost.sum():.3g} of {may:.3g}, {len(plan.rows)} runs would bring the "
                f"{plan.measure} from {plan.before:.3g} to {plan.after:.3g}, {1 - plan.after / plan.before:.1%} less. "
                "Give candidates nearer to what is asked, or more to spend."
            )
        else:
            print_line(
                f"None of the {plan.open} runs that can be paid would change the answer: each would remove less than "
                f"a thousandth of what is not known ({plan.measure}: {plan.before:.3g})."
            )
        return
    print_line("Runs to make next, the first one first", style="bold")
    print_line()
    header = ("", *inputs, "cost", "removes", "why")
    rows = [
        (
            str(place + 1),
            *(amount(float(could[name][row])) for name in inputs),
            f"{price:.3g}",
            "-" if math.isnan(share) else f"{share:.1%}",
            why,
        )
        for place, (row, price, share, why) in enumerate(zip(plan.rows, plan.cost, plan.removed, plan.why, strict=True))
    ]
    print_table(header, rows, right=header[:-1])
    total = float(plan.cost.sum())
    print_line(f"Total {total:.3g} of {may:.3g}, {len(rows)} of {plan.open} runs that can be paid.")
    if math.isnan(plan.before):
        print_line("The runs so far are too few for a law, so these are spread out; plan again with their results.")
    else:
        print_line(f"Expected: {plan.measure} from {plan.before:.3g} to {plan.after:.3g}.")
        weights = ", ".join(f"{name} {share:.0%}" for name, share in plan.laws.items())
        print_line(f"Laws: {weights}. Removes: share of the variance now, given the runs above.", style="dim")
    if out is not None:
        print_line(f"Written: {out}")


def _write(path: Path, plan: "NextRuns", could: "Runs", inputs: tuple[str, ...], columns: dict[str, str]) -> None:
    from nextflop.evidence.files import write_bytes

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(columns.get(name, name) for name in inputs), "cost", "removes"])
    for row, price, share in zip(plan.rows, plan.cost, plan.removed, strict=True):
        settings = [f"{float(could[name][row]):.12g}" for name in inputs]
        writer.writerow([*settings, f"{price:.12g}", "" if math.isnan(share) else f"{share:.6g}"])
    write_bytes(path, text.getvalue().encode())
