"""Repeated sampling: how many of the samples drawn for each problem were correct, and what follows without a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import digest

Whole = (
    int | np.integer | Sequence[int] | Sequence[float] | np.ndarray
)  # whole numbers, as Python or CSV readers give them


@dataclass(frozen=True, eq=False)
class Counts:
    """Samples drawn and samples correct, one entry a problem.

    Attributes:
        problems: the problem's id, each once, shape (problems,).
        samples: n, how many samples were drawn, shape (problems,).
        correct: c, how many of them were correct, shape (problems,).
        stopping: "fixed" if n did not depend on the outcomes; else the rule in words, such as "until the first
            success". The likelihood of `fitting.coverage` holds under any rule that looks only at the outcomes, for
            the rule enters it as a constant factor; the unbiased estimators below hold for "fixed" alone.

    Raises:
        InputError: if an entry is not a whole number with 0 ≤ c ≤ n and n ≥ 1, or a problem appears twice.
    """

    problems: Sequence[str] | np.ndarray
    samples: Whole
    correct: Whole
    stopping: str = "fixed"

    def __post_init__(self) -> None:
        problems = np.array(self.problems, dtype=str)
        samples, correct = _whole(self.samples, "samples"), _whole(self.correct, "correct")
        if not problems.shape == samples.shape == correct.shape or problems.ndim != 1 or problems.size == 0:
            raise InputError(
                f"Counts of shapes {problems.shape}, {samples.shape} and {correct.shape} do not fit together: "
                "give one id, one number of samples and one number correct for each of at least one problem."
            )
        names, times = np.unique(problems, return_counts=True)
        if times.max() > 1:
            raise InputError(f"Problem {str(names[times.argmax()])!r} appears twice: add its counts into one entry.")
        for problem, n, c in zip(problems, samples, correct, strict=True):
            if not (n >= 1 and 0 <= c <= n):
                raise InputError(
                    f"Problem {str(problem)!r} has {c} correct of {n} samples: give 0 ≤ correct ≤ samples, samples ≥ 1."
                )
        for name, values in (("problems", problems), ("samples", samples), ("correct", correct)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def digest(self) -> str:
        """SHA-256 of the counts; the order of the problems does not count."""
        order = np.argsort(self.problems)
        columns = {name: np.asarray(getattr(self, name))[order] for name in ("problems", "samples", "correct")}
        return digest({**columns, "stopping": self.stopping})


def _whole(values: Whole, name: str) -> np.ndarray:
    try:
        given = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"The column {name!r} holds something that is not a number ({error}): give counts.") from error
    odd = given[~(np.isfinite(given) & (given == np.rint(given)))]
    if odd.size:
        raise InputError(f"The column {name!r} holds {odd[0]}: counts are whole numbers.")
    return given.astype(np.int64)


def _whole_k(k: Whole, limit: int) -> np.ndarray:
    ks = _whole(k, "k")
    if ks.size and ks.min() < 1:
        raise InputError(f"k = {ks.min()} is not a number of samples: give k ≥ 1.")
    if ks.size and ks.max() > limit:
        raise InputError(
            f"k = {ks.max()} is more than the {limit} samples drawn for a problem, so its pass rate is not known: "
            "give a smaller k, draw more samples, or fit the law 'coverage' and read its forecast."
        )
    return ks


def pass_at_k_by_problem(counts: Counts, k: Whole) -> np.ndarray:
    """The chance that at least one of k samples is correct, estimated without bias for each problem.

    1 - C(n-c, k) / C(n, k), Chen et al. 2021, arXiv:2107.03374, equation 1. The ratio is the product of
    1 - c/(n-j) over j < k, summed here as logarithms of one sign, so that the answer keeps its relative accuracy
    where it is small.

    Args:
        counts: counts with the stopping rule "fixed".
        k: number of samples, any shape.

    Returns:
        Shape (problems, *shape of k).

    Raises:
        InputError: if k exceeds the samples of any problem, where the estimator does not exist (it is not 1), or if
            sampling stopped on outcomes.
    """
    if counts.stopping != "fixed":
        raise InputError(
            f"Sampling stopped by the rule {counts.stopping!r}, under which the estimator of pass@k is biased: "
            "sample a fixed number of times, or fit the law 'coverage', whose likelihood holds under any rule."
        )
    samples, correct = np.asarray(counts.samples), np.asarray(counts.correct)
    ks = _whole_k(k, int(samples.min()))
    flat = ks.reshape(-1)
    cells, place = np.unique(np.stack([samples, correct]), axis=1, return_inverse=True)
    rates = np.ones((cells.shape[1], flat.size))
    for rate, (n, c) in zip(rates, cells.T, strict=True):
        failures = n - c
        missed = np.cumsum(np.log1p(-c / (n - np.arange(min(flat.max(initial=1), failures)))))
        known = flat <= failures  # with more samples than failures one of them is correct for certain
        rate[known] = -np.expm1(missed[flat[known] - 1])
    return rates[place.reshape(-1)].reshape(len(counts), *ks.shape)


def pass_at_k(counts: Counts, k: Whole) -> np.ndarray:
    """The mean of `pass_at_k_by_problem` over the problems; has the shape of k."""
    return np.asarray(pass_at_k_by_problem(counts, k).mean(axis=0))


def resample(counts: Counts, draws: int, seed: int) -> np.ndarray:
    """Bootstrap over problems: how often each problem is in each draw, shape (draws, problems).

    Problems, not samples, are the unit, for they differ more than the samples of one problem do. The numbers go to
    the problems in the order of their ids: two models measured on the same problems get the same draws from the same
    seed, so their differences are paired.
    """
    number = len(counts)
    times = np.empty((draws, number), dtype=np.int64)
    times[:, np.argsort(counts.problems)] = np.random.default_rng(seed).multinomial(
        number, np.full(number, 1 / number), size=draws
    )
    return times


def pass_at_k_draws(counts: Counts, k: Whole, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Bootstrap draws of `pass_at_k` over the problems, shape (draws, *shape of k)."""
    rates = pass_at_k_by_problem(counts, k)
    return np.tensordot(resample(counts, draws, seed) / len(counts), rates, axes=1)


