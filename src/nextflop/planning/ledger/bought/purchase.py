"""An amount that can be bought: what it brings by its laws, what it costs, where one stands, how much there may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit
from nextflop.judging.compute import lower_is_better
from nextflop.laws.base import Law
from nextflop.laws.overoptimisation import BestOfN, best_of_n_kl
from nextflop.planning.ledger.bought.amount import amount
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.selection import Verifier, selected

WHOLE = ("samples",)
"""Amounts that come in whole units; of others the units are small."""


@dataclass(frozen=True)
class Cost:
    """What a unit costs.

    Attributes:
        flop: of compute.
        dollars: beside it.
        per_query: whether it is paid for every query that the model will get, or once.
    """

    flop: float = 0.0
    dollars: float = 0.0
    per_query: bool = False

    def __post_init__(self) -> None:
        for name in ("flop", "dollars"):
            if not 0 <= getattr(self, name) < np.inf:
                raise InputError(f"A unit costs {name} = {getattr(self, name):g}: give a finite number, 0 or more.")
        if self.flop == self.dollars == 0:
            raise InputError("A unit that costs nothing has no place in a ledger: give its flop or its dollars.")


def answer_cost(params: float, tokens: float, flop_per_param_token: float = 2.0) -> Cost:
    """One more answer to every query: 2 N FLOP a token."""
    return Cost(flop=flop_per_param_token * params * tokens, per_query=True)


def within(limit: float, one: float, together: int = 1) -> float:
    """How many units a limit of time allows: of a latency for samples, of a deadline for training.

    Args:
        limit: seconds.
        one: seconds that a unit takes.
        together: units that run side by side, in the time of one.

    Raises:
        InputError: if an argument is not above 0, or the time does not suffice for one unit.
    """
    if not (limit > 0 and one > 0 and together >= 1):
        raise InputError(f"A limit of {limit:g} s with {together} at a time of {one:g} s each: give numbers above 0.")
    if limit < one:
        raise InputError(f"The limit of {limit:g} s does not suffice for one unit, which takes {one:g} s.")
    return float(together * np.floor(limit / one * (1 + 1e-12)))


def of_curve(fit: Fit, *, name: str = "", source: str = "", weight: float = 1.0) -> Member:
    """A fit of a curve with its draws, for a purchase or a bridge; see `members.of_constants` for published ones."""
    estimate = np.array([list(fit.law.values.values())], dtype=np.float64)
    law = type(fit.law).from_draws(np.concatenate([estimate, fit.draws.reshape(-1, estimate.shape[1])]))
    scatter = 1.4826 * float(np.median(np.abs(fit.residuals))) if len(fit.residuals) else np.nan
    return Member(name or fit.law.name, law, weight, dict(fit.ranges), source or f"{fit.runs} runs", scatter)


@dataclass(frozen=True)
class Purchase:
    """A way to spend that is not text, from a model that there is.

    Attributes:
        code: what a machine calls it, such as "rl".
        members: laws of one amount with their draws, whose weights need not add up to 1.
        cost: of a unit of the amount.
        name: in words; the code if not given.
        start: where one stands now, in units of the amount; costs count from there.
        most: the largest amount there may be.
        why: what sets `most`, such as a latency.
        fixed: the other inputs of the laws, such as the parameters of the model.
        verifier: what picks one of the samples, for laws of coverage; their response is then accuracy.
        as_accuracy: whether an error is to be read as the accuracy 1 - error.
        task: the problems, or the pool of players: outcomes of different tasks are not compared.
        together: options of one label were bootstrapped together, so that draw i of one goes with draw i of another;
            those without one are independent.
        problems: on which one more measurement of a share would be made; its noise follows.
        noise: standard deviation of one more measurement, for other responses.
        params: of the model whose answers are bought; 0 where no other model serves than there is.
    """

    code: str
    members: tuple[Member, ...]
    cost: Cost
    name: str = ""
    start: float = 0.0
    most: float = np.inf
    why: str = ""
    fixed: Mapping[str, float] = field(default_factory=dict)
    verifier: Verifier | None = None
    as_accuracy: bool = False
    task: str = ""
    together: str = ""
    problems: int = 500
    noise: float = 20.0
    params: float = 0.0

    def __post_init__(self) -> None:
        if not self.members:
            raise InputError(f"The option {self.code!r} has no law: give a fit, or constants that were published.")
        if not 0 <= self.start < np.inf or not self.most >= self.start:
            raise InputError(
                f"The option {self.code!r} stands at {self.start:g} and may reach {self.most:g}: "
                "give a start of 0 or more, and at least as much for the most."
            )
        if self.problems < 1 or not 0 < self.noise < np.inf:
            raise InputError(f"The option {self.code!r} measures nothing: give problems and a noise above 0.")
        for member in self.members:
            self._check(member)
        if self.whole and self.start != np.floor(self.start):
            raise InputError(
                f"The option {self.code!r} stands at {amount(self.start, self.amount)}: give a whole number."
            )
        if not all(np.isfinite(self.values(one, one.law, np.array([self.start]))).all() for one in self.members):
            raise InputError(
                f"The laws of {self.code!r} have no value at {amount(self.start, self.amount)}: give the start, "
                "where one stands now."
            )

    def _check(self, member: Member) -> None:
        law, first = member.law, self.members[0].law
        left = [name for name in law.inputs if name not in self.fixed]
        if len(left) != 1 or not set(self.fixed) <= set(law.inputs):
            raise InputError(
                f"The law {law.name!r} of the option {self.code!r} takes {', '.join(law.inputs)}, and fixed are "
                f"{', '.join(self.fixed) or 'none'}: fix all inputs but the one that is bought."
            )
        lower_is_better(type(law))
        if (law.response, left[0]) != (first.response, next(n for n in first.inputs if n not in self.fixed)):
            raise InputError(f"The laws of {self.code!r} foretell or take different things: give them an option each.")
        if self.verifier is not None and law.response != "coverage":
            raise InputError(f"The option {self.code!r} has a verifier and a law of {law.response}, not of coverage.")
        if self.verifier is not None and self.verifier.true_positive < self.verifier.false_positive:
            raise InputError(
                f"The verifier of {self.code!r} accepts {self.verifier.true_positive:g} of the right samples and "
                f"{self.verifier.false_positive:g} of the wrong ones, so it would pick wrong ones: give it a "
                "true_positive of at least its false_positive."
            )
        if self.as_accuracy and law.response != "error":
            raise InputError(f"The option {self.code!r} foretells {law.response}: only an error is read as 1 - error.")
        if not 0 <= member.weight < np.inf or not any(one.weight > 0 for one in self.members):
            raise InputError(f"The weights of the laws of {self.code!r} cannot be used: give 0 or more, one above 0.")

    @property
    def title(self) -> str:
        """The name, or the code."""
        return self.name or self.code

    @property
    def amount(self) -> str:
        """What is bought."""
        name = next(one for one in self.members[0].law.inputs if one not in self.fixed)
        return "samples" if isinstance(self.members[0].law, BestOfN) else name

    @property
    def whole(self) -> bool:
        """Whether it comes in whole units."""
        return self.amount in WHOLE

    @property
    def response(self) -> str:
        """What is foretold, after a verifier or the reading of an error as accuracy."""
        return "accuracy" if self.verifier or self.as_accuracy else self.members[0].law.response

    @property
    def lower(self) -> bool:
        """Whether a lower response is better."""
        return not (self.verifier or self.as_accuracy) and lower_is_better(type(self.members[0].law))

    def inputs(self, amount: np.ndarray) -> dict[str, np.ndarray]:
        """The inputs of the laws."""
        if isinstance(self.members[0].law, BestOfN):
            return {"kl": best_of_n_kl(amount)}
        return {self.amount: amount, **{name: np.asarray(value) for name, value in self.fixed.items()}}

    def values(self, member: Member, law: Law, amount: np.ndarray) -> np.ndarray:
        """The response at some amounts, shape (points,) or (rows, points), by rows of a member's law."""
        with np.errstate(all="ignore"):
            if self.verifier is None:
                found = np.asarray(law(**self.inputs(amount)), dtype=np.float64)
            else:
                found = selected(law, amount, self.verifier)
        found = np.clip(found, law.lowest, law.highest)
        found = np.broadcast_to(found, np.broadcast_shapes(found.shape, np.shape(amount)))
        return 1 - found if self.as_accuracy else found

    def unit_flop(self, situation: Situation) -> float:
        """FLOP, or FLOP that the money would have bought, of a unit for all queries.

        Raises:
            InputError: if it is paid per query and none are served, or costs money and compute has no price.
        """
        if self.cost.dollars and situation.flop_price is None:
            raise InputError(
                f"The option {self.code!r} costs dollars and compute has no price, so they cannot be weighed: "
                "give a budget in dollars or the price of compute."
            )
        judging = self.verifier.flop if self.verifier else 0.0
        money = self.cost.dollars / situation.flop_price if situation.flop_price else 0.0
        if not self.cost.per_query:
            return self.cost.flop + judging + money
        if situation.use.queries <= 0:
            raise InputError(
                f"The option {self.code!r} is paid for every query, and no queries are served: say how many."
            )
        return situation.use.queries * (self.cost.flop + judging + money)

    def to_json(self) -> dict[str, Json]:
        """What was declared, without the draws."""
        return {
            "code": self.code,
            "name": self.title,
            "laws": [
                {"name": one.name, "law": one.law.name, "weight": one.weight, "source": one.source}
                for one in self.members
            ],
            "amount": self.amount,
            "response": self.response,
            "task": self.task,
            "cost": vars(self.cost),
            "start": self.start,
            "most": self.most,
            "why": self.why,
            "fixed": dict(self.fixed),
            "verifier": vars(self.verifier) if self.verifier else None,
            "as_accuracy": self.as_accuracy,
        }


