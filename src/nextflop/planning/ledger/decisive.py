"""The experiment to make before deciding: the cheapest runs whose outcome would change what one does."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.planning.choice import Answer, answers, choose, value_of_information
from nextflop.planning.ledger.candidates import Candidates, rows
from nextflop.planning.ledger.options import Solved, amounts, at
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme, Spending
from nextflop.planning.ledger.ranking import lowest, taken
from nextflop.planning.ledger.text import added

_MORE = 1.1  # times what a cheaper run tells, that a dearer one must
_AMONG = (0.1, 0.3, 0.5, 0.7, 0.9)  # of a law's draws, by the size that they call for
_ENOUGH = 0.5  # of what the most telling run is worth, from which on a cheaper one is taken


@dataclass(frozen=True)
class Experiment:
    """A run worth making before the decision.

    Attributes:
        params, tokens, unique_tokens, epochs: its setting.
        flop: what it costs.
        share: that as a share of the budget.
        foretold: law → the loss that it foretells at its estimate.
        gain: by how much the expected loss of the decision falls once the outcome is known.
        known: that as a share of what knowing the truth would bring, over all options.
        deviation: standard deviation of its loss about a law that holds: of its noise, of the scatter of the runs, and
            of what laws miss the runs by that are most like it.
        separation: how far apart the laws' forecasts lie, in these.
        answers: what to do for what it shows, the lowest outcomes first.
    """

    params: float
    tokens: float
    unique_tokens: float
    epochs: float
    flop: float
    share: float
    foretold: dict[str, float]
    gain: float
    known: float
    deviation: float
    separation: float
    answers: tuple["Answered", ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The experiment as JSON."""
        return {**vars(self), "answers": [one.to_json() for one in self.answers]}


@dataclass(frozen=True)
class Answered:
    """What to do where a run ends within a range of its loss.

    Attributes:
        low, high: the range; infinite where it is open.
        probability: that it ends there, over draws and laws.
        code: of the option that is best then.
        decision: amount → what to do.
        added: source → tokens of it that are bought or made.
        gain: by how much less that is expected to lose than what would be done without the run.
    """

    low: float
    high: float
    probability: float
    code: str
    decision: dict[str, float]
    added: dict[str, float]
    gain: float

    def to_json(self) -> dict[str, Json]:
        """The answer as JSON."""
        return dict(vars(self))


def experiments(
    options: list[Solved],
    pool: Pool,
    noise: float,
    number: int = 3,
    enough: float = 1e-9,
    runs: Runs | None = None,
    seen: Runs | None = None,
) -> tuple[Experiment, ...]:
    """Runs in the order in which they are worth making; none where nothing that is known would change.

    The decisions to choose from are those of every option, and those that each law would make alone. The draws of all
    laws are the prior, a run tells them apart by its loss and its noise (see `choice.value_of_information`).

    Args:
        options: solved.
        pool: the laws.
        noise: standard deviation of a run's loss, as a share of it. What the runs scatter about a law comes on top, for
            a law that misses its own runs by 3% cannot be told from another by less.
        number: how many runs.
        enough: what knowing the truth, and the most telling run, must be worth for any run to be worth making, in the
            unit of the loss.
        runs: that there are already; what they have answered is not asked again, see `Candidates.of`.
        seen: those of them that were made to decide.
    """
    some = rows(pool)
    least = lowest(options)
    whole = min(float(pool.mean(pool.regret(one.loss, least))) for one in options)
    acts = actions(options, pool)
    values = -np.stack([pool.regret(act.loss, least)[some] for act in acts])
    base = options[0].programme
    tried = Candidates.of(base, pool, noise, runs, seen)
    outcomes = tried.foretold[some].T
    kept = ranked(values, outcomes, tried.sigma, tried.spent.training[0], number, enough)
    # The truth might call for a decision that no option and no law names, so it is worth `whole`, not what choosing
    # among these would bring; and the few rows that stand for all may make it more than that.
    return tuple(
        replace(
            experiment(tried, index, min(gain, known * whole), min(gain / whole, known), pool, base),
            answers=tuple(_answered(acts, one) for one in answers(values, outcomes[index], tried.sigma[index], enough)),
        )
        for index, gain, known in kept
    )


