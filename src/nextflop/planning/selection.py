r"""What is right of many samples once one of them must be picked: coverage is not accuracy.

A verifier accepts a right sample with probability t and a wrong one with probability f. Of k samples of a problem that
is solved with probability p a sample, the first that is accepted is given, or any one if none is. That answer is right
with probability

$$p + p (1-p) (t-f) \frac{1 - (1-s)^{k-1}}{s}, \qquad s = f + p (t - f)$$

For one sample this is p, for t = 1 and f = 0 it is the coverage 1 - (1-p)^k, and with ever more samples it comes to the
share of right ones among the accepted, p t / s, however many are drawn (Stroebl, Kapoor and Narayanan 2024,
arXiv:2411.17501). The mean over a Beta distribution of p keeps the factor p (1-p), which makes the integral an
expectation under Beta(a+1, b+1), smooth and without the spikes that a small a or b puts at the ends.

The rates are taken to be alike for every problem and every sample. A verifier that is wrong about some problems again
and again does worse than its mean rates say.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.base import Law

_MIXTURES = ("coverage", "coverage-both", "beta-binomial")
_NEVER = 1e-300  # stands for 0 where its logarithm is taken
_NODES = 128  # of the trapezoidal rule in the logit of p; it errs by 1e-8 or less
_DROP = 34.0  # nats below the peak, where the density is cut


@dataclass(frozen=True)
class Verifier:
    """What tells right samples from wrong ones, imperfectly.

    Attributes:
        true_positive: share of the right samples that it accepts.
        false_positive: share of the wrong samples that it accepts.
        flop: that judging one sample costs.
    """

    true_positive: float = 1.0
    false_positive: float = 0.0
    flop: float = 0.0

    def __post_init__(self) -> None:
        for name in ("true_positive", "false_positive"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"The verifier has {name} = {getattr(self, name):g}: give a share from 0 to 1.")
        if not 0 <= self.flop < np.inf:
            raise InputError(f"The verifier has flop = {self.flop:g}: give the FLOP that judging a sample costs.")


def selected(law: Law, samples: float | np.ndarray, verifier: Verifier) -> np.ndarray:
    """The share of problems whose picked sample is right.

    Args:
        law: a mixture of problems: "coverage", "coverage-both" or "beta-binomial", with numbers or fields (rows, 1).
        samples: k, at least 1, shape (points,) or (rows, points).
        verifier: that picks.

    Returns:
        Broadcast of fields and samples.

    Raises:
        InputError: if the law does not say how success is spread over problems.
    """
    t, f = verifier.true_positive, verifier.false_positive

    def gain(p: np.ndarray, q: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        accepted = f * q + t * p
        refused = np.log(np.maximum((1 - f) * q + (1 - t) * p, _NEVER))
        log_refused = np.where(accepted < 0.5, np.log1p(-np.minimum(accepted, 0.5)), refused)
        scale = (t - f) / np.where(accepted > 0, accepted, 1.0)
        return lambda k: -np.expm1(np.where((k > 1) & (scale != 0), (k - 1) * log_refused, 0.0)) * scale

    return _over_problems(law, samples, gain)


def ceiling(law: Law, verifier: Verifier) -> np.ndarray:
    """What `selected` comes to with ever more samples."""
    return selected(law, np.inf, verifier)


def majority_at_worst(law: Law, samples: float | np.ndarray) -> np.ndarray:
    """The share of problems that a majority vote gets right, if wrong samples all agree on one wrong answer.

    Counts of right and wrong do not say how wrong answers scatter, so a vote has no value of its own here. Where there
    are two possible answers this is it. Where there are more it is a lower bound, for wrong answers that differ take
    votes from each other; ties are broken at random. An even number of samples then does as well as one fewer.

    Args:
        law, samples: as `selected`; samples are rounded to whole ones.
    """
    from scipy.special import betainc

    def gain(p: np.ndarray, q: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        # By the rarer of right and wrong, so that nothing cancels at either end.
        rare, side = np.minimum(p, q), np.where(p < q, 1.0, -1.0)

        def of(k: np.ndarray) -> np.ndarray:
            half = np.floor((np.rint(k) + 1) / 2)
            return side * (betainc(half, half, rare) - rare) / (p * q)

        return of

    return _over_problems(law, samples, gain)


def _over_problems(
    law: Law, samples: float | np.ndarray, gain: Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]]
) -> np.ndarray:
    """Mean over problems of p + p (1-p) gain(p)(k); problems at either end keep p.

    Args:
        law, samples: as `selected`.
        gain: p and 1 - p, shape (rows, nodes) → k of shape (rows, 1) → values (rows, nodes).
    """
    if law.name not in _MIXTURES:
        raise InputError(
            f"The law {law.name!r} does not say how success is spread over problems, so what a verifier picks is not "
            f"known: fit counts by one of {', '.join(_MIXTURES)}."
        )
    k = np.asarray(samples, dtype=np.float64)
    if not (k >= 1).all():
        raise InputError(f"The samples {float(k.min()):g} are below 1: an answer takes at least one sample.")
    never, always, mu, nu = np.broadcast_arrays(
        *(np.asarray(law.values.get(name, 0.0), dtype=np.float64) for name in ("pi", "omega", "mu", "nu"))
    )
    shape = np.broadcast_shapes(mu.shape, k.shape)
    a, b = (np.ravel(part)[:, None] for part in (mu * nu, (1 - mu) * nu))
    p, q, weight = _nodes(a + 1, b + 1)
    of = gain(p, q)
    columns = np.broadcast_to(k, shape).reshape(len(a), -1).T
    means = np.stack([(weight * of(column[:, None])).sum(axis=1) for column in columns], axis=-1)
    spread = a * b / ((a + b) * (a + b + 1)) * means
    return np.asarray(always + (1 - never - always) * (mu + spread.reshape(shape)))


def _nodes(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p, 1 - p and weights, shape (rows, nodes), for expectations under Beta(a, b) with a and b at least 1."""
    near = np.sqrt(2 * _DROP * (a + b) / (a * b))  # by the curvature at the peak, and beside it by the slopes far away
    below = np.minimum(near + _DROP / a, (_DROP + (a + b) * np.log1p(a / b)) / a)
    above = np.minimum(near + _DROP / b, (_DROP + (a + b) * np.log1p(b / a)) / b)
    low, high = np.log(a / b) - below, np.log(a / b) + above
    logit = low + (high - low) * np.linspace(0.0, 1.0, _NODES)
    tail = np.exp(-np.abs(logit))
    whole, rare = np.log1p(tail), tail / (1 + tail)
    density = a * (np.minimum(logit, 0.0) - whole) - b * (np.maximum(logit, 0.0) + whole)
    weight = np.exp(density - density.max(axis=1, keepdims=True))
    p, q = np.where(logit > 0, 1 - rare, rare), np.where(logit > 0, rare, 1 - rare)
    return p, q, weight / weight.sum(axis=1, keepdims=True)
