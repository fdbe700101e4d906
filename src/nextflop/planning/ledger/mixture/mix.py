"""The best mixture: shares with their interval, the epochs they demand, what more of a domain is worth, baselines."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger.mixture.domains import Domain, Mixing
from nextflop.planning.ledger.mixture.simplex import least
from nextflop.planning.ledger.pooled import weighted
from nextflop.quantities import show

FREE = 4.0  # epochs up to which repetition costs little by most laws; beyond, a mixture that does not know it is blind
SURE = 0.9


class DomainShare(NamedTuple):
    """A domain in the mixture.

    Attributes:
        name: of the domain.
        share, tokens, epochs: the decision, and what follows from it.
        owned, bought, made: its stock; see `Domain`.
        shares: what would be best under each draw.
        limit: the largest share that the epochs allow.
        held: share of the draws whose optimum is at that limit.
        worth: by how much the loss falls for one more unique token; 0 unless the limit holds.
        beyond: by how much the share lies outside those of the runs.
    """

    name: str
    share: float
    tokens: float
    epochs: float
    owned: float
    bought: float
    made: float
    shares: Interval
    limit: float
    held: float
    worth: Interval
    beyond: float


class Baseline(NamedTuple):
    """A mixture that asks for no law.

    Attributes:
        name: "stratified", all domains alike, or "natural", as the stock.
        shares: of the domains, in their order.
        regret: its loss above that of the decision, paired over draws.
        probability: that the decision is better.
        within: whether its epochs keep to their limits.
    """

    name: str
    shares: tuple[float, ...]
    regret: Interval
    probability: float
    within: bool

    @property
    def gain(self) -> Interval:
        """Its loss below that of the decision, which it may be where it does not keep to the limits."""
        return Interval(-self.regret.value, -self.regret.high, -self.regret.low)


@dataclass(frozen=True)
class Mixed:
    """The best mixture.

    Attributes:
        tokens: of the whole training.
        domains: their shares.
        targets: name → loss at the decision.
        outcome: the loss of all targets by their importance.
        regret: what not knowing costs: mean loss of the decision above each draw's own optimum.
        baselines: the stratified and the natural mixture.
        verdicts: repetition, baselines, and shares that no run had.
    """

    tokens: float
    domains: tuple[DomainShare, ...]
    targets: dict[str, Interval]
    outcome: Interval
    regret: float
    baselines: tuple[Baseline, ...]
    verdicts: tuple[Verdict, ...]

    def to_json(self) -> dict[str, Json]:
        """The mixture as JSON."""
        return {
            "tokens": self.tokens,
            "domains": [
                {**one._asdict(), "shares": one.shares._asdict(), "worth": one.worth._asdict()} for one in self.domains
            ],
            "targets": {name: interval._asdict() for name, interval in self.targets.items()},
            "outcome": self.outcome._asdict(),
            "regret": self.regret,
            "baselines": [
                {**one._asdict(), "shares": list(one.shares), "regret": one.regret._asdict()} for one in self.baselines
            ],
            "verdicts": [one.to_json() for one in self.verdicts],
        }


def mix(mixing: Mixing, tokens: float | None = None, level: float = 0.9) -> Mixed:
    """The mixture of least mean loss over the draws, the targets by their importance.

    Draw i of one target goes with draw i of the others: fits to columns of one table with one seed resample the same
    runs, and what they have in common is kept; fits to different runs are independent either way.

    Args:
        mixing: domains and targets.
        tokens: of the training, where the mixture does not say.
        level: of the intervals.

    Raises:
        InputError: if the domains or the tokens are not known, or these are more than the domains have.
    """
    if not mixing.domains:
        raise InputError("A mixture cannot be planned without domains and what there is of each: give them.")
    trained = mixing.tokens if mixing.tokens is not None else tokens
    if trained is None:
        raise InputError("A mixture cannot be planned without the tokens of the training: give them.")
    caps = mixing.caps(trained)
    rows = max(1, min([one.member.rows for one in mixing.targets if one.member.rows > 1], default=1))
    drawn = slice(1, None) if rows > 1 else slice(None)
    parts = [one.exponents(mixing.domains, rows) for one in mixing.targets]
    c = np.stack([part[0] for part in parts], axis=1)
    k = np.stack([part[1] for part in parts], axis=1)
    a = k * mixing.importances
    b = np.stack([part[2] for part in parts], axis=1)
    each = least(a, b, caps)
    some = a[drawn] / len(a[drawn]), b[drawn]
    decision = least(some[0].reshape(1, -1), some[1].reshape(1, -1, len(caps)), caps).shares[0]

    def losses(shares: np.ndarray) -> np.ndarray:
        """Of every draw and target at some shares, shape (rows, targets)."""
        return c + k * np.exp(b @ shares)

    def interval(values: np.ndarray) -> Interval:
        return weighted(values[drawn], np.ones(len(values[drawn])), level)

    at = losses(decision)
    total = at @ mixing.importances
    optima = each.value + c @ mixing.importances
    per_token = np.array([one.most_epochs for one in mixing.domains]) / trained
    worth = np.where(each.cap > 0, each.cap * np.where(np.isfinite(per_token), per_token, 0.0), 0.0)
    domains = tuple(
        DomainShare(
            one.name,
            float(decision[index]),
            float(decision[index] * trained),
            float(decision[index] * trained / one.tokens) if one.tokens else 0.0,
            one.owned,
            one.bought,
            one.made,
            interval(each.shares[:, index]),
            float(min(caps[index], 1.0)),
            float((each.shares[drawn, index] >= caps[index] * (1 - 1e-9)).mean()),
            interval(worth[:, index]),
            _outside(mixing, one.name, float(decision[index])),
        )
        for index, one in enumerate(mixing.domains)
    )
    stock = np.array([one.tokens for one in mixing.domains])
    baselines = tuple(
        Baseline(
            name,
            tuple(float(share) for share in shares),
            interval(losses(shares) @ mixing.importances - total),
            float((losses(shares) @ mixing.importances > total)[drawn].mean()),
            bool((shares <= caps * (1 + 1e-9)).all()),
        )
        for name, shares in (("stratified", np.full(len(stock), 1 / len(stock))), ("natural", stock / stock.sum()))
    )
    return Mixed(
        trained,
        domains,
        {one.name: interval(at[:, index]) for index, one in enumerate(mixing.targets)},
        interval(total),
        float(np.maximum(total - optima, 0.0)[drawn].mean()),
        baselines,
        (_repetition(mixing, domains, trained), _beats(baselines), _shares(domains)),
    )


def _outside(mixing: Mixing, name: str, share: float) -> float:
    found = 0.0
    for target in mixing.targets:
        low, high = target.member.ranges.get(name, (0.0, 1.0))
        found = max(found, low - share, share - high)
    return found


def _seen(mixing: Mixing, domain: Domain) -> float:
    """Epochs of a domain in the runs: at most one unless the tokens of the runs say more."""
    share = max(target.member.ranges.get(domain.name, (0.0, 1.0))[1] for target in mixing.targets)
    known = [target.tokens for target in mixing.targets if np.isfinite(target.tokens)]
    return max(1.0, *(tokens * share / domain.tokens for tokens in known)) if known else 1.0


def _repetition(mixing: Mixing, domains: tuple[DomainShare, ...], tokens: float) -> Verdict:
    """Whether the mixture repeats a domain more often than the runs that it was fitted to."""
    code, name = "mixture_repetition", "the mixture repeats no domain more than the runs did"
    seen = {one.name: _seen(mixing, one) for one in mixing.domains if one.tokens}
    worst = max((one for one in domains if one.name in seen), key=lambda one: one.epochs / seen[one.name])
    sentence = f"At {show(tokens)} tokens the mixture takes {worst.epochs:.2g} epochs of {worst.name}"
    known = seen[worst.name]
    if worst.epochs <= known:
        return Verdict(code, name, Outcome.passed, worst.epochs, known, sentence + ", no more than the runs did.")
    told = f", and its laws were fitted to runs that saw it {'once at most' if known == 1 else f'{known:.2g} times'}"
    return Verdict(
        code,
        name,
        Outcome.warn if worst.epochs <= max(FREE, known) else Outcome.fail,
        worst.epochs,
        known,
        f"{sentence}{told}: they know nothing of such repetition. Limit its epochs, or fit runs that repeat.",
    )


def _beats(baselines: tuple[Baseline, ...]) -> Verdict:
    """Whether the mixture is surely better than taking all domains alike, which no method beats consistently."""
    one = baselines[0]
    outcome = Outcome.passed if one.probability >= SURE else Outcome.warn
    code, name = "mixture_baseline", "the mixture beats the stratified one"
    if not one.within and one.gain.value > 0:
        sentence = (
            f"Stock and limit of epochs do not allow all domains alike, which would be better by {one.gain.value:.4f} "
            f"({one.gain.low:.4f} to {one.gain.high:.4f}) by laws that know nothing of repetition."
        )
        return Verdict(code, name, outcome, one.probability, SURE, sentence)
    sentence = (
        f"The mixture is better than all domains alike with probability {one.probability:.2f}, by "
        f"{one.regret.value:.4f} ({one.regret.low:.4f} to {one.regret.high:.4f}); no published method is so on every "
        "set of data (arXiv:2411.05735)."
    )
    return Verdict(code, name, outcome, one.probability, SURE, sentence)


def _shares(domains: tuple[DomainShare, ...]) -> Verdict:
    code, name = "mixture_beyond", "the runs had shares like these"
    worst = max(domains, key=lambda one: one.beyond)
    if worst.beyond <= 0:
        return Verdict(code, name, Outcome.passed, 0.0, 0.0, "Every share lies within those of the runs.")
    sentence = f"The share of {worst.name}, {worst.share:.2f}, lies {worst.beyond:.2f} outside those of the runs."
    return Verdict(code, name, Outcome.warn, worst.beyond, 0.0, sentence)
