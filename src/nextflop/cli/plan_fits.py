"""The laws of a plan, fitted to the table that a command names."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nextflop.cli.options import FitOptions, clusters, pairs, read, split_names
from nextflop.cli.output import progress
from nextflop.cli.repeated import UNIQUE, fresh, has
from nextflop.errors import InputError

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.fitting.fit import Fit
    from nextflop.laws.base import Law

_WITH_STOCK = ("data-constrained", "overfit-penalty")
_WITHOUT = ("chinchilla", "skaling")
_LAWS = "leave --law out, or name laws of unique tokens, such as data-constrained,overfit-penalty"
_MEND = "say what text is owned, with --unique such as 25B or [[data]] in a situation"


def fits_to(path: Path, law: str | None, options: FitOptions, stock: bool) -> tuple["Runs", list["Fit"], list[str]]:
    """The table, a fit of each law to it, and what to know: that the laws do not see repeated data.

    Args:
        path: the table, or a log.
        law: names with commas between them; None for those that suit the situation.
        options: the mapping of columns, what is dropped, and the draws.
        stock: whether the situation names data, which may then be repeated.

    Raises:
        InputError: if an option or the table cannot be used, or there are fewer runs than a law has parameters.
    """
    from nextflop.fitting import fit

    laws = _laws(law, stock)
    table, notes = _table(path, laws, options, _LAWS if stock else _MEND)
    largest = max(laws, key=lambda one: len(one.parameters))
    if len(table) < len(largest.parameters):
        raise InputError(
            f"{path} holds {len(table)} runs and {largest.name} has {len(largest.parameters)} parameters: give a table "
            "of more runs, or laws of fewer parameters with --law."
        )
    fits = []
    for one in laws:
        with progress().status(f"Fitting {one.name} to {len(table)} runs with {options.draws} draws …"):
            how = {"draws": options.draws, "seed": options.seed, "level": options.level, "cluster": clusters(table)}
            fits.append(fit(one, table, **how))
    return table, fits, notes


def seen_by(path: Path, laws: list[type["Law"]], options: FitOptions) -> "Runs":
    """Runs that were made to decide, with what the laws take, in columns named as in the table of runs.

    Raises:
        InputError: if the table cannot be read.
    """
    widest, more = _inputs(laws)
    return read(path, widest, replace(options, cluster=None, drop_highest_loss=0), more, fewest=1)


def _inputs(laws: list[type["Law"]]) -> tuple[type["Law"], tuple[str, ...]]:
    """The law that takes most, and what the others take beside it."""
    widest = max(laws, key=lambda one: len(one.inputs))
    return widest, tuple(dict.fromkeys(name for one in laws for name in one.inputs if name not in widest.inputs))


def _laws(text: str | None, stock: bool) -> list[type["Law"]]:
    from nextflop.laws import find

    return [find(name) for name in ((_WITH_STOCK if stock else _WITHOUT) if text is None else split_names(text))]


def _table(path: Path, laws: list[type["Law"]], options: FitOptions, mend: str) -> tuple["Runs", list[str]]:
    """The columns that the laws take. Unique tokens that no law takes are read to see whether any were repeated."""
    widest, more = _inputs(laws)
    names = " and ".join(one.name for one in laws)
    told = UNIQUE in (*widest.inputs, *more)
    if not told and UNIQUE in pairs(options.map, "map"):
        raise InputError(f"--map names {UNIQUE}, and {names} would take every repetition for fresh text: {mend}.")
    beside = () if told or not has(path, UNIQUE) else (UNIQUE,)
    table = read(path, widest, options, (*more, *beside), blank=beside)
    if not beside:
        return table, []
    repeated = (table[UNIQUE] < table["tokens"]).any()
    notes = [fresh(path, [one.name for one in laws], mend)] if repeated else []
    kept = {name: column for name, column in table.columns.items() if name != UNIQUE}
    ways = {name: way for name, way in table.conventions.items() if name != UNIQUE}
    return replace(table, columns=kept, conventions=ways), notes
