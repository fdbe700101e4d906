"""How much each of several laws counts for a plan: by what it would have foretold of runs held out along each axis.

A plan goes beyond its runs along several axes at once: more parameters, more tokens, more compute, more epochs, more
unique data. So runs are held out along each of them, at cuts with about a half and a quarter of the runs beyond, all
laws are fitted to the runs below, and every held-out run is scored by the logarithm of the density that a law gave it.
The density is a Student's t with four degrees of freedom, so that stray runs pull little; its scale is how far single
runs scatter, with what the runs below leave open of the law's parameters. How far runs scatter is a matter of the runs:
it is their scatter about the law that they scatter least about, or constants that miss all runs in one direction would
have their error taken for noise, and would score hardly worse for it.

The weights are those of stacking (Yao et al. 2018, arXiv:1704.02030): the mixture of laws that scores best. Held-out
runs of one cut share their law and their cut, so a cut counts as one observation, at the mean score of its runs,
however many it has, and luck with some of them brings a law nothing. Every axis counts alike, and the weights are found
as if one more cut had been foretold by all laws equally well (a Dirichlet prior), which keeps each of n laws at no less
than 1 / (n (cuts + 1)).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import lgamma, log, pi
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError, unknown
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.fitting.objective import Huber, Objective
from nextflop.fitting.quick import swift
from nextflop.judging.axes import axes_of, levels
from nextflop.judging.backtest import along, split
from nextflop.judging.choice import distinct
from nextflop.laws.base import Law

_HELD = (0.5, 0.25)  # shares of the runs beyond a cut that are aimed at
_MOST, _FEWEST = 0.75, 2  # share, and number of runs (or clusters of them), that may and must lie beyond
_FREEDOM = 4.0  # of Student's t
_LEAST = 1e-4  # of a log response, as scatter: runs that agree better than this agree by chance
_ROUNDS = 2000  # of expectation and maximisation, which stop when no weight moves by
_STILL = 1e-9

Candidate = type[Law] | Law | Fit
"""A family, a law whose constants are taken as they are, or a fit, which stands for its family with its pins."""


class HeldOut(NamedTuple):
    """One cut of an axis.

    Attributes:
        axis: column, "flop" or "epochs".
        cut: the largest value of the axis in training.
        reach: decades from there to the farthest run beyond.
        trained, tested: how many runs.
        errors: law → mean of |log(law / run)| over the runs beyond; infinite if it had no answer.
        bias: law → mean of log(law / run), likewise.
        scores: law → mean logarithm of the density of log runs.
    """

    axis: str
    cut: float
    reach: float
    trained: int
    tested: int
    errors: Mapping[str, float]
    bias: Mapping[str, float]
    scores: Mapping[str, float]

    def to_json(self) -> dict[str, Json]:
        """The cut as JSON."""
        record = self._asdict()
        return {**record, **{name: dict(record[name]) for name in ("errors", "bias", "scores")}}


@dataclass(frozen=True)
class Weights:
    """How much each law counts, and the held-out runs behind it.

    Attributes:
        laws: their names, in the order in which they were given.
        held_out: every cut, by axis.
        skipped: axis → why no run could be held out along it.
        rule: how the weights are found, one sentence.
    """

    laws: tuple[str, ...]
    held_out: tuple[HeldOut, ...]
    skipped: Mapping[str, str]
    rule: str = (
        "stacking of log scores of held-out runs, axes alike and a cut as one observation, with one more cut that all "
        "laws foretold equally"
    )

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes along which runs were held out."""
        return tuple(dict.fromkeys(fold.axis for fold in self.held_out))

    @property
    def shares(self) -> dict[str, float]:
        """Law → weight, all axes together; they sum to 1."""
        return self.along(*self.axes)

    @property
    def floor(self) -> float:
        """The weight that a law keeps however poorly it foretold, all axes together."""
        return 1 / (len(self.laws) * (len(self.held_out) + 1))

    def along(self, *axes: str) -> dict[str, float]:
        """Law → weight by the runs held out along some axes only, such as those that an option goes beyond.

        Raises:
            InputError: if no run was held out along one of them.
        """
        for axis in axes:
            if axis not in self.axes:
                raise unknown("axis with runs held out", axis, self.axes)
        folds = [fold for fold in self.held_out if fold.axis in axes]
        each = {axis: sum(fold.axis == axis for fold in folds) for axis in axes}
        counted = np.array([1 / each[fold.axis] / len(each) for fold in folds])
        found = stack(np.array([[fold.scores[law] for fold in folds] for law in self.laws]), counted)
        return dict(zip(self.laws, map(float, found), strict=True))

    def error(self, law: str, axis: str) -> float:
        """The mean absolute log error of a law beyond the cuts of an axis."""
        return float(np.mean([fold.errors[law] for fold in self.held_out if fold.axis == axis]))

    def to_json(self) -> dict[str, Json]:
        """The weights as JSON, with the table of held-out errors."""
        return {
            "weights": self.shares,
            "by_axis": {axis: self.along(axis) for axis in self.axes},
            "floor": self.floor,
            "rule": self.rule,
            "held_out": [fold.to_json() for fold in self.held_out],
            "skipped": dict(self.skipped),
        }


