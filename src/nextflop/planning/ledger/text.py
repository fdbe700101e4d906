"""What text a plan trains on: owned sources, and the levers that add to them for a cost."""

from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.synthetic_data import rewritten
from nextflop.planning.ledger.situation import Corpus, Situation

_STEPS = 10.0  # the scale of a lever is at most that part of what can be added, so that no step is the whole way
_AFFORDABLE = 0.98  # of the budget, the most that may go into text


class Text(NamedTuple):
    """Unique text at some settings of the levers, arrays of one shape.

    Attributes:
        raw: unique tokens.
        worth: the same, each token counted at its quality.
        cost: FLOP that they cost, or FLOP that the money would have bought.
    """

    raw: np.ndarray
    worth: np.ndarray
    cost: np.ndarray


class Lever(NamedTuple):
    """Something that adds unique text for a cost. It is set by z = log(1 + tokens / scale), 0 for none.

    Attributes:
        source: what is bought or made.
        scale: tokens.
        most: the largest z.
        limit: what sets it: "stock", "share" or "budget".
        base: for synthetic text, the source that it is made from.
        flop_per_token: what a token costs, in FLOP.
    """

    source: Corpus
    scale: float
    most: float
    limit: str
    base: Corpus | None
    flop_per_token: float

    @property
    def name(self) -> str:
        """Of the option that opens it."""
        return f"{'make' if self.base else 'buy'} {self.source.name}"

    def tokens(self, z: np.ndarray) -> np.ndarray:
        """Raw tokens that are added."""
        return self.scale * np.expm1(z)

    def reach(self, flop: np.ndarray) -> np.ndarray:
        """The setting at which it costs so many FLOP, above 0."""
        return np.asarray(np.log1p(flop / self.flop_per_token / self.scale))

    def worth(self, tokens: np.ndarray) -> np.ndarray:
        """What they count: synthetic ones ever less with each generation of a document, x U K (1 - exp(-g / K))."""
        if self.base is None:
            return self.source.quality * tokens
        unique, K = self.base.usable, self.source.saturation
        generations = tokens / unique
        grown = generations if np.isinf(K) else rewritten(K, generations)
        return self.source.quality * self.source.exchange * self.base.quality * unique * grown


def levers(situation: Situation) -> tuple[Lever, ...]:
    """The levers of a situation: one for each source that is licensed or synthetic.

    Raises:
        InputError: if the budget buys nothing of a source.
    """
    owned = {source.name: source for source in situation.owned}
    stock = sum(source.usable for source in owned.values())
    found = []
    for source in situation.sources:
        if source.kind == "owned":
            continue
        money = source.price / situation.flop_price if source.price and situation.flop_price else 0.0
        cost = money + source.flop_per_token
        base = owned.get(source.made_from)
        ends = {"budget": _AFFORDABLE * situation.flop / cost}
        if base is None:
            ends["stock"] = source.usable
        elif source.share < 1:
            beside = sum(one.usable for one in owned.values()) - (base.usable if source.replaces else 0.0)
            ends["share"] = source.share / (1 - source.share) * beside
        limit = min(ends, key=lambda name: ends[name])
        if ends[limit] <= 0:
            raise InputError(
                f"Nothing of source {source.name!r} can be used: "
                f"{'it replaces all real text and may not be all of it' if base else 'it has no usable tokens'}."
            )
        scale = min(stock, ends[limit] / _STEPS)
        found.append(Lever(source, scale, float(np.log1p(ends[limit] / scale)), limit, base, cost))
    return tuple(found)


def added(open_levers: tuple[Lever, ...], z: np.ndarray) -> dict[str, float]:
    """Source → raw tokens that levers add at settings of shape (levers,)."""
    return {lever.source.name: float(lever.tokens(at)[0]) for lever, at in zip(open_levers, z[:, None], strict=True)}


def kept(owned: tuple[Corpus, ...], open_levers: tuple[Lever, ...]) -> tuple[Corpus, ...]:
    """The owned sources of which no open lever takes the place."""
    replaced = [lever.base for lever in open_levers if lever.source.replaces]
    return tuple(one for one in owned if one not in replaced)


def text(owned: tuple[Corpus, ...], open_levers: tuple[Lever, ...], z: np.ndarray, stock: float = 1.0) -> Text:
    """The text at some settings of the levers.

    Args:
        owned: the sources that are used.
        open_levers: the levers that may be set.
        z: their settings, shape (..., levers).
        stock: factor on what is owned, to ask what more of it would be worth.

    Returns:
        Arrays of shape (...), or of as many axes of length 1 if no lever is open.
    """
    beside = kept(owned, open_levers)
    shape = z.shape[:-1] if open_levers else (1,) * (z.ndim - 1)
    raw = np.full(shape, stock * sum(one.usable for one in beside))
    worth = np.full(shape, stock * sum(one.usable * one.quality for one in beside))
    cost = np.zeros(shape)
    for index, lever in enumerate(open_levers):
        tokens = lever.tokens(z[..., index])
        raw, worth = raw + tokens, worth + lever.worth(tokens)
        cost = cost + tokens * lever.flop_per_token
    return Text(raw, worth, cost)
