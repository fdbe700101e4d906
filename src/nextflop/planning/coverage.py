"""How many samples buy what training bought: where coverage curves cross, what reaches a target, when training pays."""

from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.counts import Counts
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.crossing import first_from
from nextflop.judging.curve import read

Curve = Counts | Fit

_GRID = 256  # numbers of samples at which two curves are compared; all of them up to 256, then evenly in log k


@dataclass(frozen=True)
class Needed:
    """A number of samples, with how sure one may be that it is among those measured.

    Attributes:
        samples: k with its interval; the value is nan if the estimate does not get there within `within`, an end is
            infinite if that share of the draws does not. A real number, interpolated in log k.
        share: share of the draws that get there within `within` samples.
        within: the largest k that was looked at.
        measured: the largest k that was measured; what lies beyond is the forecast of a fit.
        level: level of the interval.
        draws: k in each bootstrap draw, infinite for "not within", shape (draws,).
    """

    samples: Interval
    share: float
    within: float
    measured: float
    level: float
    draws: np.ndarray

    def to_json(self) -> dict[str, Json]:
        """The numbers without the draws."""
        return {
            "samples": self.samples._asdict(),
            "share": self.share,
            "within": self.within,
            "measured": self.measured,
            "level": self.level,
            "draws": len(self.draws),
        }


def crossing(
    a: Curve, b: Curve, level: float = 0.9, draws: int = 1000, seed: int = 0, within: float | None = None
) -> Needed:
    """The number of samples from which curve a stays at or above curve b.

    It is 1 where a is never below b, and nan where a ends below b or never rises above it. Draws are compared one by
    one: counts on the same problems are resampled together, and so are fits to them made with one seed, so that what
    the two models share cancels. (A fit that lost draws loses the pairing, which makes the interval wider.)

    Args:
        a: counts (unbiased pass@k) or a fit of a coverage law.
        b: likewise; the two need not be of one kind.
        level: level of the interval.
        draws: bootstrap draws for counts; a fit brings its own.
        seed: seed for counts; use that of the fit when one is compared with the other.
        within: the largest k to look at; default the largest that both measured. Beyond it only a fit can be asked.

    Raises:
        InputError: if a curve is not one of coverage, or `within` exceeds the samples of counts.
    """
    measured = min(_measured(a), _measured(b))
    k = _grid(measured if within is None else within)
    (of_a, draws_a), (of_b, draws_b) = (read(curve, k, draws, seed) for curve in (a, b))
    common = min(len(draws_a), len(draws_b))
    ahead, ahead_draws = of_a - of_b, draws_a[:common] - draws_b[:common]

    def from_where(gap: np.ndarray) -> np.ndarray:
        return np.where((gap > 0).any(axis=-1), first_from(gap, k), np.inf)

    return _needed(from_where(ahead), from_where(ahead_draws), k[-1], measured, level)


def samples_to_match(
    curve: Curve,
    target: float | Curve,
    level: float = 0.9,
    draws: int = 1000,
    seed: int = 0,
    within: float | None = None,
) -> Needed:
    """The number of samples at which coverage reaches an accuracy.

    Args:
        curve: counts (unbiased pass@k) or a fit of a coverage law.
        target: an accuracy in [0, 1], or another model, whose pass@1 is then the target with its own uncertainty,
            paired over problems as in `crossing`.
        level: level of the interval.
        draws: bootstrap draws for counts.
        seed: seed for counts.
        within: the largest k to look at; default the largest measured.

    Raises:
        InputError: as `crossing`, or if the target is no share.
    """
    measured = _measured(curve)
    k = _grid(measured if within is None else within)
    reached, reached_draws = read(curve, k, draws, seed)
    if isinstance(target, Counts | Fit):
        goal, goal_draws = read(target, np.ones(1), draws, seed)
    elif 0 <= target <= 1:
        goal, goal_draws = np.array([target]), np.full((len(reached_draws), 1), target)
    else:
        raise InputError(f"The target accuracy {target} is not a share of problems: give a number from 0 to 1.")
    common = min(len(reached_draws), len(goal_draws))
    gap, gap_draws = reached - goal, reached_draws[:common] - goal_draws[:common]
    return _needed(first_from(gap, k), first_from(gap_draws, k), k[-1], measured, level)


def break_even_queries(
    rl_flop: float | np.ndarray, flop_per_sample: float | np.ndarray, samples: float | np.ndarray
) -> np.ndarray:
    """The number of queries from which a training cost, paid once, is less than sampling k times, paid per query.

    rl_flop / ((k - 1) flop_per_sample): the trained model answers with one sample what the other needs k for.
    Arguments broadcast.

    Args:
        rl_flop: cost of the training, above 0.
        flop_per_sample: cost of one sample of either model, above 0.
        samples: k, such as `Needed.samples` or `Needed.draws`.

    Returns:
        Queries; infinite for k ≤ 1 (one sample does already: training never pays), nan for k = nan (not known), and 0
        for k infinite, which is a lower limit: with more than `Needed.within` samples the break-even is only known
        to lie between 0 and its value at `within`.

    Raises:
        InputError: if a cost is not above 0.
    """
    for name, cost in (("rl_flop", rl_flop), ("flop_per_sample", flop_per_sample)):
        if not (np.asarray(cost) > 0).all():
            raise InputError(f"{name} = {cost} is not positive: give the FLOP that were spent.")
    extra = np.maximum(np.asarray(samples, dtype=np.float64) - 1, 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.asarray(rl_flop, dtype=np.float64) / (extra * flop_per_sample))


def _measured(curve: Curve) -> float:
    if isinstance(curve, Counts):
        return float(np.min(curve.samples))
    if curve.law.inputs != ("samples",):
        raise InputError(f"A fit of the law {curve.law.name!r} has no samples: give a fit of 'coverage', or counts.")
    return curve.ranges["samples"][1]


def _grid(within: float) -> np.ndarray:
    limit = np.floor(within)
    if not 1 <= limit < np.inf:
        raise InputError(f"Coverage cannot be read within {within} samples: give a finite number of at least 1.")
    if limit <= _GRID:
        return np.arange(1, limit + 1)
    return np.unique(np.rint(np.geomspace(1, limit, _GRID)))


def _needed(value: np.ndarray, draws: np.ndarray, within: float, measured: float, level: float) -> Needed:
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")
    low = high = np.nan
    if draws.size:
        tail = (1 - level) / 2
        # Not interpolated, for a draw beyond the measured k counts as infinite.
        low, high = np.quantile(draws, tail, method="lower"), np.quantile(draws, 1 - tail, method="higher")
    return Needed(
        Interval(float(value) if np.isfinite(value) else np.nan, float(low), float(high)),
        share=float(np.isfinite(draws).mean()) if draws.size else np.nan,
        within=float(within),
        measured=measured,
        level=level,
        draws=draws,
    )
