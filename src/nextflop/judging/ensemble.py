"""Forecasts of several laws as one, with what is uncertain of it taken apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.prediction import Spread
from nextflop.judging.members import Member

FLOOR = 1e-4
"""Of a log error; forecasters that err by less are alike, as a single held-out run may be hit by luck."""

# Powers of the two errors in a weight. What was foretold counts for more than what was fitted; both could be doubled
# where one law is exactly true, and halved on measured curves, where none is.
_HELD_OUT, _WITHIN = 1.0, 0.5

Errors = Mapping[tuple[str, float], float]


@dataclass(frozen=True)
class Ensemble:
    """Forecasters and how much each counts.

    Attributes:
        members: at least one.
        scores: logarithm of the error that is expected of each, up to a constant, shape (members,).
    """

    members: tuple[Member, ...]
    scores: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Shares that sum to 1, at the end of the data, shape (members,)."""
        raw = np.exp(self.scores.min() - self.scores)
        return raw / raw.sum()

    @property
    def recent(self) -> np.ndarray:
        """The errors of the members at the end of the data, shape (members,)."""
        return np.maximum([member.recent for member in self.members], FLOOR)

    def log_forecast(self, runs: Runs) -> tuple[np.ndarray, Spread]:
        """The logarithm of the response at some runs and what is uncertain of it, shape (runs,)."""
        said = np.stack([member.fitted.log_response(runs) for member in self.members])
        deviations = np.stack([member.fitted.deviation(runs) for member in self.members])
        # Where its parameters leave more open than it misses within, a forecaster counts for less, and a law without a
        # value for nothing.
        open_to = 1 + (deviations / self.recent[:, None]) ** 2
        weights = np.where(np.isfinite(said), self.weights[:, None] * open_to ** (-_WITHIN / 2), 0.0)
        total = weights.sum(axis=0)
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        said = np.where(np.isfinite(said), said, 0.0)
        middle = np.where(total > 0, (weights * said).sum(axis=0), np.nan)
        apart = np.sqrt((weights * (said - middle) ** 2).sum(axis=0))
        noise = np.exp(self.weights @ np.log(self.recent))
        return middle, Spread((weights * deviations).sum(axis=0), apart, np.full(len(runs), noise))


def combine(members: Sequence[Member], held_out: Sequence[Errors]) -> Ensemble:
    """Weighs forecasters by how well they fit the end of the data and foretold what came after earlier ends.

    The weight is one over the error beyond the cuts, and over the root of the error within, so that no forecaster is
    trusted for its fit alone, and none is dropped: of forecasts that err in different directions the mean errs less
    than most.

    Args:
        members: the forecasters.
        held_out: for each cut, forecaster → root mean square of its log errors beyond the cut.
    """
    middles = [np.median(np.log(np.maximum(list(errors.values()), FLOOR))) for errors in held_out]

    def foretold(member: Member) -> float:
        """How it did beside the others, drawn to nought as if by one more cut at which it did as the median did."""
        gaps = [
            np.log(max(errors[member.key], FLOOR)) - middle
            for errors, middle in zip(held_out, middles, strict=True)
            if member.key in errors
        ]
        return float(np.sum(gaps)) / (len(gaps) + 1)

    scores = [_WITHIN * np.log(max(m.recent, FLOOR)) + _HELD_OUT * foretold(m) for m in members]
    return Ensemble(tuple(members), np.array(scores))
