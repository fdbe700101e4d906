"""What to measure before choosing among purchases and text: a run, a training to some amount, more samples."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.planning.ledger.bought.scenarios import LOSS, rows
from nextflop.planning.ledger.bought.search import Bought
from nextflop.planning.ledger.bought.text_options import Carried
from nextflop.planning.ledger.candidates import WORLDS, Candidates
from nextflop.planning.ledger.decisive import Experiment, actions, experiment, ranked
from nextflop.planning.ledger.pooled import weighted
from nextflop.planning.ledger.situation import Situation

_SHARES = np.geomspace(1e-4, 0.3, 7)  # of the budget, that a measurement may cost
_NOTHING = 1e-3  # of a response, that the truth, and a measurement, must bring for one to be proposed
_MOST = 1e6  # units to every problem
_SHARE_OF = {"accuracy", "coverage", "error"}


@dataclass(frozen=True)
class Measurement:
    """An amount of a purchase that is worth measuring before the decision.

    Attributes:
        code: of the purchase.
        amount: what is measured at, in its unit.
        unit: of the amount.
        response: what is measured.
        flop: what it costs.
        share: that as a share of the budget.
        dollars: that in money; nan where compute has no price.
        foretold: law → the response that it foretells at its estimate.
        gain: by how much the expected response of the decision improves once the outcome is known.
        known: that as a share of what knowing the truth would bring.
        separation: how far apart draws and laws lie, half of the central 68%, in standard deviations of the outcome.
    """

    code: str
    amount: float
    unit: str
    response: str
    flop: float
    share: float
    dollars: float
    foretold: dict[str, float]
    gain: float
    known: float
    separation: float

    def to_json(self) -> dict[str, Json]:
        """The measurement as JSON."""
        return dict(vars(self))


def measurements(
    bought: list[Bought], text: Carried | None, situation: Situation, noise: float, number: int = 3
) -> tuple[Measurement | Experiment, ...]:
    """What to measure, in the order in which it is worth it; nothing where no outcome would change the choice.

    Decisions: each purchase at its decision and at what its optimistic and pessimistic rows would buy; each option of
    text at its decision and at what each law alone would do. Worlds are scenarios, see `scenarios`.

    Args:
        bought: the purchases.
        text: the options of text, if there is a bridge.
        situation: with the budget.
        noise: of a run's loss, as a share of it.
        number: how many.
    """
    drawn = [rows(one.pool.shares, one.purchase.together or one.purchase.code, WORLDS) for one in bought]
    values = [
        one.sign * column for one, some in zip(bought, drawn, strict=True) for column in one.at(_decisions(one), some).T
    ]
    tried = [_tried(one, situation) for one in bought]
    outcomes = [one.at(amount, some).T for one, some, (amount, _) in zip(bought, drawn, tried, strict=True)]
    sigma = [_sigma(one, outcome) for one, outcome in zip(bought, outcomes, strict=True)]
    cost = [flop for _, flop in tried]
    runs = None
    if text is not None:
        sign = bought[0].sign
        values += [sign * text.across(act.loss, WORLDS) for act in actions(list(text.options), text.pool)]
        runs = Candidates.of(text.options[0].programme, text.pool, noise, text.runs)
        outcomes.append(runs.foretold[rows(text.pool.shares, LOSS, WORLDS)].T)
        sigma.append(runs.sigma)
        cost.append(runs.spent.training[0])
    table = np.stack(values)
    least = _NOTHING * float(np.abs(table).max())
    kept = ranked(table, np.concatenate(outcomes), np.concatenate(sigma), np.concatenate(cost), number, least)
    ends = np.cumsum([0, *(len(part) for part in cost)])
    found: list[Measurement | Experiment] = []
    for index, gain, known in kept:
        which = int(np.searchsorted(ends, index, side="right")) - 1
        place = index - int(ends[which])
        if which == len(bought):
            assert text is not None
            assert runs is not None
            found.append(experiment(runs, place, gain, known, text.pool, text.options[0].programme))
            continue
        one, (amount, flop) = bought[which], tried[which]
        middle = weighted(outcomes[which][place], np.ones(WORLDS), 0.68)
        firsts = np.array([part.start for part in one.pool.parts])
        estimates = one.at(amount[place : place + 1], firsts)[:, 0]
        found.append(
            Measurement(
                code=one.purchase.code,
                amount=float(amount[place]),
                unit=one.purchase.amount,
                response=one.purchase.response,
                flop=float(flop[place]),
                share=float(flop[place] / situation.flop),
                dollars=float("nan" if situation.flop_price is None else flop[place] * situation.flop_price),
                foretold={member.name: float(v) for member, v in zip(one.pool.members, estimates, strict=True)},
                gain=gain,
                known=known,
                separation=float((middle.high - middle.low) / 2 / sigma[which][place]),
            )
        )
    return tuple(found)


def _decisions(bought: Bought) -> np.ndarray:
    """Amounts that might be bought: none, the decision, and what one row in ten, in two and nine in ten would buy."""
    some = [weighted(bought.each, bought.pool.shares, 0.8)]
    return np.unique([bought.purchase.start, bought.decision, *some[0]])


def _tried(bought: Bought, situation: Situation) -> tuple[np.ndarray, np.ndarray]:
    """Amounts at which one could measure, beyond what was measured, and what that costs."""
    purchase = bought.purchase
    unit = bought.unit
    if purchase.cost.per_query:  # a measurement is paid for the problems of a test, not for all queries
        unit *= purchase.problems / situation.use.queries
    amount = purchase.start + _SHARES * situation.flop / unit
    measured = [one.ranges[purchase.amount][1] for one in purchase.members if purchase.amount in one.ranges]
    amount = np.minimum(amount, max(_MOST, *measured, 1.0) if purchase.cost.per_query else np.inf)
    amount = np.unique(np.floor(amount) if purchase.whole else amount)
    amount = amount[amount > max(purchase.start, *measured, 0.0)]
    return amount, unit * (amount - purchase.start)


def _sigma(bought: Bought, outcome: np.ndarray) -> np.ndarray:
    """Of one measurement at each amount: that of a share over the problems, with the scatter about the laws."""
    purchase = bought.purchase
    scatter = np.array([one.scatter for one in purchase.members])
    about = float(np.nanmax(scatter)) if np.isfinite(scatter).any() else 0.0
    if purchase.response not in _SHARE_OF:
        return np.full(len(outcome), np.hypot(purchase.noise, about))
    p = np.clip(outcome.mean(axis=1), 0.0, 1.0) if len(outcome) else np.empty(0)
    return np.hypot(np.sqrt(np.maximum(p * (1 - p), 1e-4) / purchase.problems), about)
