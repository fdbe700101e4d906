"""The options that say which law is fitted to which runs, shared by `fit` and `report`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cyclopts import Parameter

from nextflop.cli.output import progress, warn
from nextflop.errors import FitError, InputError, unknown
from nextflop.quantities import UNIT_OF, parse, parse_positive

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.fitting.fit import Fit
    from nextflop.judging.choice import Choice
    from nextflop.judging.examine import Examination
    from nextflop.judging.verdict import Verdict
    from nextflop.laws.base import Law
    from nextflop.planning.allocation import Allocation

AUTO = "auto"
"""What stands for the law that would have foretold best."""

_OPTIONAL = ("weight", "name", "tries", "censored", "budget", "seed", "date")
"""Columns that mean something to a fit or its checks and are read where they are mapped."""

_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """What to fit and how.

    Attributes:
        law: the family; `nextflop laws` lists them, and auto takes the one that would have foretold best.
        map: quantity=column pairs such as params=N,tokens=D,loss=L; the others have columns of their own name. In logs
            a metric, step, config.KEY or summary.KEY takes the place of a column.
        convention: how quantities are counted, such as "loss=nats per token,params=non-embedding".
        points: of logs: which points of a curve count: last, best or every.
        online: read an address such as wandb://entity/project over the network.
        drop_highest_loss: leave out that many runs, those of the highest loss.
        draws: bootstrap draws behind the intervals.
        seed: seed of the draws.
        level: level of the intervals.
        cluster: column whose equal values are drawn together, such as the run of which the rows are snapshots.
        pin: parameter=value pairs to hold fixed, such as alpha=0.35.
        reason: why they are held, for the record.
        objective: what is minimised, such as huber, squares-log, absolute-log, envelope or huber:0.01; by default what
            suits the law.
        resampling: how draws are made: pairs, wild or residual; by default what covers for the objective.
        budget: training FLOP to be allocated, such as 5.76e23.
        regret: loss above the optimum, up to which allocations count as equally good.
        given: what a law of more than parameters and tokens is told with the budget, such as unique_tokens=25B.
    """

    law: str = "chinchilla"
    map: _Texts = ()
    convention: _Texts = ()
    points: str = "last"
    online: Annotated[bool, Parameter(negative="", show_default=False)] = False
    drop_highest_loss: int = 0
    draws: int = 1000
    seed: int = 0
    level: float = 0.9
    cluster: str | None = None
    pin: _Texts = ()
    reason: str = ""
    objective: str | None = None
    resampling: str | None = None
    budget: str | None = None
    regret: float = 0.01
    given: _Texts = ()


class Answer(NamedTuple):
    """A fit with what belongs to it.

    The examination is None where only the quick checks were asked for, the choice where the law was named.
    """

    fit: "Fit"
    runs: "Runs"
    verdicts: tuple["Verdict", ...]
    allocation: "Allocation | None"
    dropped: int
    examination: "Examination | None" = None
    choice: "Choice | None" = None


def answer(path: Path, options: FitOptions, *, examine: bool = False, axis: str | None = None) -> Answer:
    """Reads the runs, fits the law, checks the fit and allocates the budget if there is one.

    Args:
        path: the table.
        options: what to fit and how.
        examine: whether to ask everything that can be asked of the fit.
        axis: along which larger runs are held out for that.

    Raises:
        InputError: if an option or the table cannot be used.
        FitError: if there is no answer.
    """
    budget = None if options.budget is None else parse_positive(options.budget, "budget", "FLOP")
    law, runs, choice = chosen(path, options, (axis,) if axis else ())
    if choice is not None and choice.verdict.outcome.value == "fail":
        raise FitError(f"{choice.verdict.sentence} Name a law with --law to fit it all the same.")
    how = settings(law, options)
    how["cluster"] = clusters(runs)

    from nextflop.fitting import fit
    from nextflop.judging import check
    from nextflop.judging.examine import examine as ask
    from nextflop.planning.allocation import allocate

    with progress().status(f"Fitting {law.name} to {len(runs)} runs with {options.draws} draws …") as status:
        fitted = fit(law, runs, draws=options.draws, resampling=options.resampling, reason=options.reason, **how)
        allocation = None if budget is None else allocate(fitted, budget, options.regret, **_given(law, options.given))
        if not examine:
            return Answer(fitted, runs, check(fitted, runs), allocation, options.drop_highest_loss, None, choice)
        found = ask(
            fitted,
            runs,
            axis=axis,
            budget=budget,
            curve=how["cluster"],
            progress=lambda step: status.update(f"Examining {step} …"),
        )
    return Answer(fitted, runs, found.verdicts, allocation, options.drop_highest_loss, found, choice)


def chosen(path: Path, options: FitOptions, more: tuple[str, ...] = ()) -> tuple[type["Law"], "Runs", "Choice | None"]:
    """The law, the table, and how the law was chosen where that was asked for.

    Args:
        path: the table.
        options: what to fit and how.
        more: names of columns that are needed beside those of the law.

    Raises:
        InputError: if an option or the table cannot be used.
        FitError: if the runs leave nothing to choose by.
    """
    from nextflop.laws import find

    if options.law != AUTO:
        law = find(options.law)
        settings(law, options)  # what cannot be used is refused before the table is read
        return law, read(path, law, options, more), None
    if options.pin:
        raise InputError(f"--pin {options.pin[0]} holds a parameter of one law: name that law instead of {AUTO}.")
    from nextflop.judging.choice import CANDIDATES, choose

    settings(CANDIDATES[0][0], options)
    group, runs = _suited(path, options, more, CANDIDATES)
    with progress().status(f"Asking what {len(group)} laws would have foretold …"):
        choice = choose(runs, group, cluster=clusters(runs))
    return find(choice.law), runs, choice


def _suited(
    path: Path, options: FitOptions, more: tuple[str, ...], groups: Sequence[tuple[type["Law"], ...]]
) -> tuple[tuple[type["Law"], ...], "Runs"]:
    """The first group of laws whose columns the table has, and the table.

    What is mapped decides first: a table that maps compute is not asked for params.
    """
    mapped = set(pairs(options.map, "map"))
    told = [group for group in groups if mapped & {*group[0].inputs, *(("flop",) if len(group[0].inputs) > 1 else ())}]
    refused = None
    for group in told or groups:
        try:
            return group, read(path, group[0], options, more)
        except InputError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def settings(law: type["Law"], options: FitOptions) -> dict[str, Any]:
    """What `fit` and `backtest` are told of the options.

    Raises:
        InputError: if an option cannot be used.
    """
    from nextflop.fitting.named import named

    _check(options)
    _given(law, options.given)
    return {
        "objective": None if options.objective is None else named(options.objective),
        "seed": options.seed,
        "cluster": None if options.cluster is None else "cluster",
        "pinned": _pins(law, options.pin),
        "level": options.level,
    }


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Reads `a=x,b=y`, given once or in several options; a comma ends a pair only if another pair follows it.

    Raises:
        InputError: if a part is no pair, or a name is given twice.
    """
    found: dict[str, str] = {}
    for part in (part for text in texts for part in re.split(r",\s*(?=[\w@-]+\s*=)", text)):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise InputError(f"--{option} {part!r} is not a pair: write name=value, and a comma between pairs.")
        if name in found:
            raise InputError(f"--{option} gives {name!r} twice ({found[name]!r} and {value!r}): give it once.")
        found[name] = value
    return found


