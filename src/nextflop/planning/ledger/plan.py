"""A plan: every way to spend a budget on one ledger, under several laws at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Verdict
from nextflop.judging.weights import Weights
from nextflop.planning.ledger.bought.break_even import BreakEven
from nextflop.planning.ledger.bought.parts import NONE, Parts, parts
from nextflop.planning.ledger.bought.purchase import Bridge, Purchase
from nextflop.planning.ledger.curve import Regret, regret
from nextflop.planning.ledger.decisive import NOISE, Experiment, experiments
from nextflop.planning.ledger.doubts import doubts
from nextflop.planning.ledger.gather import Given, check_text, gather
from nextflop.planning.ledger.members import Member, weighed
from nextflop.planning.ledger.mixture.domains import Mixing, stocked
from nextflop.planning.ledger.mixture.mix import Mixed, mix
from nextflop.planning.ledger.offered import (
    TOGETHER,
    Refused,
    check_budget,
    check_epochs,
    programmes,
    smallest_run,
    usable,
)
from nextflop.planning.ledger.options import Option, Solved, option, solve_option
from nextflop.planning.ledger.pooled import Pool, first_best
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.ledger.text import levers
from nextflop.planning.ledger.units import SMALL, Margins, Price, Unit, token_price, units

_MATTERS = 0.05  # of the allowed regret, that the truth, and the most telling run, must save for one to be proposed
FAILED = 10.0
"""Times the allowed regret, at which a decision has failed and no more of its regret counts."""


@dataclass(frozen=True)
class Plan:
    """Where the next unit should go.

    Attributes:
        situation: what was taken for given.
        members: the laws with their weights.
        response: what the laws foretell, such as "loss".
        base: code of the option that gains are measured from: parameters and tokens alone.
        best: code of the option of least mean regret over draws and laws.
        options: the ledger, the base first.
        units: what more of each resource buys.
        prices: what a token is worth at most.
        regret: of a different number of parameters, under the best option.
        experiments: the runs to make before deciding, the first of them first.
        verdicts: whether the laws agree, and how far beyond the runs the plan lies.
        refused: options that cannot be valued.
        level: of all intervals.
        factor: of `units`.
        weights: how the laws were weighed; None if their weights were given, or there is nothing to weigh them by.
        bought: what else the budget buys, in parts that can each be compared: reinforcement learning, search, ….
        mixture: the domains to train on, if laws of them were given.
        smallest: FLOP of the smallest run that the laws were fitted to, 0 where they do not say; less is no budget.
    """

    situation: Situation
    members: tuple[Member, ...]
    response: str
    base: str
    best: str
    options: tuple[Option, ...]
    units: tuple[Unit, ...]
    prices: tuple[Price, ...]
    regret: Regret
    experiments: tuple[Experiment, ...]
    verdicts: tuple[Verdict, ...]
    refused: tuple[Refused, ...]
    level: float
    factor: float
    weights: Weights | None = None
    bought: Parts = NONE
    mixture: Mixed | None = None
    smallest: float = 0.0

    @property
    def break_evens(self) -> tuple[BreakEven, ...]:
        """From how many queries on what is paid once beats what is paid for every query."""
        return self.bought.break_evens

    def option(self, code: str) -> Option:
        """The row of an option."""
        return next(one for one in self.options if one.code == code)

    def to_json(self) -> dict[str, Json]:
        """The plan as JSON; draws are summarised by intervals."""
        return {
            "situation": self.situation.to_json(),
            "laws": [
                {
                    "name": member.name,
                    "law": member.law.name,
                    "weight": member.weight,
                    "draws": member.rows - 1,
                    "ranges": {name: {"low": low, "high": high} for name, (low, high) in member.ranges.items()},
                    "source": member.source,
                }
                for member in self.members
            ],
            "response": self.response,
            "base": self.base,
            "best": self.best,
            "options": [one.to_json() for one in self.options],
            "next_unit": [unit.to_json() for unit in self.units],
            "prices": [price.to_json() for price in self.prices],
            "regret": self.regret.to_json(),
            "experiments": [one.to_json() for one in self.experiments],
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "refused": [vars(one) for one in self.refused],
            "level": self.level,
            "factor": self.factor,
            "weights": None if self.weights is None else self.weights.to_json(),
            "bought": self.bought.to_json(),
            "break_evens": [one.to_json() for one in self.break_evens],
            "mixture": None if self.mixture is None else self.mixture.to_json(),
        }


def plan(
    laws: Sequence[Given],
    situation: Situation,
    runs: Runs | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.9,
    factor: float = 2.0,
    allowed: float = 0.01,
    noise: float = NOISE,
    purchases: Sequence[Purchase] = (),
    bridge: Bridge | None = None,
    mixture: Mixing | None = None,
) -> Plan:
    """Puts every way to spend a budget on one ledger.

    Each option opens one way beside parameters and tokens, and is valued at one decision: the one of least mean regret
    over the draws of all laws, each law with its weight, where no draw's regret counts beyond ten times `allowed`. What
    an option would be under each draw, were it the truth, is beside it, and so is what not knowing costs.

    Args:
        laws: fits of laws of params and tokens, or of unique tokens too; published constants; or `Member`s as they are.
        situation: budget, data, prices, use and limits.
        runs: that the fits were fitted to; they weigh several laws by what each would have foretold, see
            `nextflop.judging.weights`, and tell along which axes nothing is known.
        weights: name of a law → its weight, instead.
        level: of the intervals.
        factor: by which each resource is multiplied to ask what more of it buys.
        allowed: regret up to which numbers of parameters count as equally good, in the unit of the loss; a decision
            that costs ten times as much has failed, and how much more is not asked.
        noise: standard deviation of one more run, as a share of its loss.
        purchases: ways to spend that are not text, from a model that there is.
        bridge: from loss to what the purchases foretell; without it they stand in a part of their own.
        mixture: domains and targets; stock and tokens are those of the best option where it does not say.

    Raises:
        InputError: if the laws or the situation cannot be used, or contradict each other.
        FitError: if no law has an answer within the limits.
    """
    _check(level, factor, allowed, noise)
    check_text(laws, situation)
    able, refused = usable(laws, situation)
    closed_to = {one.code for one in refused}
    given = {name: weight for name, weight in (weights or {}).items() if name not in closed_to}
    members, how = gather(able, runs, given or None)
    used = weighed(members)
    smallest = smallest_run(used, situation, runs)
    check_budget(situation, smallest)
    pool = Pool(used, level, FAILED * allowed)
    opened, closed = programmes(used, situation)
    if mixture is not None:  # laws of other domains than the data are refused before anything is solved
        mixture.over(stocked(next(iter(opened.values()))[1], np.zeros(0)))
    solved = [solve_option(code, name, programme, pool) for code, (name, programme) in opened.items()]
    for one in solved:
        if not np.isfinite(one.loss[pool.shares > 0]).all():
            raise FitError(
                f"The option {one.code!r} has no answer under every law: the budget, after what serving and text cost, "
                "leaves nothing to train on. Raise the budget, or serve less."
            )
    base = solved[0]
    check_epochs(base, situation)
    single = [one for one in solved if one.code != TOGETHER]
    chances = _chances(single, pool)
    if len(single) < len(solved):  # that any of what it opens pays
        chances.append(sum(chance for one, chance in zip(single, chances, strict=True) if one.programme.levers))
    taken = _taken(solved, pool)
    options = tuple(option(one, base, chance, pool) for one, chance in zip(solved, chances, strict=True))
    margins = Margins(base, pool)
    bought = units(margins, factor, ("compute", "data") if situation.sources else ("compute",))
    for_sale = [lever.source for lever in levers(situation) if lever.base is None]
    prices = tuple(token_price(source, margins) for source in (None, *for_sale)) if situation.sources else ()
    made = experiments(solved, pool, noise, enough=_MATTERS * allowed)
    further = NONE
    if purchases or bridge:
        slope = margins(budget=SMALL) if bridge else None
        further = parts(
            purchases, situation, bridge=bridge, text=single, pool=pool, marginal=slope, level=level, noise=noise
        )
    return Plan(
        situation,
        used,
        used[0].law.response,
        base.code,
        solved[taken].code,
        options,
        bought,
        prices,
        regret(solved[taken], pool, allowed),
        made,
        doubts(options, options[taken], bought, used, situation),
        (*refused, *closed),
        level,
        factor,
        how,
        further,
        None if mixture is None else _mixed(mixture, solved[taken], level),
        smallest,
    )


def _mixed(mixture: Mixing, best: Solved, level: float) -> Mixed:
    """The mixture of what the best option has, its tokens each at their quality, as the laws of the loss count them."""
    spent = best.decision.spending
    having = stocked(best.programme, best.decision.levers[0])
    return mix(mixture.over(having), float(spent.worth[0] * spent.epochs[0]), level)


def _chances(single: list[Solved], pool: Pool) -> list[float]:
    """Belief in the rows under which each option is the best, of equals the simpler."""
    order = _simplest(single)
    best = np.array(order)[first_best([single[place].each.loss for place in order])]
    return [float(pool.shares[best == place].sum()) for place in range(len(single))]


def _taken(solved: list[Solved], pool: Pool) -> int:
    """The option of least mean regret, each row measured from the best that any option could give it."""
    lowest = np.min([one.each.loss for one in solved], axis=0)
    typical = pool.interval(lowest).value  # equal to within rounding is told by a share of the loss
    order = _simplest(solved)
    means = [typical + pool.mean(pool.regret(solved[place].loss, lowest)) for place in order]
    return order[int(first_best([np.array([mean]) for mean in means])[0])]


def _simplest(solved: list[Solved]) -> list[int]:
    """Places of the options, those that count first where they are equal in front: once is simpler than often."""
    return sorted(range(len(solved)), key=lambda place: solved[place].code != "once")


def _check(level: float, factor: float, allowed: float, noise: float) -> None:
    for name, value, holds, expected in (
        ("level", level, 0 < level < 1, "a number between 0 and 1, such as 0.9"),
        ("factor", factor, 1 < factor < np.inf, "a number above 1, such as 2"),
        ("allowed regret", allowed, 0 < allowed < np.inf, "a loss above 0, such as 0.01"),
        ("noise", noise, 0 < noise < 1, "a share of the loss above 0, such as 0.005"),
    ):
        if not holds:
            raise InputError(f"The {name} {value:g} cannot be used: give {expected}.")
