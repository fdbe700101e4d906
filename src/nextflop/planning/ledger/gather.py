"""From fits and published constants to the members of a plan, weighed by what each would have foretold."""

from collections.abc import Callable, Mapping, Sequence

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.weights import Weights, weigh
from nextflop.planning.constants import Constants
from nextflop.planning.ledger.members import Member, of_constants, of_fit

Given = Member | Fit | Constants
"""What a plan is made from."""


def gather(
    laws: Sequence[Given],
    runs: Runs | None = None,
    weights: Mapping[str, float] | None = None,
    *,
    cluster: str | None = None,
    source: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[Member, ...], Weights | None]:
    """The members of a plan, and how they were weighed, None if they were not.

    Args:
        laws: fits, published constants, or members as they are.
        runs: that the fits were fitted to. Held out along every axis, they weigh the laws if no weights are given.
        weights: name of a law → its weight; what is not named has weight 1.
        cluster: the column that tells runs apart, if rows are snapshots.
        source: where the runs come from.
        progress: called with the number of cuts done and the number of all.

    Raises:
        InputError: if there is nothing to weigh by, or a weight names no law.
    """
    members = [_member(law, runs, source) for law in laws]
    names = [member.name for member in members]
    if weights is not None:
        for name in weights:
            if name not in names:
                raise InputError(f"There is a weight for {name!r}, which is no law of the plan: {', '.join(names)}.")
        return tuple(member._replace(weight=weights.get(member.name, 1.0)) for member in members), None
    if runs is None or len(members) < 2 or any(isinstance(law, Member) for law in laws):
        return tuple(members), None
    asked = {name: law.law if isinstance(law, Constants) else law for name, law in zip(names, laws, strict=True)}
    if len(asked) < len(names):
        raise InputError(
            f"Two laws of the plan have one name ({', '.join(names)}): give members with names of their own."
        )
    try:
        found = weigh(runs, asked, cluster=cluster, progress=progress)  # type: ignore[arg-type]
    except FitError:  # too few runs to hold any out: nothing speaks for one law more than for another
        return tuple(members), None
    return tuple(member._replace(weight=found.shares[member.name]) for member in members), found


def _member(law: Given, runs: Runs | None, source: str) -> Member:
    if isinstance(law, Member):
        return law
    if isinstance(law, Constants):
        return of_constants(law.law, law.name, law.source)
    return of_fit(law, runs, source=source)
