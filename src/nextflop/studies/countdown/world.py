"""The joint law of the four axes: what a network of N parameters answers after D tokens, n answers of RL, k samples.

    loss        L(N, D)                     Chinchilla form, fitted to the supervised runs
    start       R₀ = K e^(-γ L)             accuracy of one sample before reinforcement learning
    reinforced  R(R₀, n)                    one sigmoid for every start
    coverage    ZI-Beta-binomial at k       mean R; its atom and concentration follow start and share of the way
                                            that reinforcement learning has gone, by regression over the snapshots

Every piece carries bootstrap draws, so that the whole does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.fitting.fit import Fit
from nextflop.laws.base import Law, Value
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.laws.reinforced import Reinforced
from nextflop.studies.countdown.tables import Sampled

NEVER = 0.5  # problems: an atom that was not seen counts as half a problem, so that its log-odds exist
RIDGE = (1e-6, 1e-2, 1e-6)  # keeps a resample with too few origins for a slope from having no answer
MOST_ALIKE = 1e4  # beyond it a concentration cannot be told from infinity at a few hundred samples


class Point(NamedTuple):
    """Ways of spending, arrays that broadcast: parameters, training tokens, answers of RL, samples a query."""

    params: Value
    tokens: Value
    answers: Value
    samples: Value

    def take(self, rows: int | np.ndarray) -> "Point":
        """Some of the points, by index or mask."""
        return Point(*(np.asarray(values)[rows] for values in self))

    @property
    def known(self) -> np.ndarray:
        """Which points are nowhere nan."""
        return np.asarray(np.isfinite(np.stack(np.broadcast_arrays(*self))).all(axis=0))


@dataclass(frozen=True)
class World:
    """The joint law with its draws; draw 0 is the estimate.

    Attributes:
        loss, link, rl: draws of the three laws, each a law with parameters of shape (draws, 1).
        atom, alike: regression coefficients of the log-odds of the atom and of the log concentration on (1, -ln R₀,
            share of the way), shape (draws, 3).
    """

    loss: Law
    link: Law
    rl: Reinforced
    atom: np.ndarray
    alike: np.ndarray

    def predicted_loss(self, params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """Held-out loss in nats an answer token, shape (draws, points)."""
        return self.loss(params=params, tokens=tokens)

    def start(self, params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """Accuracy of one sample before reinforcement learning, shape (draws, points)."""
        return np.clip(self.link(loss=self.predicted_loss(params, tokens)), 1e-9, 1 - 1e-9)

    def accuracy(self, point: Point) -> np.ndarray:
        """Share of problems solved by at least one of k samples, shape (draws, points); points in one dimension."""
        params, tokens, answers, samples = np.broadcast_arrays(*map(np.atleast_1d, point))
        start = self.start(params, tokens)
        end = self.rl(start=start, answers=answers)
        share = self.rl.share(start=start, answers=answers)
        features = _features(start, share)
        never = 1 / (1 + np.exp(-np.einsum("df,fdp->dp", self.atom, features)))
        # The mean over all problems is the law's own prediction of one sample; the atom cannot take more than is left.
        pi = np.minimum(never, 1 - end)
        mu = np.clip(end / (1 - pi), 1e-9, 1 - 1e-9)
        nu = np.exp(np.minimum(np.einsum("df,fdp->dp", self.alike, features), np.log(MOST_ALIKE)))
        return np.asarray(ZeroInflatedBetaBinomial(pi, mu, nu)(samples=samples))


def build(
    loss: Fit, link: Fit, rl: Fit, snapshots: Sequence[Sampled], coverage: Mapping[str, Fit], draws: int, seed: int
) -> World:
    """Puts the fits together, with the same number of draws of each.

    Args:
        loss: Chinchilla form on the supervised runs.
        link: accuracy against loss.
        rl: `Reinforced` on the RL runs.
        snapshots: what was sampled.
        coverage: sampling trial id → coverage fit, their draws made with one seed over the same problems; snapshots
            without one, or from a start that solved nothing, are left out.
        draws: how many draws; the estimate comes first, in addition.
        seed: decides which rows of the fits' draws are taken.

    Raises:
        FitError: if no snapshot is left.
    """
    starts = {one.origin for one in snapshots if not one.reinforced and one.id in coverage}
    snapshots = [one for one in snapshots if one.id in coverage and one.origin in starts]
    if not snapshots:
        raise FitError("No snapshot solved a single problem: train longer, or deal fewer --numbers.")
    fits = [coverage[one.id] for one in snapshots]
    rng = np.random.default_rng(seed)
    laws = [type(fit.law).from_draws(_rows(fit, rng.integers(len(fit.draws), size=draws))) for fit in (loss, link)]
    reinforced = Reinforced(*_rows(rl, rng.integers(len(rl.draws), size=draws)).T[:, :, None])
    picks = rng.integers(min(len(fit.draws) for fit in fits), size=draws)  # the same resamples of problems for all
    shapes = np.stack([_rows(fit, picks) for fit in fits])
    atom, alike = _regress(reinforced, snapshots, shapes, rng)
    return World(laws[0], laws[1], reinforced, atom, alike)


def _rows(fit: Fit, picks: np.ndarray) -> np.ndarray:
    """The estimate and some of the draws, shape (1 + picks, parameters)."""
    estimate = np.array([list(fit.law.values.values())], dtype=np.float64)
    return np.concatenate([estimate, fit.draws[picks]])


def _features(start: np.ndarray, share: np.ndarray) -> np.ndarray:
    """What the shape of coverage follows, shape (3, draws, points)."""
    return np.stack([np.ones_like(start), -np.log(start), share])


def _regress(
    rl: Reinforced, snapshots: Sequence[Sampled], shapes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Least squares of the log-odds of the atom and the log concentration, over snapshots resampled by their origin.

    Args:
        rl: draws of the RL law.
        snapshots: what was sampled.
        shapes: π, μ, ν of each snapshot in each draw, shape (snapshots, draws, 3).
        rng: draws the origins.

    Returns:
        Two arrays of coefficients, each of shape (draws, 3).
    """
    ones = {one.origin: one.run.quantities["pass@1"] for one in snapshots if not one.reinforced}
    start = np.array([ones[one.origin] for one in snapshots])
    share = rl.share(start=start, answers=np.array([_answers(one) for one in snapshots])).T  # (snapshots, draws)
    least = np.array([NEVER / len(one.counts) for one in snapshots])[:, None]
    pi = np.clip(shapes[:, :, 0], least, 1 - least)
    targets = np.stack([np.log(pi / (1 - pi)), np.log(np.clip(shapes[:, :, 2], 1 / MOST_ALIKE, MOST_ALIKE))], axis=-1)
    names, origins = np.unique(
        [f"{trial}@{step}" for trial, step in (one.origin for one in snapshots)], return_inverse=True
    )
    coefficients = np.empty((shapes.shape[1], 3, 2))
    for draw in range(len(coefficients)):
        drawn = np.arange(len(names)) if draw == 0 else rng.integers(len(names), size=len(names))
        weight = np.bincount(drawn, minlength=len(names))[origins][:, None]
        design = np.stack([np.ones(len(start)), -np.log(start), share[:, draw]], axis=1)
        normal = design.T @ (weight * design) + np.diag(RIDGE)
        coefficients[draw] = np.linalg.solve(normal, design.T @ (weight * targets[:, draw]))
    return coefficients[:, :, 0], coefficients[:, :, 1]


def _answers(snapshot: Sampled) -> float:
    if not snapshot.reinforced:
        return 0.0
    return next(point["answers"] for point in snapshot.trained.curve if point["step"] == snapshot.step)
