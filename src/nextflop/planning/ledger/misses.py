"""How far laws miss the runs at hand: what published constants are held against."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.laws.base import Law

_SIZED = ("params", "tokens")
_LARGEST = 0.75  # of the runs, by compute, from which on they count as the largest
_TIMES, _LEAST = 2.0, 0.005  # of the scatter of runs, and that scatter where no fit tells it
_ONE_SIDED = 0.95  # of them, from which on a law errs in one direction


class Misses(NamedTuple):
    """How far a law misses the largest runs, from the quarter of most compute on.

    Attributes:
        typical: median of |log(law / run)|.
        aside: share of these runs that lie on the side on which most do.
        below: whether the law foretells less than those show.
    """

    typical: float
    aside: float
    below: bool

    @property
    def one_sided(self) -> bool:
        """Whether nearly all lie on one side, as scatter would not have it."""
        return self.aside >= _ONE_SIDED

    def refute(self, most: float) -> bool:
        """Whether these runs speak against the law: it misses them by more than that, in one direction."""
        return self.one_sided and self.typical > most


def misses(law: Law, runs: Runs | None) -> Misses | None:
    """How far a law misses the largest runs; None where it cannot be asked, or has no answer."""
    if runs is None or not {*law.inputs, law.response, *_SIZED} <= set(runs.columns):
        return None
    compute = runs["params"] * runs["tokens"]
    largest = runs.where(compute >= np.quantile(compute, _LARGEST))
    with np.errstate(all="ignore"):
        said = np.asarray(law(**{name: largest[name] for name in law.inputs}), dtype=np.float64)
        gaps = np.log(said / largest[law.response])
    if not np.isfinite(gaps).all():
        return None
    lower = float((gaps < 0).mean())
    return Misses(float(np.median(np.abs(gaps))), max(lower, 1 - lower), lower >= 0.5)


def bound(scatters: Sequence[float]) -> float:
    """How far a law that fits may miss the largest runs: twice what runs scatter about the law that fits best.

    Args:
        scatters: of the runs about each law, nan about those that were not fitted to them.
    """
    return _TIMES * max(min((one for one in scatters if np.isfinite(one)), default=0.0), _LEAST)


def said(missed: Misses) -> str:
    """How far a law misses the largest runs, in words."""
    told = f"misses the largest quarter of your runs by {missed.typical:.1%}"
    if not missed.one_sided:
        return told
    number = "all" if missed.aside == 1 else f"{missed.aside:.0%}"
    return f"{told}, {number} in one direction (it foretells {'less' if missed.below else 'more'} than they show)"
