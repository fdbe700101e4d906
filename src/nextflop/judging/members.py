"""Forecasters of larger runs: each a law fitted to the later part of a table.

A law that bends where the runs do not, or that was fitted to an early phase which follows another course, is wrong at
the end of the data, where a forecast sets out. So every law is fitted to all runs and to the last decades of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting.quick import Quick, quick
from nextflop.laws.base import Law

WINDOWS = (np.inf, 2.0, 1.5, 1.0, 0.7)
"""Decades of the axis, back from its end, to which a law is fitted; infinite for all runs."""

ROUNDING = 1e-9
"""Share of a place on the axis that does not tell it from another: a change of units rounds."""

_SETTINGS = 3  # a parameter, that a part of the runs must have: few points far apart bend a law as they please
_END, _FEWEST = 0.5, 4  # decades before the end, or runs, in which a forecaster must fit to be trusted there


class Member(NamedTuple):
    """One law on one window.

    Attributes:
        law: the name of the family.
        window: in decades.
        fitted: the fit.
        recent: root mean square of its log residuals at the end of the data, enlarged for its parameters (the square
            root of Akaike's final prediction error, 1969, doi:10.1007/BF02532251).
    """

    law: str
    window: float
    fitted: Quick
    recent: float

    @property
    def key(self) -> tuple[str, float]:
        """Which forecaster it is, whatever runs it was fitted to."""
        return self.law, self.window


def members(laws: Sequence[type[Law]], runs: Runs, place: np.ndarray) -> tuple[Member, ...]:
    """Every law on all runs if they have more settings than it has parameters, and on windows that have three for each.

    Args:
        laws: the families.
        runs: the table.
        place: where each run is along the axis, shape (runs,).
    """
    found, before = [], -1
    for window in WINDOWS:
        kept = np.flatnonzero(_last(place, window))
        if len(kept) == before:
            continue
        before, part = len(kept), runs.where(kept)
        for law in laws:
            settings = len(np.unique(np.stack([part[name] for name in law.inputs]), axis=1).T)
            needed = len(law.parameters) + 1 if np.isinf(window) else _SETTINGS * len(law.parameters)
            if settings < needed:
                continue
            try:
                fitted = quick(law, part)
            except FitError:
                continue
            found.append(Member(law.name, window, fitted, _recent(fitted, place[kept])))
    return tuple(found)


def _last(place: np.ndarray, decades: float) -> np.ndarray:
    """Which runs lie in the last decades of the axis; one at the very end of them does, in any unit of the axis."""
    return place >= place.max() / 10**decades * (1 - ROUNDING)


def _recent(fitted: Quick, place: np.ndarray) -> float:
    late = _last(place, _END)
    if late.sum() < _FEWEST:
        late = place >= np.sort(place)[-min(_FEWEST, len(place))]
    count, free = len(place), len(fitted.point)
    return float(np.sqrt(np.mean(fitted.residuals[late] ** 2) * (count + free) / (count - free)))