def experiment(tried: Candidates, index: int, gain: float, known: float, pool: Pool, base: Programme) -> Experiment:
    """One of the candidates, with what it is worth."""
    estimates = [float(tried.foretold[part, index][0]) for part in pool.parts]
    spent = tried.spent
    return Experiment(
        params=float(spent.params[0, index]),
        tokens=float(spent.tokens[0, index]),
        unique_tokens=float(spent.raw[0, index]),
        epochs=float(spent.epochs[0, index]),
        flop=float(spent.training[0, index]),
        share=float(spent.training[0, index] / base.situation.flop),
        foretold={member.name: value for member, value in zip(pool.members, estimates, strict=True)},
        gain=gain,
        known=known,
        deviation=float(tried.sigma[index]),
        separation=float(np.ptp(estimates) / tried.sigma[index]),
    )


def ranked(
    values: np.ndarray, outcomes: np.ndarray, sigma: np.ndarray, cost: np.ndarray, number: int, least: float
) -> list[tuple[int, float, float]]:
    """Experiments in the order in which they are worth making, and what they are worth.

    Args:
        values: of every decision that could be taken in every world, higher is better, shape (decisions, worlds).
        outcomes: what every world foretells for every experiment, shape (experiments, worlds).
        sigma, cost: of the experiments.
        number: how many.
        least: what knowing the truth, and the most telling of them, must be worth for any to be worth making.

    Returns:
        Index, gain, and the gain as a share of what knowing the truth would bring; empty if either is nothing.
    """
    perfect = choose(values).regret
    if perfect < least or not len(outcomes):
        return []
    gains = value_of_information(values, outcomes, sigma)
    if gains.max() <= least:
        return []
    return [(index, float(gains[index]), float(gains[index] / perfect)) for index in _frontier(gains, cost)[:number]]


class Act(NamedTuple):
    """A decision that could be taken.

    Attributes:
        solved: the option.
        spent: where it spends, arrays of shape (1,).
        levers: settings of the option's levers, shape (levers,).
        loss: what every row predicts for it, shape (rows,).
    """

    solved: Solved
    spent: Spending
    levers: np.ndarray
    loss: np.ndarray


def actions(options: list[Solved], pool: Pool) -> list[Act]:
    """What could be decided: every option as it is and as each law would have it, the best as some draws would too."""
    found = [Act(one, one.decision.spending, one.decision.levers[0], one.loss) for one in options]
    best = options[taken(options, pool)]
    for solved in options:
        rows = [part.start for part in pool.parts]
        rows += [row for part in pool.parts for row in _between(solved, part)] if solved is best else []
        for row in rows:
            alone = Spending(*(values[row : row + 1] for values in solved.each.spending))
            if np.isfinite(alone.tokens).all():
                found.append(Act(solved, alone, solved.each.levers[row], pool.loss(solved.programme, at(alone))[:, 0]))
    return found


def _between(solved: Solved, part: slice) -> list[int]:
    """Rows of a law whose optima lie evenly among those of its draws, by their size."""
    drawn = np.arange(part.start + 1, part.stop)
    order = drawn[np.argsort(solved.each.spending.params[drawn], kind="stable")]
    return [int(order[int(share * len(order))]) for share in _AMONG] if len(order) else []


def _answered(acts: list[Act], one: Answer) -> Answered:
    act = acts[one.choice]
    text = added(act.solved.programme.levers, act.levers)
    return Answered(one.low, one.high, one.probability, act.solved.code, amounts(act.spent), text, one.gain)


def _frontier(gains: np.ndarray, cost: np.ndarray) -> list[int]:
    """The cheapest run that is worth enough first, then dearer ones that tell more."""
    worthy = np.flatnonzero(gains >= _ENOUGH * gains.max())
    found = [int(worthy[np.lexsort((-gains[worthy], cost[worthy]))[0]])]
    for price in np.unique(cost[cost > cost[found[0]]]):
        rivals = np.flatnonzero(cost == price)
        top = int(rivals[gains[rivals].argmax()])
        if gains[top] > _MORE * gains[found[-1]]:
            found.append(top)
    return found
