"""A plan: every way to spend a budget on one ledger, under several laws at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Verdict
from nextflop.judging.weights import Weights
from nextflop.planning.ledger.after import after
from nextflop.planning.ledger.bought.break_even import BreakEven
from nextflop.planning.ledger.bought.parts import NONE, Parts, parts
from nextflop.planning.ledger.bought.purchase import Bridge, Purchase
from nextflop.planning.ledger.candidates import NOISE
from nextflop.planning.ledger.curve import Regret, regret
from nextflop.planning.ledger.decisive import Experiment, experiments
from nextflop.planning.ledger.doubts import doubts
from nextflop.planning.ledger.equivalent import Compute, compute
from nextflop.planning.ledger.gather import Given, check_text, gather
from nextflop.planning.ledger.members import Member, weighed
from nextflop.planning.ledger.mixture.domains import Mixing, stocked
from nextflop.planning.ledger.mixture.mix import Mixed, mix
from nextflop.planning.ledger.mixture.sale import Offer, offers
from nextflop.planning.ledger.notes import notes as to_know
from nextflop.planning.ledger.offered import (
    TOGETHER,
    Refused,
    check_budget,
    check_epochs,
    programmes,
    smallest_run,
    usable,
    within_limits,
)
from nextflop.planning.ledger.options import Option, Solved, option, solve_option
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.ranking import alike, chances, lowest, taken
from nextflop.planning.ledger.reach import Reach, reach
from nextflop.planning.ledger.seen import seen as updated
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.ledger.text import levers
from nextflop.planning.ledger.titles import titled
from nextflop.planning.ledger.units import SMALL, Margins, Price, Unit, token_price, units

_MATTERS = 0.05  # of the allowed regret, that the truth, and the most telling run, must save for one to be proposed
FAILED = 10.0
"""Times the allowed regret, at which a decision has failed and no more of its regret counts."""


_OF_STOCK = ("raw", "epochs")  # amounts


@dataclass(frozen=True)
class Plan:
    """Where the next unit should go.

    Attributes:
        situation: what was taken for given.
        members: the laws with their weights.
        response: what the laws foretell, such as "loss".
        base: code of the option that gains are measured from: parameters and tokens alone.
        best: code of the option of least mean regret over draws and laws.
        options: every one, the base first; see `ledger`.
        units: what more of each resource buys, once the text of the plan is bought.
        prices: what one more token is worth at most, likewise.
        compute: what more of it alone brings under the base, which the gains of options are told in.
        compute_after: what more of it brings once the text of the plan is bought, which any other gain is told in.
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
        reach: the best plan within a decade of the runs, where this one lies farther beyond in parameters or tokens.
        for_targets: text that is for sale, and what it would bring the targets of the mixture.
        notes: sentences on the runs that whoever reads the plan must know.
    """

    situation: Situation
    members: tuple[Member, ...]
    response: str
    base: str
    best: str
    options: tuple[Option, ...]
    units: tuple[Unit, ...]
    prices: tuple[Price, ...]
    compute: Compute
    compute_after: Compute
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
    reach: Reach | None = None
    for_targets: tuple[Offer, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def break_evens(self) -> tuple[BreakEven, ...]:
        """From how many queries on what is paid once beats what is paid for every query."""
        return self.bought.break_evens

    @property
    def ledger(self) -> tuple[Option, ...]:
        """The options, those whose decisions are the same as one row: that of the best among them, or of the first."""
        kept: list[Option] = []
        for one in self.options:
            if not any(one.code in other.codes for other in kept):
                kept.append(self.option(self.best) if self.best in one.codes else one)
        return tuple(kept)

    @property
    def adds(self) -> dict[str, float]:
        """Source → tokens of it that the plan buys or makes; empty where it adds no text."""
        return {name: tokens for name, tokens in self.option(self.best).added.items() if tokens >= 1}

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
                    "misses": None if member.misses is None else member.misses._asdict(),
                }
                for member in self.members
            ],
            "response": self.response,
            "base": self.base,
            "best": self.best,
            "options": [self._told(one) for one in self.options],
            "next_unit": [unit.to_json() | _worth(unit.gain.value, self.compute_after) for unit in self.units],
            "prices": [price.to_json() for price in self.prices],
            "regret": self._stocked(self.regret.to_json()) | {"counted_to": FAILED * self.regret.allowed},
            "reach": None if self.reach is None else self.reach.to_json(),
            "experiments": [
                one.to_json() | {"dollars": one.flop * self.compute.price} | _worth(one.gain, self.compute_after)
                for one in self.experiments
            ],
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "refused": [vars(one) for one in self.refused],
            "level": self.level,
            "factor": self.factor,
            "weights": None if self.weights is None else self.weights.to_json(),
            "bought": self.bought.to_json(),
            "break_evens": [one.to_json() for one in self.break_evens],
            "mixture": None if self.mixture is None else self.mixture.to_json(),
            "for_targets": [
                one.to_json() | {"dollars": one.flop * self.compute.price} | _worth(one.gain.value, self.compute_after)
                for one in self.for_targets
            ],
            "notes": list(self.notes),
        }

    def _told(self, one: Option) -> dict[str, Json]:
        record = one.to_json() | _worth(one.gain.value, self.compute)
        by_law = {name: self._stocked(own) for name, own in record["by_law"].items()}
        return record | {"decision": self._stocked(record["decision"]), "by_law": by_law}

    def _stocked(self, record: dict[str, Json]) -> dict[str, Json]:
        """Without a stock of data there are no unique tokens to be seen so many times."""
        return record if self.situation.sources else {name: record[name] for name in record if name not in _OF_STOCK}


def _worth(gain: float, compute: Compute) -> dict[str, Json]:
    """What a gain is worth in compute, beside it."""
    return {"as_compute": compute.told(gain)}


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
    notes: Sequence[str] = (),
    seen: Runs | None = None,
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
        notes: sentences on the runs that whoever reads the plan must know.
        seen: runs that were made since, to decide: they weigh laws and draws by what each had foretold of them, see
            `nextflop.planning.ledger.seen`.

    Raises:
        InputError: if the laws or the situation cannot be used, or contradict each other.
        FitError: if no law has an answer within the limits.
    """
    _check(level, factor, allowed, noise)
    check_text(laws, situation)
    able, refused = usable(laws, situation)
    used, how, told = _believed(able, refused, runs, weights, seen, noise)
    smallest = smallest_run(used, situation, runs)
    check_budget(situation, smallest)
    pool = Pool(used, level, FAILED * allowed)
    opened, closed = programmes(used, situation)
    if mixture is not None:  # laws of other domains than the data are refused before anything is solved
        mixture.over(stocked(next(iter(opened.values()))[1], np.zeros(0)))
    solved = _solved(opened, pool)
    base = solved[0]
    check_epochs(base, situation)
    single = [one for one in solved if one.code != TOGETHER]
    belief = chances(single, pool)
    if len(single) < len(solved):  # that any of what it opens pays
        belief.append(sum(chance for one, chance in zip(single, belief, strict=True) if one.programme.levers))
    best, least = taken(solved, pool), lowest(solved)
    rows = alike(solved)
    options = _options(solved, rows, belief, pool, least)
    apart = Margins(base.programme, pool, base.each.loss)
    rest = after(solved[best])
    margins = apart if rest is None else Margins.of(rest, pool)
    bought = units(margins, factor, ("compute", "data") if situation.sources else ("compute",))
    for_sale = [lever.source for lever in levers(situation) if lever.base is None]
    prices = tuple(token_price(source, margins) for source in (None, *for_sale)) if situation.sources else ()
    same = next(row for row in rows if best in row)
    # An option of one epoch would spend the budget at one epoch at every size, also where more are free.
    curve = regret(base if 0 in same else solved[best], pool, least, allowed)
    kept, too_large = within_limits(purchases, situation)
    further = NONE
    if kept or (bridge and not purchases):  # a bridge to nothing is refused
        further = parts(
            kept,
            situation,
            bridge=bridge,
            text=single,
            rows=[tuple(sorted(row, key=lambda place: place != best)) for row in rows],
            pool=pool,
            runs=runs,
            marginal=apart(budget=SMALL) if bridge else None,
            level=level,
            noise=noise,
        )
    mixed = None if mixture is None else _mixed(mixture, solved[best], level)
    made = experiments(solved, pool, noise, enough=_MATTERS * allowed, runs=runs, seen=seen)
    sale = _for_sale(mixture, mixed, solved[best], options[best].added, level)
    gains = [one.gain.value for one in options]
    gains_after = [*(one.gain.value for one in (*bought, *sale)), *(one.gain for one in made)]
    alone = compute(apart, gains if rest else (*gains, *gains_after))
    first, *others = doubts(options, options[best], bought, used, situation, curve)
    return Plan(
        situation,
        used,
        response=used[0].law.response,
        base=base.code,
        best=solved[best].code,
        options=options,
        units=bought,
        prices=prices,
        compute=alone,
        compute_after=compute(margins, gains_after) if rest else alone,
        regret=curve,
        experiments=made,
        verdicts=(first, *told, *others),
        refused=(*refused, *closed, *too_large),
        level=level,
        factor=factor,
        weights=how,
        bought=further,
        mixture=mixed,
        smallest=smallest,
        reach=reach(solved[best], pool, situation),
        for_targets=sale,
        notes=(*notes, *to_know(able, used, situation)),
    )


