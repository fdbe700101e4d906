"""One budget, two uses: the parameters and tokens of least predicted loss, and how flat the valley around them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError, unknown
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.prediction import beyond
from nextflop.planning.optimum import SIZED, Line, optimum, valley
from nextflop.quantities import UNIT_OF, parse_positive

_POINTS = 121  # of the regret curve


class Valley(NamedTuple):
    """The allocations that cost less than a given regret: from the fewest parameters to the most, and the tokens that
    each end leaves the budget for, so that `tokens_high` goes with `params_low`. All nan if no allocation is safe.
    """

    params_low: float
    params_high: float
    tokens_low: float
    tokens_high: float


class RegretCurve(NamedTuple):
    """Loss above the optimum against parameters, at the estimate and over the draws, each shape (points,).

    The regret of a draw is measured from the optimum of that draw.
    """

    params: np.ndarray
    regret: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Allocation:
    """Where a training budget goes under a fitted law.

    Attributes:
        budget: C, in FLOP.
        flop_per_param_token: the 6 of C = 6 N D.
        params: N of least predicted loss, with its interval.
        tokens: D that spends the rest of the budget.
        tokens_per_param: D / N.
        loss: predicted loss there, in the unit of the response; the interval is that of the parameters of the law
            alone, not of the noise of a run.
        regret: the loss above the optimum that bounds the valleys.
        valley: allocations within the regret, if the estimate were the truth.
        robust: allocations within the regret of the optimum with a probability of at least `level`, over the draws.
        safest: N most often within the regret, and the share of draws in which it is.
        level: level of the intervals and of the robust valley.
        curve: the regret curve.
        decades_beyond: input → how far the optimum lies outside the data, in powers of ten; 0 inside.
        draws: draws used.
        without_optimum: draws under which one of the two uses is worthless, so that no optimum exists. They count as
            failures in `robust` and are left out of the intervals.
    """

    budget: float
    flop_per_param_token: float
    params: Interval
    tokens: Interval
    tokens_per_param: Interval
    loss: Interval
    regret: float
    valley: Valley
    robust: Valley
    safest: tuple[float, float]
    level: float
    curve: RegretCurve
    decades_beyond: dict[str, float]
    draws: int
    without_optimum: int

    def to_json(self) -> dict[str, Json]:
        """The allocation as JSON, the curve with it."""
        intervals = {name: getattr(self, name)._asdict() for name in ("params", "tokens", "tokens_per_param", "loss")}
        return {
            "budget": self.budget,
            "flop_per_param_token": self.flop_per_param_token,
            **intervals,
            "regret": self.regret,
            "valley": self.valley._asdict(),
            "robust": {**self.robust._asdict(), "probability": self.level},
            "safest": {"params": self.safest[0], "probability": self.safest[1]},
            "level": self.level,
            "curve": self.curve._asdict(),
            "decades_beyond": self.decades_beyond,
            "draws": {"number": self.draws, "without_optimum": self.without_optimum},
        }


def allocate(
    fit: Fit,
    budget: float | str,
    regret: float = 0.01,
    flop_per_param_token: float = 6.0,
    level: float | None = None,
    **given: float | str,
) -> Allocation:
    """Splits a budget between parameters and tokens under a fitted law of both.

    In closed form for `Chinchilla`, by search for every other law, under which the optimum is the one that lies
    downhill from the runs' own tokens per parameter.

    Args:
        fit: a fit of a law of params and tokens.
        budget: C in FLOP, as a number or as `quantities.parse` reads it.
        regret: how much more loss than the optimum one would accept, in the unit of the response.
        flop_per_param_token: the coefficient of C = 6 N D, which is the convention for a forward and a backward pass.
        level: level of the intervals and of the robust valley; default the fit's.
        given: what else the law takes, such as unique_tokens.

    Raises:
        InputError: if the budget, the regret or the coefficient is not positive, or the law takes other inputs.
        FitError: if the estimate has no optimum inside, since one of the two uses is worthless under it.
    """
    fixed = _given_inputs(fit, given)
    budget = parse_positive(budget, "budget", "FLOP")
    regret = parse_positive(regret, "regret")
    coefficient = parse_positive(flop_per_param_token, "FLOP per parameter and token")
    product = budget / coefficient
    level = fit.level if level is None else level
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")

    family = type(fit.law)
    rows = np.array([[float(value) for value in fit.law.values.values()], *fit.draws], dtype=np.float64)
    found = optimum(family.from_draws(rows), budget, coefficient, around=_amid(fit), **fixed)
    centres, tokens = (values[:, 0] for values in found)
    exists = np.isfinite(centres)
    if not exists[0]:
        raise FitError(
            "Under this fit parameters or tokens are worthless, so no optimum exists: fit runs that vary both apart."
        )
    # From here on the first row is the estimate, the others are the draws.
    centres, tokens = centres[exists], tokens[exists]
    line = Line(family.from_draws(rows[exists]), product, fixed)
    least = line.loss(centres[:, None])
    lows, highs = valley(line, centres[:, None], regret)

    def quantiles(values: np.ndarray) -> np.ndarray:
        if len(values) < 2:
            return np.full((2, *values.shape[1:]), np.nan)
        return np.quantile(values[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)

    def interval(values: np.ndarray) -> Interval:
        return Interval(float(values[0]), *map(float, quantiles(values)))

    safe_low, safe_high, safest = _robust(lows[1:], highs[1:], level, len(fit.draws))
    ends = [lows[0], highs[0], *quantiles(centres)]
    margin = 10**0.25
    grid = np.geomspace(np.nanmin(ends) / margin, np.nanmax(ends) * margin, _POINTS)
    above = np.maximum(line.loss(grid) - least, 0.0)  # rounding may leave -1e-16 at the optimum
    return Allocation(
        budget=budget,
        flop_per_param_token=coefficient,
        params=interval(centres),
        tokens=interval(tokens),
        tokens_per_param=interval(tokens / centres),
        loss=interval(least[:, 0]),
        regret=regret,
        valley=Valley(float(lows[0]), float(highs[0]), float(product / highs[0]), float(product / lows[0])),
        robust=Valley(safe_low, safe_high, product / safe_high, product / safe_low),
        safest=safest,
        level=level,
        curve=RegretCurve(grid, above[0], *quantiles(above)),
        decades_beyond={
            name: float(beyond(np.array(value), *fit.ranges[name]))
            for name, value in {"params": centres[0], "tokens": tokens[0], **fixed}.items()
        },
        draws=len(fit.draws),
        without_optimum=int((~exists).sum()),
    )


def _amid(fit: Fit) -> float:
    """Tokens per parameter amid the runs of a fit, where a search for the optimum sets out."""
    params, tokens = (np.sqrt(np.prod(fit.ranges[name])) for name in SIZED)
    return float(tokens / params)


def _given_inputs(fit: Fit, given: Mapping[str, float | str]) -> dict[str, float]:
    """The inputs of a law beside parameters and tokens as numbers, all of them.

    Raises:
        InputError: if the law does not take both, one of the others is missing, or one is not known or not positive.
    """
    inputs = fit.law.inputs
    if not set(SIZED) <= set(inputs):
        raise InputError(
            f"A fit of the law {fit.law.name!r} does not split a budget: give a fit of a law of params and tokens, "
            "such as 'chinchilla'."
        )
    others = [name for name in inputs if name not in SIZED]
    for name in given:
        if name not in others:
            raise unknown(f"input of {fit.law.name!r}", name, inputs)
    missing = [name for name in others if name not in given]
    if missing:
        raise InputError(
            f"The law {fit.law.name!r} also takes {' and '.join(missing)}: give what there is of it with the budget."
        )
    return {name: parse_positive(value, name, UNIT_OF.get(name)) for name, value in given.items()}


def _robust(lows: np.ndarray, highs: np.ndarray, level: float, draws: int) -> tuple[float, float, tuple[float, float]]:
    """The stretch of N inside at least `level` of the draws' valleys, around the N that is inside most of them.

    Returns:
        Its ends, nan if there is none, and that N with its share.
    """
    if not lows.size:
        return np.nan, np.nan, (np.nan, np.nan)
    edges = np.concatenate([lows, highs])
    order = np.argsort(edges, kind="stable")
    edges = edges[order]
    # How many valleys cover the stretch from each edge to the next.
    cover = np.cumsum(np.repeat([1, -1], len(lows))[order])
    widths = np.append(np.log(edges[1:] / edges[:-1]), 0.0)
    top = int(np.argmax(np.where(cover == cover.max(), widths, -1.0)))
    safest = (float(np.sqrt(edges[top] * edges[top + 1])), float(cover.max() / draws))
    gaps = np.flatnonzero(cover < level * draws)
    if top in gaps:
        return np.nan, np.nan, safest
    start, stop = gaps[gaps < top].max(initial=-1) + 1, gaps[gaps > top].min()
    return float(edges[start]), float(edges[stop]), safest
