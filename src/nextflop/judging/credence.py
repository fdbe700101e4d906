"""How far each of several fits to the same runs is to be believed: by what it says of them, and of runs held out.

What the runs at hand say is Akaike's weight (Akaike 1978, Bulletin of the ISI 48; corrected for few runs by Hurvich and
Tsai 1989, doi:10.1093/biomet/76.2.297), from a likelihood that stray runs do not decide: Student's t with four degrees
of freedom and its own scale. It takes the runs to be independent and a law to be true; of many runs with a misfit that
is no law's it is far too sure. What was held out (`nextflop.judging.weights`) is told by fewer runs and never sure.
Each counts by half: `benchmarks/worlds.py` has what plans lose by either and by both.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from nextflop.errors import InputError
from nextflop.fitting.fit import Fit
from nextflop.judging.weights import Weights, name_of

_FREEDOM = 4.0
_LEAST = 1e-6  # of a residual, as scale: exact runs would make it vanish
_ROUNDS = 100


def credence(fits: Sequence[Fit], held_out: Weights | None = None) -> dict[str, float]:
    """Law → how much it counts; they sum to 1.

    Args:
        fits: of laws of one response to the same runs, by objectives that are alike in taking logarithms or not.
        held_out: the weights of these laws by held-out runs; without them the runs at hand decide alone.

    Raises:
        InputError: if the fits are not of the same runs, or the weights not of these laws.
    """
    found = akaike(fits)
    if held_out is None:
        return found
    if set(held_out.laws) != set(found):
        raise InputError(
            f"The weights are of {', '.join(held_out.laws)}, the fits of {', '.join(found)}: weigh the laws that were "
            "fitted."
        )
    shares = held_out.shares
    return {name: (share + shares[name]) / 2 for name, share in found.items()}


def akaike(fits: Sequence[Fit]) -> dict[str, float]:
    """Law → Akaike's weight, from residuals about fits to the same runs.

    Raises:
        InputError: as `credence`.
    """
    names = [name_of(fit) for fit in fits]
    if not fits:
        raise InputError("There is no fit to believe: give at least one.")
    if len(set(names)) < len(names):
        raise InputError(f"Two fits are of {next(n for n in names if names.count(n) > 1)}: give one of each law.")
    first = fits[0]
    for name, fit in zip(names, fits, strict=True):
        if fit.method is None or first.method is None or fit.runs_digest != first.runs_digest:
            raise InputError(f"The fit of {name} is not one to the same table of runs as that of {names[0]}.")
        if fit.method.objective.log != first.method.objective.log:
            raise InputError(f"The fit of {name} takes logarithms and that of {names[0]} does not, or the reverse.")
    lost = np.array([_lost(fit) for fit in fits])
    likely = np.exp((lost.min() - lost) / 2)
    return dict(zip(names, map(float, likely / likely.sum()), strict=True))


def _lost(fit: Fit) -> float:
    """Akaike's criterion, corrected; infinite where there are too few runs for the correction."""
    pinned: Mapping[str, float] = fit.method.pinned if fit.method else {}
    free, count = len(fit.law.parameters) - len(pinned) + 1, len(fit.residuals)
    if count <= free + 1:
        return 1e300
    square = fit.residuals**2
    scale = max(float(square.mean()), _LEAST**2)
    for _ in range(_ROUNDS):  # expectation and maximisation for the scale of Student's t
        scale = max(float(np.mean(square * (_FREEDOM + 1) / (_FREEDOM + square / scale))), _LEAST**2)
    deviance = count * np.log(scale) + (_FREEDOM + 1) * np.log1p(square / scale / _FREEDOM).sum()
    return float(deviance + 2 * free * count / (count - free - 1))