def _believed(
    laws: Sequence[Given],
    refused: Sequence[Refused],
    runs: Runs | None,
    weights: Mapping[str, float] | None,
    seen: Runs | None,
    noise: float,
) -> tuple[tuple[Member, ...], Weights | None, tuple[Verdict, ...]]:
    """The laws with their weights, how these came about, and whether the laws had foretold what was seen since."""
    closed_to = {one.code for one in refused}
    given = {name: weight for name, weight in (weights or {}).items() if name not in closed_to}
    members, how = gather(laws, runs, given or None)
    used = weighed(members)
    if seen is None:
        return used, how, ()
    used, verdict = updated(used, seen, noise, runs)
    return used, how, titled(verdict)


def _solved(opened: Mapping[str, tuple[str, Programme]], pool: Pool) -> list[Solved]:
    """Every option under every law; that each has an answer."""
    solved = [solve_option(code, name, programme, pool) for code, (name, programme) in opened.items()]
    for one in solved:
        if not np.isfinite(one.loss[pool.shares > 0]).all():
            raise FitError(
                f"The option {one.code!r} has no answer under every law: the budget, after what serving and text cost, "
                "leaves nothing to train on. Raise the budget, or serve less."
            )
    return solved


def _options(
    solved: list[Solved], rows: list[tuple[int, ...]], belief: list[float], pool: Pool, least: np.ndarray
) -> tuple[Option, ...]:
    """The options, each with those that come to the same, whose beliefs count together."""
    found: dict[int, Option] = {}
    for row in rows:
        ranked = [place for place in row if solved[place].code != TOGETHER] or list(row)
        chance = sum(belief[place] for place in ranked)
        for place in row:
            same = tuple(solved[other].code for other in row if other != place)
            found[place] = option(solved[place], solved[0], chance, pool, least, same)
    return tuple(found[place] for place in range(len(solved)))


