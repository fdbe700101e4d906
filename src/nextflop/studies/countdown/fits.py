"""The laws of the study, fitted: loss, accuracy against loss, reinforcement learning, coverage."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Squares, fit
from nextflop.fitting.coverage import fit_coverage
from nextflop.judging import Verdict, check
from nextflop.judging.verdict import Outcome
from nextflop.laws import Chinchilla, Sigmoid
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.reinforced import Reinforced
from nextflop.studies.countdown.tables import Sampled

DRAWS = 1000
CURVE_DRAWS = 200  # for fits that are shown one by one and not planned with
MEAN_GAP = 0.02  # of accuracy; a standard error of pass@1 over 256 problems is about as much
EARLY = 2  # measurements of each supervised run that come before its law does: warm-up and the first fifth of its data


class Fits(NamedTuple):
    """All of them.

    Attributes:
        loss: Chinchilla form on the supervised runs, their early part left out.
        loss_all: the same with the early part, for comparison.
        link: accuracy against loss, early part included.
        rl: one law for all reinforcement-learning runs.
        curves: RL trial id → sigmoid of that run alone.
        coverage: sampling trial id → coverage law; a snapshot that solved nothing has none.
        verdicts: name of a fit → what the checks say of it.
    """

    loss: Fit
    loss_all: Fit
    link: Fit
    rl: Fit
    curves: Mapping[str, Fit]
    coverage: Mapping[str, Fit]
    verdicts: Mapping[str, tuple[Verdict, ...]]


def fit_all(fresh: Runs, reinforced: Runs, sampled: Sequence[Sampled], seed: int) -> Fits:
    """Fits every law. Runs are resampled whole, problems likewise.

    Args:
        fresh: see `tables.fresh`.
        reinforced: see `tables.reinforced`.
        sampled: see `tables.sampled`.
        seed: seed of all draws.

    Raises:
        FitError: if a law that the plan needs has no answer.
    """
    late = fresh.where(_late(fresh))
    loss = fit(Chinchilla, late, draws=DRAWS, seed=seed, cluster="run")
    link = fit(ExponentialAccuracy, fresh, draws=DRAWS, seed=seed, cluster="run")
    alive = reinforced.where(reinforced["start"] > 0)
    if len(alive) == 0:
        raise FitError("No start of reinforcement learning ever succeeded: train longer, or deal fewer --numbers.")
    rl = fit(Reinforced, alive, draws=DRAWS, seed=seed, cluster="run")
    solved = [one for one in sampled if np.any(one.counts.correct)]
    coverage = {one.id: fit_coverage(one.counts, draws=DRAWS, seed=seed) for one in solved}
    return Fits(
        loss=loss,
        loss_all=fit(Chinchilla, fresh, draws=0),
        link=link,
        rl=rl,
        curves=_curves(alive, seed),
        coverage=coverage,
        verdicts={
            "loss": check(loss, late),
            "link": check(link, fresh),
            "rl": check(rl, alive),
            "coverage": (_mean_kept(solved, coverage),),
        },
    )


def _mean_kept(sampled: Sequence[Sampled], coverage: Mapping[str, Fit]) -> Verdict:
    """Whether the coverage laws, fitted by likelihood to the whole counts, still say what one sample solves."""
    gaps = np.array([abs(float(coverage[one.id].law(samples=1.0)) - one.run.quantities["pass@1"]) for one in sampled])
    worst, off = float(gaps.max()), int((gaps > MEAN_GAP).sum())
    name = "the laws keep the mean"
    if off == 0:
        sentence = (
            f"Every law is within {MEAN_GAP:.2f} of the measured accuracy of one sample; the worst is {worst:.3f} off."
        )
        return Verdict("coverage_mean", name, Outcome.passed, worst, MEAN_GAP, sentence)
    sentence = (
        f"{off} of {len(gaps)} laws miss the measured accuracy of one sample by more than {MEAN_GAP:.2f}, the worst by "
        f"{worst:.3f}: a Beta with an atom at 0 has no room for problems that are always solved. The plan takes the "
        "mean from the law of reinforcement learning and only the shape from these."
    )
    return Verdict("coverage_mean", name, Outcome.warn, worst, MEAN_GAP, sentence)


def _late(fresh: Runs) -> np.ndarray:
    keep = np.zeros(len(fresh), dtype=bool)
    for run in np.unique(fresh["run"]):
        rows = np.flatnonzero(fresh["run"] == run)
        keep[rows[np.argsort(fresh["tokens"][rows])][EARLY:]] = True
    return keep


def _curves(reinforced: Runs, seed: int) -> dict[str, Fit]:
    """A sigmoid a run, its start pinned at what was measured; runs too short or flat for one are left out."""
    found: dict[str, Fit] = {}
    for run, points in reinforced.group_by("run"):
        pinned = {"R0": float(points["start"][0])}
        try:
            found[str(run)] = fit(Sigmoid, points, objective=Squares(), draws=CURVE_DRAWS, seed=seed, pinned=pinned)
        except FitError:
            continue
    return found


def numbers(fit: Fit) -> dict[str, object]:
    """A fit as JSON, with the first draws for the page to draw bands with."""
    return {**fit.to_json(), "rows": fit.draws[:CURVE_DRAWS]}
