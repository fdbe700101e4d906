"""From fits and published constants to the members of a plan, weighed by what each says of the runs, and foretells."""

from collections.abc import Mapping, Sequence

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.credence import credence
from nextflop.judging.weights import Weights, name_of, weigh
from nextflop.planning.constants import Constants
from nextflop.planning.ledger.members import Member, of_constants, of_fit
from nextflop.planning.ledger.situation import Situation

Given = Member | Fit | Constants
"""What a plan is made from."""


def check_text(laws: Sequence[Given], situation: Situation) -> None:
    """Refuses a law of unique tokens where no text is named, before anything is fitted or weighed.

    Raises:
        InputError: if there is one.
    """
    for one in laws if not situation.sources else ():
        if "unique_tokens" in one.law.inputs:
            name = one.law.name if isinstance(one, Fit) else one.name
            raise InputError(
                f"The law {name!r} asks for unique tokens and no text is "
                "named: say what is owned, with --unique such as 25B or [[data]] in a situation, or leave the law out."
            )


def gather(
    laws: Sequence[Given],
    runs: Runs | None = None,
    weights: Mapping[str, float] | None = None,
) -> tuple[tuple[Member, ...], Weights | None]:
    """The members of a plan, and how they were weighed, None if they were not.

    Args:
        laws: fits, published constants, or members as they are.
        runs: that the fits were fitted to. If no weights are given they weigh the laws: held out along every axis, and
            where all laws are fits to single runs also by what these say of them, each by half (`credence`). Where a
            fit has clusters, such as the snapshots of a run, they are held out whole and decide alone.
        weights: name of a law → its weight; what is not named has weight 1.

    Raises:
        InputError: if there is nothing to weigh by, or a weight names no law.
    """
    members = [_member(law, runs) for law in laws]
    names = [member.name for member in members]
    if weights is not None:
        for name in weights:
            if name not in names:
                raise InputError(f"There is a weight for {name!r}, which is no law of the plan: {', '.join(names)}.")
        return tuple(member._replace(weight=weights.get(member.name, 1.0)) for member in members), None
    if runs is None or len(members) < 2 or any(isinstance(law, Member) for law in laws):
        return tuple(members), None
    fits = [law for law in laws if isinstance(law, Fit)]
    known = [law.name if isinstance(law, Constants) else name_of(law) for law in laws]  # type: ignore[arg-type]
    asked = {name: law.law if isinstance(law, Constants) else law for name, law in zip(known, laws, strict=True)}
    if len(set(names)) < len(names):
        raise InputError(
            f"Two laws of the plan have one name ({', '.join(names)}): give members with names of their own."
        )
    cluster = next((fit.method.cluster for fit in fits if fit.method is not None and fit.method.cluster), None)
    try:
        found = weigh(runs, asked, cluster=cluster)  # type: ignore[arg-type]
    except FitError:  # too few runs to hold any out: nothing speaks for one law more than for another
        return tuple(members), None
    shares = credence(fits, found) if cluster is None and len(fits) == len(laws) and _alike(fits) else found.shares
    return tuple(member._replace(weight=shares[name]) for member, name in zip(members, known, strict=True)), found


def _alike(fits: Sequence[Fit]) -> bool:
    """Whether what the fits say of their runs can be compared: the same runs, all with logarithms or none."""
    objectives = {None if fit.method is None else fit.method.objective.log for fit in fits}
    return None not in objectives and len(objectives) == 1 and len({fit.runs_digest for fit in fits}) == 1


def called(law: Given) -> str:
    """The name of the member that is made from it."""
    return law.law.name if isinstance(law, Fit) else law.name


def _member(law: Given, runs: Runs | None) -> Member:
    if isinstance(law, Member):
        return law
    if isinstance(law, Constants):
        return of_constants(law.law, law.name, law.source)
    return of_fit(law, runs)
