"""One part of the ledger: the options that foretell one response of one task, side by side."""

from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Verdict
from nextflop.planning.ledger.bought.break_even import BreakEven, break_evens
from nextflop.planning.ledger.bought.doubts import doubts
from nextflop.planning.ledger.bought.measure import Measurement, measurements
from nextflop.planning.ledger.bought.scenarios import rows
from nextflop.planning.ledger.bought.search import Bought
from nextflop.planning.ledger.bought.text_options import Carried
from nextflop.planning.ledger.decisive import Experiment
from nextflop.planning.ledger.pooled import first_best, weighted
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.ledger.units import SMALL
from nextflop.planning.selection import Verifier, ceiling, majority_at_worst

_UNKNOWN = Interval(np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Row:
    """An option of a part.

    Attributes:
        code, name: what it is.
        kind: "text", "once" or "per query": how it is paid.
        unit: of the amount; "" for text.
        amount: how much to buy: the decision; nan for text, whose decision stands with its option.
        amounts: what would be best under each draw and law.
        outcome: predicted at the decision.
        gain: how much better that is than standing still, paired.
        probability: belief in the draws and laws under which it would be the best of the part, each option at its own
            optimum; options of text that come to the same count together.
        marginal: by how much the optimum improves for one per cent more of the budget.
        per_flop, per_dollar: the same for a FLOP and a dollar more; nan without a price.
        flop: what the decision costs.
        share: that as a share of the budget.
        dollars: that in money; nan where compute has no price.
        enough: amount that already brings 95% of the gain in the mean; nan for text.
        enough_share: what that costs, as a share of the budget.
        enough_dollars: that in money; nan likewise.
        held: what keeps the amount from growing: "budget", a limit, or "nothing" where more would not help.
        by_law: law → its own outcome and amount, at the estimate with the interval of its draws.
        regret: mean response of the best of all options under each draw, less that of the decision; of the best option,
            what not knowing costs.
        beyond: input → decades of the decision beyond the runs, for the law that it is farthest for.
        beside: other readings at the decision: for samples without a verifier, with a perfect one, of a vote at worst.
    """

    code: str
    name: str
    kind: str
    unit: str
    amount: float
    amounts: Interval
    outcome: Interval
    gain: Interval
    probability: float
    marginal: Interval
    per_flop: Interval
    per_dollar: Interval
    flop: float
    share: float
    dollars: float
    enough: float
    enough_share: float
    enough_dollars: float
    held: str
    by_law: dict[str, dict[str, Interval]]
    regret: float
    beyond: dict[str, float]
    beside: dict[str, Interval]

    def to_json(self) -> dict[str, Json]:
        """The row as JSON."""
        found: dict[str, Json] = {
            name: value._asdict() if isinstance(value, Interval) else value for name, value in vars(self).items()
        }
        found["beside"] = {name: one._asdict() for name, one in self.beside.items()}
        found["by_law"] = {law: {name: one._asdict() for name, one in row.items()} for law, row in self.by_law.items()}
        return found


@dataclass(frozen=True)
class Part:
    """Options that can be compared.

    Attributes:
        response: what they foretell.
        task: of which problems or players.
        lower: whether a lower response is better.
        best: code of the option that is best in the mean over draws and laws.
        standing: what standing still foretells: of the first purchase.
        rows: text first, then the purchases.
        break_evens: between what is paid once and what is paid for every query.
        experiments: what to measure before deciding.
        verdicts: how sure the choice is and what it rests on.
    """

    response: str
    task: str
    lower: bool
    best: str
    standing: Interval
    rows: tuple[Row, ...]
    break_evens: tuple[BreakEven, ...]
    experiments: tuple[Measurement | Experiment, ...]
    verdicts: tuple[Verdict, ...]

    def row(self, code: str) -> Row:
        """The row of an option."""
        return next(one for one in self.rows if one.code == code)

    @property
    def title(self) -> str:
        """What is foretold, such as "accuracy on MATH"."""
        return f"{self.response} on {self.task}" if self.task else self.response

    def to_json(self) -> dict[str, Json]:
        """The part as JSON."""
        return {
            "response": self.response,
            "task": self.task,
            "lower_is_better": self.lower,
            "best": self.best,
            "standing": self.standing._asdict(),
            "rows": [one.to_json() for one in self.rows],
            "break_evens": [one.to_json() for one in self.break_evens],
            "experiments": [one.to_json() for one in self.experiments],
            "verdicts": [one.to_json() for one in self.verdicts],
        }


def part(bought: list[Bought], text: Carried | None, situation: Situation, level: float, noise: float) -> Part:
    """The ledger of one response.

    Args:
        bought: purchases of that response and task.
        text: the options of text, if a bridge leads here.
        situation: budget, use, prices.
        level: of the intervals.
        noise: of one more run of text, as a share of its loss.
    """
    first = bought[0]
    drawn = [rows(one.pool.shares, one.purchase.together or one.purchase.code) for one in bought]
    standing = first.standing[drawn[0]]
    best = [] if text is None else [text.across(one.each.loss) for one in text.options]
    best += [one.best[some] for one, some in zip(bought, drawn, strict=True)]
    winner = first_best([-first.sign * values for values in best])
    top = first.sign * np.max([first.sign * values for values in best], axis=0)
    chances = [float((winner == place).mean()) for place in range(len(best))]
    found, means = [], []
    if text is not None:
        for row in text.rows:
            chance = sum(chances[place] for place in row)
            found.append(_of_text(row, text, chance, first.sign, top, standing, situation, level))
            means.append(float(text.across(text.options[row[0]].loss).mean()))
    for one, some, chance in zip(bought, drawn, chances[len(chances) - len(bought) :], strict=True):
        found.append(_of_purchase(one, chance, _lost(first.sign, top, one.outcome[some]), situation))
    means += [float(one.pool.mean(one.outcome)) for one in bought]
    taken = int(first_best([-first.sign * np.array([mean]) for mean in means])[0])
    pairs = [(a, b) for a in bought for b in bought if b.purchase.cost.per_query and not a.purchase.cost.per_query]
    return Part(
        first.purchase.response,
        first.purchase.task,
        first.purchase.lower,
        found[taken].code,
        first.pool.interval(first.standing),
        tuple(found),
        tuple(one for pair in pairs for one in break_evens(*pair, situation, level)),
        measurements(bought, text, situation, noise),
        doubts(bought, found[taken].name, found[taken].probability, found[taken].beyond, len(found)),
    )


def _lost(sign: float, top: np.ndarray, outcome: np.ndarray) -> float:
    """What a decision loses in the mean of the scenarios by the best that any option would give each."""
    return float(np.maximum(sign * (top - outcome), 0.0).mean())


def _of_purchase(bought: Bought, chance: float, regret: float, situation: Situation) -> Row:
    purchase, pool, price = bought.purchase, bought.pool, _price(situation)
    enough = bought.unit * (bought.enough - purchase.start)
    inner = bought.decision < bought.most and not (purchase.whole and bought.decision == np.floor(bought.most))
    return Row(
        purchase.code,
        purchase.title,
        "per query" if purchase.cost.per_query else "once",
        purchase.amount,
        bought.decision,
        pool.interval(bought.each),
        pool.interval(bought.outcome),
        pool.interval(bought.sign * (bought.outcome - bought.standing)),
        chance,
        *_rates(pool.interval(bought.marginal), situation),
        bought.flop,
        bought.flop / situation.flop,
        bought.flop * price,
        bought.enough,
        enough / situation.flop,
        enough * price,
        "nothing" if inner else bought.held,
        {
            member.name: {"outcome": pool.of(index, bought.best), purchase.amount: pool.of(index, bought.each)}
            for index, member in enumerate(pool.members)
        },
        regret,
        beyond(bought),
        _beside(bought),
    )


def _of_text(
    row: tuple[int, ...],
    text: Carried,
    chance: float,
    sign: float,
    top: np.ndarray,
    standing: np.ndarray,
    situation: Situation,
    level: float,
) -> Row:
    solved = text.options[row[0]]
    outcome, optimum = text.across(solved.loss), text.across(solved.each.loss)
    even = np.ones(len(outcome))
    marginal = _UNKNOWN
    if 0 in row:  # the base, or what comes to the same
        marginal = weighted(sign * (text.across(solved.each.loss - text.marginal) - optimum), even, level)
    spent = solved.decision.spending
    flop = float(spent.training[0] + spent.inference[0] + spent.text[0])
    return Row(
        solved.code,
        solved.name,
        "text",
        "",
        np.nan,
        _UNKNOWN,
        weighted(outcome, even, level),
        weighted(sign * (outcome - standing), even, level),
        chance,
        *_rates(marginal, situation),
        flop,
        flop / situation.flop,
        flop * _price(situation),
        np.nan,
        np.nan,
        np.nan,
        "budget",
        text.by_law(solved, level),
        _lost(sign, top, outcome),
        text.beyond(solved),
        {},
    )


def _rates(marginal: Interval, situation: Situation) -> tuple[Interval, Interval, Interval]:
    """For one per cent of the budget, for a FLOP, for a dollar."""
    more = (SMALL - 1) * situation.flop
    dollars = more * _price(situation)
    return marginal, Interval(*(end / more for end in marginal)), Interval(*(end / dollars for end in marginal))


def _price(situation: Situation) -> float:
    return np.nan if situation.flop_price is None else situation.flop_price


def beyond(bought: Bought) -> dict[str, float]:
    """Input → decades of a decision beyond the runs, for the law that it is farthest for; 0 inside."""
    found: dict[str, float] = {}
    for name, value in bought.purchase.inputs(np.asarray(bought.decision)).items():
        for member in bought.pool.members:
            if name in member.ranges and value > 0:
                low, high = member.ranges[name]
                above = float(np.log10(value / high)) if high > 0 else np.inf
                found[name] = max(found.get(name, 0.0), above, float(np.log10(low / value)) if low > 0 else 0.0)
    return found


def _beside(bought: Bought) -> dict[str, Interval]:
    """Samples picked at random, by an oracle, by a vote at worst, and by this verifier from ever more of them."""
    verifier = bought.purchase.verifier
    if verifier is None:
        return {}
    pool, k = bought.pool, bought.decision
    readings = {
        "picked at random": lambda law: law(samples=1.0),
        "a perfect verifier": lambda law: law(samples=k),
        "majority vote, wrong answers all alike": lambda law: majority_at_worst(law, k),
        "this verifier, samples without end": lambda law: ceiling(law, verifier),
    }
    if verifier == Verifier():
        del readings["a perfect verifier"]
    return {
        name: pool.interval(np.concatenate([np.ravel(reading(member.law)) for member in pool.members]))
        for name, reading in readings.items()
    }
