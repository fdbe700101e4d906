"""What else a situation declares: purchases that are not text, the bridge from loss to them, targets of a mixture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.counts import Counts
from nextflop.evidence.table import read_table
from nextflop.fitting import fit
from nextflop.fitting.coverage import COUNT_LAWS, fit_coverage
from nextflop.fitting.fit import Fit
from nextflop.laws import find
from nextflop.planning.ledger.bought.purchase import Bridge, Cost, Purchase, answer_cost, of_curve
from nextflop.planning.ledger.declaration import at_values, known, needed
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.mixture.domains import Mixing, Target
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.selection import Verifier
from nextflop.quantities import UNIT_OF, parse, parse_positive

_CURVE = ("law", "runs", "counts", "map", "values", "source", "task", "as_accuracy", "together")
_PURCHASE = (
    *("code", "name", "params", "flop", "dollars", "per_query", "start", "most", "why", "fixed", "verifier"),
    *("problems", "noise"),
)
_TARGET = ("name", "law", "runs", "map", "importance", "tokens")
_VERIFIER = ("true_positive", "false_positive", "flop")


class Draws(NamedTuple):
    """How curves are fitted: bootstrap draws, their seed, the level of intervals."""

    draws: int = 1000
    seed: int = 0
    level: float = 0.9


class Further(NamedTuple):
    """What a plan is told beside text: see `plan`."""

    purchases: tuple[Purchase, ...] = ()
    bridge: Bridge | None = None
    mixture: Mixing | None = None


def further(tables: Mapping[str, Any], folder: Path, situation: Situation, how: Draws) -> Further:
    """Fits what [[purchase]], [bridge] and [[target]] declare; tables of runs lie beside the file.

    Args:
        tables: of the situation.
        folder: in which paths that are not absolute begin.
        situation: whose use prices an answer.
        how: the fits are made.

    Raises:
        InputError: if something is missing or cannot be used.
    """
    purchases = tuple(
        _purchase(entry, f"entry {index + 1} of [[purchase]]", folder, situation, how)
        for index, entry in enumerate(tables.get("purchase", []))
    )
    bridge = None
    if "bridge" in tables:
        entry = tables["bridge"]
        known(entry, _CURVE, "[bridge]")
        member = _member(entry, "[bridge]", folder, how)
        told = {name: entry[name] for name in ("task", "as_accuracy", "together") if name in entry}
        bridge = Bridge(member, **told)
    targets = tuple(
        _target(entry, f"entry {index + 1} of [[target]]", folder, how)
        for index, entry in enumerate(tables.get("target", []))
    )
    return Further(purchases, bridge, Mixing((), targets) if targets else None)


def _purchase(entry: Mapping[str, Any], where: str, folder: Path, situation: Situation, how: Draws) -> Purchase:
    known(entry, (*_CURVE, *_PURCHASE), where)
    needed(entry, ("code",), where)
    told: dict[str, Any] = {
        name: parse(entry[name], f"{name} in {where}") for name in ("start", "most", "noise") if name in entry
    }
    told |= {name: str(entry[name]) for name in ("name", "why", "task", "together") if name in entry}
    if "params" in entry:
        told["params"] = parse_positive(entry["params"], f"params in {where}", "parameters")
    if "problems" in entry:
        told["problems"] = int(parse_positive(entry["problems"], f"problems in {where}"))
    return Purchase(
        str(entry["code"]),
        (_member(entry, where, folder, how),),
        _cost(entry, where, situation),
        fixed={name: parse(value, f"{name} in {where}") for name, value in entry.get("fixed", {}).items()},
        verifier=_verifier(entry["verifier"], where) if "verifier" in entry else None,
        as_accuracy=bool(entry.get("as_accuracy", False)),
        **told,
    )


def _cost(entry: Mapping[str, Any], where: str, situation: Situation) -> Cost:
    """Of a unit: an answer of a model of so many parameters, or what is said."""
    said = {
        name: parse(entry[name], f"{name} in {where}", UNIT_OF[name]) for name in ("flop", "dollars") if name in entry
    }
    if "params" not in entry:
        return Cost(**said, per_query=bool(entry.get("per_query", False)))
    if said:
        raise InputError(f"{where} has both params and {' and '.join(said)}: an answer costs what its model costs.")
    use = situation.use
    return answer_cost(
        parse_positive(entry["params"], f"params in {where}", "parameters"),
        use.tokens_per_query,
        use.flop_per_param_token,
    )


def _verifier(entry: Mapping[str, Any], where: str) -> Verifier:
    known(entry, _VERIFIER, f"the verifier in {where}")
    return Verifier(**{name: parse(value, f"{name} in {where}") for name, value in entry.items()})


def _target(entry: Mapping[str, Any], where: str, folder: Path, how: Draws) -> Target:
    known(entry, _TARGET, where)
    needed(entry, ("name", "law", "runs"), where)
    amounts = {name: parse(entry[name], f"{name} in {where}") for name in ("importance", "tokens") if name in entry}
    return Target(str(entry["name"]), _member(entry, where, folder, how), **amounts)


def _member(entry: Mapping[str, Any], where: str, folder: Path, how: Draws) -> Member:
    """The law of an entry: fitted to runs or to counts, or with the values that are written down."""
    needed(entry, ("law",), where)
    law = find(str(entry["law"]))
    given = [name for name in ("runs", "counts", "values") if name in entry]
    if len(given) != 1:
        raise InputError(f"{where} says {' and '.join(given) or 'nothing'} of its law: give runs, counts or values.")
    if "values" in entry:
        return of_constants(at_values(law, entry["values"], where), law.name, str(entry.get("source", "as given")))
    path = folder / str(entry[given[0]])
    columns = {str(name): str(column) for name, column in entry.get("map", {}).items()}
    if given[0] == "counts":
        return of_curve(_counted(path, columns, law, where, how), source=path.name)
    own = {name: columns.get(name, name) for name in (*law.inputs, law.response)}
    table = read_table(path, {**own, **columns})
    return of_curve(fit(law, table, draws=how.draws, seed=how.seed, level=how.level), source=path.name)


def _counted(path: Path, columns: Mapping[str, str], law: type, where: str, how: Draws) -> Fit:
    if law not in COUNT_LAWS:
        raise InputError(f"The law {law.name!r} in {where} is not fitted to counts: give runs.")
    table = read_table(path, {name: columns.get(name, name) for name in ("samples", "correct")})
    problems = [str(index) for index in range(len(table))]
    counts = Counts(problems, np.asarray(table["samples"]), np.asarray(table["correct"]))
    return fit_coverage(counts, law, draws=how.draws, seed=how.seed, level=how.level)
