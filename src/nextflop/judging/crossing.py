"""Where two curves cross, with what probability before a scale, and whether anybody has measured there."""

from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.judging.curve import Curve, falls, measured_range, read
from nextflop.judging.verdict import Outcome, Verdict

_PLACES = 257  # at which two curves are compared, evenly in the logarithm
_RARE, _LIKELY = 0.05, 0.5  # shares of draws that cross: below the one it is ruled out, above the other expected


@dataclass(frozen=True)
class Crossing:
    """Two curves over a stretch of scales.

    Attributes:
        names: of the two curves.
        at: the scale from which the curve that leads at the end stays ahead: of the estimates, nan if they do not
            cross; with the interval over the draws that cross, nan if there are fewer than two.
        probability: share of the draws that cross; nan without draws.
        leads: the name of the curve that leads at the start and at the end, by the estimates.
        ahead: share of the draws in which the first curve is ahead at the end; nan without draws.
        start, end: the stretch that was looked at.
        measured: the largest scale at which both were measured; nan if that is not known.
        level: level of the interval.
    """

    names: tuple[str, str]
    at: Interval
    probability: float
    leads: tuple[str, str]
    ahead: float
    start: float
    end: float
    measured: float
    level: float

    @property
    def crosses(self) -> bool:
        """Whether the estimates cross."""
        return bool(np.isfinite(self.at.value))

    @property
    def beyond(self) -> float:
        """How many times the largest scale measured the crossing lies at; nan without one, 1 or less inside."""
        return self.at.value / self.measured

    @property
    def verdict(self) -> Verdict:
        """Whether one curve leads all along; a crossing where nothing was measured is marked as extrapolation."""
        code, name = "crossing", "one leads at every scale"
        first, second = self.names
        stretch = f"between {self.start:.3g} and {self.end:.3g}"
        chance = "" if np.isnan(self.probability) else f" ({self.probability:.0%} of the draws cross)"
        if self.crosses:
            says = f"{first} and {second} cross at {self.at.value:.3g}, from where {self.leads[1]} leads{chance}"
            if self.beyond > 1:
                says += f": {self.beyond:.3g} times beyond the largest scale measured, so this is extrapolation"
            return Verdict(code, name, Outcome.warn, self.probability, _RARE, f"{says}.")
        says = f"{self.leads[1]} leads all the way {stretch}{chance}"
        if self.probability < _RARE or np.isnan(self.probability):
            return Verdict(code, name, Outcome.passed, self.probability, _RARE, f"{says}.")
        rest = "it may well be overtaken" if self.probability >= _LIKELY else "a crossing cannot be ruled out"
        return Verdict(code, name, Outcome.unknown, self.probability, _RARE, f"{says}: {rest}.")

    def to_json(self) -> dict[str, Json]:
        """The crossing as JSON."""
        return {
            **vars(self),
            "names": list(self.names),
            "leads": list(self.leads),
            "at": self.at._asdict(),
            "beyond": self.beyond,
            "extrapolated": bool(self.beyond > 1),
            "verdict": self.verdict.to_json(),
        }


