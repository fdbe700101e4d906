"""The experiment to make before deciding: the cheapest runs whose outcome would change what one does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.planning.choice import choose, value_of_information
from nextflop.planning.ledger.members import refuted
from nextflop.planning.ledger.options import Solved, at
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme, Spending
from nextflop.planning.ledger.ranking import lowest

Gaps = tuple[np.ndarray, np.ndarray]
"""By what share a law misses every run, shape (runs,), and how far settings are from them, shape (settings, runs)."""
NOISE = 0.005
"""Of a run's loss, as a share of it, where the runs do not say: repeats of one setting differ by 0.2% to 1%."""
SETTINGS = ("params", "tokens", "unique_tokens", "epochs")
"""What sets a run, as a trainer is told it."""
WORLDS = 240  # rows that stand for all draws and laws
_SHARES = np.geomspace(1e-4, 0.03, 4)  # of the budget, that a run may cost
_EPOCHS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_RATIOS = (5.0, 20.0, 80.0)  # tokens a parameter
_MORE = 1.1  # times what a cheaper run tells, that a dearer one must
_CLOSE = 2.0  # factor in parameters, tokens and unique tokens, within which a run has nearly the same setting
_ALIKE = 8  # runs most like a setting, by which is told how far off laws are there
_FAR_OFF = 3.0  # standard deviations of a run, by which a law that misses such runs is refuted
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
        separation: how far apart the laws' forecasts lie, in standard deviations of a run.
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
    separation: float

    def to_json(self) -> dict[str, Json]:
        """The experiment as JSON."""
        return dict(vars(self))


