"""The situation of a plan: what there is to spend, which data, at what prices, for which use, within which limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json
from nextflop.planning.ledger.serving import Serving
from nextflop.quantities import show

KINDS = ("owned", "licensed", "synthetic")
DOMAIN = "text"
"""Of a source that does not say which."""
UNITS = {"FLOP": "FLOP", "USD": "$", "chip-hours": ""}
"""What a budget may be counted in → the unit that it prints with."""


class Assumption(NamedTuple):
    """Something that the plan takes for given.

    Attributes:
        name: what it is.
        value: as it is printed.
        source: where it stands, or who said so.
        date: of the record, ISO 8601; empty if it has none.
    """

    name: str
    value: str
    source: str
    date: str = ""


@dataclass(frozen=True)
class Corpus:
    """A source of text.

    Attributes:
        name: for people and for options.
        tokens: unique tokens; of a licensed source those that can be bought, of a synthetic one those of the text that
            it is made from, which `made_from` names.
        domain: prose, code, …; in a `Situation` a synthetic source has that of the text it is made from.
        kind: "owned", which costs nothing more; "licensed", bought by the token; "synthetic", made from another source.
        quality: what one of its tokens is worth in tokens of the kind the laws were fitted on.
        access: share of the tokens that may be used.
        price: dollars a token, of a licensed or synthetic source.
        flop_per_token: FLOP that generating a token costs, of a synthetic source, beside or instead of the price.
        epochs_used: how often the model that is trained further has seen them.
        licence: under which they may be used.
        made_from: for a synthetic source, the owned source that is rephrased.
        exchange: x, what a synthetic token is worth in tokens of that source at the first generation.
        saturation: K, generations a document after which 1/e of a further one's worth is left.
        share: for a synthetic source, the most that it may be of the unique text.
        replaces: whether a synthetic source takes the place of the one it is made from, instead of lying beside it.
        origin: where these figures stand.
        date: of the record.
    """

    name: str
    tokens: float
    domain: str = DOMAIN
    kind: str = "owned"
    quality: float = 1.0
    access: float = 1.0
    price: float = 0.0
    flop_per_token: float = 0.0
    epochs_used: float = 0.0
    licence: str = ""
    made_from: str = ""
    exchange: float = 1.0
    saturation: float = np.inf
    share: float = 1.0
    replaces: bool = False
    origin: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown("kind of source", self.kind, KINDS)
        for name, value, holds, expected in (
            ("tokens", self.tokens, 0 <= self.tokens < np.inf, "0 or more"),
            ("quality", self.quality, 0 < self.quality < np.inf, "a number above 0, 1 for text like that of the runs"),
            ("access", self.access, 0 < self.access <= 1, "a share above 0, at most 1"),
            ("price", self.price, 0 <= self.price < np.inf, "dollars a token, 0 or more"),
            ("flop_per_token", self.flop_per_token, 0 <= self.flop_per_token < np.inf, "FLOP, 0 or more"),
            ("epochs_used", self.epochs_used, 0 <= self.epochs_used < np.inf, "0 or more"),
            ("exchange", self.exchange, 0 < self.exchange < np.inf, "a number above 0"),
            ("saturation", self.saturation, self.saturation > 0, "a number above 0"),
            ("share", self.share, 0 < self.share <= 1, "a share above 0, at most 1"),
        ):
            if not holds:
                raise InputError(f"Corpus {self.name!r} has {name} = {value:g}: give {expected}.")
        if self.kind != "owned" and self.price == 0 and self.flop_per_token == 0:
            raise InputError(
                f"Corpus {self.name!r} is {self.kind} and costs nothing: give its price in dollars a token"
                f"{', or flop_per_token' if self.kind == 'synthetic' else ', or call it owned'}."
            )
        if (self.kind == "synthetic") != bool(self.made_from):
            raise InputError(
                f"Corpus {self.name!r} is {self.kind}: "
                f"{'name with made_from the owned source it is made from' if not self.made_from else 'drop made_from'}."
            )

    @property
    def usable(self) -> float:
        """Tokens that may be used."""
        return self.tokens * self.access


@dataclass(frozen=True)
class Use:
    """What the model will be used for.

    Attributes:
        queries: that will be answered over its lifetime.
        tokens_per_query: read and written.
        flop_per_param_token: FLOP a parameter and token of inference, 2 for a forward pass.
    """

    queries: float = 0.0
    tokens_per_query: float = 1000.0
    flop_per_param_token: float = 2.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < np.inf:
                raise InputError(f"The use has {name} = {value:g}: give a finite number, 0 or more.")

    @property
    def tokens(self) -> float:
        """Tokens served over the lifetime."""
        return self.queries * self.tokens_per_query


@dataclass(frozen=True)
class Limits:
    """What a plan must keep to.

    Attributes:
        fewest_params, most_params: of the model, as asked for; see `largest`.
        most_epochs: that any unique token may be seen.
        fewest_tokens, most_tokens: of the training, each counted at its quality.
        most_training: FLOP, such as the chips make before a deadline; text and serving are paid from the rest.
        why: limit → what sets it, such as a latency.
        serving: what the model is served on; None where that is no limit.
    """

    fewest_params: float = 1.0
    most_params: float = np.inf
    most_epochs: float = np.inf
    fewest_tokens: float = 0.0
    most_tokens: float = np.inf
    most_training: float = np.inf
    why: Mapping[str, str] = field(default_factory=dict)
    serving: Serving | None = None

    def __post_init__(self) -> None:
        for name in ("fewest_params", "most_params"):
            if not getattr(self, name) > 0:
                raise InputError(
                    f"The limit {name} = {getattr(self, name):g} is not positive: give parameters above 0."
                )
        if not self.most_training > 0:
            raise InputError(f"The limit most_training = {self.most_training:g} is not positive: give FLOP above 0.")
        if self.most_epochs < 1:
            raise InputError(f"The limit most_epochs = {self.most_epochs:g} is below 1: every token is seen once.")
        if self.fewest_params > self.largest:
            raise InputError(
                f"The limits contradict each other: at least {show(self.fewest_params)} parameters and at most "
                f"{show(self.largest)}."
            )

    @property
    def largest(self) -> float:
        """The most parameters that both the limit and the serving allow."""
        return self.most_params if self.serving is None else min(self.most_params, self.serving.most_params)

    def to_json(self) -> dict[str, Json]:
        """The limits, and the largest model that they leave."""
        serving = None if self.serving is None else vars(self.serving)
        return {**vars(self), "why": dict(self.why), "serving": serving, "largest": self.largest}


@dataclass(frozen=True)
class Situation:
    """Everything that a plan takes for given.

    Attributes:
        budget: in `unit`.
        unit: "FLOP", "USD" or "chip-hours".
        flop_per_unit: FLOP that one unit of the budget buys; 1 for FLOP.
        flop_price: dollars a FLOP; None where compute has no price, and then nothing can be bought for money.
        sources: the data; empty where data are no constraint.
        use: of the model.
        limits: what a plan must keep to.
        flop_per_param_token: 6 of C = 6 N D, or as declared.
        assumptions: with date and source, as they are printed.
        chip: whose hours a budget in chip-hours counts; empty if it is not named.
    """

    budget: float
    unit: str = "FLOP"
    flop_per_unit: float = 1.0
    flop_price: float | None = None
    sources: tuple[Corpus, ...] = ()
    use: Use = Use()
    limits: Limits = Limits()
    flop_per_param_token: float = 6.0
    assumptions: tuple[Assumption, ...] = ()
    chip: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise unknown("unit of a budget", self.unit, UNITS)
        for name in ("budget", "flop_per_unit", "flop_per_param_token"):
            if not 0 < getattr(self, name) < np.inf:
                raise InputError(f"The {name} {getattr(self, name):g} is not positive and finite: give more than 0.")
        if self.flop_price is not None and not 0 < self.flop_price < np.inf:
            raise InputError(f"The price of compute, ${self.flop_price:g} a FLOP, is not positive: give what it costs.")
        names = [source.name for source in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"Two sources are called {name!r}: tell them apart.")
        object.__setattr__(self, "sources", tuple(self._placed(source) for source in self.sources))
        for source in self.sources:
            if source.price and self.flop_price is None:
                raise InputError(
                    f"Corpus {source.name!r} has a price and compute has none, so they cannot be weighed: "
                    "give a budget in dollars or the price of compute."
                )
        used = [source for source in self.sources if source.epochs_used]
        if used and self.limits.fewest_params != self.limits.largest:
            raise InputError(
                f"Corpus {used[0].name!r} has been seen {used[0].epochs_used:g} times, so a model is trained further: "
                "give its size as both fewest_params and most_params."
            )
        if self.sources and not any(source.usable for source in self.owned):
            raise InputError("There is no owned text to set out from: give one source of kind owned with tokens.")

    def _placed(self, source: Corpus) -> Corpus:
        """A synthetic source in the domain of the text that it is made from; any other as it is."""
        if source.kind != "synthetic":
            return source
        bases = {one.name: one for one in self.owned}
        if source.made_from not in bases:
            raise unknown(f"owned source that {source.name!r} is made from", source.made_from, bases)
        base = bases[source.made_from]
        if source.domain not in {DOMAIN, base.domain}:
            raise InputError(
                f"Corpus {source.name!r} is said to be {source.domain!r} and is made from {base.name!r}, which is "
                f"{base.domain!r}: drop its domain, for it has that of the text that it is made from."
            )
        return replace(source, domain=base.domain)

    @property
    def flop(self) -> float:
        """The budget in FLOP."""
        return self.budget * self.flop_per_unit

    @property
    def training(self) -> float:
        """The most FLOP that can go into training."""
        return min(self.flop, self.limits.most_training)

    @property
    def owned(self) -> tuple[Corpus, ...]:
        """Sources that cost nothing more, the best text first."""
        own = [source for source in self.sources if source.kind == "owned"]
        return tuple(sorted(own, key=lambda source: -source.quality))

    @property
    def unique(self) -> float:
        """Unique tokens owned, each counted at its quality."""
        return float(sum(source.usable * source.quality for source in self.owned))

    def but(self, **changes: object) -> "Situation":
        """The same situation with some attributes changed."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Json]:
        """The situation as JSON."""
        return {
            "budget": self.budget,
            "unit": self.unit,
            "flop": self.flop,
            "chip": self.chip,
            "training": self.training,
            "flop_per_unit": self.flop_per_unit,
            "flop_price": self.flop_price,
            "flop_per_param_token": self.flop_per_param_token,
            "sources": [vars(source) for source in self.sources],
            "use": vars(self.use),
            "limits": self.limits.to_json(),
            "assumptions": [assumption._asdict() for assumption in self.assumptions],
        }
