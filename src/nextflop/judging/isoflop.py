"""The isoFLOP method beside the surface: parabolas over the sizes of each budget, and the bias that they are known for.

A parabola in the logarithm of N through one budget's losses is right only where the loss is symmetric about its
minimum. It is not: the two terms of the law fall with different exponents, and grids are not centred. So the tokens
that the parabolas recommend miss the optimum of the very surface that made the losses (Czech et al. 2026,
arXiv:2603.22339), by an amount that the surface itself can tell.
"""

from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law
from nextflop.quantities import show

_SAME = 0.02  # of a budget: runs this close, in their logarithm, were meant to cost the same
_SIZES = 4  # of a budget, below which a parabola has nothing left to be judged by
_DRAWS = 500


@dataclass(frozen=True)
class IsoFlop:
    """What the parabolas say.

    Attributes:
        budgets: FLOP, shape (budgets,).
        params: N at the minimum of each budget's parabola, same shape.
        loss: the loss there, same shape.
        bends: how each parabola bends, same shape: the loss is `loss` + `bends` (log N / `params`)².
        left_out: budget → why it has no minimum that counts.
        exponent: a of N ∝ C^a, with its interval.
        at_largest: N at the largest budget of the line through the minima, with its interval.
        level: level of the intervals.
    """

    budgets: np.ndarray
    params: np.ndarray
    loss: np.ndarray
    bends: np.ndarray
    left_out: dict[float, str]
    exponent: Interval
    at_largest: Interval
    level: float

    def to_json(self) -> dict[str, Json]:
        """The analysis as JSON."""
        record = {**vars(self), "exponent": self.exponent._asdict(), "at_largest": self.at_largest._asdict()}
        return {**record, "left_out": {f"{budget:g}": why for budget, why in self.left_out.items()}}


def isoflop(runs: Runs, *, draws: int = _DRAWS, seed: int = 0, level: float = 0.9) -> IsoFlop:
    """Parabolas of the loss in log N, one a budget, and a line through the logarithms of their minima.

    Args:
        runs: a table with params, tokens and loss; a column "budget", or "flop", groups the runs, else 6 params tokens.
        draws: bootstrap draws, by resampling the residuals of each budget.
        seed: of the draws.
        level: of the intervals.

    Raises:
        InputError: if a column is missing.
        FitError: if fewer than two budgets have a minimum inside their sizes.
    """
    groups = budgets_of(runs)
    size, loss = np.log(runs["params"]), runs["loss"]
    found, left_out = {}, {}
    for budget, rows in groups.items():
        vertex, reason = _vertex(size[rows], loss[rows])
        if reason:
            left_out[budget] = reason
        else:
            found[budget] = (rows, vertex)
    if len(found) < 2:
        why = "; ".join(f"{budget:.3g} FLOP {reason}" for budget, reason in left_out.items())
        raise FitError(f"{len(found)} budgets have a minimum, two are needed ({why}): add sizes on both sides.")
    budgets = np.array(sorted(found))
    minima = np.array([found[budget][1] for budget in budgets])
    slope, level_at = _line(np.log(budgets), minima[:, 0])
    rng = np.random.default_rng(seed)
    groups = [found[budget][0] for budget in budgets]
    places = np.stack([_redrawn(size[rows], loss[rows], draws, rng) for rows in groups], axis=1)
    drawn = _lines(np.log(budgets), places)
    tails = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0) if len(drawn) else np.full((2, 2), np.nan)
    return IsoFlop(
        budgets,
        np.exp(minima[:, 0]),
        minima[:, 1],
        minima[:, 2],
        left_out,
        Interval(slope, *map(float, tails[:, 0])),
        Interval(float(np.exp(level_at)), *map(float, np.exp(tails[:, 1]))),
        level,
    )


def budgets_of(runs: Runs) -> dict[float, np.ndarray]:
    """Budget → rows of its runs: equal values of "budget", else FLOP that agree to two per cent.

    Raises:
        InputError: if params, tokens or loss are missing.
    """
    for name in ("params", "tokens", "loss"):
        if name not in runs:
            raise InputError(f"The isoFLOP method needs a column {name!r}: add or map it.")
    flop = next((runs[name] for name in ("budget", "flop") if name in runs), 6 * runs["params"] * runs["tokens"])
    order = np.argsort(flop, kind="stable")
    steps = np.diff(np.log(flop[order])) > _SAME
    parts = np.split(order, np.flatnonzero(steps) + 1)
    return {float(np.exp(np.log(flop[rows]).mean())): np.sort(rows) for rows in parts}


