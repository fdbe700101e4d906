"""Which law to forecast with, chosen by what each would have foretold of runs that were held out, and the forecast.

The largest runs are held out at three cuts, each a factor or more below the one before. At each cut every law is fitted
to all runs below it and to the last decades of them (`members`), and foretells the runs up to the next cut. The errors
choose the law, weigh the forecasters (`ensemble`), and say how much wider than it promises an interval must be.

The constants here and in the two modules were set on simulated tables and on held-out parts of training rows of the
extrapolation benchmark (arXiv:2209.06640), never on its test rows; `benchmarks/extrapolation.py` has the outcome.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.judging.backtest import LAST, LINE, along, split, usual_axis
from nextflop.judging.baselines import last_value, straight_line
from nextflop.judging.ensemble import FLOOR, Ensemble, Errors, combine
from nextflop.judging.members import ROUNDING, Member, members
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws import BoundedPower, Broken1, Chinchilla, Kaplan, Law, Power, ShiftedPower, Skaling

CANDIDATES: tuple[tuple[type[Law], ...], ...] = (
    (Chinchilla, Skaling, Kaplan),
    (Power, ShiftedPower, BoundedPower, Broken1),
)
"""The laws that are tried if none are named: the first group whose inputs a table has."""

MEAN = "weighted mean"
CUTS, FACTOR = 3, 2.0  # how many, and how far apart at least
# Before any cut has been seen: the variance of the mean's error is half of what the laws and the scatter promise of one
# forecaster, and counts as much as that of two cuts.
_SHARE, _PRIOR = 0.5, 2


class Cut(NamedTuple):
    """One cut of the axis: fitted below, tested above, up to the next.

    Attributes:
        cut: the largest value of the axis in training.
        reach: decades from there to the farthest test run.
        trained, tested: how many runs.
        errors: name of a law fitted to all runs below the cut, `MEAN`, or a simple forecast → root mean square of its
            log errors; a law that had no answer is left out.
        promised: mean over the test runs of the squared log error of the mean over the variance that it promised.
    """

    cut: float
    reach: float
    trained: int
    tested: int
    errors: Mapping[str, float]
    promised: float


@dataclass(frozen=True)
class Choice:
    """The law that would have foretold best, and all forecasters with their weights.

    Attributes:
        law: the name of the law.
        axis: the column along which runs were held out.
        cuts: from the latest to the earliest.
        ensemble: the forecasters, fitted to all runs.
        widening: the factor on the standard deviations, from the cuts.
        freedom: degrees of freedom of Student's t, from the number of cuts.
        end: the largest value of the axis.
        ranges: input → (smallest, largest) value in the runs.
        verdict: code `choice`: whether that law beats the simple forecasts.
    """

    law: str
    axis: str
    cuts: tuple[Cut, ...]
    ensemble: Ensemble
    widening: float
    freedom: int
    end: float
    ranges: Mapping[str, tuple[float, float]]
    verdict: Verdict

    @property
    def names(self) -> tuple[str, ...]:
        """What was tried: laws, the weighted mean, the simple forecasts."""
        return _names(self.cuts)

    def error(self, name: str) -> float:
        """The geometric mean of a forecast's error over the cuts at which it had an answer."""
        return _error(self.cuts, name)

    @property
    def reach(self) -> float:
        """The farthest that a held-out run was beyond its cut, in decades."""
        return max(cut.reach for cut in self.cuts)

    def share(self, law: str) -> float:
        """The weight of all forecasters of a law."""
        return float(sum(w for w, m in zip(self.ensemble.weights, self.ensemble.members, strict=True) if m.law == law))

    def to_json(self) -> dict[str, Json]:
        """The choice as JSON."""
        return {
            "law": self.law,
            "axis": self.axis,
            "errors": {name: self.error(name) for name in self.names},
            "cuts": [{**cut._asdict(), "errors": dict(cut.errors)} for cut in self.cuts],
            "forecasters": [
                {"law": member.law, "window": member.window, "weight": float(weight), "recent": member.recent}
                for member, weight in zip(self.ensemble.members, self.ensemble.weights, strict=True)
            ],
            "widening": self.widening,
            "freedom": self.freedom,
            "verdict": self.verdict.to_json(),
        }


