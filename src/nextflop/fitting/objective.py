"""What a fit makes small, as values: a sum over runs of a loss of the predicted against the measured response."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json


class Pull(NamedTuple):
    """Derivatives of the losses by the predicted responses, each of their shape.

    Attributes:
        slopes: first derivative.
        bends: second derivative.
        majorants: curvature of a parabola that touches the loss from above, or its expected curvature; never negative.
    """

    slopes: np.ndarray
    bends: np.ndarray
    majorants: np.ndarray


class Objective:
    """Base of the objectives, which are frozen values."""

    @property
    def log(self) -> bool:
        """Whether residuals are of the logarithm of the response."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        raise NotImplementedError

    @property
    def approach(self) -> tuple["Objective", ...]:
        """Objectives to be minimised one after the other, each from the end of the one before; the last is this."""
        return (self,)

    @property
    def smooth(self) -> "Objective":
        """A smoother objective with its optimum nearby, for searches that come from afar."""
        return self

    def residuals(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Predicted less measured response, of logarithms if the objective is one of logarithms."""
        return np.log(predicted / response) if self.log else predicted - response

    def losses(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """The loss of each run."""
        raise NotImplementedError

    def pull(self, predicted: np.ndarray, response: np.ndarray) -> Pull:
        """How each run pulls at what is predicted for it."""
        raise NotImplementedError

    def unit(self, predicted: np.ndarray) -> np.ndarray:
        """The change of a predicted response that moves its residual by one."""
        return predicted if self.log else np.ones_like(predicted)


class OfResiduals(Objective):
    """An objective whose loss depends on the residual alone."""

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        raise NotImplementedError

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        raise NotImplementedError

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        raise NotImplementedError

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual: the weights under which least squares has the same slope."""
        raise NotImplementedError

    def losses(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """The loss of each run."""
        return self.terms(self.residuals(predicted, response))

    def pull(self, predicted: np.ndarray, response: np.ndarray) -> Pull:
        """How each run pulls at what is predicted for it."""
        residuals = self.residuals(predicted, response)
        slopes, bends, majorants = self.slopes(residuals), self.bends(residuals), self.pulls(residuals)
        if not self.log:
            return Pull(slopes, bends, majorants)
        per = 1 / predicted
        square = per * per
        return Pull(slopes * per, (bends - slopes) * square, majorants * square)


@dataclass(frozen=True)
class Huber(OfResiduals):
    """Sum of Huber terms: r²/2 up to δ, δ(|r| - δ/2) beyond, so that stray runs pull with constant force.

    With δ = 1e-3 on log residuals it is the objective of Hoffmann et al. (2022), appendix D.2: nearly least absolute
    deviations, since losses scatter by more than a thousandth.

    Attributes:
        delta: where the square turns into the straight line, in the unit of the residual.
        log: whether residuals are of the logarithm of the response.
    """

    delta: float = 1e-3
    log: bool = True

    def __post_init__(self) -> None:
        _check_delta(self.delta)

    @property
    def smooth(self) -> Objective:
        """With ten times the width of the square."""
        return replace(self, delta=10 * self.delta)

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return f"sum of Huber terms (delta {self.delta:g}) of {_residuals(self.log)}"

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        inside = self.slopes(residuals)
        return inside * (residuals - inside / 2)

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        return np.clip(residuals, -self.delta, self.delta)

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        return (np.abs(residuals) <= self.delta).astype(np.float64)

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual: the weights under which least squares has the same slope."""
        return self.delta / np.maximum(np.abs(residuals), self.delta)


@dataclass(frozen=True)
class Squares(OfResiduals):
    """Sum of squared residuals.

    Attributes:
        log: whether residuals are of the logarithm of the response.
    """

    log: bool = False

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return f"sum of squares of {_residuals(self.log)}"

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        return residuals**2

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        return 2 * residuals

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        return np.full_like(residuals, 2.0)

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual."""
        return np.full_like(residuals, 2.0)


@dataclass(frozen=True)
class Quantile(OfResiduals):
    """Pinball loss: the law goes below a given share of the runs, as a low quantile goes below nearly all.

    A run above the law costs `share` of its distance, a run below it 1 - `share` (Koenker and Bassett 1978,
    doi:10.2307/1913643). A small share is a lower envelope, what the best runs reach: 1/11 is the tenfold penalty
    above the runs that `chinchilla` takes by default. The corner is rounded over δ, small beside any scatter.

    Attributes:
        share: of the runs that lie below the law; 0.5 is least absolute deviations, halved.
        delta: half the width over which the corner is rounded, in the unit of the residual.
        log: whether residuals are of the logarithm of the response.
    """

    share: float = 0.5
    delta: float = 1e-6
    log: bool = True

    def __post_init__(self) -> None:
        _check_delta(self.delta)
        if not 0 < self.share < 1:
            raise InputError(f"The share {self.share} is not that of a quantile: give a number between 0 and 1.")

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return f"sum of pinball terms (share {self.share:g} of the runs below the law) of {_residuals(self.log)}"

    @property
    def approach(self) -> tuple[Objective, ...]:
        """Rounder corners first: Newton steps see no curvature beyond the corner."""
        return tuple(replace(self, delta=self.delta * wide) for wide in (1e4, 1e3, 1e2, 1e1, 1.0))

    def terms(self, residuals: np.ndarray) -> np.ndarray:
        """The term of each residual."""
        inside = np.minimum(np.abs(residuals), self.delta)
        return self._tilt(residuals) * inside * (np.abs(residuals) - inside / 2) / self.delta

    def slopes(self, residuals: np.ndarray) -> np.ndarray:
        """First derivative of the terms."""
        return self._tilt(residuals) * np.clip(residuals / self.delta, -1, 1)

    def bends(self, residuals: np.ndarray) -> np.ndarray:
        """Second derivative of the terms."""
        return self._tilt(residuals) * (np.abs(residuals) <= self.delta) / self.delta

    def pulls(self, residuals: np.ndarray) -> np.ndarray:
        """Slope over residual."""
        return self._tilt(residuals) / np.maximum(np.abs(residuals), self.delta)

    def _tilt(self, residuals: np.ndarray) -> np.ndarray:
        return np.where(residuals > 0, 1 - self.share, self.share)


@dataclass(frozen=True)
class Binomial(Objective):
    """Negative log-likelihood of shares that were counted: so many tries a run, the column "tries", so many successes.

    The loss is Σ n [y ln(y/p) + (1-y) ln((1-y)/(1-p))], half the deviance: 0 where the law hits the share.
    """

    log: bool = False

    @property
    def name(self) -> str:
        """What is minimised, in words."""
        return "half the binomial deviance of the successes"

    def losses(self, predicted: np.ndarray, response: np.ndarray) -> np.ndarray:
        """Half the deviance a try; infinite where the law calls impossible what happened."""
        from scipy.special import rel_entr

        inside = (predicted >= 0) & (predicted <= 1)
        kept = np.where(inside, predicted, 0.5)
        return np.where(inside, rel_entr(response, kept) + rel_entr(1 - response, 1 - kept), np.inf)

    def pull(self, predicted: np.ndarray, response: np.ndarray) -> Pull:
        """How each run pulls at what is predicted for it; the majorant is the expected curvature."""
        yes = np.maximum(predicted, 1e-12)
        no = np.maximum(1 - predicted, 1e-12)
        return Pull((1 - response) / no - response / yes, response / yes**2 + (1 - response) / no**2, 1 / yes + 1 / no)

    def unit(self, predicted: np.ndarray) -> np.ndarray:
        """The standard deviation of one try."""
        return np.sqrt(np.maximum(predicted * (1 - predicted), 1e-12))


@dataclass(frozen=True)
class Method:
    """How a law was fitted: enough to fit it again.

    Attributes:
        objective: what was minimised.
        pinned: parameter → value at which it was held.
        cluster: the column whose equal values were drawn together, if any.
        resampling: how draws were made: "pairs", "residual" or "wild", see `nextflop.fitting.bootstrap`.
        reason: why parameters were pinned, as the user gave it.
    """

    objective: Objective
    pinned: Mapping[str, float] = field(default_factory=dict)
    cluster: str | None = None
    resampling: str = "pairs"
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pinned", MappingProxyType(dict(self.pinned)))

    def to_json(self) -> dict[str, Json]:
        """The method as JSON."""
        return {**vars(self), "objective": self.objective.name, "pinned": dict(self.pinned)}


def _check_delta(delta: float) -> None:
    if not 0 < delta < np.inf:
        raise InputError(f"The delta {delta} is no length: give a number above 0, such as 1e-3.")


def _residuals(log: bool) -> str:
    return "log residuals" if log else "residuals"