def experiments(
    options: list[Solved],
    pool: Pool,
    noise: float,
    number: int = 3,
    enough: float = 1e-9,
    runs: Runs | None = None,
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
    """
    rows = _rows(pool)
    least = lowest(options)
    whole = min(float(pool.mean(pool.regret(one.loss, least))) for one in options)
    values = -np.stack([pool.regret(loss, least)[rows] for loss in actions(options, pool)])
    base = options[0].programme
    tried = Candidates.of(base, pool, noise, runs)
    kept = ranked(values, tried.foretold[rows].T, tried.sigma, tried.spent.training[0], number, enough)
    # The truth might call for a decision that no option and no law names, so it is worth `whole`, not what choosing
    # among these would bring.
    return tuple(tried.experiment(index, gain, min(gain / whole, known), pool, base) for index, gain, known in kept)


class Candidates(NamedTuple):
    """Small runs that could be made.

    Attributes:
        spent: their settings, arrays of shape (1, candidates).
        foretold: the loss of each as a fresh run of text like that of the runs, shape (rows, candidates).
        sigma: standard deviation of what one would show, shape (candidates,).
    """

    spent: Spending
    foretold: np.ndarray
    sigma: np.ndarray

    @classmethod
    def of(cls, base: Programme, pool: Pool, noise: float, runs: Runs | None = None) -> "Candidates":
        """Those of a problem, without those that runs at hand have answered.

        A law that misses runs nearby by several standard deviations is not put to the test by one more of them.
        """
        spent, sigma = _kept(_settings(base), pool), _sigma(pool, noise)
        gaps = [] if runs is None else list(_gaps(spent, pool, runs))
        open_still = ~_answered(spent, gaps, sigma)
        share = np.hypot(sigma, _missed(spent, gaps)[open_still])
        spent = Spending(*(part[:, open_still] for part in spent))
        foretold = pool.loss(Programme(base.situation, ()), spent)
        return cls(spent, foretold, share * foretold[_rows(pool)].mean(axis=0))

    def experiment(self, index: int, gain: float, known: float, pool: Pool, base: Programme) -> Experiment:
        """One of them, with what it is worth."""
        estimates = [float(self.foretold[part, index][0]) for part in pool.parts]
        spent = self.spent
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
            separation=float(np.ptp(estimates) / self.sigma[index]),
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


def _sigma(pool: Pool, noise: float) -> float:
    """Standard deviation of what a run would show, as a share of it."""
    scatter = [member.scatter for member in pool.members if np.isfinite(member.scatter)]
    return float(np.hypot(noise, max(scatter, default=0.0)))


def _kept(spent: Spending, pool: Pool) -> Spending:
    """Settings that are no smaller than the runs of every law: below them a law foretells what no one has seen."""
    within = np.ones(spent.params.shape[1], bool)
    for axis, values in (("params", spent.params[0]), ("tokens", spent.tokens[0])):
        lows = [member.ranges[axis][0] for member in pool.members if axis in member.ranges]
        within &= values >= max(lows, default=0.0)
    return Spending(*(part[:, within] for part in spent))


def _answered(spent: Spending, missed: Sequence[Gaps], sigma: float) -> np.ndarray:
    """Whether runs close to a setting lie far from what some law foretells for them, shape (settings,)."""
    found = np.zeros(spent.params.shape[1], bool)
    for gaps, apart in missed:
        near = apart <= np.log(_CLOSE)
        for place in np.flatnonzero(near.any(axis=1)):
            found[place] |= bool(abs(np.median(gaps[near[place]])) > _FAR_OFF * sigma)
    return found


def _missed(spent: Spending, missed: Sequence[Gaps]) -> np.ndarray:
    """By what share some law misses the runs that are most like a setting, root mean square, shape (settings,).

    Where a law is off by a tenth for the runs at hand, whatever their distance, one more that lies off tells nothing of
    what it foretells elsewhere: no one would weigh the laws anew for it, and so it must not be worth as if he did.
    """
    found = np.zeros(spent.params.shape[1])
    for gaps, apart in missed:
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :_ALIKE]
        found = np.maximum(found, np.sqrt(np.mean(gaps[nearest] ** 2, axis=1)))
    return found


def _gaps(spent: Spending, pool: Pool, runs: Runs) -> Iterator[Gaps]:
    """Of every law whose inputs the runs have: by what share it misses each, in logarithms, and how far settings are.

    The distance is the largest of the logarithms of the ratios of inputs.
    """
    axes = {"params": spent.params, "tokens": spent.tokens, "unique_tokens": spent.raw}
    for member in pool.members:
        if not {*member.law.inputs, member.law.response} <= set(runs.columns):
            continue
        first = member.take(np.zeros(1, int))
        with np.errstate(all="ignore"):
            gaps = np.log(np.asarray(first(**{name: runs[name] for name in first.inputs}))).ravel()
            gaps = gaps - np.log(runs[first.response])
        kept = np.isfinite(gaps)
        apart = [np.abs(np.log(runs[name][kept] / axes[name][0][:, None])) for name in first.inputs]
        yield gaps[kept], np.max(apart, axis=0)


def _rows(pool: Pool) -> np.ndarray:
    """Rows that stand for all, evenly spaced in belief; no run is made to tell of a law what the runs have told."""
    out = refuted(pool.members)
    kept = np.concatenate([np.full(member.rows, member not in out) for member in pool.members])
    shares = np.where(kept, pool.shares, 0.0)
    reached = np.cumsum(shares if shares.any() else pool.shares)
    places = (np.arange(WORLDS) + 0.5) / WORLDS * reached[-1]
    return np.searchsorted(reached, places)


def actions(options: list[Solved], pool: Pool) -> list[np.ndarray]:
    """What every row predicts for every decision that could be taken."""
    found = [solved.loss for solved in options]
    for solved in options:
        for part in pool.parts:
            alone = Spending(*(values[part.start : part.start + 1] for values in solved.each.spending))
            if np.isfinite(alone.tokens).all():
                found.append(pool.loss(solved.programme, at(alone))[:, 0])
    return found


def _settings(base: Programme) -> Spending:
    """Small runs: a few costs, tokens a parameter, and epochs, from text that is at hand."""
    k = base.situation.flop_per_param_token
    repeated = _EPOCHS if base.owned else (1.0,)
    cost, ratio, epochs = (
        part.ravel()
        for part in np.meshgrid(_SHARES * base.situation.training, np.array(_RATIOS), np.array(repeated), indexing="ij")
    )
    params = np.sqrt(cost / (k * ratio))
    tokens = ratio * params
    unique = tokens / epochs
    kept = unique <= base.situation.unique if base.owned else np.ones(len(cost), bool)
    params, tokens, unique = params[kept], tokens[kept], unique[kept]
    zero = np.zeros_like(params)
    found = (params, tokens, tokens / unique, unique, unique, k * params * tokens, zero, zero, zero)
    return Spending(*(part[None] for part in found))


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