def split_names(text: str) -> list[str]:
    """At the commas outside brackets, so that a tied law may stand in the list."""
    names, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            names.append("")
        else:
            names[-1] += letter
    return [name.strip() for name in names]


def _check(options: FitOptions) -> None:
    for name, value, holds, expected in (
        ("draws", options.draws, options.draws >= 0, "0 or more"),
        ("seed", options.seed, options.seed >= 0, "0 or more"),
        ("level", options.level, 0 < options.level < 1, "a number between 0 and 1, such as 0.9"),
        ("regret", options.regret, 0 < options.regret < float("inf"), "a loss above 0, such as 0.01"),
        ("drop-highest-loss", options.drop_highest_loss, options.drop_highest_loss >= 0, "0 or more"),
    ):
        if not holds:
            raise InputError(f"--{name} {value} cannot be used: give {expected}.")


def _pins(law: type["Law"], texts: tuple[str, ...]) -> dict[str, float]:
    pins = pairs(texts, "pin")
    for name in pins:
        if name not in law.parameters:
            raise unknown(f"parameter of {law.name}", name, law.parameters)
    return {name: parse(value, f"pin of {name}") for name, value in pins.items()}


def _given(law: type["Law"], texts: tuple[str, ...]) -> dict[str, float]:
    """The inputs beside params and tokens that a budget is split at."""
    given = pairs(texts, "given")
    others = [name for name in law.inputs if name not in ("params", "tokens")]
    for name in given:
        if not others:
            raise InputError(f"--given {name}: {law.name} takes {' and '.join(law.inputs)} and nothing else.")
        if name not in others:
            raise unknown(f"input of {law.name} beside params and tokens", name, others)
    return {name: parse_positive(value, name, UNIT_OF.get(name)) for name, value in given.items()}


