"""The constrained problem of a plan: least loss over parameters and added text, the budget met exactly.

Tokens are what the rest of the budget buys, so the budget is no constraint but a substitution:

    k N D + i N T + cost(z) = C

with k FLOP a parameter and training token (6), T tokens served at i FLOP a parameter each (2: Sardana & Frankle 2023,
arXiv:2401.00448), and what the text costs that the levers z add. One variable runs along the epochs e = D / U, from the
most parameters to the fewest. It has two corners, at which what lies on either side is a piece of its own: one epoch,
where laws bend, and the epochs into which the whole budget just goes with the most parameters that may be. Fewer epochs
leave some of it unspent. Under a law that knows overfitting the whole budget may be too much even so: where less would
be better, the share that is spent becomes a variable too.

A deadline is a limit beside the budget, on training alone: k N D is at most what the chips make until then. The
parameters are the most that both allow. Where the one takes over from the other they have a corner that moves with the
text, so such a problem is searched a second time in other coordinates: `hurried` ones, whose ends are at that corner.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from nextflop.laws.base import Law
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.ledger.text import Lever, Text, text

_FEWEST_TOKENS = 1e3
FEWEST_PARAMS = 1e2
"""Of any model."""
_UNIT = 1e9  # tokens, in which data are counted that are no constraint
CORNERS = 4
"""Along the epochs; between two of them is a piece."""
MARGIN = 1e-12
"""Of an amount, up to which two are one."""


class Spending(NamedTuple):
    """Where a budget goes, arrays of one shape.

    Attributes:
        params: N.
        tokens: D, raw.
        epochs: D over the unique tokens.
        raw: unique tokens.
        worth: unique tokens, each counted at its quality.
        training, inference, text: FLOP.
        unspent: FLOP that no use was left for.
    """

    params: np.ndarray
    tokens: np.ndarray
    epochs: np.ndarray
    raw: np.ndarray
    worth: np.ndarray
    training: np.ndarray
    inference: np.ndarray
    text: np.ndarray
    unspent: np.ndarray


@dataclass(frozen=True)
class Programme:
    """The problem that one option poses.

    Attributes:
        situation: what is given.
        owned: the sources that are used; empty where data are no constraint.
        levers: those that are open.
        most_epochs: that any token may be seen.
        budget, stock, time: factors on the budget, on what is owned and on what a deadline leaves of training, to ask
            what more is worth.
        thrifty: whether less than the budget may be spent.
        hurried: whether the coordinates are those in which a deadline binds: text is what the rest of the money buys,
            and epochs begin where it suffices for serving.
    """

    situation: Situation
    owned: tuple[Corpus, ...]
    levers: tuple[Lever, ...] = ()
    most_epochs: float = np.inf
    budget: float = 1.0
    stock: float = 1.0
    time: float = 1.0
    thrifty: bool = False
    hurried: bool = False

    def but(self, **changes: Any) -> "Programme":
        """The same problem with some attributes changed."""
        return replace(self, **changes)

    @property
    def money(self) -> float:
        """The budget in FLOP."""
        return self.situation.flop * self.budget

    @property
    def training(self) -> float:
        """The most FLOP of training, by the budget and before a deadline."""
        return min(self.money, self.situation.limits.most_training * self.time)

    @property
    def binds(self) -> bool:
        """Whether there may be money for more than the training, and something else to spend it on."""
        return self.training < self.money and bool(self.levers or self.serving)

    def hurry(self) -> "Programme":
        """The same problem in the coordinates in which the deadline binds."""
        rest = self.money - self.training
        levers = tuple(one._replace(most=min(one.most, float(one.reach(np.array(rest))))) for one in self.levers)
        return self.but(hurried=True, levers=levers)

    def settings(self, z: np.ndarray) -> np.ndarray:
        """The levers at some coordinates: in a hurry each within what those before it leave of the money."""
        if not self.hurried or len(self.levers) < 2:
            return z
        rest, found = np.full(z.shape[:-1], self.money - self.training), []
        for lever, setting in zip(self.levers, np.moveaxis(z, -1, 0), strict=True):
            found.append(np.minimum(setting, lever.reach(rest)))
            rest = np.maximum(rest - lever.tokens(found[-1]) * lever.flop_per_token, 0.0)
        return np.stack(found, axis=-1)

    @property
    def serving(self) -> float:
        """FLOP a parameter over the lifetime."""
        return self.situation.use.flop_per_param_token * self.situation.use.tokens

    def text(self, z: np.ndarray) -> Text:
        """The unique text; a unit of it where data are no constraint."""
        if self.owned:
            return text(self.owned, self.levers, self.settings(z), self.stock)
        unit = np.full((1,) * (z.ndim - 1), _UNIT)
        return Text(unit, unit, np.zeros_like(unit))

    def ends(self, data: Text, idle: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """FLOP left beside the text, and the corners along the epochs, in logarithms: shape (CORNERS, ...).

        They rise: the fewest epochs, then one epoch and those with the most parameters in whatever order, the most.

        Args:
            data: the text.
            idle: logarithm of the budget over what is spent of it.
        """
        limits = self.situation.limits
        left = self.money * (1.0 if self.hurried else np.exp(-idle)) - data.cost
        left = np.where(left > 0, left, np.nan)
        largest = np.maximum(self.tokens(limits.largest, left, idle), _FEWEST_TOKENS)
        most = self.tokens(max(limits.fewest_params, FEWEST_PARAMS), left, idle)
        with np.errstate(all="ignore"):
            high = np.minimum(np.log(most / data.raw), np.log(self.most_epochs))
            high = np.minimum(high, np.log(limits.most_tokens / data.worth))
            fewest = np.maximum(self._fewest(left, idle) / data.raw, limits.fewest_tokens / data.worth)
            low = np.minimum(np.log(fewest), high)
            corner = np.clip(np.log(largest / data.raw), low, high)
        once = np.clip(0.0, low, high) if self.owned else low
        return left, np.stack([low, np.minimum(once, corner), np.maximum(once, corner), high])

    def tokens(self, params: np.ndarray | float, left: np.ndarray, idle: np.ndarray | float = 0.0) -> np.ndarray:
        """The most tokens that some parameters can be trained on."""
        k = self.situation.flop_per_param_token
        return np.minimum((left / params - self.serving) / k, self.training * np.exp(-idle) / k / params)

    def _fewest(self, left: np.ndarray, idle: np.ndarray | float) -> np.ndarray | float:
        """The fewest tokens of the search: in a hurry those whose model the rest of the money just serves."""
        if not self.hurried:
            return _FEWEST_TOKENS
        training = self.training * np.exp(-idle)
        rest = np.maximum(left - training, 0.0)
        served = self.serving * training / self.situation.flop_per_param_token
        with np.errstate(all="ignore"):
            return np.maximum(np.where(served > 0, served / rest, 0.0), _FEWEST_TOKENS)

    def spending(self, log_epochs: np.ndarray, z: np.ndarray) -> Spending:
        """Where the budget goes, for epochs within their ends; nan where it does not suffice.

        Args:
            log_epochs: logarithm of D over the unique tokens, any shape.
            z: settings of the levers, of that shape and (levers,).
        """
        data = self.text(z)
        return self.spent(log_epochs, data, self.ends(data)[0])

    def spent(self, log_epochs: np.ndarray, data: Text, left: np.ndarray, idle: np.ndarray | float = 0.0) -> Spending:
        """As `spending`, the text and the FLOP that are left beside it known."""
        k = self.situation.flop_per_param_token
        tokens = data.raw * np.exp(log_epochs)
        afforded = np.minimum(left / (k * tokens + self.serving), self.training * np.exp(-idle) / (k * tokens))
        params = np.minimum(afforded, self.situation.limits.largest)
        training, inference = k * params * tokens, self.serving * params
        budget = self.money
        unspent = budget - data.cost - training - inference
        unspent = np.where(unspent < MARGIN * budget, 0.0, unspent)
        raw, worth, cost = (np.broadcast_to(part, tokens.shape) for part in data)
        return Spending(params, tokens, tokens / raw, raw, worth, training, inference, cost, unspent)

    def loss(self, member: Member, law: Law, spent: Spending) -> np.ndarray:
        """What a law predicts for a way to spend, the parameters of the law and the spending broadcast."""
        used = sum(source.epochs_used * source.usable * source.quality for source in self.owned)
        inputs = {"params": spent.params, "tokens": spent.worth * spent.epochs + used}
        if member.knows_repetition:
            inputs["unique_tokens"] = spent.worth
        with np.errstate(all="ignore"):
            value = np.asarray(law(**inputs))
        return np.where(np.isfinite(value), value, np.inf)
