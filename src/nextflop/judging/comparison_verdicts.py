"""What a comparison of two recipes says of each question, with a code that stays."""

from collections.abc import Sequence

import numpy as np

from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.comparison import Pin, Row, spelled
from nextflop.judging.pairing import Pairing
from nextflop.judging.verdict import Outcome, Verdict

_FAR = 1.0  # decades beyond the data, where an answer is as much the law's as the data's
_UNLIKELY = 0.01  # of misses like these if parameters are common, where the verdict turns
_FEW = 6.0  # pairs, below which no simulation has shown that the intervals hold what they promise
_SAME = 1e-9  # by which two multipliers differ through rounding only


def better(row: Row, names: tuple[str, str], axis: str, lower: bool) -> Verdict:
    """Whether the candidate is better at a scale; the statistic is the multiplier.

    What the data could have shown is said where they show nothing: by how much the interval of the multiplier, were it
    moved onto its lower end, would leave 1 behind.
    """
    code, name = "better", f"{names[1]} is better"
    times = row.multiplier
    where = f"At {axis} {row.compute:.3g}"
    what = f"{names[1]} differs from {names[0]} by {spelled(row.difference, '+')}"
    worth = f"one unit of its compute is worth {spelled(times)} of {names[0]}"
    if np.isnan(row.difference.low):
        says = f"{where} {what.split(' (')[0]}, but without draws that has no interval: ask for draws."
        return Verdict(code, name, Outcome.unknown, times.value, 1.0, says)
    good = row.difference.high < 0 if lower else row.difference.low > 0
    bad = row.difference.low > 0 if lower else row.difference.high < 0
    if good or bad:
        says = f"{where} {what}: {'better' if good else 'worse'}; {worth}."
        return Verdict(code, name, Outcome.passed if good else Outcome.fail, times.value, 1.0, says)
    shown = float(np.sqrt(times.high / times.low)) if times.low > 0 and np.isfinite(times.high) else np.inf
    limit = f"{shown:.3g} times" if np.isfinite(shown) else "any size"
    says = f"{where} {what}, so these runs cannot tell; {worth}, and a gain of {limit} could have gone unseen."
    return Verdict(code, name, Outcome.unknown, times.value, 1.0, says)


def steady(rows: Sequence[Row], growth: Interval, names: tuple[str, str]) -> Verdict:
    """Whether one multiplier describes all scales; the statistic is the last over the first.

    Args:
        rows: the first and the last scale.
        growth: the multiplier at the last over that at the first.
        names: of the baseline and the candidate.
    """
    code, name = "multiplier", "one multiplier at all scales"
    first, last = rows
    stretch = f"from {first.multiplier.value:.3g} at {first.compute:.3g} to {last.multiplier.value:.3g}"
    stretch += f" at {last.compute:.3g}"
    if not (np.isfinite(growth).all() and growth.low > 0):
        says = f"The multiplier goes {stretch}, but it has no finite interval, so its change cannot be known."
        return Verdict(code, name, Outcome.unknown, growth.value, 1.0, says)
    if growth.high - growth.low < _SAME and abs(growth.value - 1) < _SAME:
        says = f"The multiplier is {first.multiplier.value:.3g} at every scale, because of what both recipes share."
        return Verdict(code, name, Outcome.passed, growth.value, 1.0, says)
    change = f"a factor of {spelled(growth)}"
    if growth.low <= 1 <= growth.high:
        says = f"The multiplier goes {stretch}, {change}, which may be none: one multiplier will do."
        return Verdict(code, name, Outcome.passed, growth.value, 1.0, says)
    way = f"{names[1]} gains on {names[0]}" if growth.value > 1 else f"{names[1]} loses its lead over {names[0]}"
    if growth.value < 1 and last.multiplier.value < 1:
        way = f"{names[1]} falls behind {names[0]}"
    says = f"The multiplier goes {stretch}: with scale {way} by {change}, and no one multiplier describes it."
    return Verdict(code, name, Outcome.warn, growth.value, 1.0, says)


def distance(row: Row, high: float) -> Verdict:
    """How far the deciding scale lies from what was measured."""
    code, name = "distance", "decided near the data"
    if row.beyond == 0:
        says = f"Both recipes were measured around {row.compute:.3g}."
        return Verdict(code, name, Outcome.passed, 0.0, _FAR, says)
    says = f"The target {row.compute:.3g} lies {row.beyond:.1f} decades from the nearest scale measured ({high:.3g})"
    if row.beyond <= _FAR:
        return Verdict(code, name, Outcome.passed, row.beyond, _FAR, f"{says}.")
    return Verdict(code, name, Outcome.warn, row.beyond, _FAR, f"{says}: it holds if the law does.")


def size(matched: Pairing) -> Verdict:
    """Whether there are enough clusters of runs for the draws to be believed."""
    code, name = "size", "enough runs"
    if not matched.by:
        fewest = min(matched.alone)
        says = f"The recipes were drawn apart, the smaller from {fewest} clusters of runs."
        return Verdict(code, name, Outcome.passed, float(fewest), 0.0, says)
    says = f"There are {matched.matched} pairs"
    if matched.matched >= _FEW:
        return Verdict(code, name, Outcome.passed, float(matched.matched), _FEW, f"{says}.")
    says += ", which are few: take the intervals as somewhat too narrow."
    return Verdict(code, name, Outcome.warn, float(matched.matched), _FEW, says)


def sharing(shared: Sequence[str], common: Fit, apart: Fit) -> Verdict:
    """The F test of common parameters against parameters of each recipe's own, for squares.

    Args:
        shared: the parameters in common.
        common: the fit with them.
        apart: the fit without.
    """
    from scipy.stats import f

    code, name = "shared", f"{', '.join(shared)} in common"
    assert common.method is not None
    assert apart.method is not None
    free = [len(fit.law.parameters) - len(fit.method.pinned) for fit in (common, apart) if fit.method is not None]
    more, left = free[1] - free[0], common.runs - free[1]
    if more < 1 or left < 1 or apart.objective <= 0 or not common.method.objective.name.startswith("sum of squares"):
        says = f"Whether {', '.join(shared)} may be common cannot be tested: that takes squares, and more runs."
        return Verdict(code, name, Outcome.unknown, np.nan, _UNLIKELY, says)
    ratio = max(common.objective - apart.objective, 0.0) / more / (apart.objective / left)
    chance = float(f.sf(ratio, more, left))
    says = f"Runs like these have p = {chance:.2g} if both recipes share {', '.join(shared)}"
    if chance > _UNLIKELY:
        return Verdict(code, name, Outcome.passed, chance, _UNLIKELY, f"{says}, so they may.")
    says += ": they do not, and the multiplier is biased."
    return Verdict(code, name, Outcome.fail, chance, _UNLIKELY, says)


def reasons(pins: Sequence[Pin]) -> Verdict:
    """Whether what was held was held for a reason."""
    code, name = "pinned", "held for a reason"
    held = ", ".join(f"{pin.parameter} = {pin.value:g} of {pin.metric}" for pin in pins)
    if all(pin.reason for pin in pins):
        says = f"{held}: {pins[0].reason.rstrip('.')}."
        return Verdict(code, name, Outcome.passed, float(len(pins)), 0.0, says)
    says = f"{held} was given without a reason: a value from another metric would bias every multiplier."
    return Verdict(code, name, Outcome.warn, float(len(pins)), 0.0, says)