def choose(
    runs: Runs,
    laws: Sequence[type[Law]] | None = None,
    *,
    axis: str | None = None,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Choice:
    """Chooses a law by what each would have foretold, and weighs all of them for a forecast.

    Rows that repeat another exactly count once.

    Args:
        runs: a table with inputs and a positive response; a column "weight" weighs the runs.
        laws: the families to choose from, all with the same inputs and response; by default those that suit the
            columns, see `CANDIDATES`.
        axis: a column along which the largest runs are held out; by default training FLOP if params and tokens are
            inputs, else the first input.
        cluster: the column that tells runs apart, if rows are snapshots; a run is held out as a whole.
        progress: called with the number of cuts done and the number of all.

    Raises:
        InputError: if a column is missing or the laws do not answer the same question.
        FitError: if the runs leave nothing to hold out.
    """
    laws = _laws(runs, laws)
    runs = distinct(runs, laws[0].inputs, laws[0].response, cluster)
    axis = axis or usual_axis(laws[0], laws[0].inputs)
    place = along(runs, axis)
    cuts = _cuts(place)
    whole = members(laws, runs, place)
    folds: list[_Fold] = []
    for index, cut in enumerate(cuts):
        train, test = split(runs, place, cut, cluster)
        upper = cuts[index - 1] if index else np.inf
        test = test[place[test] <= upper]
        if len(train) and len(test):
            found = members(laws, runs.where(train), place[train])
            if found:
                folds.append(_Fold(found, runs.where(train), runs.where(test), place[train], place[test]))
        if progress is not None:
            progress(index + 1, len(cuts))
    if not whole or not folds:
        fewest = min(len(law.parameters) for law in laws) + 2
        raise FitError(
            f"The {len(runs)} different runs leave {', '.join(law.name for law in laws)} too few below a cut of {axis} "
            f"at half its end: give at least {fewest}, over more than a factor of two."
        )
    errors = [fold.errors(laws[0].response) for fold in folds]
    tested = tuple(_cut(laws[0], fold, errors[index + 1 :]) for index, fold in enumerate(folds))
    missed = sum(cut.promised for cut in tested)
    law, verdict = _best([law.name for law in laws], tested)
    return Choice(
        law=law,
        axis=axis,
        cuts=tested,
        ensemble=combine(whole, errors),
        widening=float(np.sqrt((_PRIOR * _SHARE + missed) / (_PRIOR + len(tested)))),
        freedom=_PRIOR + len(tested),
        end=float(place.max()),
        ranges={name: (float(runs[name].min()), float(runs[name].max())) for name in laws[0].inputs},
        verdict=verdict,
    )


class _Fold(NamedTuple):
    """Forecasters below a cut and the runs beyond it."""

    members: tuple[Member, ...]
    train: Runs
    test: Runs
    before: np.ndarray
    after: np.ndarray

    def errors(self, response: str) -> Errors:
        """What each forecaster missed; those without a value somewhere are left out."""
        truth = np.log(self.test[response])
        found = {one.key: _root(one.fitted.log_response(self.test) - truth) for one in self.members}
        return {key: error for key, error in found.items() if np.isfinite(error)}


def _laws(runs: Runs, laws: Sequence[type[Law]] | None) -> tuple[type[Law], ...]:
    if laws is None:
        for group in CANDIDATES:
            if set(group[0].inputs) <= set(runs.columns):
                return group
        raise InputError(
            f"The columns {', '.join(runs.columns)} suit no group of laws to choose from: give params and tokens, or "
            "compute, beside loss; or name the laws."
        )
    if not laws:
        raise InputError("There is no law to choose from: name at least one.")
    first = laws[0]
    for law in laws:
        if (law.inputs, law.response) != (first.inputs, first.response):
            raise InputError(
                f"{law.name} takes {', '.join(law.inputs)} and gives {law.response}, {first.name} takes "
                f"{', '.join(first.inputs)} and gives {first.response}: choose among laws of the same columns."
            )
    return tuple(laws)


def distinct(runs: Runs, inputs: Sequence[str], response: str, cluster: str | None) -> Runs:
    """The table without repeated rows, in an order that depends on the rows alone.

    Args:
        runs: the table.
        inputs: columns that tell rows apart, beside the response, the weight and the cluster.
        response: what is foretold, by errors of its logarithm.
        cluster: the column that tells runs apart, if rows are snapshots.

    Raises:
        InputError: if a column is missing, a run is censored, or a response is not above 0.
    """
    if "censored" in runs and (runs["censored"] != 0).any():
        raise InputError("Runs that are censored foretell nothing exactly: leave them out, or fit one law.")
    named = [*inputs, response, *(name for name in ("weight", cluster) if name is not None and name in runs)]
    missing = [name for name in [*inputs, response] if name not in runs]
    if missing:
        raise InputError(f"The column {missing[0]!r} is missing (there are {', '.join(runs.columns)}): add or map it.")
    if runs[response].dtype.kind != "f" or not (runs[response] > 0).all():
        raise InputError(f"A choice is made by errors of log {response}: every {response} must be above 0.")
    columns = [np.unique(runs[name], return_inverse=True)[1] for name in named]
    return runs.where(np.unique(np.stack(columns, axis=1), axis=0, return_index=True)[1])


def _cuts(place: np.ndarray) -> list[float]:
    """Levels of the axis, each the highest that is a factor below the one before, from the end on."""
    levels, found = np.unique(place), []
    upper = levels[-1]
    for _ in range(CUTS):
        below = levels[levels <= upper / FACTOR * (1 + ROUNDING)]
        if not len(below) or below[-1] <= 0:
            break
        upper = below[-1]
        found.append(float(upper))
    return found


def _cut(law: type[Law], fold: _Fold, earlier: Sequence[Errors]) -> Cut:
    """What was foretold beyond a cut; the mean is weighed by what was known below it."""
    truth = np.log(fold.test[law.response])
    middle, spread = combine(fold.members, earlier).log_forecast(fold.test)
    with np.errstate(all="ignore"):
        errors = {one.law: _root(one.fitted.log_response(fold.test) - truth) for one in fold.members if one.window > 99}
        errors |= {
            MEAN: _root(middle - truth),
            LAST: _root(np.log(last_value(law, fold.train, fold.test, fold.before)) - truth),
            LINE: _root(np.log(straight_line(law, fold.train, fold.test)) - truth),
        }
    return Cut(
        cut=float(fold.before.max()),
        reach=float(np.log10(fold.after.max() / fold.before.max())),
        trained=len(fold.train),
        tested=len(fold.test),
        errors={name: error for name, error in errors.items() if np.isfinite(error)},
        promised=float(np.mean((middle - truth) ** 2 / np.maximum(spread.total, FLOOR / 100) ** 2)),
    )


def _root(gaps: np.ndarray) -> float:
    return float(np.sqrt(np.mean(gaps**2)))


def _names(cuts: Sequence[Cut]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for cut in cuts for name in cut.errors))


