"""What more of each resource buys, and what it is worth at most: the multipliers of the constrained problem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.pooled import Pool, first_best
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus
from nextflop.planning.ledger.solver import solve

SMALL = 1.01  # the factor behind a marginal value
_ROUNDING = 1e-8  # of a loss, up to which one per cent more money brings nothing
_ENDLESS = "infinite: more money brings nothing, so a token is worth any price"
_NO_SALE = "not known: the text is not for sale, or compute has no price"
RESOURCES = {"compute": ("budget", "time"), "data": ("stock",)}
"""Resource → the attributes of a programme that it is a factor on; more compute is more money and more chips for it."""


@dataclass(frozen=True)
class Unit:
    """What more of a resource buys, everything else chosen anew.

    Attributes:
        resource: "compute" or "data".
        factor: on the resource.
        gain: by how much the loss falls, over draws and laws.
        by_law: law → the same at its estimate, with the interval of its draws.
        probability: that this resource buys more than the others at that factor.
        marginal: by how much the loss falls for one per cent more.
    """

    resource: str
    factor: float
    gain: Interval
    by_law: dict[str, Interval]
    probability: float
    marginal: Interval

    def to_json(self) -> dict[str, Json]:
        """The numbers."""
        return {
            **vars(self),
            "gain": self.gain._asdict(),
            "by_law": {name: interval._asdict() for name, interval in self.by_law.items()},
            "marginal": self.marginal._asdict(),
        }


@dataclass(frozen=True)
class Price:
    """What a token is worth at most: at a higher price the money is better spent on compute.

    Attributes:
        name: of the text.
        flop: FLOP that buy as much as one more token, over draws and laws.
        dollars: the same in money; nan without a price of compute.
        by_law: law → FLOP at its estimate, with the interval of its draws.
        asked: what is asked for a token, in FLOP; nan if it is not for sale.
        probability: that it is worth what is asked; nan likewise.
    """

    name: str
    flop: Interval
    dollars: Interval
    by_law: dict[str, Interval]
    asked: float
    probability: float

    def to_json(self) -> dict[str, Json]:
        """The numbers, and under `nulls` what each stands for that JSON cannot write, by its path."""
        return {
            **vars(self),
            "flop": self.flop._asdict(),
            "dollars": self.dollars._asdict(),
            "by_law": {name: interval._asdict() for name, interval in self.by_law.items()},
            "nulls": self._nulls(),
        }

    def _nulls(self) -> dict[str, Json]:
        unpriced = "not known: compute has no price"
        intervals = {"flop": (self.flop, ""), "dollars": (self.dollars, unpriced)}
        intervals |= {f"by_law.{name}": (one, "not known: no draws") for name, one in self.by_law.items()}
        ends = {
            f"{name}.{end}": (value, why)
            for name, (interval, why) in intervals.items()
            for end, value in interval._asdict().items()
        }
        ends |= {name: (getattr(self, name), _NO_SALE) for name in ("asked", "probability")}
        return {
            path: _ENDLESS if np.isinf(value) else why for path, (value, why) in ends.items() if not np.isfinite(value)
        }


@dataclass(frozen=True)
class Margins:
    """By how much the least loss of a problem falls for changes of it, each solved once.

    Attributes:
        programme: the problem that is improved on.
        pool: the laws.
        loss: its least loss in every row, shape (rows,).
        known: change → fall of every row, as they are asked for.
    """

    programme: Programme
    pool: Pool
    loss: np.ndarray
    known: dict[tuple[tuple[str, Any], ...], np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, programme: Programme, pool: Pool) -> "Margins":
        """Those of a problem that is not solved yet."""
        return cls(programme, pool, _least(programme, pool))

    def __call__(self, **changes: Any) -> np.ndarray:
        """The fall of each row, shape (rows,)."""
        if not self.knows(**changes):
            self.known[_key(changes)] = self.loss - _least(self.programme.but(**changes), self.pool)
        return self.known[_key(changes)]

    def knows(self, **changes: Any) -> bool:
        """Whether that was asked before."""
        return _key(changes) in self.known

    def median(self, **changes: Any) -> float:
        """The fall over all draws and laws."""
        return self.pool.interval(self(**changes)).value


def _key(changes: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(changes.items()))


def _least(programme: Programme, pool: Pool) -> np.ndarray:
    return np.concatenate([solve(programme, member).loss for member in pool.members])


def units(margins: Margins, factor: float, resources: tuple[str, ...]) -> tuple[Unit, ...]:
    """What more of each resource buys.

    Args:
        margins: of the problem that is improved on.
        factor: on each resource, above 1.
        resources: of `RESOURCES`.
    """
    pool = margins.pool
    gains = {name: margins(**dict.fromkeys(RESOURCES[name], factor)) for name in resources}
    best = first_best([-gain for gain in gains.values()])
    return tuple(
        Unit(
            name,
            factor,
            pool.interval(gain),
            {member.name: pool.of(index, gain) for index, member in enumerate(pool.members)},
            float(pool.shares[best == place].sum()),
            pool.interval(margins(**dict.fromkeys(RESOURCES[name], SMALL))),
        )
        for place, (name, gain) in enumerate(gains.items())
    )


def token_price(source: Corpus | None, margins: Margins) -> Price:
    """What one more token is worth at most.

    Args:
        source: text that is for sale; None for more of what is owned.
        margins: of the problem that is improved on.
    """
    pool, given, owned = margins.pool, margins.programme.situation, margins.programme.owned
    more = (SMALL - 1) * sum(one.usable for one in owned)
    quality = sum(one.usable * one.quality for one in owned) / sum(one.usable for one in owned)
    extra = Corpus("more", more, quality=quality if source is None else source.quality)
    by_token = margins(owned=(*owned, extra)) / more
    gain = margins(budget=SMALL)
    by_flop = gain / ((SMALL - 1) * given.flop)
    with np.errstate(all="ignore"):
        flop = np.where(gain > _ROUNDING * margins.loss, np.maximum(by_token, 0.0) / by_flop, np.inf)
    dollar = np.nan if given.flop_price is None else given.flop_price
    worth = pool.interval(flop)
    asked = np.nan if source is None or given.flop_price is None else source.price / given.flop_price
    return Price(
        "more of what is owned" if source is None else source.name,
        worth,
        Interval(*(dollar * value for value in worth)),
        {member.name: pool.of(index, flop) for index, member in enumerate(pool.members)},
        asked,
        np.nan if np.isnan(asked) else float(pool.shares[flop > asked].sum()),
    )
