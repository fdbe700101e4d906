"""What makes a plan's page interactive: the modules of `explorer/` as one script, and the plan that they compute on.

The script is the modules in the order in which they need each other, each in a scope of its own. The page allows it by
its digest and no other, so nothing that a name or a source might smuggle in would run.
"""

import base64
import hashlib
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.ledger.bought.words import of_text
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.offered import TOGETHER, filters
from nextflop.planning.ledger.plan import FAILED, Plan
from nextflop.planning.ledger.pooled import spaced
from nextflop.planning.ledger.text import levers
from nextflop.quantities import listed

FAMILIES = ("chinchilla", "data-constrained", "overfit-penalty", "bounded", "skaling", "farseer", "kaplan")
"""The families that `explorer/laws.js` has."""

_MODULES = Path(__file__).parent / "explorer"
_MOST = 100_000  # numbers that the draws may take in the page, 0.8 MB as float64 and 1.07 MB in base64
_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./([a-z]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function\*?) (\w+))", re.MULTILINE)
_BASES = ("train", "repeat", "once")
_KEPT = ("code", "name", "outcome", "gain", "probability", "decision", "by_law", "regret", "added")


def script(entry: str = "start") -> str:
    """The modules that one of them needs, itself last, as one script.

    Args:
        entry: a module of `explorer/`, without its ending.
    """
    return bundle({path.stem: path.read_text(encoding="utf-8") for path in sorted(_MODULES.glob("*.js"))}, entry)


def bundle(modules: Mapping[str, str], entry: str) -> str:
    """Some modules that import each other by name, as one script in strict mode.

    Args:
        modules: name → text.
        entry: the one that is run for what it does.
    """
    order: list[str] = []

    def visit(name: str) -> None:
        for _, needed in _IMPORT.findall(modules[name]):
            if needed not in order:
                visit(needed)
        order.append(name)

    visit(entry)
    return '"use strict";\n' + "\n".join(_scoped(name, modules[name]) for name in order)


def digest(text: str) -> str:
    """The source of a script as a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def explorer() -> str:
    """The script of the page."""
    return script()


def explorable(plan: Plan) -> bool:
    """Whether the page can compute this plan: its base is a split of the budget, by laws that the page knows."""
    return plan.base in _BASES and all(member.law.name in FAMILIES for member in plan.members)


def still(plan: Plan) -> list[str]:
    """Names of the options that the page cannot compute, so that they do not move with its sliders."""
    moving = {TOGETHER, *_BASES, *filters(plan.situation.owned), *(lever.name for lever in levers(plan.situation))}
    others = [row.name for part in plan.bought.parts for row in part.rows if row.kind != "text"]
    return [*(option.name for option in plan.options if option.code not in moving), *dict.fromkeys(others)]


def later(plan: Plan) -> str:
    """What stands further below as it was planned, wherever the sliders are."""
    found = ["runs to make before deciding"]
    found += ["what else the budget buys"] if plan.bought.parts else []
    found += ["the mixture"] if plan.mixture is not None else []
    said = listed(found)
    return f"{said[0].upper()}{said[1:]}, further below, are as planned, and stay so when sliders move."


def carried(plan: Plan) -> dict[str, Json]:
    """What the page carries: the situation, the options it can compute, the laws with their draws, the plan as it is.

    Numbers that are not finite are None, and draws are little-endian float64 in base64. All draws are carried, or if
    there are more than some 100,000 numbers an evenly spaced part of each law's, whose size the page says.
    """
    lowered = {lever.name: lever.source.name for lever in levers(plan.situation)}
    sources = {TOGETHER: list(lowered.values())} | {name: [source] for name, source in lowered.items()}
    kept = filters(plan.situation.owned)
    options = [
        {
            "code": option.code,
            "name": option.name,
            "owned": [source.name for source in kept.get(option.code, plan.situation.owned)],
            "most_epochs": 1.0 if "once" in (option.code, plan.base) else plan.situation.limits.most_epochs,
            "sources": sources.get(option.code, []),
        }
        for option in plan.options
        if option.code in _BASES or option.code in sources or option.code in kept
    ]
    numbers = sum(member.rows * len(member.law.values) for member in plan.members)
    share = min(1.0, _MOST / numbers)
    record = plan.to_json()
    return finite(
        {
            "situation": record["situation"],
            "response": plan.response,
            "label": of_text(plan),
            "options": options,
            "laws": [_law(member, share) for member in plan.members],
            "draws": sum(member.rows - 1 for member in plan.members),
            "share": share,
            "level": plan.level,
            "factor": plan.factor,
            "allowed": plan.regret.allowed,
            "worst": FAILED * plan.regret.allowed,
            "smallest": plan.smallest,
            "settled": [
                {"code": one.code, "name": f"{one.name[0].upper()}{one.name[1:]}", "outcome": one.outcome.name}
                | {"sentence": one.sentence}
                for one in plan.verdicts
                if one.code in {"plan_seen", "plan_laws"}  # no slider moves the runs
            ],
            "planned": {
                "response": plan.response,
                "best": plan.best,
                "options": [{key: one[key] for key in _KEPT} for one in record["options"]],
                "next_unit": record["next_unit"],
                "prices": record["prices"],
                "regret": {
                    "params": plan.regret.params.tolist(),
                    "mean": plan.regret.mean.tolist(),
                    "within": [list(ends) for ends in plan.regret.within],
                },
            },
        }
    )


def finite(value: Json) -> Json:
    """A record with None where a number is not finite, as JSON has no such number."""
    if isinstance(value, Mapping):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _law(member: Member, share: float) -> dict[str, Json]:
    rows = np.hstack([np.asarray(part, dtype="<f8").reshape(-1, 1) for part in member.law.values.values()])
    if share < 1 < len(rows):
        rows = rows[spaced(len(rows), max(1, int(share * (len(rows) - 1))))]
    return {
        "name": member.name,
        "family": member.law.name,
        "weight": member.weight,
        "ranges": {name: {"low": low, "high": high} for name, (low, high) in member.ranges.items()},
        "values": base64.b64encode(rows.tobytes()).decode(),
    }


def _scoped(name: str, text: str) -> str:
    exported = _EXPORT.findall(text)
    body = _IMPORT.sub(lambda found: f"const {{ {found[1]} }} = {_named(found[2])};", text)
    body = _EXPORT.sub("", body).strip()
    return f"const {_named(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _named(module: str) -> str:
    return f"{module}Module"