def _error(cuts: Sequence[Cut], name: str) -> float:
    errors = [cut.errors[name] for cut in cuts if name in cut.errors]
    return float(np.exp(np.log(np.maximum(errors, FLOOR)).mean())) if errors else float("inf")


def _best(laws: Sequence[str], cuts: Sequence[Cut]) -> tuple[str, Verdict]:
    """The law that beats the better simple forecast by most, over the cuts at which it had an answer."""

    def ratio(name: str) -> float:
        answered = [cut for cut in cuts if name in cut.errors]
        return _error(answered, name) / min(_error(answered, LAST), _error(answered, LINE)) if answered else np.inf

    law = min(laws, key=ratio)
    rival = min((LAST, LINE), key=lambda name: _error([cut for cut in cuts if law in cut.errors] or cuts, name))
    found = ratio(law)
    outcome = Outcome.passed if found < 1 else Outcome.fail
    beaten = f"{law} foretold the runs held out at {len(cuts)} cuts to {_error(cuts, law):.2%}"
    says = (
        f"{beaten}; the best simple forecast, {rival}, missed by {_error(cuts, rival):.2%}."
        if found < 1
        else f"No law foretold the held-out runs better than {rival} ({_error(cuts, rival):.2%}); the nearest, {law}, "
        f"missed by {_error(cuts, law):.2%}."
    )
    return law, Verdict("choice", "a law beats simple forecasts", outcome, float(found), 1.0, says)
