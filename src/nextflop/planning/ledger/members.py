"""The laws of a plan: each with its draws and its weight, beside constants that a paper published."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.axes import axes_of, unvaried
from nextflop.laws.base import Law
from nextflop.planning.ledger.misses import Misses, bound, misses


class Member(NamedTuple):
    """One law of a plan.

    Attributes:
        name: for people; two fits of one family have different names.
        law: with one row of parameters for the estimate and one for each draw, fields of shape (1 + draws, 1).
        weight: its share of belief; the weights of a plan add up to 1.
        ranges: input → (smallest, largest) value in the runs that it was fitted to; empty for published constants.
        source: what it was fitted to, or where its constants stand.
        scatter: of the runs about it, as a share of the response; nan for published constants.
        unvaried: axes of which its runs tell nothing, such as "epochs"; empty for published constants.
        misses: of the runs at hand; None without runs.
    """

    name: str
    law: Law
    weight: float
    ranges: Mapping[str, tuple[float, float]]
    source: str
    scatter: float = float("nan")
    unvaried: tuple[str, ...] = ()
    misses: Misses | None = None

    @property
    def rows(self) -> int:
        """The estimate and the draws."""
        return len(np.asarray(next(iter(self.law.values.values()))))

    @property
    def knows_repetition(self) -> bool:
        """Whether it tells unique tokens from all tokens."""
        return "unique_tokens" in self.law.inputs

    @property
    def shares(self) -> np.ndarray:
        """Belief in each row, shape (rows,): that of the law spread over its draws, or all on the estimate."""
        if self.rows == 1:
            return np.array([self.weight])
        return np.append(0.0, np.full(self.rows - 1, self.weight / (self.rows - 1)))

    def take(self, rows: np.ndarray) -> Law:
        """The law with some of its rows."""
        return type(self.law)(**{name: np.asarray(values)[rows] for name, values in self.law.values.items()})


def of_fit(fit: Fit, runs: Runs | None = None, *, name: str = "", source: str = "", weight: float = 1.0) -> Member:
    """A fit, with its draws.

    Args:
        fit: of a law of the loss.
        runs: that it was fitted to, which tell along which axes they were varied.
        name: for people; the family if not given.
        source: where the runs come from.
        weight: relative to the other members.
    """
    estimate = np.array([list(fit.law.values.values())], dtype=np.float64)
    rows = np.concatenate([estimate, fit.draws.reshape(-1, estimate.shape[1])])
    still = () if runs is None else unvaried(runs, axes_of([type(fit.law)], runs))
    scatter = 1.4826 * float(np.median(np.abs(fit.residuals))) if len(fit.residuals) else np.nan
    if fit.method is None or not fit.method.objective.log:
        scatter /= abs(float(fit.law(**{key: np.sqrt(low * high) for key, (low, high) in fit.ranges.items()})))
    law = type(fit.law).from_draws(rows)
    said, ranges = source or f"{fit.runs} runs", dict(fit.ranges)
    return Member(name or fit.law.name, law, weight, ranges, said, scatter, still, misses(fit.law, runs))


def of_constants(law: Law, name: str, source: str, weight: float = 1.0, runs: Runs | None = None) -> Member:
    """A law at constants that somebody published; it has no draws, so its interval is a point.

    Args:
        law: at its constants.
        name: for people.
        source: where they stand.
        weight: relative to the other members.
        runs: at hand, to hold it against.
    """
    rows = np.array([list(law.values.values())], dtype=np.float64)
    return Member(name, type(law).from_draws(rows), weight, {}, source, misses=misses(law, runs))


def refuted(members: Sequence[Member]) -> list[Member]:
    """Those that the runs at hand speak against."""
    most = bound([member.scatter for member in members])
    return [member for member in members if member.misses is not None and member.misses.refute(most)]


def weighed(members: Sequence[Member]) -> tuple[Member, ...]:
    """The members with weights that add up to 1.

    Raises:
        InputError: if there are none, two share a name, they foretell different things, or a weight is not usable.
    """
    if not members:
        raise InputError("A plan needs at least one law of the loss: give a fit, or constants that were published.")
    names = [member.name for member in members]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two laws of the plan are called {name!r}: tell them apart.")
    for member in members:
        if member.law.response != members[0].law.response:
            raise InputError(
                f"{members[0].name!r} foretells {members[0].law.response} and {member.name!r} {member.law.response}: "
                "laws that are weighed against each other foretell one thing."
            )
        if not {"params", "tokens"} <= set(member.law.inputs) <= {"params", "tokens", "unique_tokens"}:
            raise InputError(
                f"The law {member.law.name!r} takes {', '.join(member.law.inputs)}: a budget is split by laws of "
                "params and tokens, such as 'chinchilla', or 'data-constrained' with unique_tokens."
            )
        still = sorted({"params", "tokens"} & set(member.unvaried))
        if still:
            raise InputError(
                f"The runs of {member.name!r} do not vary {' and '.join(still)} on their own, so no budget can be "
                "split by them: add runs that do, such as two sizes at two lengths each."
            )
        if not 0 <= member.weight < np.inf:
            raise InputError(f"The weight {member.weight:g} of {member.name!r} cannot be used: give 0 or more.")
    total = sum(member.weight for member in members)
    if total <= 0:
        raise InputError("All laws of the plan have weight 0: give at least one a weight above 0.")
    return tuple(member._replace(weight=member.weight / total) for member in members)