class Bridge(NamedTuple):
    """What a loss is worth: laws that carry the options of text onto the ledger of a task.

    Attributes:
        member: a law from loss to accuracy or error, with its draws; see `of_curve`.
        task: the problems, as in `Purchase`.
        as_accuracy: whether an error is to be read as the accuracy 1 - error.
        together: as in `Purchase`; the laws of the loss have the label "loss".
    """

    member: Member
    task: str = ""
    as_accuracy: bool = False
    together: str = ""

    @property
    def response(self) -> str:
        """What a loss is carried to."""
        return "accuracy" if self.as_accuracy else self.member.law.response

    def carry(self, loss: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """The response at a loss of shape (rows,), each by a row of the law: the estimate if none are given."""
        law = self.member.take(np.zeros(len(loss), int) if rows is None else rows)
        with np.errstate(all="ignore"):
            found = np.clip(np.asarray(law(loss=loss[:, None]))[:, 0], law.lowest, law.highest)
        return 1 - found if self.as_accuracy else found

    def check(self) -> None:
        """Raises `InputError` unless it leads from a loss to a share."""
        law = self.member.law
        if law.inputs != ("loss",) or law.response not in {"accuracy", "error"}:
            raise InputError(
                f"The law {law.name!r} is no bridge from loss: give a fit of 'loss-accuracy', 'exponential-accuracy' "
                "or 'exponential-error'."
            )
        if self.as_accuracy and law.response != "error":
            raise InputError(f"The bridge foretells {law.response}: only an error is read as 1 - error.")