def read(
    path: Path,
    law: type["Law"],
    options: FitOptions,
    more: tuple[str, ...] = (),
    blank: tuple[str, ...] = (),
    named: Mapping[str, str] | None = None,
    fewest: int = 2,
) -> "Runs":
    """The table of runs, with the columns that the law and the options name; says on stderr what was left out.

    Args:
        path: the table, or a log.
        law: the family.
        options: the mapping of columns, and what is dropped.
        more: names of columns that are needed beside those of the law.
        blank: quantities that may be missing in a row of a table.
        named: what else is needed → its column.
        fewest: how many runs there must be.

    Raises:
        InputError: if the table cannot be read or an option does not fit it.
    """
    from nextflop.evidence.origin import has_clusters
    from nextflop.evidence.readers.read import from_log_or_table, read_log

    columns = {**_columns(law, options), **(named or {})}
    if options.cluster is None and has_clusters(path):
        columns["cluster"] = "cluster"
    derived = {"tokens", "flop"} if {"params", "tokens"} <= {*columns, *law.inputs} else set()
    columns |= {name: name for name in more if name not in {*columns, *derived}}
    log = read_log(path, online=options.online)
    response = None if log is None else law.response
    conventions = pairs(options.convention, "convention")
    runs = from_log_or_table(path, log, columns, conventions, options.points, response, blank)
    warn(runs.notes)
    if len(runs) < fewest:
        raise InputError(f"{path} holds {len(runs)} run, which no law can be fitted to: give a table of more runs.")
    return _drop(runs, law, options.drop_highest_loss) if options.drop_highest_loss else runs


def clusters(runs: "Runs") -> str | None:
    """The column of which equal values are drawn together, if the runs have one."""
    return "cluster" if "cluster" in runs else None


def _columns(law: type["Law"], options: FitOptions) -> dict[str, str]:
    needed = (*law.inputs, law.response)
    columns = pairs(options.map, "map")
    known = {*needed, "flop", "params", "tokens", *_OPTIONAL}
    for quantity in columns:
        if quantity not in known:
            raise unknown("quantity", quantity, known)
    derived = {"tokens"} if {"flop", "params"} <= set(columns) else set()
    columns |= {quantity: quantity for quantity in needed if quantity not in {*columns, *derived}}
    if options.cluster is not None:
        columns["cluster"] = options.cluster
    return columns


def _drop(runs: "Runs", law: type["Law"], number: int) -> "Runs":
    if law.response != "loss":
        raise InputError(f"--drop-highest-loss {number} needs a law of the loss; {law.name} is one of {law.response}.")
    if number > len(runs) - 2:
        raise InputError(f"--drop-highest-loss {number} leaves too few of the {len(runs)} runs: drop fewer.")
    import numpy as np

    # A loss that is not known is not among the highest.
    kept = np.nan_to_num(runs["loss"], nan=-np.inf).argsort(kind="stable")[:-number]
    kept.sort()
    return runs.where(kept)