def best_of_k(scores: np.ndarray, correct: np.ndarray, k: Whole) -> np.ndarray:
    """The chance that the best-scored of k samples is correct, estimated without bias from n scored samples.

    With the samples in ascending order of score, sample i (from 1) is the best of k in C(i-1, k-1) of the C(n, k)
    subsets. Among equal scores the choice is taken to be random, so each carries the mean of its tie.

    Args:
        scores: shape (..., n); minus infinity for an abstention.
        correct: 0 or 1 (or a partial mark), same shape.
        k: number of samples, any shape.

    Returns:
        Shape (..., *shape of k).

    Raises:
        InputError: if k exceeds n, the shapes differ, or a score is nan.
    """
    scores, marks = np.asarray(scores, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if scores.shape != marks.shape or scores.ndim == 0 or scores.size == 0:
        raise InputError(f"Scores of shape {scores.shape} and marks of shape {marks.shape} differ: give one of each.")
    if np.isnan(scores).any():
        raise InputError("A score is nan, which has no rank: score an abstention as minus infinity.")
    n = scores.shape[-1]
    ks = _whole_k(k, n)
    # From the best down: sample n is the best of a share k/n of the subsets, each lower rank of (i-k)/(i-1) as many.
    ranks = np.arange(n, 1, -1)
    shrink = np.maximum(0.0, (ranks - ks.reshape(-1, 1)) / (ranks - 1))
    weights = (ks.reshape(-1, 1) / n) * np.cumprod(np.hstack([np.ones((ks.size, 1)), shrink]), axis=1)
    rows = [_mean_over_ties(s, m) for s, m in zip(scores.reshape(-1, n), marks.reshape(-1, n), strict=True)]
    return np.asarray(np.reshape(np.stack(rows)[:, ::-1] @ weights.T, (*scores.shape[:-1], *ks.shape)))


def _mean_over_ties(scores: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Marks in ascending order of score, each replaced by the mean over the samples of equal score."""
    _, tie, size = np.unique(scores, return_inverse=True, return_counts=True)
    return np.repeat(np.bincount(tie, weights=marks) / size, size)
