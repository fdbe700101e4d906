"""How far each of several laws is to be believed: by what it says of the runs at hand, and of runs held out.

What the runs at hand say is Akaike's weight (Akaike 1978, Bulletin of the ISI 48; corrected for few runs by Hurvich and
Tsai 1989, doi:10.1093/biomet/76.2.297), from a likelihood that stray runs do not decide: Student's t with four degrees
of freedom and its own scale; published constants have nothing but that scale to fit. It takes the runs to be
independent and a law to be true; of many runs with a misfit that
is no law's it is far too sure. What was held out (`nextflop.judging.weights`) is told by fewer runs and never sure.
Each counts by half: `benchmarks/worlds.py` has what plans lose by either and by both.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.weights import Weights, name_of
from nextflop.laws.base import Law

_FREEDOM = 4.0
_LEAST = 1e-6  # of a residual, as scale: exact runs would make it vanish
_ROUNDS = 100


def credence(
    fits: Sequence[Fit],
    held_out: Weights | None = None,
    *,
    known: Mapping[str, Law] | None = None,
    runs: Runs | None = None,
) -> dict[str, float]:
    """Law → how much it counts; they sum to 1.

    Args:
        fits: of laws of one response to the same runs, by objectives that are alike in taking logarithms or not.
        held_out: the weights of these laws by held-out runs; without them the runs at hand decide alone.
        known: name → law whose constants are taken as they are, beside the fits.
        runs: that the fits are of, which constants are held against.

    Raises:
        InputError: if the fits are not of the same runs, or the weights not of these laws.
    """
    found = akaike(fits, known, runs)
    if held_out is None:
        return found
    if set(held_out.laws) != set(found):
        raise InputError(
            f"The weights are of {', '.join(held_out.laws)}, the laws are {', '.join(found)}: weigh the laws that are "
            "believed."
        )
    shares = held_out.shares
    return {name: (share + shares[name]) / 2 for name, share in found.items()}


def akaike(fits: Sequence[Fit], known: Mapping[str, Law] | None = None, runs: Runs | None = None) -> dict[str, float]:
    """Law → Akaike's weight, from residuals about fits to the same runs, and about constants as they are.

    Raises:
        InputError: as `credence`.
    """
    names = [*map(name_of, fits), *(known or {})]
    if not fits:
        raise InputError("There is no fit to believe: give at least one.")
    if len(set(names)) < len(names):
        raise InputError(f"Two laws are called {next(n for n in names if names.count(n) > 1)}: give one of each law.")
    first = fits[0]
    for name, fit in zip(names, fits, strict=False):
        if fit.method is None or first.method is None or fit.runs_digest != first.runs_digest:
            raise InputError(f"The fit of {name} is not one to the same table of runs as that of {names[0]}.")
        if fit.method.objective.log != first.method.objective.log:
            raise InputError(f"The fit of {name} takes logarithms and that of {names[0]} does not, or the reverse.")
    each = [_lost(fit.residuals, _free(fit)) for fit in fits]
    if known:
        if runs is None or runs.digest != first.runs_digest:
            raise InputError(
                f"{', '.join(known)} must be held against the runs that {names[0]} was fitted to: give that table."
            )
        each += [_lost(_misses(law, runs, first), 0) for law in known.values()]
    lost = np.array(each)
    likely = np.exp((lost.min() - lost) / 2)
    return dict(zip(names, map(float, likely / likely.sum()), strict=True))


def _free(fit: Fit) -> int:
    """Parameters that were fitted."""
    return len(fit.law.parameters) - len(fit.method.pinned if fit.method else {})


def _misses(law: Law, runs: Runs, like: Fit) -> np.ndarray:
    """What a law as it is says of the runs less what they are, in logarithms or not as a fit has it."""
    with np.errstate(all="ignore"):
        said = np.asarray(law(**{name: runs[name] for name in law.inputs}), dtype=np.float64)
        seen = runs[law.response]
        return np.log(said) - np.log(seen) if like.method is None or like.method.objective.log else said - seen


def _lost(residuals: np.ndarray, fitted: int) -> float:
    """Akaike's criterion, corrected; huge where there are too few runs for the correction, or a law has no answer."""
    free, count = fitted + 1, len(residuals)  # one more for the scale
    if count <= free + 1 or not np.isfinite(residuals).all():
        return 1e300
    square = residuals**2
    scale = max(float(square.mean()), _LEAST**2)
    for _ in range(_ROUNDS):  # expectation and maximisation for the scale of Student's t
        scale = max(float(np.mean(square * (_FREEDOM + 1) / (_FREEDOM + square / scale))), _LEAST**2)
    deviance = count * np.log(scale) + (_FREEDOM + 1) * np.log1p(square / scale / _FREEDOM).sum()
    return float(deviance + 2 * free * count / (count - free - 1))