def _mixed(mixture: Mixing, best: Solved, level: float) -> Mixed:
    """The mixture of what the best option has, its tokens each at their quality, as the laws of the loss count them."""
    spent = best.decision.spending
    having = stocked(best.programme, best.decision.levers[0])
    return mix(mixture.over(having), float(spent.worth[0] * spent.epochs[0]), level)


def _for_sale(
    mixture: Mixing | None, mixed: Mixed | None, best: Solved, added: dict[str, float], level: float
) -> tuple[Offer, ...]:
    """What more text would bring the targets; nothing without a mixture, or where it has a stock of its own."""
    if mixture is None or mixed is None or mixture.domains:
        return ()
    having = stocked(best.programme, best.decision.levers[0])
    return offers(mixture.over(having), mixed, levers(best.programme.situation), added, level)


def _check(level: float, factor: float, allowed: float, noise: float) -> None:
    for name, value, holds, expected in (
        ("level", level, 0 < level < 1, "a number between 0 and 1, such as 0.9"),
        ("factor", factor, 1 < factor < np.inf, "a number above 1, such as 2"),
        ("allowed regret", allowed, 0 < allowed < np.inf, "a loss above 0, such as 0.01"),
        ("noise", noise, 0 < noise < 1, "a share of the loss above 0, such as 0.005"),
    ):
        if not holds:
            raise InputError(f"The {name} {value:g} cannot be used: give {expected}.")
