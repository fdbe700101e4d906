"""What a mixture is made of and aimed at: domains with their stock, targets with their laws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.laws.mixture import Mixture
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.situation import Situation
from nextflop.quantities import show


@dataclass(frozen=True)
class Domain:
    """A kind of text that there is a stock of.

    Attributes:
        name: the column of its share in the laws.
        tokens: unique tokens.
        most_epochs: that any of them may be seen.
    """

    name: str
    tokens: float
    most_epochs: float = np.inf

    def __post_init__(self) -> None:
        if not 0 < self.tokens < np.inf:
            raise InputError(f"The domain {self.name!r} has {self.tokens:g} tokens: give a finite number above 0.")
        if not self.most_epochs > 0:
            raise InputError(f"The domain {self.name!r} may be seen {self.most_epochs:g} times: give more than 0.")


@dataclass(frozen=True)
class Target:
    """What the model is to be good at.

    Attributes:
        name: of the validation set.
        member: a law of its loss against the shares, with its draws; see `bought.purchase.of_curve`.
        importance: relative to the other targets.
        tokens: on which the runs were trained that the law was fitted to; nan if that is not known.
    """

    name: str
    member: Member
    importance: float = 1.0
    tokens: float = float("nan")

    def __post_init__(self) -> None:
        if not isinstance(self.member.law, Mixture):
            raise InputError(
                f"The law {self.member.law.name!r} of target {self.name!r} is none of shares: fit 'mixture:web,code,…'."
            )
        if not 0 <= self.importance < np.inf:
            raise InputError(f"The target {self.name!r} has importance {self.importance:g}: give 0 or more.")

    def exponents(self, domains: Sequence[Domain], rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """c, k and t of some rows: shapes (rows,), (rows,) and (rows, domains), the estimate first."""
        values = self.member.law.values
        columns = [values.get(f"t_{one.name}", np.zeros(1)) for one in domains]  # the first of the law has none
        c, k, *t = (np.broadcast_to(np.ravel(part)[:rows], rows) for part in (values["c"], values["k"], *columns))
        return c, k, np.stack(t, axis=-1)


@dataclass(frozen=True)
class Mixing:
    """A mixture to be planned.

    Attributes:
        domains: with their stock.
        targets: with their laws, which all take the shares of these domains.
        tokens: of the whole training; None for those that the plan comes to.
    """

    domains: tuple[Domain, ...]
    targets: tuple[Target, ...]
    tokens: float | None = None

    def __post_init__(self) -> None:
        if not self.targets or not any(one.importance > 0 for one in self.targets):
            raise InputError("A mixture needs a target of importance above 0: say what the model is to be good at.")
        for some in ([one.name for one in self.domains], [one.name for one in self.targets]):
            for name in some:
                if some.count(name) > 1:
                    raise InputError(f"{name!r} is named twice in a mixture: tell them apart.")
        if self.tokens is not None and not 0 < self.tokens < np.inf:
            raise InputError(f"A mixture of {self.tokens:g} tokens cannot be planned: give a number above 0.")
        for target in self.targets:
            self._check(target)

    def _check(self, target: Target) -> None:
        names = [one.name for one in self.domains]
        for name in names:
            if name not in target.member.law.inputs:
                raise InputError(
                    f"The runs behind target {target.name!r} have no domain {name!r}, so what it is worth is not "
                    "known: train some runs with it, or leave it out."
                )
            if name in target.member.ranges:
                low, high = target.member.ranges[name]
                if high <= low:
                    raise InputError(
                        f"The runs behind target {target.name!r} all have a share of {high:g} of {name!r}, so what "
                        "more or less of it is worth is not known: train runs that vary it."
                    )
        for name in target.member.law.inputs:
            if name not in names:
                raise unknown(f"domain with a stock, which the law of target {target.name!r} takes", name, names)

    @property
    def importances(self) -> np.ndarray:
        """They add up to 1."""
        found = np.array([one.importance for one in self.targets])
        return found / found.sum()

    def caps(self, tokens: float) -> np.ndarray:
        """The largest share of each domain, shape (domains,).

        Raises:
            InputError: if all domains together, as often as they may be seen, are fewer tokens.
        """
        stock = np.array([one.tokens for one in self.domains])
        most = stock * np.array([one.most_epochs for one in self.domains])
        if most.sum() < tokens * (1 - 1e-9):
            raise InputError(
                f"The domains have {show(float(most.sum()))} tokens as often as they may be seen and the plan trains "
                f"on {show(tokens)}: allow more epochs, find more text, or plan for fewer tokens."
            )
        return np.minimum(most / tokens, 2.0)


def of_sources(situation: Situation) -> tuple[Domain, ...]:
    """The owned sources of a situation by their domain, with the limit of epochs of the plan."""
    names = list(dict.fromkeys(source.domain for source in situation.owned))
    stock = {name: sum(one.usable for one in situation.owned if one.domain == name) for name in names}
    return tuple(Domain(name, tokens, situation.limits.most_epochs) for name, tokens in stock.items())
