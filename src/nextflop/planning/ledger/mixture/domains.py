"""What a mixture is made of and aimed at: domains with their stock, targets with their laws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.mixture import Mixture
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.text import kept
from nextflop.quantities import listed, show


@dataclass(frozen=True)
class Domain:
    """A kind of text and its stock, in unique tokens, each at its quality.

    Attributes:
        name: the column of its share in the laws.
        owned: tokens that there are.
        most_epochs: that any of them may be seen.
        bought: tokens that are licensed beside them.
        made: tokens that synthetic text stands for.
    """

    name: str
    owned: float
    most_epochs: float = np.inf
    bought: float = 0.0
    made: float = 0.0

    def __post_init__(self) -> None:
        for how, tokens in (("owned", self.owned), ("bought", self.bought), ("made", self.made)):
            if not 0 <= tokens < np.inf:
                raise InputError(
                    f"The domain {self.name!r} has {tokens:g} tokens {how}: give a finite number, 0 or more."
                )
        if not self.most_epochs > 0:
            raise InputError(f"The domain {self.name!r} may be seen {self.most_epochs:g} times: give more than 0.")

    @property
    def tokens(self) -> float:
        """All of its stock; 0 where it could be bought and is not, and then no share goes to it."""
        return self.owned + self.bought + self.made


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
        domains: with their stock; empty for what the plan comes to have.
        targets: with their laws, which all take the shares of these domains.
        tokens: of the whole training, each at its quality; None for those that the plan comes to.
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
        for target in self.targets if self.domains else ():
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
                raise InputError(
                    f"The law of target {target.name!r} takes the domain {name!r}, of which there is no text; there is "
                    f"{listed(names)}: add text of {name!r} to the data, or leave it out of the law."
                )

    def over(self, domains: tuple[Domain, ...]) -> "Mixing":
        """The same of some domains, unless it says of which.

        Raises:
            InputError: if there are none, or they are not those of the laws.
        """
        if self.domains:
            return self
        if not domains:
            raise InputError("A mixture is of the domains of the data and there are no data: say what text there is.")
        return replace(self, domains=domains)

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
        epochs = np.array([one.most_epochs for one in self.domains])
        most = stock * np.where(stock > 0, epochs, 0.0)  # nothing, however often it is seen, is nothing
        if most.sum() < tokens * (1 - 1e-9):
            raise InputError(
                f"The domains have {show(float(most.sum()))} tokens as often as they may be seen and the plan trains "
                f"on {show(tokens)}: allow more epochs, find more text, or plan for fewer tokens."
            )
        return np.minimum(most / tokens, 2.0)


def stocked(programme: Programme, z: np.ndarray) -> tuple[Domain, ...]:
    """What an option has of every domain of the data: owned, bought and made, together its unique tokens by quality.

    Args:
        programme: of the option, with the owned sources that it uses and the levers that it opens.
        z: the settings of these, shape (levers,).

    Returns:
        Also the domains that it has nothing of.
    """
    situation = programme.situation
    amounts = {one.domain: {"owned": 0.0, "bought": 0.0, "made": 0.0} for one in (*situation.owned, *situation.sources)}
    for source in kept(programme.owned, programme.levers):
        amounts[source.domain]["owned"] += source.usable * source.quality
    for lever, setting in zip(programme.levers, z[:, None], strict=True):
        how = "made" if lever.base else "bought"
        amounts[lever.source.domain][how] += float(lever.worth(lever.tokens(setting))[0])
    return tuple(Domain(name, most_epochs=situation.limits.most_epochs, **some) for name, some in amounts.items())