def weigh(
    runs: Runs,
    laws: Sequence[Candidate] | Mapping[str, Candidate],
    *,
    axes: Sequence[str] | None = None,
    cluster: str | None = None,
    objective: Objective | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Weights:
    """Weighs laws of one response, whose inputs may differ, by held-out runs.

    Rows that repeat another exactly count once.

    Args:
        runs: a table with the inputs of all laws and a positive response; a column "weight" weighs the runs in fits.
        laws: at least one, under names of their own or those of the families.
        axes: along which runs are held out; by default every input of a law, with "flop" and "epochs" where the columns
            allow.
        cluster: the column that tells runs apart, if rows are snapshots; a run is held out as a whole.
        objective: what fits minimise; by default `Huber()` on log residuals.
        progress: called with the number of cuts done and the number of all.

    Raises:
        InputError: if a column is missing, or the laws foretell different things.
        FitError: if the runs leave nothing to hold out along any axis.
    """
    entries = _entries(laws)
    families = [entry.law for entry in entries]
    inputs = tuple(dict.fromkeys(name for law in families for name in law.inputs))
    runs = distinct(runs, inputs, families[0].response, cluster)
    cuts: list[tuple[str, np.ndarray, float]] = []
    skipped = {}
    for axis in axes or axes_of(families, runs):
        place = along(runs, axis)
        found = _cuts(entries, runs, place, cluster)
        cuts += [(axis, place, cut) for cut in found]
        if not found:
            skipped[axis] = _why(place, axis)
    if not cuts:
        raise FitError(
            f"The {len(runs)} different runs leave nothing to hold out for {', '.join(entry.name for entry in entries)}"
            f" ({' '.join(skipped.values())}): add runs over a wider range."
        )
    held_out = []
    for axis, place, cut in cuts:
        held_out.append(_held_out(entries, runs, axis, place, cut, cluster, objective or Huber()))
        if progress is not None:
            progress(len(held_out), len(cuts))
    return Weights(tuple(entry.name for entry in entries), tuple(held_out), skipped)


def name_of(one: Candidate) -> str:
    """What a candidate is called that has no name of its own."""
    if isinstance(one, Fit):
        pinned = one.method.pinned if one.method else {}
        return one.law.name + (f" with {', '.join(pinned)} held" if pinned else "")
    return f"{one.name} as given" if isinstance(one, Law) else one.name


def stack(scores: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The weights of the mixture that gives the cuts the highest mean log density, shape (laws,).

    By expectation and maximisation, with a Dirichlet prior that is worth one cut.

    Args:
        scores: mean log densities, law by law, shape (laws, cuts).
        counted: how much each cut counts; sums to 1, shape (cuts,).
    """
    likely, cuts = np.exp(scores - scores.max(axis=0)), len(counted)
    weights = np.full(len(scores), 1 / len(scores))
    for _ in range(_ROUNDS):
        before = weights
        mixed = weights[:, None] * likely
        weights = (cuts * (mixed / mixed.sum(axis=0)) @ counted + 1 / len(weights)) / (cuts + 1)
        if np.abs(weights - before).max() < _STILL:
            break
    return weights


class _Entry(NamedTuple):
    """A candidate, taken apart."""

    name: str
    law: type[Law]
    pinned: Mapping[str, float]
    known: Law | None

    @property
    def free(self) -> int:
        return 0 if self.known is not None else len(self.law.parameters) - len(self.pinned)

    def settings(self, runs: Runs) -> int:
        return np.unique(np.stack([runs[name] for name in self.law.inputs]), axis=1).shape[1]


def _entries(laws: Sequence[Candidate] | Mapping[str, Candidate]) -> list[_Entry]:
    found = []
    pairs = laws.items() if isinstance(laws, Mapping) else [(None, one) for one in laws]
    for given, one in pairs:
        name = given or name_of(one)
        if isinstance(one, Fit):
            found.append(_Entry(name, type(one.law), one.method.pinned if one.method else {}, None))
        elif isinstance(one, Law):
            found.append(_Entry(name, type(one), {}, one))
        else:
            found.append(_Entry(name, one, {}, None))
    if not found:
        raise InputError("There is no law to weigh: name at least one.")
    for entry in found:
        if entry.law.response != found[0].law.response:
            raise InputError(
                f"{entry.name} foretells {entry.law.response}, {found[0].name} {found[0].law.response}: weigh laws of "
                "one response."
            )
    names = [entry.name for entry in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"Two laws are called {twice!r}: give a mapping with names of their own.")
    return found


def _cuts(entries: Sequence[_Entry], runs: Runs, place: np.ndarray, cluster: str | None) -> list[float]:
    """The cuts whose share of runs beyond comes nearest to those aimed at, and that leave every law enough."""
    units = np.arange(len(runs)) if cluster is None else np.unique(runs[cluster], return_inverse=True)[1].ravel()
    possible = {}
    for upper in levels(place)[1:]:
        cut = float(place[place < upper].max())
        train, test = split(runs, place, cut, cluster)
        beyond = len(np.unique(units[test]))
        share = beyond / (units.max() + 1)
        kept = runs.where(train)
        enough = len(kept) > 1 and all(entry.settings(kept) > entry.free for entry in entries)
        if enough and beyond >= _FEWEST and share <= _MOST:
            possible[cut] = share
    nearest = {min(possible, key=lambda cut: abs(possible[cut] - aim)) for aim in _HELD if possible}
    return sorted(nearest)


def _why(place: np.ndarray, axis: str) -> str:
    if len(levels(place)) == 1:
        return f"All runs have {axis} = {place[0]:.4g}."
    return f"No cut of {axis} leaves enough settings below it and {_FEWEST} runs beyond."


def _held_out(
    entries: Sequence[_Entry],
    runs: Runs,
    axis: str,
    place: np.ndarray,
    cut: float,
    cluster: str | None,
    objective: Objective,
) -> HeldOut:
    below, beyond = split(runs, place, cut, cluster)
    train, test = runs.where(below), runs.where(beyond)
    units = np.arange(len(test)) if cluster is None else np.unique(test[cluster], return_inverse=True)[1].ravel()
    shares = 1 / np.bincount(units)[units] / (units.max() + 1)
    truth = np.log(test[entries[0].law.response])
    foretold = [_foretold(entry, train, test, cluster, objective) for entry in entries]
    answers = [one for one in foretold if one is not None]
    noise = min((one.scatter for one in answers), default=_LEAST)
    nothing = _nothing(train[entries[0].law.response], len(test))
    gaps, scores = [], []
    for one in foretold:
        said, scale = nothing if one is None else (one.said, np.hypot(noise, one.deviation))
        gaps.append(np.full(len(test), np.inf) if one is None else said - truth)
        scores.append(float(_density(said - truth, scale) @ shares))
    names = [entry.name for entry in entries]
    return HeldOut(
        axis=axis,
        cut=float(place[below].max()),
        reach=float(np.log10(place[beyond].max() / max(place[below].max(), 1e-300))),
        trained=len(train),
        tested=len(test),
        errors={name: float(np.abs(gap) @ shares) for name, gap in zip(names, gaps, strict=True)},
        bias={name: float(gap @ shares) for name, gap in zip(names, gaps, strict=True)},
        scores=dict(zip(names, scores, strict=True)),
    )


class _Foretold(NamedTuple):
    """What a law says of the runs beyond a cut.

    Attributes:
        said: logarithms, shape (tested,).
        deviation: what the runs below leave open of them, of that shape.
        scatter: of single runs below about the law.
    """

    said: np.ndarray
    deviation: np.ndarray
    scatter: float


def _foretold(entry: _Entry, train: Runs, test: Runs, cluster: str | None, objective: Objective) -> _Foretold | None:
    """What a law says of the runs beyond a cut; None where it has no answer to some, and knows no more than none."""
    law, response = entry.law, np.log(train[entry.law.response])
    if entry.known is not None:
        with np.errstate(all="ignore"):
            below, said = (
                np.log(np.asarray(entry.known(**{name: runs[name] for name in law.inputs}))) for runs in (train, test)
            )
        found = _Foretold(said, np.zeros(len(test)), _scatter(below - response, 0))
    else:
        try:
            fitted = swift(law, train, objective=objective, pinned=entry.pinned, cluster=cluster)
        except FitError:
            return None
        scatter = _scatter(fitted.log_response(train) - response, entry.free)
        found = _Foretold(fitted.log_response(test), fitted.deviation(test), scatter)
    return found if np.isfinite(found.said).all() and np.isfinite(found.scatter) else None


def _nothing(response: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    logs = np.log(response)
    return np.full(count, np.median(logs)), np.full(count, max(float(logs.std()), _LEAST))


def _scatter(residuals: np.ndarray, free: int) -> float:
    """Standard deviation of the runs about a law, by the median so that stray ones count little."""
    count = len(residuals)
    return max(1.4826 * float(np.median(np.abs(residuals))) * np.sqrt(count / max(count - free, 1)), _LEAST)


def _density(gaps: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Logarithm of the density of Student's t."""
    half = (_FREEDOM + 1) / 2
    height = lgamma(half) - lgamma(_FREEDOM / 2) - log(_FREEDOM * pi) / 2
    return height - np.log(scale) - half * np.log1p((gaps / scale) ** 2 / _FREEDOM)