def against_surface(found: IsoFlop, law: Law, runs: Runs) -> Verdict:
    """Whether the parabolas agree with a surface fitted to the same runs, once their own bias is taken off.

    The bias is what the parabolas say of losses computed from the surface at the same settings, without noise.

    Args:
        found: the analysis of the runs.
        law: a fitted law of params and tokens.
        runs: the same table.
    """
    code, name = "isoflop", "parabolas and surface agree"
    top = float(found.budgets[-1])
    optimum = float(surface_optimum(law, top))
    computed = runs.with_columns(loss=np.asarray(law(params=runs["params"], tokens=runs["tokens"])))
    try:
        ideal = isoflop(computed, draws=0, level=found.level)
    except FitError:
        says = "On losses computed from the surface the parabolas have no minima, so their bias cannot be known."
        return Verdict(code, name, Outcome.unknown, float("nan"), 0.0, says)
    bias, gap = np.log(ideal.at_largest.value / optimum), np.log(found.at_largest.value / optimum)
    half = np.log(found.at_largest.high / found.at_largest.low) / 2
    apart = float(abs(gap - bias) / half) if half > 0 else float("nan")
    says = (
        f"At {show(top, 'FLOP', 2)} the parabolas take {_percent(gap)} parameters against the surface's optimum, of "
        f"which {_percent(bias)} is their own bias (exponent {found.exponent.value:.3f}, surface without noise "
        f"{ideal.exponent.value:.3f})"
    )
    if not apart > 1:
        return Verdict(code, name, Outcome.passed, apart, 1.0, f"{says}; the rest is within their interval.")
    outcome = Outcome.fail if apart > 2 else Outcome.warn
    return Verdict(code, name, outcome, apart, 1.0, f"{says}; the rest is {apart:.1f} half-widths of their interval.")


def surface_optimum(law: Law, budget: float) -> np.ndarray:
    """N of least loss under 6 N D = budget, for each row of parameters of the law, shape (draws,) or ().

    By search over a fine grid and a parabola through its lowest point, so for any law of params and tokens; at the end
    of the grid where the loss falls all the way.
    """
    size = np.linspace(np.log(1e3), np.log(budget / 6e3), 2001)
    params = np.exp(size)
    with np.errstate(over="ignore"):  # at the ends of the grid a draw of the law may be beyond the range of a float
        loss = np.asarray(law(params=params, tokens=budget / 6 / params))
    lowest = np.clip(loss.argmin(axis=-1), 1, len(size) - 2)
    left, middle, right = (np.take_along_axis(loss, (lowest + k)[..., None], -1)[..., 0] for k in (-1, 0, 1))
    with np.errstate(invalid="ignore"):
        bend = left - 2 * middle + right
        inside = np.isfinite(bend) & (bend > 0)
        shift = np.where(inside, (left - right) / np.where(inside, 2 * bend, 1.0), 0.0)
    return np.asarray(np.exp(size[lowest] + np.clip(shift, -1, 1) * (size[1] - size[0])))


def _vertex(size: np.ndarray, loss: np.ndarray) -> tuple[tuple[float, float, float], str]:
    """Place, height and bend of the lowest point of a parabola, or why it does not count."""
    nowhere = (float("nan"), float("nan"), float("nan"))
    if len(np.unique(size)) < _SIZES:
        return (
            nowhere,
            f"has {'one size' if np.ptp(size) == 0 else f'{len(np.unique(size))} sizes'}, fewer than {_SIZES}",
        )
    middle = size.mean()
    a, b, c = np.polyfit(size - middle, loss, 2)
    if a <= 0:
        return nowhere, "curves down"
    at = -b / (2 * a)
    if not size.min() <= at + middle <= size.max():
        return nowhere, "has its minimum beyond its sizes"
    return (float(at + middle), float(c - a * at * at), float(a)), ""


def _redrawn(size: np.ndarray, loss: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Where a budget's parabola has its lowest point if its residuals had come otherwise, shape (draws,).

    The sizes stay, and the lowest point may lie beyond them: draws that lost budgets with a minimum at an edge would
    put the line elsewhere than it is. Where a parabola curves down there is none, and that is nan.
    """
    middle, count = size.mean(), len(size)
    columns = np.vander(size - middle, 3)
    inverse = np.linalg.pinv(columns)
    fitted = columns @ (inverse @ loss)
    residuals = (loss - fitted) * np.sqrt(count / (count - 3))
    a, b, _ = inverse @ (fitted + rng.choice(residuals, (draws, count))).T
    return np.where(a > 0, middle - b / (2 * np.where(a > 0, a, 1.0)), np.nan)


def _lines(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Slope, and height at the largest x, of the line through each draw's places, shape (draws, 2)."""
    there = np.isfinite(places)
    y, count = np.where(there, places, 0.0), np.maximum(there.sum(axis=1), 1)
    centre = (there * x).sum(axis=1) / count
    apart = there * (x - centre[:, None])
    spread = (apart**2).sum(axis=1)
    kept = spread > 0
    slope = (apart * y).sum(axis=1)[kept] / spread[kept]
    return np.stack([slope, (y.sum(axis=1) / count)[kept] + slope * (x[-1] - centre[kept])], axis=1)


def _percent(log: float | int) -> str:
    """A difference of logarithms in whole per cent, never minus nothing."""
    return f"{round(float(np.expm1(log)), 2) + 0.0:+.0%}"


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope, and height at the largest x."""
    slope, height = np.polyfit(x - x[-1], y, 1)
    return float(slope), float(height)
