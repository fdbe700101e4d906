"""The same question asked in every defensible way: how much of the answer is choice and not data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.named import name_of
from nextflop.fitting.objective import Huber, Objective, Quantile, Squares
from nextflop.judging.universe import Decision, Ground, Universe, ask, ground
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law
from nextflop.quantities import show

OBJECTIVES: tuple[Objective, ...] = (Huber(), Squares(log=True), Squares(), Quantile(0.5), Quantile(1 / 11))
"""Those in print: Hoffmann's Huber, squares of either kind, absolute deviations, and the tenfold lower envelope."""

_Where = tuple[type[Law], str]  # law and exclusion
_OUT = 5.0  # log likelihood ratio: e^5, about 150, is decisive on the scale of Jeffreys
_HALF, _MOST = 0.5, 0.8  # of the variance: where choices outweigh the data, and where they swamp them


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
    draws: int = 40,
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
        cluster: as for `fit`.
        draws, seed, level: of each answer's interval; few draws are enough for a variance.
        progress: called with the number of universes done and the number of all.

    Raises:
        InputError: if there is nothing to vary.
        FitError: if no universe has an answer.
    """
    ways = list(product(laws, objectives, exclusions))
    if len(ways) < 2:
        raise InputError("One law, one objective and one table leave nothing to vary: give several of one of them.")
    grounds, mute = _grounds(laws, exclusions, cluster)
    found, silent = [], []
    for law, objective, exclusion in ways:
        try:
            if (law, exclusion) in mute:
                raise FitError(mute[law, exclusion])
            found.append(ask(grounds[law, exclusion], objective, exclusion, decide, draws, seed, level))
        except FitError as error:
            silent.append((f"{law.name}, {name_of(objective)}, {exclusion}", str(error)))
        if progress is not None:
            progress(len(found) + len(silent), len(ways))
    if not found:
        raise FitError(f"No universe has an answer; the first says: {silent[0][1]}")
    share, by_choice = _shares(found)
    return Multiverse(question, tuple(found), tuple(silent), share, by_choice, _verdict(question, found, share))


def _grounds(
    laws: Sequence[type[Law]], exclusions: Mapping[str, Runs], cluster: str | None
) -> tuple[dict[_Where, Ground], dict[_Where, str]]:
    """Every law searched for on every table; and of those without an answer there, why.

    A law that another one beats by far is one that nobody who looked at the runs would choose.
    """
    grounds: dict[_Where, Ground] = {}
    mute: dict[_Where, str] = {}
    for exclusion, runs in exclusions.items():
        here: dict[_Where, Ground] = {}
        for law in laws:
            try:
                here[law, exclusion] = ground(law, runs, cluster)
            except FitError as error:
                mute[law, exclusion] = str(error)
        if here:
            best = min(here.values(), key=lambda one: one.score)
            for where, one in here.items():
                behind = (one.score - best.score) / 2 if np.isfinite(one.score) else 0.0
                if behind > _OUT:
                    mute[where] = f"{best.law.name} is e^{behind:.0f} times likelier on these runs."
        grounds |= here
    return grounds, mute


def _shares(found: Sequence[Universe]) -> tuple[float, dict[str, float]]:
    values = np.log([universe.value for universe in found])
    scatter = np.array([universe.scatter for universe in found])
    between, within = (
        float(values.var()),
        float(scatter[np.isfinite(scatter)].mean()) if np.isfinite(scatter).any() else 0.0,
    )
    by_choice = {}
    for name in ("law", "objective", "exclusion"):
        labels = np.array([getattr(universe, name) for universe in found])
        means = np.array([values[labels == label].mean() for label in labels])
        by_choice[name] = float(means.var() / (between + within)) if between + within > 0 else 0.0
    return (between / (between + within) if between + within > 0 else 0.0), by_choice


def _verdict(question: str, found: Sequence[Universe], share: float) -> Verdict:
    low, high = min(u.value for u in found), max(u.value for u in found)
    says = (
        f"Over {len(found)} ways to ask, {question} goes from {show(low)} to {show(high)}; {share:.0%} of its variance "
        "comes from choices of law, objective and runs, and the rest from sampling."
    )
    outcome = Outcome.passed if share < _HALF else Outcome.warn if share < _MOST else Outcome.fail
    return Verdict("multiverse", "choices matter less than data", outcome, share, _HALF, says)
