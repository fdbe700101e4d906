"""The same question asked in every defensible way: how much of the answer is choice and not data."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.named import name_of
from nextflop.fitting.objective import Huber, Objective, Quantile, Squares
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law

Decision = Callable[[Law], np.ndarray]
OBJECTIVES: tuple[Objective, ...] = (Huber(), Squares(log=True), Squares(), Quantile(0.5), Quantile(1 / 11))
"""Those in print: Hoffmann's Huber, squares of either kind, absolute deviations, and the tenfold lower envelope."""

_OUT = 5.0  # log likelihood ratio: e^5, about 150, is decisive on the scale of Jeffreys
_HALF, _MOST = 0.5, 0.8  # of the variance: where choices outweigh the data, and where they swamp them


class Universe(NamedTuple):
    """One way to ask.

    Attributes:
        law, objective, exclusion: the choices, in words.
        runs: how many were left.
        value: the decision at the estimate.
        low, high: its interval over the draws.
        scatter: variance of its logarithm over the draws.
    """

    law: str
    objective: str
    exclusion: str
    runs: int
    value: float
    low: float
    high: float
    scatter: float


@dataclass(frozen=True)
class Multiverse:
    """The answers of all universes.

    Attributes:
        decision: what was asked, in words.
        universes: those with an answer.
        silent: the choices of those without one, and why.
        share: of the variance of the decision's logarithm that lies between universes and not within them.
        by_choice: choice (law, objective, exclusion) → share of the variance between the means of its values.
        verdict: `multiverse`.
    """

    decision: str
    universes: tuple[Universe, ...]
    silent: tuple[tuple[str, str], ...]
    share: float
    by_choice: Mapping[str, float]
    verdict: Verdict

    def to_json(self) -> dict[str, Json]:
        """The multiverse as JSON."""
        return {
            **vars(self),
            "universes": [universe._asdict() for universe in self.universes],
            "silent": [{"choice": choice, "why": why} for choice, why in self.silent],
            "by_choice": dict(self.by_choice),
            "verdict": self.verdict.to_json(),
        }


def multiverse(
    question: str,
    decide: Decision,
    laws: Sequence[type[Law]],
    exclusions: Mapping[str, Runs],
    *,
    objectives: Sequence[Objective] = OBJECTIVES,
    cluster: str | None = None,
    draws: int = 100,
    seed: int = 0,
    level: float = 0.9,
    progress: Callable[[int, int], None] | None = None,
) -> Multiverse:
    """Fits every law by every objective to every table and asks each fit the same question.

    Args:
        question: what is asked, in words, such as "parameters at 5.76e23 FLOP".
        decide: the answer of a law, positive, one a row of its parameters.
        laws: the families.
        exclusions: what was left out, in words → the table without it.
        objectives: what is minimised.
        cluster, draws, seed, level: as for `fit`.
        progress: called with the number of universes done and the number of all.

    Raises:
        InputError: if there is nothing to vary.
        FitError: if no universe has an answer.
    """
    ways = list(product(laws, objectives, exclusions.items()))
    if len(ways) < 2:
        raise InputError("One law, one objective and one table leave nothing to vary: give several of one of them.")
    found, silent = [], []
    out = _ruled_out(laws, exclusions) if len(laws) > 1 else {}
    for law, objective, (exclusion, runs) in ways:
        try:
            if (law.name, exclusion) in out:
                raise FitError(out[law.name, exclusion])
            fitted = fit(law, runs, objective=objective, draws=draws, seed=seed, cluster=cluster, level=level)
            drawn = np.log(np.asarray(decide(fitted.laws), dtype=np.float64).ravel())
            value = float(np.asarray(decide(fitted.law)).ravel()[0])
            if not (np.isfinite(value) and value > 0):
                raise FitError("the answer is not a positive number")
            drawn = drawn[np.isfinite(drawn)]
            low, high = np.exp(fitted.quantiles(drawn)) if len(drawn) else (np.nan, np.nan)
            scatter = float(_spread(drawn)) if len(drawn) > 1 else float("nan")
            found.append(
                Universe(law.name, name_of(objective), exclusion, len(runs), value, float(low), float(high), scatter)
            )
        except FitError as error:
            silent.append((f"{law.name}, {name_of(objective)}, {exclusion}", str(error)))
        if progress is not None:
            progress(len(found) + len(silent), len(ways))
    if not found:
        raise FitError(f"No universe has an answer; the first says: {silent[0][1]}")
    share, by_choice = _shares(found)
    return Multiverse(question, tuple(found), tuple(silent), share, by_choice, _verdict(question, found, share))


def _ruled_out(laws: Sequence[type[Law]], exclusions: Mapping[str, Runs]) -> dict[tuple[str, str], str]:
    """(law, exclusion) → why nobody who looked at these runs would choose the law.

    By the normal likelihood of log residuals, penalised for parameters and few runs (AICc).
    """
    out = {}
    for exclusion, runs in exclusions.items():
        scores = {}
        for law in laws:
            with suppress(FitError):
                fitted = fit(law, runs, objective=Squares(log=True), draws=0)
                count, size = len(law.parameters) + 1, len(runs)
                if size > count + 1:
                    fine = 2 * count * size / (size - count - 1)
                    scores[law.name] = size * float(np.log(max(fitted.objective, 1e-300) / size)) + fine
        for name, score in scores.items():
            behind = (score - min(scores.values())) / 2
            if behind > _OUT:
                best = min(scores, key=scores.__getitem__)
                out[name, exclusion] = f"{best} is e^{behind:.0f} times likelier on these runs."
    return out


def _spread(drawn: np.ndarray) -> float:
    """Variance from the quartiles, which a few wild draws do not move."""
    low, high = np.quantile(drawn, [0.25, 0.75])
    return ((high - low) / 1.349) ** 2


def _shares(found: Sequence[Universe]) -> tuple[float, dict[str, float]]:
    values = np.log([universe.value for universe in found])
    between, within = float(values.var()), float(np.nanmean([universe.scatter for universe in found]))
    by_choice = {}
    for name in ("law", "objective", "exclusion"):
        labels = np.array([getattr(universe, name) for universe in found])
        means = np.array([values[labels == label].mean() for label in labels])
        by_choice[name] = float(means.var() / (between + within)) if between + within > 0 else 0.0
    return (between / (between + within) if between + within > 0 else 0.0), by_choice


def _verdict(question: str, found: Sequence[Universe], share: float) -> Verdict:
    low, high = min(u.value for u in found), max(u.value for u in found)
    says = (
        f"Over {len(found)} ways to ask, {question} runs from {low:.3g} to {high:.3g}; {share:.0%} of its variance "
        "comes from choices of law, objective and runs, and the rest from sampling."
    )
    outcome = Outcome.passed if share < _HALF else Outcome.warn if share < _MOST else Outcome.fail
    return Verdict("multiverse", "choices matter less than data", outcome, share, _HALF, says)
