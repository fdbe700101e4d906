"""What text that is for sale would bring the targets of a mixture, which the laws of the whole loss do not know."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.mixture.domains import Domain, Mixing, Target
from nextflop.planning.ledger.mixture.mix import FREE, Mixed, mix
from nextflop.planning.ledger.pooled import weighted
from nextflop.planning.ledger.text import Lever


class Offer(NamedTuple):
    """Text that could be bought beside what the plan has, for the targets.

    Attributes:
        name: of the source.
        tokens: as many as the mixture would take, repeated four times at most, within its stock and the budget.
        flop: what they cost, in FLOP that the money would buy.
        gain: by how much the loss of all targets by their importance falls, paired over draws.
    """

    name: str
    tokens: float
    flop: float
    gain: Interval

    def to_json(self) -> dict[str, Json]:
        """The offer as JSON."""
        return {**self._asdict(), "gain": self.gain._asdict()}


def offers(
    mixing: Mixing, mixed: Mixed, levers: Sequence[Lever], added: dict[str, float], level: float
) -> tuple[Offer, ...]:
    """What each source that is for sale would bring the targets, each alone.

    Args:
        mixing: with the domains that the plan comes to have.
        mixed: the mixture of these.
        levers: that the situation opens; text that is made is not for sale.
        added: source → tokens of it that the plan buys already.
        level: of the intervals.
    """
    found = []
    for lever in levers:
        left = float(lever.tokens(np.array([lever.most]))[0]) - added.get(lever.source.name, 0.0)
        if lever.base is not None or left < 1:
            continue
        grown = _with(mixing.domains, lever.source.domain, left * lever.source.quality)
        then = mix(replace(mixing, domains=grown), mixed.tokens, level)
        share = next(one.share for one in then.domains if one.name == lever.source.domain)
        domain = next(one for one in mixing.domains if one.name == lever.source.domain)
        wanted = share * mixed.tokens / min(domain.most_epochs, FREE) - domain.tokens
        tokens = min(left, max(wanted, 0.0) / lever.source.quality)
        if tokens < 1:
            continue
        then = mix(
            replace(mixing, domains=_with(mixing.domains, domain.name, tokens * lever.source.quality)),
            mixed.tokens,
            level,
        )
        fall = _total(mixing, mixed) - _total(mixing, then)
        drawn = fall[1:] if len(fall) > 1 else fall
        gain = weighted(drawn, np.ones(len(drawn)), level)
        found.append(Offer(lever.source.name, tokens, tokens * lever.flop_per_token, gain))
    return tuple(found)


def _with(domains: tuple[Domain, ...], name: str, tokens: float) -> tuple[Domain, ...]:
    return tuple(replace(one, bought=one.bought + tokens) if one.name == name else one for one in domains)


def _total(mixing: Mixing, mixed: Mixed) -> np.ndarray:
    """The loss of all targets by their importance under every draw, at the shares of a mixture, shape (rows,)."""
    shares = np.array([one.share for one in mixed.domains])
    rows = max(1, min([one.member.rows for one in mixing.targets if one.member.rows > 1], default=1))
    losses = [_loss(target, mixing.domains, rows, shares) for target in mixing.targets]
    return np.stack(losses, axis=-1) @ mixing.importances


def _loss(target: Target, domains: tuple[Domain, ...], rows: int, shares: np.ndarray) -> np.ndarray:
    c, k, t = target.exponents(domains, rows)
    return c + k * np.exp(t @ shares)
