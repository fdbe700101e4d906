"""`nextflop compare`: is one recipe better than another, and how many times the compute is that worth?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from nextflop.cli.options import FitOptions, clusters, pairs, read, settings
from nextflop.cli.output import print_json, progress
from nextflop.errors import FitError, InputError, unknown
from nextflop.evidence.files import Json
from nextflop.quantities import parse_positive

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.judging.comparison import Comparison
    from nextflop.judging.frontier import Speedup
    from nextflop.judging.transfer import Transfer
    from nextflop.laws.base import Law

_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
_RANKED = 3  # recipes, from which on their order is a question


@dataclass(frozen=True)
class Found:
    """What is known of two recipes; what could not be asked is None.

    Attributes:
        comparison: by a law of each recipe.
        why_not: why there is none.
        speedup: of the candidate's single runs against the baseline's frontier, where the asymptote is pinned.
        transfer: of the order of all recipes, where there are three or more.
        sources: of the tables.
    """

    comparison: "Comparison | None"
    why_not: str
    speedup: "Speedup | None"
    transfer: "Transfer | None"
    sources: tuple[str, ...]

    @property
    def better(self) -> bool:
        """Whether the candidate is better."""
        from nextflop.judging.verdict import Outcome

        if self.comparison is not None:
            return self.comparison.better
        return self.speedup is not None and self.speedup.verdict.outcome is Outcome.passed

    def to_json(self) -> dict[str, Json]:
        """What is known as JSON."""
        return {
            "better": self.better,
            "comparison": None if self.comparison is None else self.comparison.to_json(),
            "why_not": self.why_not or None,
            "speedup": None if self.speedup is None else self.speedup.to_json(),
            "rank_transfer": None if self.transfer is None else self.transfer.to_json(),
            "sources": list(self.sources),
        }


def compare(
    runs: Path,
    other: Path | None = None,
    /,
    options: FitOptions | None = None,
    *,
    by: str | None = None,
    baseline: str | None = None,
    candidate: str | None = None,
    share: _Texts = (),
    at: _Texts = (),
    pair: str | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Is one recipe better than another, and how many times the compute is that worth?

    Exit status 1 unless the second recipe is better at the largest scale asked about, beyond its interval.

    Args:
        runs: the table of the baseline; with --by the table of all recipes.
        other: the table of the candidate.
        by: column that names the recipe of each run, where one table holds all.
        baseline: name of the baseline in that column, or what to call the first table.
        candidate: name of the candidate in that column, or what to call the second table.
        share: parameters that both recipes have in common, such as E,alpha.
        at: scale to ask about beside those measured, such as 1e22; the largest decides.
        pair: column whose equal values are runs that belong together; none for independent draws. By default the
            settings and the seed.
        json: print JSON.
    """
    from nextflop.laws import find

    options = options or FitOptions()
    law = find(options.law)
    how = settings(law, options)
    common = _shared(law, share)
    scales = [parse_positive(text, "scale") for text in (*at, *((options.budget,) if options.budget else ()))]
    recipes = _recipes(law, options, runs, other, by, pair, (baseline, candidate))
    names = _names(recipes, by, baseline, candidate)
    how["cluster"] = clusters(recipes[names[0]])
    with progress().status(f"Fitting {law.name} to {names[0]} and {names[1]} with {options.draws} draws …"):
        found = _ask(law, recipes, names, options, how, common, scales, pair)
    if json:
        print_json(found.to_json())
    else:
        from nextflop.cli.compare_text import show

        show(found)
    return 0 if found.better else 1


def _ask(
    law: type["Law"],
    recipes: Mapping[str, "Runs"],
    names: tuple[str, str],
    options: FitOptions,
    how: Mapping[str, Any],
    share: tuple[str, ...],
    at: list[float],
    pair: str | None,
) -> Found:
    from nextflop.judging.compare import compare as ask
    from nextflop.judging.comparison import Pin
    from nextflop.judging.frontier import speedup
    from nextflop.judging.transfer import rank_transfer

    metric = pairs(options.map, "map").get(law.response, law.response)
    tables = [recipes[name] for name in names]
    single = None
    if law.name == "power" and set(how["pinned"]) == {"E"} and how["cluster"] is None:
        pin = Pin("E", how["pinned"]["E"], metric, options.reason)
        single = speedup(tables[0], tables[1], pin, level=options.level, names=names)
    comparison, why_not = None, ""
    try:
        comparison = ask(
            law,
            tables[0],
            tables[1],
            share=share,
            at=at,
            reason=options.reason,
            metric=metric,
            pair=pair if pair in (None, "none") else "pair",
            resampling=options.resampling,
            draws=options.draws,
            names=names,
            **how,
        )
    except FitError as error:
        if single is None:
            raise
        why_not = str(error)
    ranked = None
    if len(recipes) >= _RANKED:
        told = {name: how[name] for name in ("objective", "seed", "pinned", "level")}
        ranked = rank_transfer(law, recipes, to=max(at) if at else None, draws=options.draws, **told)
    return Found(comparison, why_not, single, ranked, tuple(dict.fromkeys(table.source for table in tables)))


def _recipes(
    law: type["Law"],
    options: FitOptions,
    runs: Path,
    other: Path | None,
    by: str | None,
    pair: str | None,
    called: tuple[str | None, str | None],
) -> dict[str, "Runs"]:
    """Name → runs: of two tables, or of every recipe in one."""
    named = {} if pair in (None, "none") else {"pair": pair}
    if by is not None:
        if other is not None:
            raise InputError(f"--by {by!r} takes one table of all recipes, and {other} is a second: drop either.")
        table = read(runs, law, options, named={**named, "recipe": by})
        return {str(name): part for name, part in table.group_by("recipe")}
    if other is None:
        raise InputError(
            f"There is nothing to compare {runs} with: give a second table, or --by with the column of the recipe."
        )
    names = _called(runs, other, called)
    return {
        name: read(path, law, options, named=named, fewest=fewest)
        for name, path, fewest in zip(names, (runs, other), (2, 1), strict=True)
    }


def _called(runs: Path, other: Path, called: tuple[str | None, str | None]) -> tuple[str, str]:
    own = (runs.stem, other.stem) if runs.stem != other.stem else (str(runs), str(other))
    first, second = (given or name for given, name in zip(called, own, strict=True))
    if first == second:
        raise InputError(f"Both recipes are called {first!r}: tell them apart by --baseline and --candidate.")
    return first, second


def _names(
    recipes: Mapping[str, "Runs"], by: str | None, baseline: str | None, candidate: str | None
) -> tuple[str, str]:
    """The baseline and the candidate among the recipes."""
    if by is None:
        first, second = recipes
        return first, second
    if baseline is None:
        raise InputError(f"--by {by!r} needs --baseline: name one of {', '.join(recipes)}.")
    if candidate is None:
        rest = [name for name in recipes if name != baseline]
        if len(rest) != 1:
            raise InputError(f"--by {by!r} needs --candidate: name one of {', '.join(rest) or 'two recipes or more'}.")
        candidate = rest[0]
    for name in (baseline, candidate):
        if name not in recipes:
            raise unknown(f"recipe in column {by!r}", name, recipes)
    if baseline == candidate:
        raise InputError(f"--baseline and --candidate are both {baseline!r}: name two recipes.")
    return baseline, candidate


def _shared(law: type["Law"], texts: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    for name in names:
        if name not in law.parameters:
            raise unknown(f"parameter of {law.name}", name, law.parameters)
    return tuple(dict.fromkeys(names))