def crossing(
    a: Curve,
    b: Curve,
    *,
    to: float | None = None,
    start: float | None = None,
    measured: float | None = None,
    names: tuple[str, str] = ("a", "b"),
    level: float = 0.9,
    draws: int = 1000,
    seed: int = 0,
) -> Crossing:
    """Looks for the scale at which one curve overtakes another.

    The scale is the input of a law of one resource, training FLOP for a law of params and tokens, each spent as is
    best, and the number of samples for curves of coverage. Draws are compared one by one: two fits to the same
    problems or runs with one seed have matching draws, others independent ones.

    Args:
        a, b: the curves: fits, laws without draws (as published), or counts; both losses, or both scores.
        to: the scale up to which to look; by default the largest that both measured.
        start: the scale from which to look; by default the smallest that both measured.
        measured: the largest scale that both measured, where a law without data cannot tell.
        names: what to call the curves.
        level: level of the interval.
        draws, seed: of counts; fits bring their own.

    Raises:
        InputError: if the stretch is empty or not known, or one curve is a loss and the other a score.
    """
    lower = falls(a)
    if lower is not falls(b):
        raise InputError("One curve falls as it gets better and the other rises: compare two losses, or two scores.")
    ranges = [found for found in (measured_range(a), measured_range(b)) if found is not None]
    if measured is None and len(ranges) == 2:
        measured = min(high for _, high in ranges)
    start = max((low for low, _ in ranges), default=None) if start is None else start
    to = measured if to is None else to
    if start is None or to is None or not 0 < start < to < np.inf:
        raise InputError(
            f"There is nothing to look at from {start} to {to}: give a start above 0 and a larger end, as laws without "
            "data need, or curves that were measured over one stretch."
        )
    place = np.geomspace(start, to, _PLACES)
    (of_a, draws_a), (of_b, draws_b) = (read(curve, place, draws, seed) for curve in (a, b))
    if not (len(draws_a) and len(draws_b)):  # a law that is certain beside one that is not
        count = max(len(draws_a), len(draws_b))
        draws_a, draws_b = (
            drawn if len(drawn) else np.tile(of, (count, 1)) for drawn, of in ((draws_a, of_a), (draws_b, of_b))
        )
    common = min(len(draws_a), len(draws_b))
    sign = 1.0 if lower else -1.0
    return cross(
        place,
        sign * (of_b - of_a),
        sign * (draws_b[:common] - draws_a[:common]),
        names,
        np.nan if measured is None else measured,
        level,
    )


def cross(
    place: np.ndarray, lead: np.ndarray, draws: np.ndarray, names: tuple[str, str], measured: float, level: float
) -> Crossing:
    """The crossing of two curves by how far the first is ahead.

    Args:
        place: scales, ascending, shape (places,).
        lead: how much better the first curve is at each, of the estimates, shape (places,).
        draws: likewise of every draw, shape (draws, places).
        names: of the curves.
        measured: the largest scale at which both were measured.
        level: level of the interval.
    """
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")
    value, drawn = _from_where(lead, place), _from_where(draws, place)
    crossed = drawn > place[0]
    low = high = np.nan
    if crossed.sum() > 1:
        low, high = np.quantile(drawn[crossed], [(1 - level) / 2, (1 + level) / 2])
    at = Interval(float(value) if value > place[0] else np.nan, float(low), float(high))
    return Crossing(
        names,
        at,
        float(crossed.mean()) if len(draws) else np.nan,
        (names[int(lead[0] < 0)], names[int(lead[-1] < 0)]),
        float((draws[:, -1] > 0).mean()) if len(draws) else np.nan,
        float(place[0]),
        float(place[-1]),
        float(measured),
        level,
    )


def _from_where(lead: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The scale from which the curve that is ahead at the end stays ahead."""
    return first_from(lead * np.where(lead[..., -1:] < 0, -1.0, 1.0), place)


def first_from(gap: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The scale from which the gap is no more negative, interpolated in its logarithm; infinite if it ends negative.

    Args:
        gap: shape (..., places).
        place: scales, ascending, shape (places,).
    """
    below = gap < 0
    last = np.where(below.any(axis=-1), gap.shape[-1] - 1 - np.argmax(below[..., ::-1], axis=-1), -1)
    left = np.clip(last, 0, max(gap.shape[-1] - 2, 0))
    right = np.minimum(left + 1, gap.shape[-1] - 1)
    under, over = (np.take_along_axis(gap, at[..., None], axis=-1)[..., 0] for at in (left, right))
    crosses = (under < 0) & (over >= 0)
    part = np.where(crosses, under, 0.0) / np.where(crosses, under - over, 1.0)
    inside = place[left] * (place[right] / place[left]) ** part
    return np.where(last < 0, place[0], np.where(last == gap.shape[-1] - 1, np.inf, inside))
