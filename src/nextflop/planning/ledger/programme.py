"""The constrained problem of a plan: least loss over parameters and added text, the budget met exactly.

Tokens are what the rest of the budget buys, so the budget is no constraint but a substitution:

    k N D + i N T + cost(z) = C

with k FLOP a parameter and training token (6), T tokens served at i FLOP a parameter each (2: Sardana & Frankle 2023,
arXiv:2401.00448), and what the text costs that the levers z add. One variable runs along the epochs e = D / U, from the
most parameters to the fewest. It has two corners, at which what lies on either side is a piece of its own: one epoch,
where laws bend, and the epochs into which the whole budget just goes with the most parameters that may be. Fewer epochs
leave some of it unspent. Under a law that knows overfitting the whole budget may be too much even so: where less would
be better, the share that is spent becomes a variable too.
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
        budget, stock: factors on the budget and on what is owned, to ask what more is worth.
        thrifty: whether less than the budget may be spent.
    """

    situation: Situation
    owned: tuple[Corpus, ...]
    levers: tuple[Lever, ...] = ()
    most_epochs: float = np.inf
    budget: float = 1.0
    stock: float = 1.0
    thrifty: bool = False

    def but(self, **changes: Any) -> "Programme":
        """The same problem with some attributes changed."""
        return replace(self, **changes)

    @property
    def serving(self) -> float:
        """FLOP a parameter over the lifetime."""
        return self.situation.use.flop_per_param_token * self.situation.use.tokens

    def text(self, z: np.ndarray) -> Text:
        """The unique text; a unit of it where data are no constraint."""
        if self.owned:
            return text(self.owned, self.levers, z, self.stock)
        unit = np.full((1,) * (z.ndim - 1), _UNIT)
        return Text(unit, unit, np.zeros_like(unit))

    def ends(self, data: Text, idle: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """FLOP left beside the text, and the corners along the epochs, in logarithms: shape (CORNERS, ...).

        They rise: the fewest epochs, then one epoch and those with the most parameters in whatever order, the most.

        Args:
            data: the text.
            idle: logarithm of the budget over what is spent of it.
        """
        k, limits = self.situation.flop_per_param_token, self.situation.limits
        left = self.situation.flop * self.budget * np.exp(-idle) - data.cost
        left = np.where(left > 0, left, np.nan)
        largest = np.maximum((left / limits.largest - self.serving) / k, _FEWEST_TOKENS)
        most = (left / max(limits.fewest_params, FEWEST_PARAMS) - self.serving) / k
        with np.errstate(all="ignore"):
            high = np.minimum(np.log(most / data.raw), np.log(self.most_epochs))
            high = np.minimum(high, np.log(limits.most_tokens / data.worth))
            fewest = np.maximum(_FEWEST_TOKENS / data.raw, limits.fewest_tokens / data.worth)
            low = np.minimum(np.log(fewest), high)
            corner = np.clip(np.log(largest / data.raw), low, high)
        once = np.clip(0.0, low, high) if self.owned else low
        return left, np.stack([low, np.minimum(once, corner), np.maximum(once, corner), high])

    def spending(self, log_epochs: np.ndarray, z: np.ndarray) -> Spending:
        """Where the budget goes, for epochs within their ends; nan where it does not suffice.

        Args:
            log_epochs: logarithm of D over the unique tokens, any shape.
            z: settings of the levers, of that shape and (levers,).
        """
        data = self.text(z)
        return self.spent(log_epochs, data, self.ends(data)[0])

    def spent(self, log_epochs: np.ndarray, data: Text, left: np.ndarray) -> Spending:
        """As `spending`, the text and the FLOP that are left beside it known."""
        k = self.situation.flop_per_param_token
        tokens = data.raw * np.exp(log_epochs)
        params = np.minimum(left / (k * tokens + self.serving), self.situation.limits.largest)
        training, inference = k * params * tokens, self.serving * params
        budget = self.situation.flop * self.budget
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
