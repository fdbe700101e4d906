"""The page for a plan: what to do, how sure that is, what everything is worth, and sliders for another setting."""

import json
import platform
from importlib.metadata import version

import numpy as np
from markupsafe import Markup

from nextflop import __version__
from nextflop.evidence.runs import Runs
from nextflop.planning.ledger import words
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.plan import Plan
from nextflop.report import bought_tables, plan_words
from nextflop.report import plan_tables as tables
from nextflop.report.explorable import carried, digest, explorable, explorer, later, still
from nextflop.report.figures.plan_chances import plan_chances
from nextflop.report.figures.plan_regret import plan_regret
from nextflop.report.figures.plan_split import plan_split
from nextflop.report.figures.plan_units import plan_units
from nextflop.report.page import render

_SAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
"""What could end a script is written as JSON writes it."""


def plan_page(plan: Plan, runs: Runs | None = None, *, trainer: str = "", command: str = "") -> str:
    """The page as one self-contained HTML document.

    Where the laws are ones that the page can compute, it is interactive: it carries the draws, and moves with sliders
    for the budget, the text, its prices, the use, the largest model and the latency. Without JavaScript it is complete
    as planned.

    Args:
        plan: as `planning.ledger.plan.plan` made it.
        runs: that its laws were fitted to, for the receipt.
        trainer: the command of a trainer, with {params}, {tokens}, {unique_tokens} and {epochs} to be filled in.
        command: what a person types to make the page again.
    """
    interactive = explorable(plan)
    script = explorer() if interactive else ""
    headline = plan_words.headline(plan)
    return render(
        "plan.html.jinja",
        title=f"{headline} · nextflop",
        kind="Plan",
        subject=f"{words.spend(plan)}, {len(plan.members)} law{'s' if len(plan.members) > 1 else ''}",
        script_policy=Markup(f"script-src '{digest(script)}'; ") if script else "",
        headline=headline,
        answer=plan_words.answer(plan),
        tiles=[*bought_tables.tiles(plan), *tables.tiles(plan)],
        contents=_contents(plan, interactive),
        explorer=Markup(script),
        carried=Markup(json.dumps(carried(plan), separators=(",", ":")).translate(_SAFE)) if interactive else "",
        still=still(plan) if interactive else [],
        later=later(plan),
        plan=plan,
        verdicts=plan_words.doubts(plan),
        of_text=bought.of_text(plan),
        level=f"{plan.level:.0%}",
        options=tables.options(plan),
        stock=bool(plan.situation.sources),
        freest=words.freest(plan).name,
        then=words.then(plan, "{}, "),
        next_unit=plan_words.next_unit(plan),
        units=tables.units(plan),
        token=plan_words.token(plan),
        prices=tables.prices(plan),
        sizes=words.sizes(plan),
        unmoved=words.unmoved(plan),
        laws=tables.laws(plan),
        own_heads=tables.own_heads(plan),
        experiments=tables.experiments(plan, trainer),
        then_seen=words.THEN_SEEN,
        bought=bought_tables.parts(plan, trainer),
        mixed=bought_tables.mixed(plan),
        sources=tables.sources(plan),
        assumptions=tables.assumptions(plan),
        pictures={
            "split": plan_split(plan),
            "chances": plan_chances(plan),
            "units": plan_units(plan),
            "regret": plan_regret(plan),
        },
        receipt=_receipt(plan, runs, command),
    )


def _contents(plan: Plan, interactive: bool) -> list[tuple[str, str]]:
    found = [("explore", "Explore")] if interactive else []
    found += [("options", "Options"), ("next", "Next unit")]
    found += [("token", "A token's worth")] if plan.prices else []
    found += [("size", "Size"), ("by-law", "By law"), ("before", "Before deciding")]
    found += [("bought", "Beside text")] if plan.bought.parts else []
    found += [("mixture", "Mixture")] if plan.mixture else []
    found += [("refused", "Refused")] if plan.refused else []
    return [*found, ("assumed", "Assumptions"), ("laws", "Laws and receipt")]


def _receipt(plan: Plan, runs: Runs | None, command: str) -> list[tuple[str, str]]:
    draws = ", ".join(f"{member.name} {member.rows - 1}" for member in plan.members)
    packages = f"NumPy {np.__version__}, SciPy {version('scipy')}, matplotlib {version('matplotlib')}"
    weighed = "given" if plan.weights is None else plan_words.WEIGHED
    table = []
    if runs is not None:
        table += [("Runs", f"{len(runs)}, from {runs.source or 'memory'}")]
        table += [("Digest of the table", f"sha256 {runs.digest}")]
    return [
        *table,
        ("Draws", draws),
        ("Weights", weighed),
        ("Intervals", f"{plan.level:.0%}, over the draws of all laws by their weights"),
        ("Equally good", f"at most {plan.regret.allowed:g} {plan.response} above the best"),
        ("Versions", f"nextflop {__version__}, Python {platform.python_version()}, {packages}"),
        *([("To make it again", command)] if command else []),
    ]
