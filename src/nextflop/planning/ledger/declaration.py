"""A situation as it is written down: TOML, every amount in the spellings of `quantities`, nothing in it evaluated."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.dates import parse_date
from nextflop.laws import Law, find
from nextflop.planning.constants import Constants
from nextflop.planning.ledger.candidates import SETTINGS
from nextflop.planning.ledger.serving import Serving
from nextflop.planning.ledger.situation import Assumption, Corpus, Limits, Situation, Use
from nextflop.planning.ledger.spend import assumptions, budget, flop_per_unit, within
from nextflop.prices import Rate, chip, rate
from nextflop.quantities import UNIT_OF, parse, parse_positive, show

_TABLES = {
    "compute": ("chip", "mfu", "dollars_per_hour", "commitment", "at", "flop_per_param_token"),
    "use": ("queries", "tokens_per_query", "flop_per_param_token"),
    "limits": (
        "fewest_params",
        "most_params",
        "most_epochs",
        "latency_ms",
        "serving_chips",
        "bytes_per_param",
        "deadline_days",
        "chips",
    ),
}
_DATA = (
    *("name", "tokens", "domain", "kind", "quality", "access", "dollars_per_million", "flop_per_token", "epochs_used"),
    *("licence", "made_from", "exchange", "saturation", "share", "replaces", "origin", "date"),
)
_LAW = ("family", "name", "values", "weight", "source")
FURTHER = ("purchase", "bridge", "target")
"""Tables that `further` reads, for they need runs and fits."""

_TOP = ("budget", "data", "law", "trainer", *_TABLES, *FURTHER)
_PLACE = re.compile(r"(?<!\$)\{\s*(?P<name>[A-Za-z_]\w*)\s*(?:[:!][^{}]*)?\}")
_WORDS = ("name", "domain", "kind", "licence", "made_from", "origin", "date")


class Known(NamedTuple):
    """A law whose constants are written down, and its weight; None to weigh it by its held-out score."""

    constants: Constants
    weight: float | None


@dataclass(frozen=True)
class Declared:
    """What a file says.

    Attributes:
        situation: what the plan takes for given.
        laws: those whose constants are written down.
        trainer: how a run is started, with {params}, {tokens}, {unique_tokens} and {epochs} in it; empty if not said.
        rate: of the chip; None where compute is counted in FLOP alone.
    """

    situation: Situation
    laws: tuple[Known, ...] = ()
    trainer: str = ""
    rate: Rate | None = None


def read(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        InputError: if it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The situation {path} cannot be read ({error}): give a TOML file.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The situation {path} is no TOML ({error}): mend that line.") from error


def declared(tables: Mapping[str, Any]) -> Declared:
    """What some tables say, those of a file or of the options of a command.

    Raises:
        InputError: if a name is not known, a value cannot be used, or the values contradict each other.
    """
    known(tables, _TOP, "the situation")
    compute, use, limits = (_table(tables, name) for name in _TABLES)
    if "budget" not in tables:
        raise InputError('There is no budget: give one such as budget = "1e22 FLOP", "$5M" or "100k hours".')
    spend = budget(tables["budget"])
    if spend.chip:
        compute = {"chip": spend.chip, **compute}
        if chip(_word(compute["chip"], "chip")) != chip(spend.chip):
            raise InputError(f"The budget is in hours of {spend.chip} and the chip is {compute['chip']}: name one.")
    paid = _rate(compute)
    priced = paid is not None
    per_unit = flop_per_unit(spend.unit, paid)
    most, late = within(_number(limits, "deadline_days"), _number(limits, "chips"), paid)
    bounds = _limits(limits, paid)
    if late:
        bounds = replace(bounds, most_training=most, why={**bounds.why, "most_training": late})
    situation = Situation(
        budget=spend.amount,
        unit=spend.unit,
        flop_per_unit=per_unit,
        flop_price=float(paid.dollars_per_flop) if paid is not None else None,
        sources=tuple(_source(entry, index) for index, entry in enumerate(_list(tables, "data"))),
        use=Use(**{name: _amount_of(use, name, name) for name in use}),
        limits=bounds,
        flop_per_param_token=parse_positive(compute.get("flop_per_param_token", 6.0), "FLOP per parameter and token"),
        assumptions=assumptions(paid) if priced and paid is not None else (),
        chip=paid.chip.name if paid is not None else "",
    )
    noted = tuple(
        Assumption(f"text: {source.name}", _amount(source), source.origin or "given for this plan", source.date)
        for source in situation.sources
    )
    for name in ("purchase", "target"):
        _list(tables, name)
    trainer = _trainer(_word(tables.get("trainer", ""), "trainer"))
    laws = tuple(_law(entry, index) for index, entry in enumerate(_list(tables, "law")))
    return Declared(situation.but(assumptions=(*situation.assumptions, *noted)), laws, trainer, paid)


def _trainer(command: str) -> str:
    """The command, if every {name} in it is a setting of a run; other braces, such as ${HOME}, stay as they are."""
    for found in _PLACE.finditer(command):
        name = found["name"]
        if name not in SETTINGS:
            raise unknown("setting of a run for the trainer", name, SETTINGS)
        if found[0] != f"{{{name}}}":
            raise InputError(f"The trainer has {found[0]}, and a setting is filled in as it is: write {{{name}}}.")
    return command


def _rate(compute: Mapping[str, Any]) -> Rate | None:
    if not set(compute) - {"flop_per_param_token"}:
        return None
    if "chip" not in compute:
        raise InputError('The table [compute] names no chip: give one, such as chip = "H100".')
    return rate(
        _word(compute["chip"], "chip"),
        _number(compute, "mfu"),
        _number(compute, "dollars_per_hour"),
        at=compute.get("at"),
        commitment=_word(compute.get("commitment", "on-demand"), "commitment"),
    )


def _limits(limits: Mapping[str, Any], paid: Rate | None) -> Limits:
    bounds = {
        name: value
        for name in ("fewest_params", "most_params", "most_epochs")
        if (value := _number(limits, name)) is not None
    }
    serving = _serving(limits, paid)
    why = {"most_params": serving.why} if serving and serving.most_params < bounds.get("most_params", np.inf) else {}
    return Limits(**bounds, why=why, serving=serving)


def _serving(limits: Mapping[str, Any], paid: Rate | None) -> Serving | None:
    latency, chips, wide = (_number(limits, name) for name in ("latency_ms", "serving_chips", "bytes_per_param"))
    if latency is chips is None:
        if wide is not None:
            raise InputError("The limit bytes_per_param goes with latency_ms or serving_chips: give one of them too.")
        return None
    if paid is None:
        told = "latency" if chips is None else "serving"
        raise InputError(f"A limit on {told} needs the chip that serves: name it in [compute], such as chip = 'H100'.")
    return Serving(
        paid.chip.name,
        paid.chip.bandwidth,
        paid.chip.memory,
        1.0 if chips is None else chips,
        2.0 if wide is None else wide,
        np.inf if latency is None else latency / 1e3,
    )


def _amount(source: Corpus) -> str:
    if source.made_from:
        return f"{source.kind}, made from {source.made_from}"
    return f"{show(source.tokens, 'tokens')}, {source.kind}"


def _source(entry: Mapping[str, Any], index: int) -> Corpus:
    where = f"entry {index + 1} of [[data]]"
    known(entry, _DATA, where)
    needed(entry, ("name", *(() if entry.get("kind") == "synthetic" else ("tokens",))), where)
    words = {name: _word(entry[name], name) for name in _WORDS if name in entry}
    if words.get("date"):
        parse_date(words["date"], f"date of {where}")
    amounts = {
        name: _amount_of(entry, name, f"{name} of {words['name']}")
        for name in entry
        if name not in {*_WORDS, "dollars_per_million", "replaces"}
    }
    price = parse(entry.get("dollars_per_million", 0.0), f"dollars_per_million of {words['name']}", "$") / 1e6
    values: dict[str, Any] = {"tokens": 0.0, **amounts, **words}
    return Corpus(**values, price=price, replaces=bool(entry.get("replaces", False)))


def _law(entry: Mapping[str, Any], index: int) -> Known:
    where = f"entry {index + 1} of [[law]]"
    known(entry, _LAW, where)
    needed(entry, ("family", "values"), where)
    family = find(_word(entry["family"], "family"))
    law = at_values(family, entry["values"], where)
    name = _word(entry.get("name", family.name), "name")
    weight = _number(entry, "weight")
    return Known(Constants(name, law, _word(entry.get("source", "as given"), "source")), weight)


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, Mapping):
        raise InputError(f"{name} = {table!r} is no table: write [{name}] and its values below.")
    known(table, _TABLES[name], f"[{name}]")
    return table


def _list(tables: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = tables.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InputError(f"{name} is no list of tables: write [[{name}]] before each.")
    return entries


def at_values(family: type[Law], values: Any, where: str) -> Law:
    """A law at values that are written down.

    Raises:
        InputError: if they are not those of its parameters.
    """
    if not isinstance(values, Mapping) or set(values) != set(family.parameters):
        raise InputError(f"The values in {where} are not those of {family.name}: give {', '.join(family.parameters)}.")
    return family(**{name: parse(values[name], f"{name} in {where}") for name in family.parameters})


def known(table: Any, names: Collection[str], where: str) -> None:
    """Raises `InputError` unless a table is one, and every name in it is known."""
    if not isinstance(table, Mapping):
        raise InputError(f"{where} is no table: write its values below its name.")
    for name in table:
        if name not in names:
            raise unknown(f"entry in {where}:", name, names)


def needed(table: Mapping[str, Any], names: Collection[str], where: str) -> None:
    """Raises `InputError` unless every name is in a table."""
    for name in names:
        if name not in table:
            raise InputError(f"There is no {name} in {where}: give it.")


def _number(table: Mapping[str, Any], name: str) -> float | None:
    return _amount_of(table, name, name) if name in table else None


def _amount_of(table: Mapping[str, Any], name: str, what: str) -> float:
    """A number of a table, with the unit that its name has or none."""
    return parse(table[name], what, UNIT_OF.get(name, ""))


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} = {value!r} is no text: put it in quotes.")
    return value
