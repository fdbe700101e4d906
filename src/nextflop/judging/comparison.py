"""Two recipes beside each other at every scale: what a comparison holds, and what it says."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.crossing import Crossing
from nextflop.judging.pairing import Pairing
from nextflop.judging.verdict import Outcome, Verdict


class Pin(NamedTuple):
    """A parameter that was held, for a metric: an asymptote of one metric says nothing of another."""

    parameter: str
    value: float
    metric: str
    reason: str


class Row(NamedTuple):
    """Both recipes at one scale.

    Attributes:
        compute: the scale.
        baseline, candidate: their responses.
        difference: candidate less baseline.
        multiplier: how many times this compute the baseline needs for the candidate's response; infinite if no amount
            is enough.
        ahead: share of the draws in which the candidate is better.
        beyond: decades to the nearest scale at which both were measured; 0 inside.
    """

    compute: float
    baseline: Interval
    candidate: Interval
    difference: Interval
    multiplier: Interval
    ahead: float
    beyond: float

    def to_json(self) -> dict[str, Json]:
        """The row as JSON."""
        return {name: part._asdict() if isinstance(part, Interval) else part for name, part in self._asdict().items()}


@dataclass(frozen=True)
class Comparison:
    """A candidate against a baseline.

    Attributes:
        law: the family of either recipe.
        axis: what counts as compute: the law's input, or "flop" for a law of params and tokens.
        names: of the baseline and the candidate.
        lower: whether a lower response is better.
        rows: scales in ascending order.
        target: the scale that decides.
        crossing: of the two curves, the candidate first, from the smallest scale of the rows to the largest.
        pairing: how draws were made.
        shared: parameters that both recipes have in common.
        pins: parameters that were held.
        fit: of both recipes together, see `nextflop.judging.joint`.
        verdicts: `better`, `multiplier`, `crossing`, `distance`, `size`, then `shared` and `pinned` where something
            is, then `optimum`.
    """

    law: str
    axis: str
    names: tuple[str, str]
    lower: bool
    rows: tuple[Row, ...]
    target: float
    crossing: Crossing
    pairing: Pairing
    shared: tuple[str, ...]
    pins: tuple[Pin, ...]
    fit: Fit
    verdicts: tuple[Verdict, ...]

    @property
    def at_target(self) -> Row:
        """The row of the scale that decides."""
        return next(row for row in self.rows if row.compute == self.target)

    @property
    def better(self) -> bool:
        """Whether the candidate is better at the target, and nothing speaks against believing it."""
        decided = self.verdicts[0].outcome is Outcome.passed
        return decided and not any(verdict.outcome is Outcome.fail for verdict in self.verdicts)

    def to_json(self) -> dict[str, Json]:
        """The comparison as JSON."""
        return {
            "better": self.better,
            "law": self.law,
            "axis": self.axis,
            "baseline": self.names[0],
            "candidate": self.names[1],
            "lower_is_better": self.lower,
            "target": self.target,
            "level": self.fit.level,
            "rows": [row.to_json() for row in self.rows],
            "crossing": self.crossing.to_json(),
            "pairing": self.pairing.to_json(),
            "shared": list(self.shared),
            "pins": [pin._asdict() for pin in self.pins],
            "fit": self.fit.to_json(),
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def ends(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The central interval over the first axis, by values that occur, as some may be infinite; nan without draws."""
    if len(values) == 0:
        empty = np.full(np.shape(values)[1:], np.nan)
        return empty, empty
    tail = (1 - level) / 2
    low, high = (
        np.asarray(np.quantile(values, at, axis=0, method=method))
        for at, method in ((tail, "lower"), (1 - tail, "higher"))
    )
    return low, high


def expanded(level: float, freedom: int) -> float:
    """The level at which quantiles of draws are taken so that an interval of few pairs holds what it promises.

    The expanded percentile interval of Hesterberg (2015, arXiv:1411.5279): as much wider as Student's t is
    than the normal. Recipes drawn apart have twice the clusters, and cover without it.

    Args:
        level: what is promised.
        freedom: clusters of a recipe less the parameters of its own.
    """
    from scipy.stats import norm, t

    return float(2 * norm.cdf(t.ppf((1 + level) / 2, max(freedom, 1))) - 1)


def spelled(interval: Interval, sign: str = "") -> str:
    """A value with its interval, for a reader."""
    return f"{interval.value:{sign}.3g} ({interval.low:{sign}.3g} to {interval.high:{sign}.3g})"
