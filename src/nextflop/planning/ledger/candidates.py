"""Small runs that could be made before deciding: their settings, what is foretold, and how far one may lie off."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.planning.ledger.members import refuted
from nextflop.planning.ledger.pooled import Pool, believed, evenly
from nextflop.planning.ledger.programme import Programme, Spending

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
_CLOSE = 2.0  # factor in parameters, tokens and unique tokens, within which a run has nearly the same setting
_ALIKE = 8  # runs most like a setting, by which is told how far off laws are there
_FAR_OFF = 3.0  # standard deviations of a run, by which a law that misses such runs is refuted


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
    def of(
        cls, base: Programme, pool: Pool, noise: float, runs: Runs | None = None, seen: Runs | None = None
    ) -> "Candidates":
        """Those of a problem, without those that runs at hand have answered, and those that were made to decide.

        A law that misses runs nearby by several standard deviations is not put to the test by one more of them. One
        more of what was made to decide would be off by as much as the first, so it would tell nothing new.
        """
        spent, sigma = _kept(_settings(base), pool), _sigma(pool, noise)
        gaps = [] if runs is None else list(_gaps(spent, pool, runs))
        open_still = ~_answered(spent, gaps, sigma)
        for _, apart in () if seen is None else _gaps(spent, pool, seen):
            open_still &= (apart > np.log(_CLOSE)).all(axis=1)
        share = np.hypot(sigma, _missed(spent, gaps))[open_still]
        spent = Spending(*(part[:, open_still] for part in spent))
        foretold = pool.loss(Programme(base.situation, ()), spent)
        return cls(spent, foretold, share * foretold[rows(pool)].mean(axis=0))


def off(spent: Spending, pool: Pool, noise: float, runs: Runs | None) -> np.ndarray:
    """By what share of itself the loss of a run may lie off a law that holds, shape (settings,).

    A standard deviation: of the noise of a run, what the runs scatter about the laws, and what some law misses the runs
    by that are most like it.
    """
    gaps = [] if runs is None else list(_gaps(spent, pool, runs))
    return np.hypot(_sigma(pool, noise), _missed(spent, gaps))


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


def rows(pool: Pool) -> np.ndarray:
    """Rows that stand for all, evenly spaced in belief; no run is made to tell of a law what the runs have told."""
    out = refuted(pool.members)
    kept = np.concatenate([np.full(member.rows, member not in out) for member in pool.members])
    shares = np.where(kept, pool.shares, 0.0)
    return believed(shares if shares.any() else pool.shares, evenly(WORLDS))


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
    return trained(params, tokens, unique, k * params * tokens)


def trained(params: np.ndarray, tokens: np.ndarray, unique: np.ndarray, flop: np.ndarray) -> Spending:
    """Runs that spend on nothing but training: of arrays of shape (runs,), one of shape (1, runs)."""
    zero = np.zeros_like(params)
    found = (params, tokens, tokens / unique, unique, unique, flop, zero, zero, zero)
    return Spending(*(part[None] for part in found))
