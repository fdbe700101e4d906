"""One budget, several laws: the split of least mean loss over all of them and all their draws.

The optimum of one fit takes its law for true and its parameters for known. Laws that the same runs allow may put it
elsewhere, and where the runs are few so do the draws of one law. The split that loses least on the mean lies where none
of them loses much, which is not the mean of their optima: loss rises steeply on one side of a valley and slowly on the
other. What is left to be lost there is what better knowledge would be worth.

No draw's loss counts beyond ten times the regret that is accepted. Such a split has failed, whatever the number: it
comes of an exponent that few runs left open and a budget far beyond them, and one draw in a hundred would outvote all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.prediction import beyond
from nextflop.judging.credence import credence
from nextflop.judging.weights import name_of
from nextflop.planning.allocation import RegretCurve, Valley, amid, given_inputs
from nextflop.planning.optimum import Line, optimum
from nextflop.quantities import parse_positive

_POINTS = 801  # of the grid in log N
_TAIL = 1e-3  # of the optima on each side, beyond which the grid does not reach
_FAILED = 10.0  # times the regret that is accepted
_MARGIN = 4.0  # in log N beyond these, for valleys that are wide


class Opinion(NamedTuple):
    """What one law says.

    Attributes:
        weight: how much it counts.
        params: N of least loss at its estimate.
        loss: the loss there.
        cost: mean loss above its own optima that the pooled split costs if this law is right, no draw counting beyond
            ten times the accepted regret.
        without_optimum: share of its draws under which one of the two uses is worthless.
    """

    weight: float
    params: float
    loss: float
    cost: float
    without_optimum: float


@dataclass(frozen=True)
class Pooled:
    """Where a training budget goes under several laws at once.

    Attributes:
        budget: C, in FLOP.
        flop_per_param_token: the 6 of C = 6 N D.
        params: N of least mean loss; the interval is that of the optima of all draws, by weight.
        tokens: D that spends the rest of the budget, likewise.
        tokens_per_param: D / N.
        loss: median predicted loss there, with the interval over laws and draws.
        expected_regret: mean loss there above the optimum of each draw: what knowing the law would be worth. As in the
            curve no draw counts beyond ten times `regret`.
        regret: the loss above the least mean loss that bounds the valley.
        valley: splits whose mean loss is within it.
        probability: share of the draws, by weight, under which the split loses no more than `regret`.
        curve: mean regret against parameters with its interval; shape (points,) each.
        laws: law → what it says alone.
        level: of the intervals.
        decades_beyond: input → how far the split lies outside the data, in powers of ten.
    """

    budget: float
    flop_per_param_token: float
    params: Interval
    tokens: Interval
    tokens_per_param: Interval
    loss: Interval
    expected_regret: float
    regret: float
    valley: Valley
    probability: float
    curve: RegretCurve
    laws: Mapping[str, Opinion]
    level: float
    decades_beyond: Mapping[str, float]

    def to_json(self) -> dict[str, Json]:
        """The plan as JSON, the curve with it."""
        intervals = {name: getattr(self, name)._asdict() for name in ("params", "tokens", "tokens_per_param", "loss")}
        return {
            **vars(self),
            **intervals,
            "valley": self.valley._asdict(),
            "curve": self.curve._asdict(),
            "laws": {name: opinion._asdict() for name, opinion in self.laws.items()},
            "decades_beyond": dict(self.decades_beyond),
        }


def pooled(
    fits: Sequence[Fit],
    budget: float | str,
    weights: Mapping[str, float] | None = None,
    *,
    regret: float = 0.01,
    flop_per_param_token: float = 6.0,
    level: float | None = None,
    **given: float | str,
) -> Pooled:
    """Splits a budget between parameters and tokens so that the mean loss over laws and draws is least.

    Args:
        fits: of laws of params and tokens to the same runs; a fit without draws counts with its estimate.
        budget: C in FLOP, as a number or as `quantities.parse` reads it.
        weights: law → how much it counts; by default `nextflop.judging.credence.credence` of the fits.
        regret: how much more loss than the least one would accept, in the unit of the response.
        flop_per_param_token: the coefficient of C = 6 N D.
        level: of the intervals; default that of the first fit.
        given: what else the laws take, such as unique_tokens; a law takes what it knows of.

    Raises:
        InputError: if an amount is not positive, a law takes other inputs, or the weights are not of these laws.
        FitError: if no law that counts has an optimum.
    """
    budget, regret = parse_positive(budget, "budget"), parse_positive(regret, "regret")
    coefficient = parse_positive(flop_per_param_token, "FLOP per parameter and token")
    counted = _weights(fits, credence(fits) if weights is None else weights)
    level = fits[0].level if level is None else level
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")
    views = [
        _View.of(fit, counted[name_of(fit)], budget, coefficient, given_inputs(fit, _own(fit, given, fits)))
        for fit in fits
    ]
    known = [view for view in views if view.share > 0 and view.optima.size]
    if not known:
        raise FitError("Under no law that counts is there an optimum: fit runs that vary parameters and tokens apart.")
    total = sum(view.share for view in known)
    shares = np.concatenate([np.full(len(view.optima), view.share / total / len(view.optima)) for view in known])
    optima = np.concatenate([view.optima for view in known])
    ends = np.log(_quantiles(optima, shares, np.array([_TAIL, 1 - _TAIL])))
    grid = np.exp(np.linspace(ends[0] - _MARGIN, ends[1] + _MARGIN, _POINTS))
    loss = np.concatenate([view.line.loss(grid) for view in known])
    least = np.concatenate([view.least for view in known])
    above = np.clip(np.where(np.isfinite(loss), loss, np.inf) - least[:, None], 0.0, _FAILED * regret)
    mean = shares @ above
    params = _lowest(grid, mean)
    product = budget / coefficient
    there = np.concatenate([view.line.loss(np.array(params)).ravel() for view in known])
    lost = np.clip(np.where(np.isfinite(there), there, np.inf) - least, 0.0, _FAILED * regret)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = _quantiles(optima, shares, tails)
    within = grid[mean <= mean.min() + regret]
    fixed = {name: value for view in known for name, value in view.line.given.items()}
    return Pooled(
        budget=budget,
        flop_per_param_token=coefficient,
        params=Interval(params, float(low), float(high)),
        tokens=Interval(product / params, float(product / high), float(product / low)),
        tokens_per_param=Interval(product / params**2, float(product / high**2), float(product / low**2)),
        loss=Interval(*map(float, _quantiles(there, shares, np.array([0.5, *tails])))),
        expected_regret=float(shares @ lost),
        regret=regret,
        valley=Valley(float(within[0]), float(within[-1]), float(product / within[-1]), float(product / within[0])),
        probability=float(shares @ (lost <= regret)),
        curve=RegretCurve(grid, mean, *np.stack([_quantiles(column, shares, tails) for column in above.T], axis=1)),
        laws={view.name: view.opinion(params, _FAILED * regret) for view in views},
        level=level,
        decades_beyond={
            name: float(beyond(np.array(value), *_ranges(fits, name)))
            for name, value in {"params": params, "tokens": product / params, **fixed}.items()
        },
    )


class _View(NamedTuple):
    """One law on the line of the budget: its draws that have an optimum."""

    name: str
    share: float
    line: Line
    optima: np.ndarray
    least: np.ndarray
    estimate: tuple[float, float]
    without: float

    @classmethod
    def of(cls, fit: Fit, share: float, budget: float, coefficient: float, given: dict[str, float]) -> "_View":
        family = type(fit.law)
        estimate = np.array([[float(value) for value in fit.law.values.values()]])
        rows = fit.draws if len(fit.draws) else estimate
        places = optimum(
            family.from_draws(np.concatenate([estimate, rows])), budget, coefficient, around=amid(fit), **given
        )[0][:, 0]
        product, exists = budget / coefficient, np.isfinite(places[1:])
        own = float(places[0])
        line = Line(family.from_draws(rows[exists]), product, given)
        least = line.loss(places[1:][exists, None])[:, 0] if exists.any() else np.empty(0)
        at_own = float(Line(family.from_draws(estimate), product, given).loss(np.array(own)).ravel()[0])
        return cls(name_of(fit), share, line, places[1:][exists], least, (own, at_own), float(1 - exists.mean()))

    def opinion(self, params: float, most: float) -> Opinion:
        if not self.optima.size:
            return Opinion(self.share, *self.estimate, float("nan"), self.without)
        there = self.line.loss(np.array(params)).ravel()
        lost = np.clip(np.where(np.isfinite(there), there, np.inf) - self.least, 0.0, most)
        return Opinion(self.share, *self.estimate, float(lost.mean()), self.without)


def _own(fit: Fit, given: Mapping[str, float | str], fits: Sequence[Fit]) -> dict[str, float | str]:
    """Of what is given, what a law takes; what no law takes is handed on, to be refused."""
    every = {name for one in fits for name in one.law.inputs}
    return {name: value for name, value in given.items() if name in fit.law.inputs or name not in every}


def _weights(fits: Sequence[Fit], weights: Mapping[str, float]) -> Mapping[str, float]:
    names = {name_of(fit) for fit in fits}
    if set(weights) != names or not all(value >= 0 for value in weights.values()) or not sum(weights.values()) > 0:
        raise InputError(
            f"The weights ({', '.join(f'{name} {value:g}' for name, value in weights.items())}) are not those of "
            f"{', '.join(sorted(names))}: give each law a share of 0 or more."
        )
    return weights


def _ranges(fits: Sequence[Fit], name: str) -> tuple[float, float]:
    return next(fit.ranges[name] for fit in fits if name in fit.ranges)


def _lowest(grid: np.ndarray, mean: np.ndarray) -> float:
    """Where a parabola through the lowest point of a grid in log N and its neighbours has its minimum."""
    place = int(np.clip(mean.argmin(), 1, len(grid) - 2))
    left, middle, right = mean[place - 1 : place + 2]
    bend = left - 2 * middle + right
    shift = (left - right) / (2 * bend) if np.isfinite(bend) and bend > 0 else 0.0
    return float(grid[place] * (grid[1] / grid[0]) ** np.clip(shift, -1, 1))


def _quantiles(values: np.ndarray, shares: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Quantiles of values that count by shares which sum to 1."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(shares[order]) - shares[order] / 2
    return np.interp(at, reached, values[order])
